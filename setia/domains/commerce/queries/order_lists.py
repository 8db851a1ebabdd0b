"""The list of orders, at a million rows as at ten.

It is walked from the latest order down by `order_listed`, an index that holds whatever the list is narrowed by: an
order that does not fit costs an entry of the index and no row.
"""

from array import array
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from setia.domains.commerce.models import Order, Shipment
from setia.domains.commerce.queries.filters import PROBE_LIMIT, OffIndex
from setia.domains.commerce.queries.narrowing import Narrowing
from setia.domains.commerce.queries.scope import seen_by
from setia.domains.commerce.rules import AT_WORK, CANCELLED, OPEN
from setia.foundation.paging import COUNT_LIMIT, Key, Page, key_page

BY_TIME = (Key("placed_at"), Key("id"))
_LATEST_FIRST = ("-placed_at", "-id")
_WORDS_OF_INDEX = ", ".join(f"'{status}'" for status in AT_WORK)
# Zones lie up to 14 hours apart from UTC and a business day ends some hours after midnight.
_DAY_MARGIN = timedelta(days=2)

PAYMENTS: dict[str, Q] = {
    "unpaid": ~Q(status=CANCELLED)
    & Q(net__gt=F("returned_total"))
    & (Q(paid_total=0) | Q(paid_total__isnull=True, status=OPEN)),
    "part": ~Q(status=CANCELLED) & Q(paid_total__gt=0, paid_total__lt=F("net") - F("returned_total")),
    "paid": ~Q(status=CANCELLED)
    & (Q(paid_total__gte=F("net") - F("returned_total")) | (Q(paid_total__isnull=True) & ~Q(status=OPEN))),
    "refunded": Q(refunded_total__gt=0),
}
PARCELS = ("on_way", "late", "delivered", "no_number")


@dataclass(frozen=True, slots=True)
class OrderFilters(Narrowing):
    """What the orders of a list have in common.

    `first` and `last` are business days, both included; amounts are smallest units of what was to be paid; `payment`
    is a key of `PAYMENTS`, `parcel` one of `PARCELS`; `courier` is matched without case.
    """

    DAYS: ClassVar = ("first", "last")

    status: str = ""
    outlet_id: int | None = None
    first: date | None = None
    last: date | None = None
    channel: str = ""
    net_min: int | None = None
    net_max: int | None = None
    payment: str = ""
    courier: str = ""
    parcel: str = ""
    has_return: bool | None = None


@dataclass(frozen=True, slots=True)
class OrderListing:
    """One page of a list of orders, and how many the whole list has, counted up to 10,001."""

    page: Page[Order]
    count: int


def order_list(*, viewer: Any, filters: OrderFilters, cursor: str, size: int, today: date) -> OrderListing:
    """Return one page of the orders the viewer sees that fit the filters, latest first; `today` tells who is late."""
    rows = _fitting(viewer, filters, today)
    ids = list(rows.order_by(*_LATEST_FIRST).values_list("id", flat=True)[: COUNT_LIMIT + 1])
    # What was just walked over to be counted need not be walked over again: the first page, and lists counted whole.
    walked = ids if len(ids) <= COUNT_LIMIT else ids[: size + 1]
    is_among = len(ids) <= COUNT_LIMIT or not cursor
    asked = Order.objects.filter(id__in=walked) if is_among else rows
    page = key_page(asked.select_related("outlet", "customer"), keys=BY_TIME, cursor=cursor, size=size)
    return OrderListing(page, len(ids))


def is_any_order(*, viewer: Any, filters: OrderFilters, today: date) -> bool:
    """Tell whether any order that the viewer sees fits the filters."""
    return _fitting(viewer, filters, today).exists()


def matching_order_ids(*, viewer: Any, filters: OrderFilters, today: date) -> "array[int]":
    """Return the ids of all orders of a list in its order, all seen at one moment."""
    rows = _fitting(viewer, filters, today).order_by(*_LATEST_FIRST).values_list("id", flat=True)
    return array("q", rows.iterator(chunk_size=10_000))


def find_orders(*, viewer: Any, text: str, limit: int) -> list[Order]:
    """Return the orders the viewer sees whose number, or whose parcel's tracking number, is this; latest first.

    Both are found in capitals too, as tills and couriers print them, and a number behind a #. Both are asked for by
    themselves: joined with OR, neither index would be used.
    """
    text = text.strip().removeprefix("#")
    if not text:
        return []
    numbered = (
        Order.objects.filter(number__in={text, text.upper()}).order_by(*_LATEST_FIRST).values_list("id", flat=True)
    )
    sent = Shipment.objects.filter(tracking_number__in={text, text.upper()}).values_list("order_id", flat=True)
    rows = Order.objects.select_related("outlet", "customer").filter(id__in=[*numbered[:200], *sent[:200]])
    return list(seen_by(viewer, rows).order_by(*_LATEST_FIRST)[:limit])


def recent_channels() -> list[str]:
    """Return the channels of the latest orders, for forms that suggest them."""
    latest = Order.objects.order_by(*_LATEST_FIRST).values_list("channel", flat=True)[:2_000]
    return sorted({channel for channel in latest if channel})


def recent_couriers() -> list[str]:
    """Return the couriers of the latest parcels, for forms that suggest them."""
    return sorted(set(Shipment.objects.order_by("-id").values_list("courier", flat=True)[:500]) - {""})


def _fitting(viewer: Any, filters: OrderFilters, today: date) -> QuerySet[Order]:
    rows = seen_by(viewer, Order.objects.all())
    if filters.status in AT_WORK:
        # SQLite takes a partial index only where the question repeats its condition word for word.
        at_work = RawSQL(f"commerce_order.status IN ({_WORDS_OF_INDEX})", [], output_field=BooleanField())  # noqa: S611
        rows = rows.alias(at_work=at_work).filter(at_work=True)
    plain = {
        "status": filters.status or None,
        "outlet_id": filters.outlet_id,
        "channel": filters.channel or None,
        "net__gte": filters.net_min,
        "net__lte": filters.net_max,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if filters.payment:
        rows = rows.filter(PAYMENTS[filters.payment])
    if filters.has_return is not None:
        came_back = Q(returned_total__gt=0)
        rows = rows.filter(came_back if filters.has_return else ~came_back)
    if (parcels := _parcels(filters, today)) is not None:
        rows = rows.filter(_with_parcel(parcels))
    return _of_days(rows, filters.first, filters.last)


def _of_days(rows: QuerySet[Order], first: date | None, last: date | None) -> QuerySet[Order]:
    """Narrow to business days; the moments around them only tell the walk where to begin and where to end."""
    rows = rows.alias(off_day=OffIndex(F("shop_day")))
    if first is not None:
        begin = datetime.combine(first, time(), UTC) - _DAY_MARGIN
        rows = rows.filter(off_day__gte=first, placed_at__gte=begin)
    if last is not None:
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) + _DAY_MARGIN
        rows = rows.filter(off_day__lte=last, placed_at__lt=end)
    return rows


def _parcels(filters: OrderFilters, today: date) -> QuerySet[Shipment] | None:
    """Return the parcels that an order must have one of, or None where it need not be sent."""
    if not filters.courier and not filters.parcel:
        return None
    rows = Shipment.objects.all()
    if filters.courier:
        rows = rows.filter(courier__in=_spellings(filters.courier))
    kinds = {
        "on_way": Q(delivered_at__isnull=True),
        "late": Q(delivered_at__isnull=True, estimated_date__lt=today),
        "delivered": Q(delivered_at__isnull=False),
        "no_number": Q(tracking_number=""),
    }
    return rows.filter(kinds[filters.parcel]) if filters.parcel else rows


def _spellings(courier: str) -> list[str]:
    """Return how the shop's latest parcels spell a courier; an index knows whole words only."""
    known = [name for name in recent_couriers() if name.casefold() == courier.casefold()]
    return sorted({courier, *known})


def _with_parcel(parcels: QuerySet[Shipment]) -> Q:
    # Some ten thousand parcels lead to their orders; of many more nearly each order walked over has one.
    if parcels.order_by()[:PROBE_LIMIT].count() < PROBE_LIMIT:
        return Q(id__in=parcels.values("order_id"))
    return Q(Exists(parcels.filter(order_id=OuterRef("id"))))
