"""Whatever is sent, the answer is a problem that names the place, never a fault of ours; and nothing is written."""

import json
from typing import Any

import pytest
from django.test import Client

from setia.domains.commerce.models import Order
from setia.domains.timeline.models import OutsideEvent
from tests.api.callers import AT, Caller, order, told
from tests.console import verdicts

pytestmark = pytest.mark.django_db

BODIES: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 400, "body_missing"),
    "half": (b'{"external_id": ', 400, "body_malformed"),
    "not a number": (b'{"a": NaN}', 400, "number_not_finite"),
    "endless": (b'{"a": -Infinity}', 400, "number_not_finite"),
    "beyond floats": (b'{"a": 1e999}', 400, "number_not_finite"),
    "5,000 digits": (b'{"a": ' + b"9" * 5_000 + b"}", 400, "body_malformed"),
    "deep": (b"[" * 100_000, 400, "body_too_deep"),
    "deep and closed": (b"[" * 50_000 + b"]" * 50_000, 400, "body_too_deep"),
    "no UTF-8": (b'{"a": "\xff"}', 400, "body_malformed"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), 400, "body_malformed"),
    "a list": (b"[]", 422, "validation_failed"),
    "a text": (b'"order"', 422, "validation_failed"),
    "nothing": (b"null", 422, "validation_failed"),
    "ten megabytes": (b'{"a": "' + b"x" * 10_000_000 + b'"}', 413, "body_too_large"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["orders", "orders/bulk", "events"])
def test_a_body_that_is_none_is_refused(name: str, path: str) -> None:
    body, status, code = BODIES[name]
    before = verdicts.rows(counted_only=True)
    answer = Caller().call("POST", path, body)
    assert told(answer)[:2] == (status, code)
    after = verdicts.rows(counted_only=True)
    changed = {table for table, count in after.items() if before[table] != count}
    assert changed == {"apikeys_apikey", "apikeys_apicall", "foundation_event"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_is_no_json_is_refused(kind: str) -> None:
    headers = {"Authorization": f"Bearer {Caller().token}"}
    answer = Client().generic("POST", "/api/v1/orders", json.dumps(order()), content_type=kind, headers=headers)
    assert told(answer)[:2] == (415, "not_json")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND"])
def test_an_unknown_method_is_405(method: str) -> None:
    answer = Caller().call(method, "orders")
    assert answer.status_code == 405
    assert answer.headers["Allow"] in ("POST, GET", "GET, POST")


@pytest.mark.parametrize("path", ["", "nothing", "orders/", "orders//", "orders/%00", "orders/%ff", "../orders"])
def test_an_unknown_address_is_a_problem_too(path: str) -> None:
    answer = Caller().get(path)
    assert answer.status_code in (400, 404)
    assert told(answer)[1] in ("bad_request", "not_found")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"external_id": 5}, "external_id", "wrong_type"),
    ({"external_id": ""}, "external_id", "too_short"),
    ({"external_id": " x"}, "external_id", "bad_format"),
    ({"external_id": "x" * 101}, "external_id", "too_long"),
    ({"external_id": None}, "external_id", "wrong_type"),
    ({"number": "a\x00b"}, "number", "bad_format"),
    ({"number": "\ud800"}, "number", "wrong_type"),
    ({"number": "  "}, "number", "blank"),
    ({"placed_at": "2026-11-22T10:00:00"}, "placed_at", "datetime_without_zone"),
    ({"placed_at": "2026-11-22"}, "placed_at", "bad_datetime"),
    ({"placed_at": 1700000000}, "placed_at", "bad_datetime"),
    ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at", "out_of_range"),
    ({"placed_at": "9999-12-31T23:59:59-12:00"}, "placed_at", "out_of_range"),
    ({"placed_at": "2026-13-45T99:00:00Z"}, "placed_at", "bad_datetime"),
    ({"status": "lost"}, "status", "not_a_choice"),
    ({"chanel": "web"}, "chanel", "unknown_field"),
    ({"customer": {"name": "Dewi"}}, "customer", "no_identity"),
    ({"customer": {"phone": "123"}}, "customer.phone", "bad_phone"),
    ({"customer": {"email": "dewi"}}, "customer.email", "bad_email"),
    ({"customer": {"phone": "0812-3456-7890", "birth_date": "17-05-1990"}}, "customer.birth_date", "bad_date"),
    ({"customer": {"phone": "0812-3456-7890", "birth_date": "0001-01-01"}}, "customer.birth_date", "out_of_range"),
    ({"customer_id": "1"}, "", "two_customers"),
    ({"customer": None, "customer_id": 1}, "customer_id", "wrong_type"),
    ({"customer": None, "customer_id": "9" * 19}, "customer_id", "unknown_customer"),
    ({"lines": {}}, "lines", "wrong_type"),
    ({"lines": []}, "lines", "too_few"),
    ({"lines": [{}]}, "lines[0].quantity", "required"),
    ({"lines": [{"quantity": 1, "unit_price": 1}]}, "lines[0]", "no_product"),
    ({"outlet": "XXX"}, "outlet", "unknown_outlet"),
]
LINES: list[tuple[dict[str, Any], str, str]] = [
    ({"quantity": True}, ".quantity", "wrong_type"),
    ({"quantity": 0}, ".quantity", "too_small"),
    ({"quantity": 0.0001}, ".quantity", "bad_number"),
    ({"quantity": "NaN"}, ".quantity", "bad_number"),
    ({"quantity": 10**400}, ".quantity", "too_large"),
    ({"unit_price": 1.5}, ".unit_price", "wrong_type"),
    ({"unit_price": "22000"}, ".unit_price", "wrong_type"),
    ({"unit_price": True}, ".unit_price", "wrong_type"),
    ({"unit_price": -1}, ".unit_price", "too_small"),
    ({"unit_price": 10**400}, ".unit_price", "too_large"),
    ({"quantity": 1_000_000, "unit_price": 10**12}, "", "amount_too_large"),
    ({"discount": 44_001}, "", "discount_too_large"),
    ({"product_id": "7"}, ".product_id", "unknown_product"),
]


@pytest.mark.parametrize(("changes", "path", "code"), WRONG)
def test_a_wrong_field_is_named(changes: dict[str, Any], path: str, code: str) -> None:
    answer = Caller().post("orders", order(**changes))
    status, problem, errors = told(answer)
    assert (status, problem) == (422, "validation_failed")
    assert (path, code) in errors
    assert Order.objects.count() == 0


@pytest.mark.parametrize(("changes", "path", "code"), LINES)
def test_a_wrong_field_of_a_line_is_named(changes: dict[str, Any], path: str, code: str) -> None:
    lines = [{**order()["lines"][0], **changes}]
    for given in ("orders", "orders/bulk"):
        body = order(lines=lines) if given == "orders" else {"items": [order(lines=lines)]}
        answer = Caller().post(given, body)
        errors = answer.json()["errors"] if given == "orders" else answer.json()["results"][0]["errors"]
        assert (f"lines[0]{path}", code) in [(error["field"], error["code"]) for error in errors], errors
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "This field must be given."), ("en-GB,en;q=0.9", "This field must be given."),
     ("", "Bagian ini wajib diisi."), ("fr", "Bagian ini wajib diisi."), ("x" * 5000, "Bagian ini wajib diisi.")],
)  # fmt: skip
def test_problems_speak_the_language_that_is_asked_for(language: str, words: str) -> None:
    answer = Caller().post("orders", {}, **{"Accept-Language": language})
    assert answer.json()["errors"][0] == {"field": "external_id", "code": "required", "message": words}


@pytest.mark.parametrize(
    ("properties", "code"),
    [({"a": "x" * 9_000}, "too_long"), ({"a": [[[[[[[[1]]]]]]]]}, "too_deep"), ({"a": "\ud800"}, "invalid"),
     ([], "wrong_type")],
)  # fmt: skip
def test_properties_of_an_event_are_bounded(properties: Any, code: str) -> None:
    event = {"external_id": "e", "name": "app.login", "occurred_at": AT, "properties": properties}
    assert told(Caller().post("events", event)) == (422, "validation_failed", [("properties", code)])


def test_properties_may_hold_what_a_database_may_not() -> None:
    caller = Caller()
    properties = {"a\x00": "\x00", "b": 10**300, "c": [None, True, 1.5], "é": {"": {}}}
    answer = caller.post("events", {"external_id": "e", "name": "x", "occurred_at": AT, "properties": properties})
    assert answer.status_code == 201
    assert caller.get(f"events/{answer.json()['id']}").json()["properties"] == properties
    assert OutsideEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [("limit=0", "limit", "too_small"), ("limit=201", "limit", "too_large"), ("limit=x", "limit", "wrong_type"),
     ("cursor=%25", "cursor", "bad_format"), ("created_since=now", "created_since", "bad_datetime"),
     ("page=2", "page", "unknown_field"), ("customer_id=x", "customer_id", "bad_format")],
)  # fmt: skip
def test_a_wrong_word_in_the_address_is_named(query: str, field: str, code: str) -> None:
    assert told(Caller().get(f"orders?{query}")) == (422, "validation_failed", [(field, code)])


def test_a_fault_of_ours_tells_nothing_of_it(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def fail(**kwargs: object) -> None:
        raise KeyError("0812-3456-7890")

    monkeypatch.setattr("setia.api.views.orders.record_sales", fail)
    answer = Caller().post("orders", order())
    assert told(answer)[:2] == (500, "server_error")
    assert "0812" not in answer.content.decode()
    assert "KeyError" in caplog.text
