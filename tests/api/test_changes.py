"""updated_since: a program that keeps a copy of the shop hears of every change, whatever made it."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.actions import (
    change_product,
    move_order,
    remove_orders_of_import,
    take_step_back,
)
from setia.domains.commerce.actions.sales import record_sales
from setia.domains.commerce.models import Order, Product
from setia.domains.customers.actions import (
    add_identity,
    change_customer,
    merge_customers,
    remove_identity,
    unmerge_customers,
)
from setia.domains.customers.models import Customer
from setia.domains.customers.rules import IdentityKind
from setia.foundation.actors import SYSTEM
from setia.foundation.db import write_tx
from tests import cast
from tests.api.callers import AT, Caller, order, told
from tests.processes.shops import ON_POSTGRES, ShopOnDisk

BY = {"by": SYSTEM, "at": cast.NOW}


def now() -> str:
    """Return a moment that all stamps of the past lie before, as an address holds it."""
    before = cast.database_now()
    while (moment := cast.database_now()) <= before:
        pass
    return quote(moment.isoformat())


def walk(caller: Caller, path: str, since: str, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return all rows of a list that changed since a moment, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = caller.get(f"{path}?limit={limit}&updated_since={since}&cursor={cursor}").json()
        rows, cursor = rows + page["data"], page["next_cursor"]
    return rows


def _log_at_once() -> None:
    """Let no thread write the log of calls while the lists are read: they would wait for it to end."""
    settings.API_LOG_SECONDS = 0


# In a process of its own, where each call is a transaction: what a transaction writes twice is stamped once.


def changes_told() -> dict[str, dict[str, list[str]]]:
    """Do what moves rows, one thing after the other, and return what the lists tell to have changed by it."""
    _log_at_once()
    caller = Caller(*Scope)
    caller.post("orders/bulk", {"items": [order(), order("W-2", customer={"external_id": "u-2", "name": "Eko"})]})
    dewi, eko = (Customer.objects.get(name__startswith=name) for name in ("Dewi", "Eko"))
    first = Order.objects.get(number="W-1")
    cast.product("Teh Tarik")
    told: dict[str, dict[str, list[str]]] = {}

    def tell(what: str, act: Callable[[], Any]) -> Any:
        since = now()
        made = act()
        told[what] = {
            path: sorted(str(row.get("number") or row["name"]) for row in rows)
            for path in ("customers", "products", "orders", "returns")
            if (rows := walk(caller, path, since))
        }
        return made

    returned = {"external_id": "R-1", "order_external_id": "W-1", "returned_at": AT,
                "lines": [{"sku": "KS-1", "quantity": 1, "total": 22000}]}  # fmt: skip
    more = order()
    more["lines"] = [*more["lines"], {"name": "Roti Bakar", "quantity": 1, "unit_price": 10_000}]
    tell("nothing", lambda: caller.post("orders", order()))
    tell("more lines", lambda: caller.post("orders", more))
    tell("an import", lambda: record_sales(drafts=[cast.sale("I-1", eko)], origin_id=77, **BY))
    tell("its undoing", lambda: list(remove_orders_of_import(origin_id=77, limit=100, **BY)))
    tell("a return", lambda: caller.post("returns", returned))
    tell("a profile", lambda: change_customer(customer=dewi, changes={"city": "Cimahi"}, **BY))
    identity = tell(
        "a number", lambda: add_identity(customer=eko, kind=IdentityKind.PHONE, value="0813 1 222 333", **BY)
    )
    tell("a number less", lambda: remove_identity(identity=identity, **BY))
    merge = tell("a merge", lambda: merge_customers(winner=dewi, loser=eko, **BY))
    merged = tell("a number of the merged", lambda: add_identity(
        customer=eko, kind=IdentityKind.EMAIL, value="eko@contoh.id", **BY))  # fmt: skip
    tell("parting", lambda: unmerge_customers(merge=merge, **BY))
    told["merged_into"] = {"ids": [str(merged.customer_id == eko.id)]}
    tell("a step", lambda: move_order(order_id=first.id, from_status="paid", to_status="done", **BY))
    tell("a step back", lambda: take_step_back(order_id=first.id, from_status="done", **BY))
    tell("a cancelling", lambda: move_order(order_id=first.id, from_status="paid", to_status="cancelled", **BY))
    tell("a price", lambda: change_product(product=Product.objects.get(name="Teh Tarik"), changes={"price": 7}, **BY))
    tell("products again", lambda: caller.post("products", {"name": "Teh Tarik", "price": 7}))
    return told


def test_whatever_changes_a_row_is_told(shop: ShopOnDisk) -> None:
    told = shop.call("tests.api.test_changes:changes_told")
    dewi, eko = "Dewi Lestari", "Eko"
    assert told == {
        "nothing": {},
        "more lines": {"customers": [dewi], "orders": ["W-1"], "products": ["Roti Bakar"]},
        "an import": {"customers": [eko], "orders": ["I-1"], "products": ["Kopi Susu Senja"]},
        "its undoing": {"customers": [eko]},
        "a return": {"customers": [dewi], "orders": ["W-1"], "returns": ["R-1"]},
        "a profile": {"customers": [dewi]},
        "a number": {"customers": [eko]},
        "a number less": {"customers": [eko]},
        "a merge": {"customers": [dewi, eko]},
        "a number of the merged": {"customers": [dewi]},
        "parting": {"customers": [dewi, eko]},
        "merged_into": {"ids": ["True"]},
        "a step": {"orders": ["W-1"]},
        "a step back": {"orders": ["W-1"]},
        "a cancelling": {"customers": [dewi], "orders": ["W-1"]},
        "a price": {"products": ["Teh Tarik"]},
        "products again": {},
    }


def late_commit() -> dict[str, list[str]]:
    """Change one product in a transaction that stays open while another is changed and read."""
    _log_at_once()
    caller = Caller(*Scope)
    for name in ("quick", "slow"):
        cast.product(name)
    since, inside, go_on = now(), threading.Event(), threading.Event()

    def slowly() -> None:
        with write_tx():
            Product.objects.filter(name="slow").update(price=1)
            inside.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    inside.wait(10)
    Product.objects.filter(name="quick").update(price=1)
    found = {"while open": [row["name"] for row in walk(caller, "products", since)]}
    go_on.set()
    thread.join()
    return found | {"after": [row["name"] for row in walk(caller, "products", since)]}


@pytest.mark.skipif(not ON_POSTGRES, reason="on SQLite one writes after the other")
def test_nobody_passes_by_a_row_that_is_not_committed_yet(shop: ShopOnDisk) -> None:
    found = shop.call("tests.api.test_changes:late_commit")
    assert found == {"while open": [], "after": ["slow", "quick"]}


pytestmark = pytest.mark.django_db


def test_rows_that_change_while_somebody_pages_are_met_again_at_the_end() -> None:
    caller = Caller()
    since = now()
    caller.post("orders/bulk", {"items": [order(number) for number in range(6)]})
    path = f"orders?limit=3&updated_since={since}"
    first = caller.get(path).json()
    Order.objects.filter(number__in=["1", "4"]).update(status="done")
    caller.post("orders", order("7"))
    rest, cursor = [], first["next_cursor"]
    while cursor:
        page = caller.get(f"{path}&cursor={cursor}").json()
        rest, cursor = rest + page["data"], page["next_cursor"]
    assert [row["number"] for row in first["data"]] == ["0", "1", "2"]
    assert ([row["number"] for row in rest][:2], sorted(row["number"] for row in rest)) == (["3", "5"], list("13457"))
    stamps = [row["updated_at"] for row in first["data"] + rest]
    assert stamps == sorted(stamps)


def test_the_moment_itself_is_asked_for_and_who_begins_at_the_last_meets_only_the_last_again() -> None:
    caller = Caller()
    caller.post("orders", order("1"))
    now()
    caller.post("orders", order("2"))
    rows = walk(caller, "orders", "2026-01-01T00:00:00Z", limit=1)
    again = walk(caller, "orders", quote(rows[-1]["updated_at"]))
    assert [row["number"] for row in rows] == ["1", "2"]
    assert again == rows[-1:]


def test_changes_of_one_customer_only() -> None:
    caller, eko = Caller(), cast.member("eko")
    caller.post("orders/bulk", {"items": [order("A"), order("B", customer=None, customer_id=str(eko.id))]})
    page = caller.get(f"orders?updated_since=2026-01-01T00:00:00Z&customer_id={eko.id}").json()
    assert [row["number"] for row in page["data"]] == ["B"]


def test_who_was_merged_says_into_whom_and_stands_in_no_plain_list() -> None:
    caller, dewi, eko = Caller(), cast.member("dewi"), cast.member("eko")
    merge_customers(winner=dewi, loser=eko, **BY)
    changed = {row["id"]: row["merged_into"] for row in walk(caller, "customers", "2026-01-01T00:00:00Z")}
    assert changed == {str(dewi.id): None, str(eko.id): str(dewi.id)}
    assert [row["id"] for row in caller.get("customers").json()["data"]] == [str(dewi.id)]


@pytest.mark.parametrize("path", ["customers", "products", "orders", "returns"])
@pytest.mark.parametrize(
    ("text", "code"),
    [("2026-11-22T10:00:00", "datetime_without_zone"), ("yesterday", "bad_datetime"), ("2026-11-22", "bad_datetime"),
     ("1700000000", "bad_datetime"), ("0001-01-01T00:00:00Z", "out_of_range"), ("", "bad_datetime"),
     ("2026-02-30T00:00:00Z", "bad_datetime")],
)  # fmt: skip
def test_a_moment_that_is_none_is_named(path: str, text: str, code: str) -> None:
    assert told(Caller().get(f"{path}?updated_since={text}")) == (422, "validation_failed", [("updated_since", code)])


def test_events_never_change_so_nobody_asks_for_their_changes() -> None:
    answer = Caller().get("events?updated_since=2026-11-22T10:00:00Z")
    assert told(answer) == (422, "validation_failed", [("updated_since", "unknown_field")])


LISTS = ("customers", "products", "orders", "returns", "events")


def _cursor(caller: Caller, path: str) -> str:
    cursor = caller.get(f"{path}{'&' if '?' in path else '?'}limit=1").json()["next_cursor"]
    assert cursor
    return str(cursor)


def _filled() -> Caller:
    """Return a program in a shop with two rows in each list."""
    caller = Caller()
    for number in "12":
        goods = [{"name": f"Kopi {number}", "quantity": 1, "unit_price": 9000}]
        back = [{"name": f"Kopi {number}", "quantity": 1, "total": 9000}]
        caller.post("orders", order(number, lines=goods, customer={"external_id": number}))
        caller.post("returns", {"external_id": number, "returned_at": AT, "lines": back})
        caller.post("events", {"external_id": number, "name": "app.login", "occurred_at": AT})
    return caller


def test_a_cursor_of_another_list_is_refused() -> None:
    caller = _filled()
    cursors = {path: _cursor(caller, path) for path in LISTS}
    changes = [f"{path}?updated_since=2026-01-01T00:00:00Z" for path in LISTS[:4]]
    cursors |= {path: _cursor(caller, path) for path in changes}
    for made, cursor in cursors.items():
        for path in cursors:
            answer = caller.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
            if path == made:
                assert answer.status_code == 200, path
            else:
                assert told(answer) == (422, "validation_failed", [("cursor", "bad_cursor")]), (made, path)


@pytest.mark.parametrize("path", LISTS)
def test_a_damaged_cursor_is_refused(path: str) -> None:
    caller = _filled()
    cursor = _cursor(caller, path)
    swapped = [cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in (0, 20, 30)]
    for damaged in (*swapped, cursor[:-4], cursor[4:], "x", "after", cursor + cursor, "-" * 999):
        answer = caller.get(f"{path}?cursor={damaged}")
        assert told(answer) == (422, "validation_failed", [("cursor", "bad_cursor")]), damaged
