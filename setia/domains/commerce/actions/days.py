"""Day counters: what each business day adds up to, moved in the order's own transaction like the customers'.

The home page reads thirty rows of a few shards instead of half a million orders. A day is spread over its outlets
and eight shards, so that tills that sell at the same moment seldom wait for each other's row.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from setia.domains.commerce.models import DayCounters, Order, Return
from setia.domains.shop.models import Shop
from setia.foundation.db import write_tx
from setia.foundation.ids import new_ids

SHARDS = 8
_Key = tuple[date, int, int]


@dataclass(slots=True)
class DayChanges:
    """What a batch adds to business days; money in smallest units."""

    sums: dict[_Key, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))

    def add(
        self,
        day: date,
        outlet_id: int | None,
        row_id: int,
        *,
        orders: int = 0,
        known: int = 0,
        net: int = 0,
        returned: int = 0,
    ) -> None:
        """Add to the day of an order or return; its id chooses the shard."""
        # Ids of one moment differ in their low bits, those of different moments above the 22nd.
        sums = self.sums[day, outlet_id or 0, (row_id ^ row_id >> 22) % SHARDS]
        for index, amount in enumerate((orders, known, net, returned)):
            sums[index] += amount


def move_days(*, changes: DayChanges) -> None:
    """Add changes to day counters, relative to what stands there, in the order of their keys."""
    if not changes.sums:
        return
    keys = sorted(changes.sums)
    marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(keys))
    values: list[Any] = []
    for row_id, key in zip(new_ids(len(keys)), keys, strict=True):
        day = key[0] if connection.vendor == "postgresql" else key[0].isoformat()
        values += [row_id, day, *key[1:], *changes.sums[key]]
    sets = ", ".join(f"{name} = d.{name} + excluded.{name}" for name in _SUMS)
    sql = (
        f"INSERT INTO commerce_daycounters AS d (id, shop_day, outlet_id, shard, {', '.join(_SUMS)}) VALUES {marks} "  # noqa: S608
        f"ON CONFLICT (shop_day, outlet_id, shard) DO UPDATE SET {sets}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


_SUMS = ("order_count", "known_count", "net_total", "returned_total")
_ERRORS = """
    SELECT shop_day, SUM(orders), SUM(known), SUM(net), SUM(returned) FROM (
        SELECT shop_day, 1 AS orders, CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END AS known, net, 0 AS returned
        FROM commerce_order WHERE shop_day IN ({days}) AND status <> 'cancelled'
        UNION ALL SELECT shop_day, 0, 0, 0, total FROM commerce_return WHERE shop_day IN ({days})
        UNION ALL SELECT shop_day, -order_count, -known_count, -net_total, -returned_total
        FROM commerce_daycounters WHERE shop_day IN ({days})
    ) AS parts GROUP BY shop_day
"""


def day_errors(*, days: Collection[date]) -> dict[date, list[int]]:
    """Return by how much the counters of these days are too low: orders, known, net, returned; true days are left out.

    One statement sees one moment: a batch in flight shows with its orders and its counters or with neither.
    """
    if not days:
        return {}
    marks = ", ".join(["%s"] * len(days))
    given = [day if connection.vendor == "postgresql" else day.isoformat() for day in days]
    with connection.cursor() as cursor:
        cursor.execute(_ERRORS.format(days=marks), given * 3)
        found = {row[0]: [int(number) for number in row[1:]] for row in cursor.fetchall()}
    days_by_text = {day.isoformat(): day for day in days}
    return {days_by_text.get(day, day): errors for day, errors in found.items() if any(errors)}


def recount_days(*, days: Collection[date]) -> int:
    """Put the counters of these days right by a fresh count and return how many days were wrong.

    The difference is added, so orders written at the same moment keep their part. It goes to one shard, which may
    so hold less than nothing: only the sum of a day is ever read.
    """
    with write_tx():
        # Two recounts at once would both add the same difference.
        Shop.objects.select_for_update().get(id=1)
        errors = day_errors(days=days)
        corrections = DayChanges()
        for day, (orders, known, net, returned) in errors.items():
            corrections.add(day, None, 0, orders=orders, known=known, net=net, returned=returned)
        move_days(changes=corrections)
        _forget_empty(days)
    return len(errors)


def _forget_empty(days: Collection[date]) -> None:
    """Remove the parts of days that have no order and no return any more.

    The parts are locked before it is asked what the days hold: whoever was adding to one has committed by then and
    is seen, and whoever comes later makes a new part.
    """
    parts = DayCounters.objects.filter(shop_day__in=days)
    list(parts.select_for_update().order_by("shop_day", "outlet_id", "shard").values_list("id"))
    of_the_day = {"shop_day": OuterRef("shop_day")}
    in_use = Exists(Order.objects.filter(**of_the_day)) | Exists(Return.objects.filter(**of_the_day))
    parts.exclude(in_use).delete()
