"""Events of other programs: written once, tied to a customer or to nobody, and never changed."""

from typing import Any

import pytest

from setia.domains.customers.models import Customer
from setia.domains.timeline.models import OutsideEvent
from setia.foundation.events.models import Event
from tests import cast
from tests.api.callers import AT, Caller, told

pytestmark = pytest.mark.django_db


def event(external_id: str = "e-1", /, **changes: Any) -> dict[str, Any]:
    """Return an event as a program sends it."""
    return {"external_id": external_id, "name": "app.login", "occurred_at": AT, **changes}


def test_an_event_stands_on_its_customers_timeline() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    answer = caller.post("events", event(customer={"phone": "0812-3456-7890"}, properties={"device": "android"}))
    found = caller.get("events/lookup?external_id=e-1").json()
    assert (answer.status_code, answer.json()["status"]) == (201, "created")
    assert (found["customer_id"], found["source"], found["properties"]) == (
        str(dewi.id),
        "webshop",
        {"device": "android"},
    )
    assert Event.objects.filter(kind="timeline.outside_event", customer_id=dewi.id).count() == 1


def test_an_event_again_stays_as_it_is_and_makes_nobody() -> None:
    caller = Caller()
    caller.post("events", event())
    answer = caller.post("events", event(name="app.logout", customer={"phone": "0813 1111 2222"}))
    assert (answer.status_code, answer.json()["status"]) == (200, "known")
    row = OutsideEvent.objects.get()
    assert (row.name, row.customer_id, Customer.objects.count()) == ("app.login", None, 0)


def test_two_programs_may_use_the_same_identifier() -> None:
    statuses = [Caller(source=source).post("events", event()).status_code for source in ("kasir", "webshop", "kasir")]
    assert statuses == [201, 201, 200]


def test_one_bad_row_among_a_thousand_does_not_lose_the_others_and_is_named() -> None:
    items: list[Any] = [event(f"e-{number}") for number in range(1000)]
    items[5] = event("e-5", name="App Login")
    items[6] = event("e-6", customer_id="7")
    items[7] = None
    items[8] = event("e-0")
    answer = Caller().post("events/bulk", {"items": items}).json()
    assert (answer["counts"]["created"], answer["counts"]["refused"], OutsideEvent.objects.count()) == (996, 4, 996)
    assert [(row["index"], [(error["field"], error["code"]) for error in row["errors"]])
            for row in answer["results"] if row["errors"]] == [
        (5, [("name", "bad_format")]),
        (6, [("customer_id", "unknown_customer")]),
        (7, [("", "wrong_type")]),
        (8, [("external_id", "duplicate_in_call")]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [({"name": "app login"}, "name", "bad_format"), ({"name": "x" * 61}, "name", "too_long"),
     ({"name": None}, "name", "wrong_type"), ({"occurred_at": 1764300000}, "occurred_at", "bad_datetime"),
     ({"occurred_at": "2026-11-21T10:00:00"}, "occurred_at", "datetime_without_zone"),
     ({"properties": "x"}, "properties", "wrong_type"), ({"properties": None}, "properties", "wrong_type"),
     ({"customer": {}}, "customer", "no_identity"), ({"customer_id": 5}, "customer_id", "wrong_type"),
     ({"customer": {"phone": "0812-3456-7890"}, "customer_id": "5"}, "", "two_customers")],
)  # fmt: skip
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in told(Caller().post("events", event(**changes)))[2]
    assert OutsideEvent.objects.count() == 0


@pytest.mark.parametrize(
    "properties",
    [{"teks": "☕ ꦱꦼꦠꦶꦪ \u202e"}, {"angka": 10**300, "pecahan": 0.1, "kecil": -0.0}, {"": None}, {"a": [[], {}, True]}],
)
def test_properties_come_back_as_they_were_sent(properties: dict[str, Any]) -> None:
    caller = Caller()
    row_id = caller.post("events", event(properties=properties)).json()["id"]
    assert caller.get(f"events/{row_id}").json()["properties"] == properties


def test_a_call_with_its_token_is_done_once_and_another_body_refused() -> None:
    caller, token = Caller(), {"Idempotency-Key": "a"}
    first = caller.post("events", event(), **token)
    assert caller.post("events", event(), **token).content == first.content
    assert told(caller.post("events", event("e-2"), **token))[:2] == (422, "idempotency_mismatch")
    assert OutsideEvent.objects.count() == 1
