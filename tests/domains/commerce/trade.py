"""Twenty-four orders and six products that differ in all that their lists can be narrowed by."""

from datetime import date, timedelta

from setia.domains.commerce.actions import record_sales
from setia.domains.commerce.drafts import SaleDraft
from setia.domains.commerce.models import Order, Shipment
from setia.domains.shop.actions import save_outlet
from setia.domains.shop.models import Outlet
from setia.foundation.actors import SYSTEM
from tests import cast

COUNT = 24
TODAY = cast.NOW.date()
STATUSES = ("paid", "open", "packed", "shipped", "delivered", "done", "cancelled")
COURIERS = ("JNE", "J&T", "jne")


def outlets() -> list[Outlet]:
    """Open two outlets in zones two hours apart."""
    place = {"city": "", "opening_hours": "", "by": SYSTEM, "at": cast.NOW}
    return [
        save_outlet(code="DGO", name="Dago", zone_name="Asia/Jakarta", **place),
        save_outlet(code="JYP", name="Jayapura", zone_name="Asia/Jayapura", **place),
    ]


def trade() -> list[Order]:
    """Sell every five days from today back, then pay, ship and bring back some of it."""
    places = [*outlets(), None]
    drafts = []
    for index in range(COUNT):
        place = places[index % 3]
        drafts.append(
            SaleDraft(
                source=f"invoice||T{index}", number=f"T{index}", customer_id=None, status=STATUSES[index % 7],
                placed_at=cast.NOW - timedelta(days=5 * index), channel=("pos", "web", "")[index % 3],
                outlet_id=place.id if place else None,
                lines=(cast.line(f"Produk {index % 5}", price=1000 * (index + 1)),),
            )
        )  # fmt: skip
    record_sales(drafts=drafts, by=SYSTEM, at=cast.NOW)
    cast.product("Produk yang tak laku", 9_000)
    orders = sorted(Order.objects.all(), key=lambda order: int(order.number[1:]))
    for index, order in enumerate(orders):
        if index % 4 == 1:
            Order.objects.filter(id=order.id).update(paid_total=(0, 500, order.net)[index % 3])
        if index % 5 == 2:
            Order.objects.filter(id=order.id).update(returned_total=300, paid_total=order.net, refunded_total=200)
        if order.status in ("shipped", "delivered", "done"):
            Shipment.objects.create(
                order=order, courier=COURIERS[index % 3], tracking_number=f"TRK{index}" if index % 2 else "",
                estimated_date=TODAY - timedelta(days=index - 10), shipped_at=cast.NOW,
                delivered_at=None if order.status == "shipped" else cast.NOW,
            )  # fmt: skip
    return sorted(Order.objects.select_related("shipment"), key=lambda order: int(order.number[1:]))


def day(days_ago: int) -> date:
    """Return the day so many days before today."""
    return TODAY - timedelta(days=days_ago)
