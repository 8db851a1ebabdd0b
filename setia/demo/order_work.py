"""What is going on at Kopi Senja today: parcels on their way, an order to collect, one to pay, a return, carts."""

from datetime import datetime, timedelta
from typing import Any

from setia.domains.commerce.actions import (
    CartLineDraft,
    Money,
    convert_cart,
    move_order,
    save_cart,
    ship_order,
    take_back,
    take_payment,
)
from setia.domains.commerce.actions.carts import abandon_carts
from setia.domains.commerce.models import Order, OrderLine, Product
from setia.foundation.actors import SYSTEM

_COURIERS = ("JNE", "SiCepat", "AnterAja")


def begin_work(*, at: datetime) -> None:
    """Let somebody work on the latest orders of known customers; a shop that is too small is left as it is."""
    since = at - timedelta(days=10)
    rows = Order.objects.filter(customer__isnull=False, status="paid", placed_at__range=(since, at))
    orders = list(rows.order_by("-placed_at", "-id")[:9])
    if len(orders) < 9:
        return
    by: dict[str, Any] = {"by": SYSTEM}
    for number, order in enumerate(orders[:4]):
        moved_at = order.placed_at + timedelta(minutes=30)
        move_order(order_id=order.id, from_status="paid", to_status="packed", at=moved_at, **by)
        if number:
            ship_order(
                order_id=order.id,
                from_status="packed",
                courier=_COURIERS[number - 1],
                tracking_number=f"KS{order.id % 10**8:08}",
                estimated_date=(order.placed_at + timedelta(days=3 - number)).date(),
                at=moved_at + timedelta(hours=1),
                **by,
            )
        if number == 3:
            delivered_at = moved_at + timedelta(hours=5)
            move_order(order_id=order.id, from_status="shipped", to_status="delivered", at=delivered_at, **by)
    move_order(order_id=orders[4].id, from_status="paid", to_status="cancelled", at=at, **by)
    line = OrderLine.objects.filter(order=orders[5]).order_by("position")[0]
    quantity = min(line.quantity_milli, 1000)
    refund = Money(line.net * quantity // line.quantity_milli, "QRIS")
    goods = {"order_id": orders[5].id, "quantities": {line.id: quantity}, "reason": "Rusak saat diterima"}
    take_back(**goods, refund=refund, source="demo", at=orders[5].placed_at + timedelta(hours=2), **by)
    _fill_carts([order.customer_id for order in orders[6:]], at)


def _fill_carts(customer_ids: list[int | None], at: datetime) -> None:
    products = list(Product.objects.order_by("name", "id")[:4])
    lines = [CartLineDraft(product_id=row.id, quantity_milli=1000, unit_price=row.price) for row in products]
    for number, customer_id in enumerate([*customer_ids, None]):
        silent = timedelta(minutes=20) if number == 0 else timedelta(hours=3 * number)
        content = lines[: number + 1]
        when = at - silent
        cart = save_cart(
            source=f"demo|{number}", customer_id=customer_id, lines=content, channel="web", by=SYSTEM, at=when
        )
        if number == 2:
            order_id = convert_cart(cart_id=cart.id, number="", fulfilment="collect", by=SYSTEM, at=when)
            half = cart.total // 2
            paid: dict[str, Any] = {"tender": "Transfer", "reference": "BCA 0412", "source": "demo"}
            if half:
                take_payment(order_id=order_id, amount=half, by=SYSTEM, at=when, **paid)
    abandon_carts(by=SYSTEM, at=at)
