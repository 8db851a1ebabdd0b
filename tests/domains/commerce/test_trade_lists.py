"""Lists of orders and products are what their filters say, asked of plain Python as of the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setia.domains.commerce.models import Order, OrderLine, Product
from setia.domains.commerce.queries import order_lists, product_lists
from setia.domains.commerce.queries.order_lists import (
    OrderFilters,
    find_orders,
    is_any_order,
    matching_order_ids,
    order_list,
)
from setia.domains.commerce.queries.product_lists import ProductFilters, matching_products, product_list
from setia.domains.shop.models import Outlet
from setia.domains.staff.actions import limit_outlets
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.domains.commerce.trade import COUNT, TODAY, day, trade

pytestmark = pytest.mark.django_db

Fits = Callable[[Order], bool]


def parcel(order: Order) -> Any:
    return getattr(order, "shipment", None)


def paid(order: Order) -> int:
    if order.paid_total is not None:
        return order.paid_total
    return 0 if order.status == "open" else order.net


CONDITIONS: dict[str, tuple[dict[str, Any], Fits]] = {
    "nothing": ({}, lambda order: True),
    "status": ({"status": "paid"}, lambda order: order.status == "paid"),
    "status at work": ({"status": "cancelled"}, lambda order: order.status == "cancelled"),
    "days": ({"first": day(50), "last": day(10)}, lambda order: day(50) <= order.shop_day <= day(10)),
    "one day": ({"first": day(20), "last": day(20)}, lambda order: order.shop_day == day(20)),
    "channel": ({"channel": "web"}, lambda order: order.channel == "web"),
    "amount": ({"net_min": 5000, "net_max": 9000}, lambda order: 5000 <= order.net <= 9000),
    "unpaid": ({"payment": "unpaid"}, lambda order: order.status != "cancelled" and not paid(order)),
    "part": (
        {"payment": "part"},
        lambda order: order.status != "cancelled" and 0 < paid(order) < order.net - order.returned_total,
    ),
    "paid": (
        {"payment": "paid"},
        lambda order: order.status != "cancelled" and paid(order) >= order.net - order.returned_total,
    ),
    "refunded": ({"payment": "refunded"}, lambda order: order.refunded_total > 0),
    "courier": ({"courier": "jne"}, lambda order: bool(parcel(order)) and parcel(order).courier.lower() == "jne"),
    "on its way": ({"parcel": "on_way"}, lambda order: bool(parcel(order)) and not parcel(order).delivered_at),
    "late": (
        {"parcel": "late"},
        lambda order: bool(parcel(order)) and not parcel(order).delivered_at and parcel(order).estimated_date < TODAY,
    ),
    "delivered": ({"parcel": "delivered"}, lambda order: bool(parcel(order)) and bool(parcel(order).delivered_at)),
    "no number": ({"parcel": "no_number"}, lambda order: bool(parcel(order)) and not parcel(order).tracking_number),
    "return": ({"has_return": True}, lambda order: order.returned_total > 0),
    "no return": ({"has_return": False}, lambda order: order.returned_total == 0),
    "several": (
        {"channel": "web", "has_return": False, "first": day(60)},
        lambda order: order.channel == "web" and not order.returned_total and order.shop_day >= day(60),
    ),
}


def listed(filters: OrderFilters, *, size: int = 5, person: str = "sari") -> list[str]:
    """Return the numbers of a whole list, page by page; each page tells the same count."""
    numbers: list[str] = []
    cursor, counts = "", set()
    while True:
        found = order_list(viewer=cast.staff(person), filters=filters, cursor=cursor, size=size, today=TODAY)
        numbers += [order.number for order in found.page.rows]
        counts.add(found.count)
        if not (cursor := found.page.next_cursor):
            assert counts == {len(numbers)}
            return numbers


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("name", CONDITIONS)
def test_a_list_of_orders_is_what_its_filters_say(monkeypatch: pytest.MonkeyPatch, name: str, few: bool) -> None:
    if not few:  # as in a shop that ships by the ten thousand, and whose lists are not counted to their end
        monkeypatch.setattr(order_lists, "PROBE_LIMIT", 1)
    orders, (conditions, fits) = trade(), CONDITIONS[name]
    filters = OrderFilters(**conditions)
    expected = [order.number for order in orders if fits(order)]
    assert expected, "a condition that nothing fits proves nothing"
    assert listed(filters) == expected
    ids = matching_order_ids(viewer=cast.staff("sari"), filters=filters, today=TODAY)
    assert list(ids) == [order.id for order in orders if fits(order)]
    assert OrderFilters.from_json(filters.as_json()) == filters


def test_a_list_too_long_to_be_counted_is_walked_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_lists, "COUNT_LIMIT", 7)
    trade()
    numbers, cursor = [], ""
    for _ in range(5):
        found = order_list(viewer=cast.staff("sari"), filters=OrderFilters(), cursor=cursor, size=5, today=TODAY)
        numbers += [order.number for order in found.page.rows]
        cursor = found.page.next_cursor
        assert found.count == 8
    assert (numbers, cursor) == ([f"T{index}" for index in range(COUNT)], "")


def test_whoever_sees_one_outlet_lists_and_finds_its_orders_only() -> None:
    orders, dago = trade(), Outlet.objects.get(code="DGO")
    limit_outlets(person=cast.staff("budi"), outlet_ids=[dago.id], by=SYSTEM, at=cast.NOW)
    expected = [order.number for order in orders if order.outlet_id == dago.id]
    assert listed(OrderFilters(), person="budi") == expected
    other = OrderFilters(outlet_id=Outlet.objects.get(code="JYP").id)
    assert listed(other, person="budi") == []
    assert not is_any_order(viewer=cast.staff("budi"), filters=other, today=TODAY)
    assert find_orders(viewer=cast.staff("budi"), text="T1", limit=5) == []
    assert [order.number for order in find_orders(viewer=cast.staff("sari"), text="T1", limit=5)] == ["T1"]


def test_an_order_is_found_by_its_number_and_by_its_parcels(db: None) -> None:
    trade()
    sari = cast.staff("sari")
    for text, expected in (("T5", ["T5"]), (" TRK5 ", ["T5"]), ("trk5", ["T5"]), ("TRK", []), ("", [])):
        assert [order.number for order in find_orders(viewer=sari, text=text, limit=5)] == expected


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of the smaller database")
@pytest.mark.parametrize("name", [name for name in CONDITIONS if name != "status at work"])
def test_no_filter_sorts_or_reads_all_orders(name: str) -> None:
    trade()
    with CaptureQueriesContext(connection) as asked:
        listed(OrderFilters(**CONDITIONS[name][0]), size=50)
    sql = next(query["sql"] for query in asked.captured_queries if '"id" FROM "commerce_order"' in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "order_listed" in plan or "INTEGER PRIMARY KEY" in plan, plan
    assert "SCAN commerce_order " not in f"{plan} ".replace("SCAN commerce_order USING", ""), plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan of the smaller database")
def test_numbers_and_tracking_numbers_have_indexes() -> None:
    trade()
    with CaptureQueriesContext(connection) as asked:
        find_orders(viewer=cast.staff("sari"), text="TRK5", limit=5)
    plans = []
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            if "commerce_" in query["sql"]:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans.append(" ".join(row[3] for row in cursor.fetchall()))
    assert any("order_by_number" in plan for plan in plans), plans
    assert any("shipment_by_tracking" in plan for plan in plans), plans


# Products


def sold(product: Product, *days: Any) -> bool:
    """Tell whether any line of a standing order sold a product, within two days where they are given."""
    lines = OrderLine.objects.filter(product=product).exclude(order__status="cancelled").select_related("order")
    return any(not days or days[0] <= line.order.shop_day <= days[1] for line in lines)


PRODUCTS: dict[str, tuple[dict[str, Any], Callable[[Product], bool]]] = {
    "nothing": ({}, lambda row: True),
    "category": ({"category": "Kopi"}, lambda row: row.category == "Kopi"),
    "none": ({"category": ""}, lambda row: not row.category),
    "price": ({"price_min": 2000, "price_max": 4000}, lambda row: 2000 <= row.price <= 4000),
    "never": ({"sold": "never"}, lambda row: not sold(row)),
    "ever": ({"sold": "yes"}, sold),
    "in days": ({"sold_from": day(12), "sold_to": day(1)}, lambda row: sold(row, day(12), day(1))),
    "not in days": ({"sold": "no", "sold_from": day(12)}, lambda row: not sold(row, day(12), TODAY)),
    "active": ({"is_active": True}, lambda row: sold(row, day(90), TODAY)),
    "not active": ({"is_active": False}, lambda row: not sold(row, day(90), TODAY)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_list_of_products_is_what_its_filters_say(name: str) -> None:
    trade()
    Product.objects.filter(name="Produk 3").update(category="")
    conditions, fits = PRODUCTS[name]
    filters = ProductFilters(**conditions)
    expected = [row.name for row in Product.objects.order_by("name", "id") if fits(row)]
    assert expected, "a condition that nothing fits proves nothing"
    found = product_list(filters=filters, cursor="", size=50, today=TODAY)
    assert ([row.name for row in found.page.rows], found.count) == (expected, len(expected))
    assert [row.name for row in matching_products(filters=filters, today=TODAY)] == expected
    assert product_lists.is_any_product(filters=filters, today=TODAY)
    assert ProductFilters.from_json(filters.as_json()) == filters


def test_lines_repeat_the_day_of_their_order() -> None:
    trade()
    cast.buys(None, "T0", cast.line("Lagi"))  # one more line for an order that is known
    pairs = OrderLine.objects.values_list("shop_day", "order__shop_day")
    assert len(pairs) == COUNT + 1
    assert all(mine == whole for mine, whole in pairs)
