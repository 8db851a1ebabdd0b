"""Figures of the home page, from indexes and counters only."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Sum

from setia.domains.commerce.models import CustomerCounters, DayCounters, Order, Return
from setia.domains.commerce.queries.listing import AT_RISK_DAYS, LOST_DAYS, customer_count
from setia.domains.shop.models import Shop
from setia.foundation.clock import shop_day


@dataclass(frozen=True, slots=True)
class DaySales:
    """Sales of one business day: net in smallest units, number of orders, and of those with a known customer."""

    day: date
    net: int
    orders: int
    known_orders: int


@dataclass(frozen=True, slots=True)
class HomeFigures:
    """Today so far, a week ago up to the same time of day, and how many customers stand where (up to 10,001)."""

    today: DaySales
    week_ago: DaySales
    new_customers: int
    active_customers: int
    at_risk_customers: int
    returned_today: int
    last_order_at: datetime | None


def daily_sales(*, first: date, last: date, outlet_ids: Collection[int] | None = None) -> list[DaySales]:
    """Return the sales of each business day from first to last, both included; days without sales are zero.

    `outlet_ids` narrows them to these outlets; None is the whole shop.
    """
    parts = DayCounters.objects.filter(shop_day__range=(first, last))
    rows = (parts if outlet_ids is None else parts.filter(outlet_id__in=outlet_ids)).values("shop_day")
    totals = rows.annotate(net=Sum("net_total"), orders=Sum("order_count"), known=Sum("known_count"))
    found = {row["shop_day"]: DaySales(row["shop_day"], row["net"], row["orders"], row["known"]) for row in totals}
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [found.get(day, DaySales(day, 0, 0, 0)) for day in days]


def _sales_so_far(day: date, *, until: datetime, outlet_ids: Collection[int] | None) -> DaySales:
    rows = Order.objects.filter(shop_day=day, placed_at__lte=until).exclude(status="cancelled")
    rows = rows if outlet_ids is None else rows.filter(outlet_id__in=outlet_ids)
    totals = rows.aggregate(net=Sum("net"), orders=Count("*"), known=Count("customer_id"))
    return DaySales(day, totals["net"] or 0, totals["orders"], totals["known"])


def home_figures(*, at: datetime, outlet_ids: Collection[int] | None = None) -> HomeFigures:
    """Return the figures of the home page at this instant; sales of these outlets only, where some are named.

    How many customers stand where is told of the whole shop: people belong to no outlet.
    """
    shop = Shop.objects.get(id=1)
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    parts, orders = DayCounters.objects.filter(shop_day=today), Order.objects.all()
    if outlet_ids is not None:
        parts, orders = parts.filter(outlet_id__in=outlet_ids), orders.filter(outlet_id__in=outlet_ids)
    returned = parts.aggregate(total=Sum("returned_total"))["total"]
    return HomeFigures(
        today=daily_sales(first=today, last=today, outlet_ids=outlet_ids)[0],
        # A morning is compared with a morning: the whole of last week's day would always look better.
        week_ago=_sales_so_far(today - timedelta(days=7), until=at - timedelta(days=7), outlet_ids=outlet_ids),
        new_customers=customer_count(stage="new", at=at),
        active_customers=customer_count(stage="active", at=at),
        at_risk_customers=customer_count(stage="at_risk", at=at),
        returned_today=returned or 0,
        last_order_at=orders.aggregate(latest=Max("placed_at"))["latest"],
    )


def slipping_customers(*, at: datetime, limit: int) -> list[CustomerCounters]:
    """Return good customers who have just gone silent: past 90 days, best spenders first."""
    risk, lost = at - timedelta(days=AT_RISK_DAYS), at - timedelta(days=LOST_DAYS)
    recent = CustomerCounters.objects.filter(last_order_at__lt=risk, last_order_at__gte=lost, order_count__gte=2)
    recent = recent.filter(customer__canonical__isnull=True)
    newest = list(recent.select_related("customer").order_by("-last_order_at", "-customer_id")[:200])
    return sorted(newest, key=lambda row: (-row.spent_total, row.customer_id))[:limit]


def all_days(*, size: int) -> Iterator[list[date]]:
    """Yield every day with orders, returns or counters, `size` at a time."""
    days: set[date] = set()
    for model in (Order, Return, DayCounters):
        days.update(model._default_manager.values_list("shop_day", flat=True).distinct())
    ordered = sorted(days)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
