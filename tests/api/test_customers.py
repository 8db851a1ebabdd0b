"""Customers through the API: what may overwrite whom, who sees contacts, and what becomes of each of a thousand."""

from typing import Any

import pytest

from setia.domains.apikeys.rules import Scope
from setia.domains.customers.actions import merge_customers
from setia.domains.customers.models import Customer, Identity, IdentityQuestion
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import AccessLog, Event
from tests import cast
from tests.api.callers import Caller, told

pytestmark = pytest.mark.django_db

DEWI = {"external_id": "u-1", "phone": "0812-3456-7890", "name": "Dewi Lestari", "city": "Bandung"}
BULK = {"created": 0, "known": 0, "changed": 0, "extended": 0, "refused": 0}


def one(caller: Caller, external_id: str = "u-1") -> dict[str, Any]:
    """Return a customer as the API shows him."""
    answer = caller.get(f"customers/lookup?external_id={external_id}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


# Who may overwrite what.


def test_your_own_identifier_overwrites_what_is_sent_and_nothing_else() -> None:
    caller = Caller()
    caller.post("customers", {**DEWI, "country": "Indonesia", "birth_date": "1990-05-17"})
    answer = caller.post("customers", {"external_id": "u-1", "name": "Dewi L. Putri"})
    found = one(caller)
    assert (answer.status_code, answer.json()["status"]) == (200, "changed")
    assert (found["name"], found["city"], found["country"]) == ("Dewi L. Putri", "Bandung", "Indonesia")
    assert found["contact"] == {
        "phone": "+6281234567890", "email": "", "address": "", "birth_date": "1990-05-17",
    }  # fmt: skip


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_erases_nothing_when_written_and_erases_when_changed(blank: str | None) -> None:
    caller = Caller()
    row_id = caller.post("customers", DEWI).json()["id"]
    written = caller.post("customers", {"external_id": "u-1", "name": blank, "city": blank})
    assert (written.json()["status"], one(caller)["name"], one(caller)["city"]) == ("known", "Dewi Lestari", "Bandung")
    changed = caller.patch(f"customers/{row_id}", {"city": blank, "phone": blank})
    assert (changed.json()["city"], changed.json()["contact"]["phone"]) == ("", "")
    assert changed.json()["name"] == "Dewi Lestari"


def test_a_phone_is_no_proof_enough_to_overwrite() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    answer = caller.post("customers", {"phone": "0812 3456 7890", "name": "Dewi Lestari", "city": "Surabaya"})
    assert (answer.json()["id"], answer.json()["status"]) == (str(dewi.id), "known")
    assert Customer.objects.get(id=dewi.id).city == "Bandung"


def test_an_identifier_that_is_new_for_a_known_phone_is_added_and_overwrites_only_from_then_on() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    first = caller.post("customers", {**DEWI, "city": "Surabaya"})
    assert (first.json()["id"], first.json()["status"], one(caller)["city"]) == (str(dewi.id), "changed", "Bandung")
    again = caller.post("customers", {**DEWI, "city": "Surabaya"})
    assert (again.json()["status"], one(caller)["city"]) == ("changed", "Surabaya")
    assert caller.post("customers", {**DEWI, "city": "Surabaya"}).json()["status"] == "known"


def test_another_phone_of_a_known_identifier_is_added_and_the_shown_one_stays() -> None:
    caller = Caller()
    row_id = caller.post("customers", DEWI).json()["id"]
    answer = caller.post("customers", {"external_id": "u-1", "phone": "0813 1111 2222"})
    assert (answer.json(), one(caller)["contact"]["phone"]) == (
        {"id": row_id, "external_id": "u-1", "status": "changed"},
        "+6281234567890",
    )
    assert Identity.objects.filter(customer_id=row_id, kind="phone").count() == 2


def test_a_phone_with_quite_another_name_makes_a_newcomer_and_a_question() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    answer = caller.post("customers", {**DEWI, "name": "Bambang Sutrisno"})
    assert (answer.status_code, answer.json()["id"] == str(dewi.id)) == (201, False)
    assert IdentityQuestion.objects.count() == 1


def test_who_was_merged_is_written_to_as_the_one_he_is_now() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    eko = Customer.objects.get(id=caller.post("customers", {"external_id": "u-2", "name": "Eko"}).json()["id"])
    merge_customers(winner=dewi, loser=eko, by=SYSTEM, at=cast.NOW)
    answer = caller.post("customers", {"external_id": "u-2", "city": "Surabaya"})
    assert answer.json() == {"id": str(dewi.id), "external_id": "u-2", "status": "changed"}
    assert (one(caller, "u-2")["id"], one(caller, "u-2")["city"]) == (str(dewi.id), "Surabaya")


def test_another_program_has_identifiers_of_its_own() -> None:
    Caller(source="kasir").post("customers", DEWI)
    other = Caller(source="webshop")
    assert told(other.get("customers/lookup?external_id=u-1"))[:2] == (404, "not_found")
    assert other.post("customers", {"external_id": "u-1", "name": "Eko Prasetyo"}).status_code == 201


def test_a_phone_of_somebody_else_cannot_be_taken_over() -> None:
    caller, dewi, eko = Caller(), cast.member("dewi"), cast.member("eko")
    answer = caller.patch(f"customers/{eko.id}", {"phone": "0812-3456-7890", "city": "Depok"})
    assert told(answer) == (409, "identity_taken", [("phone", "identity_taken")])
    assert Customer.objects.get(id=eko.id).city == "Cimahi"
    assert one_phone(dewi) == "+6281234567890"


def one_phone(customer: Customer) -> str:
    """Return the phone a customer is known by."""
    return Identity.objects.get(customer=customer, kind="phone").value


# Who sees contacts.


def test_contacts_are_shown_only_to_a_key_with_their_scope_and_that_look_is_logged() -> None:
    cast.member("dewi")
    masked = Caller(Scope.CUSTOMERS_READ)
    for path in ("customers", f"customers/{Customer.objects.get().id}", "customers?updated_since=2026-01-01T00:00:00Z"):
        answer = masked.get(path)
        row = answer.json()["data"][0] if "data" in answer.json() else answer.json()
        assert (row["name"], row["contact"]) == ("Dewi Lestari", None)
        assert not any(secret in answer.content.decode() for secret in ("81234567890", "dewi@contoh.id"))
    assert AccessLog.objects.count() == 0
    seeing = Caller(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_CONTACT)
    assert seeing.get("customers").json()["data"][0]["contact"]["email"] == "dewi@contoh.id"
    assert AccessLog.objects.filter(actor_kind="apikey", actor_id=seeing.key.id, row_count=1).count() == 1


def test_a_key_that_writes_without_reading_contacts_is_not_shown_them_by_its_change() -> None:
    dewi = cast.member("dewi")
    answer = Caller(Scope.CUSTOMERS_WRITE).patch(f"customers/{dewi.id}", {"city": "Depok"})
    assert (answer.json()["city"], answer.json()["contact"]) == ("Depok", None)


# Many at once.


def test_one_bad_row_among_a_thousand_does_not_lose_the_others_and_is_named() -> None:
    items: list[Any] = [{"external_id": f"u-{number}", "name": f"Orang {number}"} for number in range(1000)]
    items[17] = {"external_id": "u-17", "phone": "12", "birth_date": "besok"}
    answer = Caller().post("customers/bulk", {"items": items}).json()
    assert answer["counts"] == {**BULK, "created": 999, "refused": 1}
    refused = [row for row in answer["results"] if row["errors"]]
    assert [(row["index"], row["id"]) for row in refused] == [(17, None)]
    assert [(error["field"], error["code"]) for error in refused[0]["errors"]] == [
        ("phone", "bad_phone"),
        ("birth_date", "bad_date"),
    ]
    assert Customer.objects.count() == 999


@pytest.mark.parametrize("path", ["customers", "products", "returns", "events"])
@pytest.mark.parametrize(("count", "code"), [(0, "too_few"), (1001, "too_many")])
def test_a_bulk_call_holds_one_to_a_thousand(path: str, count: int, code: str) -> None:
    answer = Caller().post(f"{path}/bulk", {"items": [{}] * count})
    assert told(answer) == (422, "validation_failed", [("items", code)])


def test_the_same_identifier_twice_in_a_call_is_refused_the_second_time_and_twice_in_two_calls_is_known() -> None:
    caller = Caller()
    first = caller.post("customers/bulk", {"items": [DEWI, {**DEWI, "name": "Dewi L"}]}).json()
    again = caller.post("customers/bulk", {"items": [DEWI]}).json()
    assert [row["status"] for row in first["results"] + again["results"]] == ["created", "refused", "known"]
    assert first["results"][1]["errors"][0]["code"] == "duplicate_in_call"
    assert (Customer.objects.count(), Event.objects.filter(kind="customers.added").count()) == (1, 1)


def test_one_person_named_in_two_ways_in_a_call_is_created_once() -> None:
    items = [DEWI, {"phone": "+62 812 3456 7890", "name": "Dewi"}, {"external_id": "u-9", "phone": "0812-3456-7890"}]
    answer = Caller().post("customers/bulk", {"items": items}).json()
    assert [row["status"] for row in answer["results"]] == ["created", "known", "known"]
    assert {row["id"] for row in answer["results"]} == {str(Customer.objects.get().id)}


# What is odd.


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [({"external_id": 7}, "external_id", "wrong_type"), ({"phone": 81234567890}, "phone", "wrong_type"),
     ({"email": ["a@b.id"]}, "email", "wrong_type"), ({"name": "x" * 161}, "name", "too_long"),
     ({"name": {"first": "Dewi"}}, "name", "wrong_type"), ({"name": "a\x00b"}, "name", "bad_format"),
     ({"birth_date": 19900517}, "birth_date", "bad_date"), ({"birth_date": "1990-02-30"}, "birth_date", "bad_date"),
     ({"birth_date": "1899-12-31"}, "birth_date", "out_of_range"), ({"points": 10**400}, "points", "unknown_field"),
     ({"external_id": "ü"}, "external_id", "bad_format"), ({"member_code": " "}, "member_code", "bad_format")],
)  # fmt: skip
def test_a_wrong_field_is_named_singly_and_in_bulk(changes: dict[str, Any], field: str, code: str) -> None:
    caller, body = Caller(), {**DEWI, **changes}
    assert (field, code) in told(caller.post("customers", body))[2]
    many = caller.post("customers/bulk", {"items": [body]}).json()["results"][0]
    assert (field, code) in [(error["field"], error["code"]) for error in many["errors"]]
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["Ni Luh Ayu ☕🌅", "ꦱꦼꦠꦶꦪ", "د. فاطمة", "O'Brien–Łukasz", "Zoe\u0308", "a" * 160, "\u202edewi"]
)
def test_names_of_all_scripts_come_back_as_they_were_sent(name: str) -> None:
    caller = Caller()
    assert caller.post("customers", {"external_id": "u-1", "name": name}).status_code == 201
    assert one(caller)["name"] == name
    assert caller.post("customers", {"external_id": "u-1", "name": name}).json()["status"] == "known"


@pytest.mark.parametrize("row_id", ["0", "-1", "1.0", "1e3", "x", "9" * 19, "9" * 20, "9" * 5000, "１", "%2e%2e"])
def test_an_id_that_can_be_none_is_404(row_id: str) -> None:
    caller = Caller()
    assert told(caller.get(f"customers/{row_id}"))[:2] == (404, "not_found")
    assert told(caller.patch(f"customers/{row_id}", {"city": "Depok"}))[:2] == (404, "not_found")


def test_a_repeated_change_with_its_token_is_done_once() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    token = {"Idempotency-Key": "a"}
    first = caller.patch(f"customers/{dewi.id}", {"city": "Depok"}, **token)
    caller.patch(f"customers/{dewi.id}", {"city": "Bogor"})
    again = caller.patch(f"customers/{dewi.id}", {"city": "Depok"}, **token)
    assert (again.content, Customer.objects.get(id=dewi.id).city) == (first.content, "Bogor")
    other = caller.patch(f"customers/{dewi.id}", {"city": "Jakarta"}, **token)
    assert told(other)[:2] == (422, "idempotency_mismatch")
