"""Calls that a program repeats because it did not hear the answer, and that are done once.

The answer is written in the work's own transaction: a crash leaves both or neither, so no later call hears of work
that was not done, and none does it twice.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from setia.domains.apikeys.models import ApiKey, GivenAnswer
from setia.foundation.crypto import blind_index
from setia.foundation.db import write_tx


class AnotherBody(Exception):
    """Raised when a token was used before for another request."""


class StillAtWork(Exception):
    """Raised when the first call with this token has not ended yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered: status and JSON text; `is_replayed` when it was given before."""

    status: int
    text: str
    is_replayed: bool = False


def answered_once(*, key: ApiKey, token: str, request: bytes, at: datetime, work: Callable[[], Answer]) -> Answer:
    """Do some work in one transaction and return its answer; the same key, token and request again: only the answer.

    Raises AnotherBody, StillAtWork, and whatever `work` raises: then nothing is kept, and the token is free again.
    On SQLite a second process waits for the first and hears its answer; elsewhere it hears StillAtWork.
    """
    lookup = hashlib.blake2b(f"{key.id}\x1f{token}".encode(), digest_size=16).digest()
    # Keyed, for a body may hold little but a telephone number.
    request_hash = blind_index("api_request", hashlib.sha256(request).hexdigest())
    with _alone(lookup), write_tx():
        _lock_here(lookup)
        given = GivenAnswer.objects.filter(lookup=lookup).first()
        if given is not None:
            if bytes(given.request_hash) != request_hash:
                raise AnotherBody
            return Answer(given.status, given.answer, is_replayed=True)
        answer = work()
        GivenAnswer.objects.create(
            key=key,
            lookup=lookup,
            request_hash=request_hash,
            status=answer.status,
            answer=answer.text,
            answered_at=at,
        )
    return answer


_at_work: set[bytes] = set()
_guard = threading.Lock()


@contextmanager
def _alone(lookup: bytes) -> Iterator[None]:
    """Let one thread of this process work under a token; raises StillAtWork for the others."""
    with _guard:
        if lookup in _at_work:
            raise StillAtWork
        _at_work.add(lookup)
    try:
        yield
    finally:
        with _guard:
            _at_work.discard(lookup)


def _lock_here(lookup: bytes) -> None:
    """Hold the token over all processes until this transaction ends; the database lets go of it when we die."""
    if connection.vendor != "postgresql":
        return  # whoever writes to SQLite is alone already
    number = int.from_bytes(lookup[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillAtWork
