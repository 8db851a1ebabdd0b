"""The log of calls, written in portions so that a call that only reads costs no write of its own."""

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from setia.api.problems import Problem
from setia.domains.apikeys.actions import CallDraft, log_calls
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import loggable_field
from setia.foundation import clock

log = logging.getLogger(__name__)
_PORTION = 500

_waiting: list[CallDraft] = []
_guard = threading.Lock()
_timer: threading.Timer | None = None


def note_call(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Note a call of a key that is known; strangers are not noted, or they could fill the disk."""
    key: ApiKey | None = getattr(request, "api_key", None)
    if key is None:
        return
    problem: Problem | None = getattr(request, "api_problem", None)
    counts = getattr(request, "api_counts", (0, 0))
    code, field = getattr(request, "api_first_refusal", ("", ""))
    if problem:
        code, field = problem.code, problem.errors[0].path if problem.errors else ""
    match = request.resolver_match
    draft = CallDraft(
        key_id=key.id,
        called_at=clock.now(),
        method=str(request.method),
        route=f"/{match.route}" if match else "",
        status=response.status_code,
        duration_ms=round(seconds * 1000),
        code=code,
        field=loggable_field(field),
        item_count=counts[0],
        refused_count=counts[1],
    )
    if not settings.API_LOG_SECONDS:
        log_calls(drafts=[draft])
        return
    _keep(draft)


def _keep(draft: CallDraft) -> None:
    global _timer
    with _guard:
        _waiting.append(draft)
        if _timer is None:
            _timer = threading.Timer(settings.API_LOG_SECONDS, _write_soon)
            _timer.daemon = True
            _timer.start()


def _write_soon() -> None:
    """Write what waits, from a thread of its own."""
    global _timer
    with _guard:
        drafts, _timer = list(_waiting), None
        _waiting.clear()
    try:
        for start in range(0, len(drafts), _PORTION):
            log_calls(drafts=drafts[start : start + _PORTION])
    except DatabaseError:
        # Losing lines of a log is better than keeping them in memory without end.
        log.exception("Calls could not be logged")
    finally:
        connection.close()


class Stopwatch:
    """Measures one call."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start
