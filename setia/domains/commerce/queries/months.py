"""Months of the shop, for whoever keeps a copy of its sales: what they add up to, and which were written to."""

from datetime import date, datetime

from django.db.models import Sum

from setia.domains.commerce.models import DayCounters, Order, Return


def month_sums() -> dict[str, list[int]]:
    """Return for each month (YYYY-MM) orders, net and what came back, as the counters of its days say."""
    found: dict[str, list[int]] = {}
    days = DayCounters.objects.values_list("shop_day").annotate(
        Sum("order_count"), Sum("net_total"), Sum("returned_total")
    )
    for day, *sums in days.order_by("shop_day"):
        month = found.setdefault(_month(day), [0, 0, 0])
        for index, value in enumerate(sums):
            month[index] += value
    return found


def months_written_since(moment: datetime) -> set[str]:
    """Return the months (YYYY-MM) of orders and returns that were written or changed at or after a moment."""
    found: set[str] = set()
    for rows in (Order.objects.all(), Return.objects.all()):
        days = rows.filter(updated_at__gte=moment).order_by().values_list("shop_day", flat=True).distinct()
        found |= {_month(day) for day in days}
    return found


def _month(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"
