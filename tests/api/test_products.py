"""Products through the API: SKU or name, what is overwritten, one bad one among a thousand."""

from typing import Any

import pytest

from setia.domains.commerce.models import PriceChange, Product
from setia.foundation.events.models import Event
from tests import cast
from tests.api.callers import Caller, order, told

pytestmark = pytest.mark.django_db

KOPI = {"sku": "KS-1", "name": "Kopi Susu Senja", "category": "Kopi", "price": 22_000}


def shown(caller: Caller, sku: str = "KS-1") -> dict[str, Any]:
    """Return a product as the API shows it, without what is different each time."""
    found = caller.get(f"products/lookup?sku={sku}").json()
    return {name: found[name] for name in ("sku", "name", "category", "price")}


def test_a_product_again_gets_what_is_sent_and_keeps_what_is_not() -> None:
    caller = Caller()
    made = caller.post("products", KOPI)
    dearer = caller.post("products", {"sku": "ks-1", "name": "Kopi Susu Senja", "price": 24_000})
    same = caller.post("products", {**KOPI, "price": None, "category": None})
    assert [(answer.status_code, answer.json()["status"]) for answer in (made, dearer, same)] == [
        (201, "created"),
        (200, "changed"),
        (200, "known"),
    ]
    assert len({answer.json()["id"] for answer in (made, dearer, same)}) == 1
    assert shown(caller) == {**KOPI, "price": 24_000}


def test_an_order_sells_a_product_without_changing_it() -> None:
    caller = Caller()
    caller.post("products", KOPI)
    caller.post("orders", order(lines=[{"sku": "KS-1", "name": "KOPI SSU", "quantity": 1, "unit_price": 1}]))
    assert shown(caller) == KOPI


def test_without_a_sku_the_name_tells_products_apart_whatever_its_case() -> None:
    caller = Caller()
    first = caller.post("products", {"name": "Teh  Tarik", "price": 9_000})
    again = caller.post("products", {"name": "teh tarik", "price": 9_000})
    assert (first.json()["id"], again.json()["status"]) == (again.json()["id"], "changed")
    assert Product.objects.get().name == "teh tarik"


def test_a_changed_price_is_told_as_a_fact_once() -> None:
    caller = Caller()
    row_id = caller.post("products", KOPI).json()["id"]
    for _ in range(2):
        answer = caller.patch(f"products/{row_id}", {"price": 25_000})
    assert (answer.json()["price"], answer.json()["name"]) == (25_000, "Kopi Susu Senja")
    assert Event.objects.filter(kind="commerce.product_details_changed").count() == 1


def test_a_new_price_leaves_its_history_whoever_brings_it() -> None:
    caller = Caller()
    row_id = caller.post("products", KOPI).json()["id"]
    caller.patch(f"products/{row_id}", {"price": 25_000})
    caller.post("products", {**KOPI, "price": 26_000})
    changes = PriceChange.objects.order_by("id").values_list("old_price", "new_price", "actor_kind")
    assert list(changes) == [(22_000, 25_000, "apikey"), (25_000, 26_000, "apikey")]


def test_one_bad_row_among_a_thousand_does_not_lose_the_others_and_is_named() -> None:
    items: list[Any] = [{"sku": f"S-{number}", "name": f"Barang {number}", "price": number} for number in range(1000)]
    items[3] = {"sku": "S-3", "price": -1}
    items[999] = {"sku": "S-0", "name": "Barang lagi"}
    answer = Caller().post("products/bulk", {"items": items}).json()
    assert (answer["counts"]["created"], answer["counts"]["refused"], Product.objects.count()) == (998, 2, 998)
    assert [(row["index"], [(error["field"], error["code"]) for error in row["errors"]])
            for row in answer["results"] if row["errors"]] == [
        (3, [("name", "required"), ("price", "too_small")]),
        (999, [("sku", "duplicate_in_call")]),
    ]  # fmt: skip


def test_two_ways_to_write_one_key_in_a_call_are_one_product() -> None:
    items = [KOPI, {**KOPI, "sku": "ks-1"}, {"name": "Teh"}, {"name": "TEH "}]
    answer = Caller().post("products/bulk", {"items": items}).json()
    assert [row["status"] for row in answer["results"]] == ["created", "refused", "created", "refused"]
    assert [row["errors"][0]["field"] for row in answer["results"] if row["errors"]] == ["sku", "name"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [({"price": "22000"}, "price", "wrong_type"), ({"price": 10**12 + 1}, "price", "too_large"),
     ({"price": 10**400}, "price", "too_large"), ({"price": 1.5}, "price", "wrong_type"),
     ({"price": True}, "price", "wrong_type"), ({"name": None}, "name", "wrong_type"), ({"name": " "}, "name", "blank"),
     ({"name": "x" * 201}, "name", "too_long"), ({"sku": ""}, "sku", "too_short"),
     ({"sku": "\x00"}, "sku", "bad_format"), ({"stock": 3}, "stock", "unknown_field")],
)  # fmt: skip
def test_a_wrong_field_is_named_singly_and_in_bulk(changes: dict[str, Any], field: str, code: str) -> None:
    caller, body = Caller(), {**KOPI, **changes}
    assert (field, code) in told(caller.post("products", body))[2]
    many = caller.post("products/bulk", {"items": [body]}).json()["results"][0]
    assert (field, code) in [(error["field"], error["code"]) for error in many["errors"]]
    assert Product.objects.count() == 0


@pytest.mark.parametrize("name", ["Kopi ☕ 250 ml", "İSTANBUL ÇAYI", "ẞ" * 200, "ŉ" * 150])
def test_names_of_all_scripts_are_found_again(name: str) -> None:
    caller = Caller()
    first = caller.post("products", {"name": name})
    again = caller.post("products", {"name": name})
    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json()["id"] == again.json()["id"]
    assert caller.get(f"products/{first.json()['id']}").json()["name"] == name


def test_a_call_with_its_token_is_done_once_and_another_body_refused() -> None:
    caller, token = Caller(), {"Idempotency-Key": "p-1"}
    first = caller.post("products", KOPI, **token)
    Product.objects.update(price=1)
    again = caller.post("products", KOPI, **token)
    assert (again.content, again.headers["Idempotent-Replayed"], Product.objects.get().price) == (
        first.content,
        "true",
        1,
    )
    assert told(caller.post("products", {**KOPI, "price": 2}, **token))[:2] == (422, "idempotency_mismatch")


def test_nothing_is_found_under_a_sku_nobody_has() -> None:
    caller = Caller()
    cast.product()
    assert told(caller.get("products/lookup?sku=KS-1"))[:2] == (404, "not_found")
    assert told(caller.get("products/lookup"))[2] == [("sku", "required")]
