"""Orders and returns through the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setia.domains.commerce.models import Order, OrderLine, Product, Return
from setia.domains.customers.models import Customer
from setia.foundation.events.models import Event
from tests import cast
from tests.api.callers import AT, Caller, order, told

pytestmark = pytest.mark.django_db


def test_an_order_is_written_with_its_customer_and_its_products() -> None:
    answer = Caller().post("orders", order())
    row = Order.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"id": str(row.id), "external_id": "W-1", "status": "created"},
    )
    assert (row.number, row.net, row.customer.name, row.customer.counters.order_count) == (
        "W-1",
        44_000,
        "Dewi Lestari",
        1,
    )
    assert Product.objects.get().price == 22_000


def test_facts_name_the_key_that_brought_them() -> None:
    caller = Caller()
    caller.post("orders", order())
    facts = Event.objects.filter(actor_kind="apikey", actor_id=caller.key.id).values_list("kind", flat=True)
    assert set(facts) == {"customers.added", "commerce.order_placed"}


def test_the_same_order_again_changes_nothing_and_one_with_more_lines_gets_them() -> None:
    caller, more = Caller(), order()
    caller.post("orders", order())
    again = caller.post("orders", order())
    more["lines"] = [*more["lines"], {"name": "Roti Bakar", "quantity": "0.5", "unit_price": 10001}]
    extended = caller.post("orders", more)
    assert [(answer.status_code, answer.json()["status"]) for answer in (again, extended)] == [
        (200, "known"),
        (200, "extended"),
    ]
    assert sorted(OrderLine.objects.values_list("gross", flat=True)) == [5_001, 44_000]
    assert Customer.objects.count() == 1


def test_two_programs_may_use_the_same_number() -> None:
    Caller(source="kasir").post("orders", order())
    answer = Caller(source="webshop").post("orders", order())
    assert (answer.status_code, Order.objects.count()) == (201, 2)


def test_a_new_key_of_the_same_program_finds_what_the_old_one_wrote() -> None:
    Caller().post("orders", order())
    assert Caller().post("orders", order()).json()["status"] == "known"


def test_a_known_order_makes_nobody_new() -> None:
    caller = Caller()
    caller.post("orders", order(customer=None))
    caller.post("orders", order())
    assert (Customer.objects.count(), Order.objects.get().customer) == (0, None)


def test_one_bad_item_does_not_lose_the_others() -> None:
    bad = [order("B", lines=[]), order("C", lines=[{"name": "x", "quantity": -1, "unit_price": 1.5}]), 7,
           order("D", customer_id="12", customer=None), order("E", outlet="XXX"), order("A")]  # fmt: skip
    answer = Caller().post("orders/bulk", {"items": [order("A"), *bad, order("F")]})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert answer.json()["counts"] == {"created": 2, "known": 0, "changed": 0, "extended": 0, "refused": 6}
    assert [result["status"] for result in results] == ["created", *["refused"] * 6, "created"]
    assert [[(error["field"], error["code"]) for error in result["errors"]] for result in results[1:7]] == [
        [("lines", "too_few")],
        [("lines[0].quantity", "too_small"), ("lines[0].unit_price", "wrong_type")],
        [("", "wrong_type")],
        [("customer_id", "unknown_customer")],
        [("outlet", "unknown_outlet")],
        [("external_id", "duplicate_in_call")],
    ]
    assert sorted(Order.objects.values_list("number", flat=True)) == ["A", "F"]


def test_refused_items_leave_no_customers_and_no_products() -> None:
    person, goods = {"phone": "0813 1111 2222"}, [{"name": "Teh", "quantity": 1, "unit_price": 1}]
    Caller().post("orders/bulk", {"items": [order("A", customer=person, lines=goods, outlet="XXX")]})
    assert (Customer.objects.count(), Product.objects.count()) == (0, 0)


@pytest.mark.parametrize(("count", "code"), [(0, "too_few"), (1001, "too_many")])
def test_a_bulk_call_holds_one_to_a_thousand(count: int, code: str) -> None:
    answer = Caller().post("orders/bulk", {"items": [order(number) for number in range(count)]})
    assert told(answer) == (422, "validation_failed", [("items", code)])


def test_a_call_of_too_many_lines_is_refused_whole() -> None:
    lines = [{"name": "Kopi", "quantity": 1, "unit_price": number} for number in range(200)]
    answer = Caller().post("orders/bulk", {"items": [order(number, lines=lines) for number in range(51)]})
    assert told(answer)[:2] == (422, "too_many_lines")
    assert Order.objects.count() == 0


def _items(count: int, first: int) -> list[dict]:
    return [
        order(
            number,
            customer={"external_id": f"u-{number}", "phone": f"0812{number:08d}", "name": f"Orang {number}"},
            lines=[{"name": f"Kopi {number % 10}", "quantity": 1, "unit_price": 1000}],
        )
        for number in range(first, first + count)
    ]


def test_a_thousand_orders_cost_the_queries_of_ten() -> None:
    caller = Caller()
    caller.post("orders/bulk", {"items": _items(1, 1)})
    found = []
    for count, first in ((10, 1_000), (1000, 20_000), (1000, 20_000)):
        with CaptureQueriesContext(connection) as queries:
            answer = caller.post("orders/bulk", {"items": _items(count, first)})
        assert answer.json()["counts"]["refused"] == 0
        found.append(len(queries))
    assert found[1] - found[0] <= 4, found  # identities are looked up nine hundred at a time
    assert found[2] <= found[0], found


def test_a_return_is_tied_to_its_order_and_its_customer() -> None:
    caller = Caller()
    caller.post("orders", order())
    given = {"external_id": "R-1", "order_external_id": "W-1", "returned_at": AT, "reason": "dingin",
             "lines": [{"sku": "KS-1", "quantity": 1, "total": 22000}]}  # fmt: skip
    first, again = caller.post("returns", given), caller.post("returns", given)
    row = Return.objects.get()
    assert (first.json()["status"], again.json()["status"]) == ("created", "known")
    assert (row.order.number, row.customer.name, row.lines.get().order_line.order_id) == (
        "W-1",
        "Dewi Lestari",
        row.order_id,
    )
    assert Order.objects.get().returned_total == 22_000
    unknown = caller.post("returns", {**given, "external_id": "R-2", "order_external_id": "W-9"})
    assert told(unknown) == (422, "validation_failed", [("order_external_id", "unknown_order")])


def test_what_was_written_can_be_read() -> None:
    caller = Caller()
    order_id = caller.post("orders", order(number="K/1")).json()["id"]
    one = caller.get(f"orders/{order_id}").json()
    assert one == caller.get("orders/lookup?external_id=W-1").json() == caller.get("orders").json()["data"][0]
    assert (one["number"], one["placed_at"], one["net"]) == ("K/1", "2026-11-21T03:00:00+00:00", 44_000)
    assert one["lines"][0] | {"product_id": ""} == {
        "product_id": "", "sku": "KS-1", "name": "Kopi Susu Senja", "quantity": "2", "unit_price": 22_000,
        "gross": 44_000, "discount": 0, "tax": 0, "net": 44_000,
    }  # fmt: skip
    for path in ("orders/1", "orders/abc", f"orders/{10**30}", "orders/lookup?external_id=W-2"):
        assert told(caller.get(path))[:2] == (404, "not_found")


def test_lists_page_by_cursor_without_gap_or_twin() -> None:
    caller = Caller()
    caller.post("orders/bulk", {"items": [order(number) for number in range(7)]})
    seen, cursor = [], ""
    for _ in range(9):
        page = caller.get(f"orders?limit=3&cursor={cursor}").json()
        seen += [row["number"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (sorted(seen), len(seen)) == (list("0123456"), 7)


def test_lists_are_narrowed_by_customer_and_by_time_of_writing() -> None:
    caller, eko = Caller(), cast.member("eko")
    caller.post("orders/bulk", {"items": [order("A"), order("B", customer=None, customer_id=str(eko.id))]})
    assert [row["number"] for row in caller.get(f"orders?customer_id={eko.id}").json()["data"]] == ["B"]
    assert caller.get("orders?created_since=2090-01-01T00:00:00Z").json()["data"] == []
    assert len(caller.get("orders?created_since=2026-01-01T00:00:00%2B07:00").json()["data"]) == 2
    assert told(caller.get("orders?customer_id=5")) == (
        422,
        "validation_failed",
        [("customer_id", "unknown_customer")],
    )
