"""How an order stands: its money, its days, and the policy as the rules take it. Reads only."""

from datetime import date, datetime

from django.db.models import Sum

from setia.domains.commerce import rules
from setia.domains.commerce.models import Order, Return, ReturnPolicy, Shipment
from setia.domains.shop.models import Outlet, Shop
from setia.foundation.clock import shop_day


def balance_of(order: Order) -> rules.Balance:
    """Return the money of an order as it stands; lock the order first to decide by it."""
    here = Return.objects.filter(order=order, case__isnull=False).aggregate(total=Sum("total"))["total"] or 0
    return rules.Balance(
        net=order.net,
        paid=rules.paid_by(order.status, order.net, order.paid_total),
        refunded=order.refunded_total,
        returned_here=here,
        returned_elsewhere=max(0, order.returned_total - here),
        is_cancelled=order.status == rules.CANCELLED,
    )


class Days:
    """Business days where an order was sold, by two questions however many days are asked for."""

    def __init__(self, outlet_id: int | None) -> None:
        shop = Shop.objects.get(id=1)
        outlet = Outlet.objects.filter(id=outlet_id).first() if outlet_id is not None else None
        self._zone = outlet.zone if outlet else shop.zone
        self._cutoff_hour = shop.cutoff_hour

    def of(self, at: datetime) -> date:
        """Return the business day of an instant."""
        return shop_day(at, zone=self._zone, cutoff_hour=self._cutoff_hour)


def received_on(order: Order, days: Days) -> date:
    """Return the day from which the window of a return counts: of the delivery, else of the order."""
    delivered_at = Shipment.objects.filter(order=order).values_list("delivered_at", flat=True).first()
    return days.of(delivered_at) if delivered_at else order.shop_day


def policy_rules(row: ReturnPolicy) -> rules.Policy:
    """Return a policy as the rules take it."""
    return rules.Policy(
        window_days=row.window_days,
        check_days_max=row.check_days_max,
        refund_days_max=row.refund_days_max,
        total_days_max=row.total_days_max,
        excluded_categories=tuple(row.excluded_categories),
    )
