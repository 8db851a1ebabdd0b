"""Answering calls that write: in one transaction, once for each Idempotency-Key, again when two doors collide."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Header
from pydantic import StringConstraints

from setia.api.problems import Problem
from setia.domains.apikeys.answering import AnotherBody, Answer, StillAtWork, answered_once
from setia.domains.apikeys.models import ApiKey
from setia.foundation import clock
from setia.foundation.db import write_tx

_TRIES = 6

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")] | None,
    Header(
        alias="Idempotency-Key",
        description="A text of your own, new for each call: a repeated call is answered as the first was.",
    ),
]


def key_of(request: HttpRequest) -> ApiKey:
    """Return the key of this call."""
    key: ApiKey = request.api_key  # type: ignore[attr-defined]
    return key


def json_response(value: Any, status: int = 200) -> HttpResponse:
    """Return an answer in JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/json")


def written(request: HttpRequest, token: str | None, work: Callable[[], tuple[int, Mapping[str, Any]]]) -> HttpResponse:
    """Do the work of a call and answer with it; `work` returns status and JSON values, and may be called again.

    Raises Problem. What fails leaves nothing behind.
    """
    key, at = key_of(request), clock.now()

    def answer() -> Answer:
        status, value = work()
        _note_for_log(request, value)
        return Answer(status, json.dumps(value, ensure_ascii=False))

    def attempt() -> Answer:
        if not token:
            with write_tx():
                return answer()
        asked = b"\x1f".join((str(request.method).encode(), request.path.encode(), request.body))
        return answered_once(key=key, token=token, request=asked, at=at, work=answer)

    try:
        given = _again_when_doors_collide(attempt)
    except AnotherBody:
        raise Problem("idempotency_mismatch") from None
    except StillAtWork:
        raise Problem("still_at_work", headers={"Retry-After": "1"}) from None
    response = json_response(given.text, given.status)
    if given.is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _note_for_log(request: HttpRequest, value: Mapping[str, Any]) -> None:
    """Keep how many items a bulk call held, how many were refused, and why the first of them was."""
    if "counts" not in value:
        return
    refused = [result["errors"][0] for result in value["results"] if result["errors"]]
    request.api_counts = len(value["results"]), len(refused)  # type: ignore[attr-defined]
    if refused:
        request.api_first_refusal = refused[0]["code"], refused[0]["field"]  # type: ignore[attr-defined]


def _again_when_doors_collide(attempt: Callable[[], Answer]) -> Answer:
    for number in range(1, _TRIES):
        try:
            return attempt()
        except (IntegrityError, OperationalError):
            # Another door made the same person or order at this moment, or the database broke a tie between two
            # writers. Nothing of the call remains, so it is done again; a real fault fails each time.
            time.sleep(0.02 * number)
    try:
        return attempt()
    except OperationalError as error:
        raise Problem("busy", headers={"Retry-After": "2"}) from error
