"""Schemathesis asks the API for everything its description allows and for much that it forbids.

A few examples each in every run, and with `make soak` as many as SETIA_FUZZ_EXAMPLES says, other ones each time.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from setia.domains.apikeys.rules import Scope
from tests.api.callers import Caller, order

EXAMPLES = int(os.environ.get("SETIA_FUZZ_EXAMPLES", "100"))
# What every answer must keep. Not among them: that whatever the description allows is accepted, for no description
# can say that a telephone number exists.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
fuzzed = settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


long = settings(fuzzed, max_examples=EXAMPLES, derandomize=False)


def _schema(mode: GenerationMode) -> Any:
    config = schemathesis.Config.from_dict({"generation": {"mode": mode.value}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


allowed, forbidden = _schema(GenerationMode.POSITIVE), _schema(GenerationMode.NEGATIVE)


@pytest.fixture(autouse=True)
def open_connection(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test's transaction open: behind a WSGI server each request would end its connection."""
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "send", lambda **named: [])


@pytest.fixture
def caller(db: None) -> Caller:
    """Return a program with all scopes, in a shop where something was sold."""
    program = Caller(*Scope)
    assert program.post("orders", order()).status_code == 201
    return program


def _headers(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}


@allowed.parametrize()
@fuzzed
def test_what_the_description_allows(case: Any, caller: Caller) -> None:
    case.call_and_validate(headers=_headers(caller), checks=CHECKS)


@forbidden.parametrize()
@fuzzed
def test_what_the_description_forbids(case: Any, caller: Caller) -> None:
    _forbidden(case, caller)


@pytest.mark.soak
@allowed.parametrize()
@long
def test_much_of_what_the_description_allows(case: Any, caller: Caller) -> None:
    case.call_and_validate(headers=_headers(caller), checks=CHECKS)


@pytest.mark.soak
@forbidden.parametrize()
@long
def test_much_of_what_the_description_forbids(case: Any, caller: Caller) -> None:
    _forbidden(case, caller)


def _forbidden(case: Any, caller: Caller) -> None:
    # A bulk call answers 200 and refuses item by item, as it promises.
    is_bulk = case.path.endswith("/bulk")
    wanted = [check for check in CHECKS if not (is_bulk and check is checks.negative_data_rejection)]
    case.call_and_validate(headers=_headers(caller), checks=wanted)


@allowed.parametrize()
@settings(fuzzed, max_examples=1)
def test_without_scopes_everything_is_refused(case: Any, caller: Caller) -> None:
    caller.key.scopes = []
    caller.key.save()
    answer = case.call(headers={"Authorization": f"Bearer {caller.token}"})
    assert answer.status_code == 403


@allowed.parametrize()
@settings(fuzzed, max_examples=1)
def test_without_a_key_everything_is_refused(case: Any, db: None) -> None:
    assert case.call().status_code == 401
