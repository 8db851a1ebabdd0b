"""The list of customers, at a million rows as at ten."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Func, QuerySet

from setia.domains.commerce.models import CustomerCounters, Order
from setia.domains.customers.queries import candidates
from setia.foundation.paging import Key, Page, capped_count, key_page

# Days since the last purchase after which a customer counts as at risk, and as lost (blueprint B8).
AT_RISK_DAYS = 90
LOST_DAYS = 180
NEW_DAYS = 30

STAGES = ("buyers", "new", "active", "at_risk", "lost", "no_orders", "everyone")
SORTS = {
    "recent": (Key("last_order_at"), Key("customer_id")),
    "spend": (Key("spent_total"), Key("customer_id")),
    "orders": (Key("order_count"), Key("customer_id")),
    "name": (Key("customer__search_name", descending=False), Key("customer_id", descending=False)),
    "added": (Key("customer_id"),),
}
# Those who never bought have no last purchase to sort by.
_SORTS_WITHOUT_ORDERS = ("added", "name")

CustomerRow = CustomerCounters


def sorts_of(stage: str) -> tuple[str, ...]:
    """Return the sorts that make sense for a stage, the default first."""
    return _SORTS_WITHOUT_ORDERS if stage in ("no_orders", "everyone") else ("recent", "spend", "orders", "name")


class _OffIndex(Func):
    """A column that no index is used for: SQLite would find a stage by its index and then sort all of it."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)


def _in_stage(stage: str, at: datetime, *, off_index: bool = False) -> QuerySet[CustomerCounters]:
    rows = CustomerCounters.objects.select_related("customer").filter(customer__canonical__isnull=True)
    first, last = "first_order_at", "last_order_at"
    if off_index:
        rows = rows.alias(off_first=_OffIndex(F(first)), off_last=_OffIndex(F(last)))
        first, last = "off_first", "off_last"
    risk, lost, new = (at - timedelta(days=days) for days in (AT_RISK_DAYS, LOST_DAYS, NEW_DAYS))
    if stage == "everyone":
        return rows
    if stage == "no_orders":
        return rows.filter(last_order_at__isnull=True)
    if stage == "new":
        return rows.filter(**{f"{first}__gte": new})
    if stage == "active":
        return rows.filter(**{f"{last}__gte": risk})
    if stage == "at_risk":
        return rows.filter(**{f"{last}__lt": risk, f"{last}__gte": lost})
    if stage == "lost":
        return rows.filter(**{f"{last}__lt": lost})
    return rows.filter(**{f"{last}__isnull": False})


def customer_page(
    *, stage: str, sort: str, cursor: str, size: int, at: datetime, is_many: bool
) -> Page[CustomerCounters]:
    """Return one page of customers of a stage, each with its counters and its customer.

    `is_many` says that the stage holds more than `COUNT_LIMIT`: then it is walked in the order of the sort, and who
    is not in the stage is passed over; else the stage is found and sorted.
    """
    off_index = is_many and sort != "recent"
    return key_page(_in_stage(stage, at, off_index=off_index), keys=SORTS[sort], cursor=cursor, size=size)


def customer_count(*, stage: str, at: datetime) -> int:
    """Return how many customers are in a stage, counted up to 10,001."""
    return capped_count(_in_stage(stage, at).select_related(None))


def search_customers(text: str, *, limit: int) -> list[CustomerCounters]:
    """Return the people a text may mean, best customers first: by name, phone, e-mail, number or order number."""
    text = text.replace("\x00", "")  # PostgreSQL has no such character, so nobody is called so
    ids = candidates(text)
    by_order = Order.objects.filter(number=text.strip(), customer__isnull=False).values_list("customer_id", flat=True)
    rows = CustomerCounters.objects.select_related("customer").filter(customer_id__in={*ids, *by_order[:20]})
    found = sorted(rows, key=lambda row: (-row.spent_total, row.customer_id))
    return found[:limit]


def stage_of(counters: CustomerCounters, at: datetime) -> str:
    """Return the stage of one customer: no_orders, new, active, at_risk or lost."""
    if counters.last_order_at is None or counters.first_order_at is None:
        return "no_orders"
    silent = at - counters.last_order_at
    if silent > timedelta(days=LOST_DAYS):
        return "lost"
    if silent > timedelta(days=AT_RISK_DAYS):
        return "at_risk"
    return "new" if at - counters.first_order_at <= timedelta(days=NEW_DAYS) else "active"
