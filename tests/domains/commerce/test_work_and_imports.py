"""What people did with orders, when the import that brought them is undone."""

from typing import Any

import pytest
from django.db import connection

from setia.domains.commerce.actions import (
    CartLineDraft,
    Money,
    change_product,
    record_sales,
    recount,
    remove_orders_of_import,
    remove_products_of_import,
    save_cart,
    ship_order,
    take_back,
    take_payment,
)
from setia.domains.commerce.actions.days import day_errors
from setia.domains.commerce.models import (
    Order,
    OrderLine,
    OrderStatusChange,
    Payment,
    Product,
    Refund,
    Return,
    Shipment,
)
from setia.domains.commerce.queries.order_lists import OrderFilters, order_list
from setia.domains.commerce.rules import AT_WORK
from setia.foundation.actors import SYSTEM
from tests import cast

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}


def test_money_and_history_outlive_an_undone_import() -> None:
    dewi = cast.member("dewi")
    record_sales(drafts=[cast.sale("A", dewi, cast.line(quantity=2))], origin_id=7, **BY)
    order, line = Order.objects.get(), OrderLine.objects.get()
    parcel: dict[str, Any] = {"courier": "JNE", "tracking_number": "", "estimated_date": None}
    ship_order(order_id=order.id, from_status="paid", **parcel, **BY)
    take_payment(order_id=order.id, amount=500, tender="QRIS", reference="", source="p", **BY)
    goods: dict[str, Any] = {"quantities": {line.id: 1000}, "reason": "rusak", "source": "r"}
    take_back(order_id=order.id, refund=Money(500, "QRIS"), **goods, **BY)
    for _ in remove_orders_of_import(origin_id=7, limit=10, **BY):
        pass
    assert (Order.objects.count(), Shipment.objects.count()) == (0, 0)
    assert Payment.objects.get().order_id is None
    assert Refund.objects.get().order_id is None
    assert (Return.objects.get().order_id, OrderStatusChange.objects.count()) == (None, 1)
    assert recount(customer_ids=[dewi.id]) == 0
    assert day_errors(days=[cast.NOW.date()]) == {}


def test_products_that_carts_and_histories_speak_of_stay() -> None:
    for name in ("Kopi", "Teh", "Roti"):
        cast.product(name)
    Product.objects.update(origin_id=7)
    line = CartLineDraft(product_id=cast.product("Kopi"), quantity_milli=1000, unit_price=1)
    save_cart(source="web|1", customer_id=None, lines=[line], **BY)
    change_product(product=Product.objects.get(name="Teh"), changes={"price": 5}, **BY)
    assert remove_products_of_import(origin_id=7, at=cast.NOW) == 1
    assert set(Product.objects.values_list("name", flat=True)) == {"Kopi", "Teh"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone must be told which index serves")
def test_the_few_orders_at_work_are_found_by_their_own_index() -> None:
    from django.test.utils import CaptureQueriesContext

    sari = cast.staff("sari")
    for status in AT_WORK:
        with CaptureQueriesContext(connection) as asked:
            order_list(viewer=sari, filters=OrderFilters(status=status), cursor="", size=9, today=cast.NOW.date())
        with connection.cursor() as cursor:
            sql = next(query["sql"] for query in asked.captured_queries if 'FROM "commerce_order"' in query["sql"])
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "order_at_work" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
