"""The list of customers, at a million rows as at ten."""

from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q

from setia.domains.commerce.models import CustomerCounters, Order
from setia.domains.customers.queries import canonical_ids
from setia.domains.customers.search import candidates
from setia.foundation.paging import COUNT_LIMIT, Key, Page, capped_count, key_page

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
    if stage in ("no_orders", "everyone"):
        return _SORTS_WITHOUT_ORDERS
    # The new have bought once or twice: in the order of spending they stand at the very end, and it says little.
    return ("recent", "name") if stage == "new" else ("recent", "spend", "orders", "name")


class _OffIndex(Func):
    """A column that SQLite uses no index for; on PostgreSQL just the column."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)


class _Likely(Func):
    """A condition with the share of rows that SQLite is to expect it to hold for; elsewhere just the condition."""

    template = "%(expressions)s"

    def __init__(self, condition: Q, share: float) -> None:
        super().__init__(ExpressionWrapper(condition, BooleanField()), output_field=BooleanField())
        self._share = share

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template=f"likelihood(%(expressions)s, {self._share})", **context)


def _stage(stage: str, at: datetime, *, first: str = "first_order_at", last: str = "last_order_at") -> tuple[Q, ...]:
    """Return the conditions of a stage; the names of the two columns may be those of aliases."""
    risk, lost, new = (at - timedelta(days=days) for days in (AT_RISK_DAYS, LOST_DAYS, NEW_DAYS))
    return {
        "everyone": (),
        "no_orders": (Q(**{f"{last}__isnull": True}),),
        "new": (Q(**{f"{first}__gte": new}), Q(**{f"{last}__gte": new})),
        "active": (Q(**{f"{last}__gte": risk}),),
        "at_risk": (Q(**{f"{last}__lt": risk}), Q(**{f"{last}__gte": lost})),
        "lost": (Q(**{f"{last}__lt": lost}),),
    }.get(stage, (Q(**{f"{last}__isnull": False}),))


def customer_page(
    *, stage: str, sort: str, cursor: str, size: int, at: datetime, is_many: bool
) -> Page[CustomerCounters]:
    """Return one page of customers of a stage, each with its counters and its customer.

    `is_many` says that the stage holds more than `COUNT_LIMIT`: then it is walked in the order of the sort, and who
    is not in the stage is passed over; else the stage is found and sorted. SQLite, which guesses, is told so: left
    alone it sorts 300,000 people to show fifty, or walks a million to find ten.
    """
    rows = CustomerCounters.objects.select_related("customer").filter(customer__canonical__isnull=True)
    if sort in ("recent", "added"):
        # Whoever came first within thirty days bought last within them too: that is where the walk begins.
        rows = rows.alias(off_first=_OffIndex(F("first_order_at"))).filter(*_stage(stage, at, first="off_first"))
    elif is_many:
        rows = rows.alias(off_first=_OffIndex(F("first_order_at")), off_last=_OffIndex(F("last_order_at")))
        conditions = _stage(stage, at, first="off_first", last="off_last")
        if sort == "name":
            # Tied to the name (which every customer has, if only an empty one), the condition cannot be looked at
            # before the customer is: so the walk begins with the names.
            conditions = (reduce(and_, conditions, Q(customer__search_name__gte="")),)
        rows = rows.filter(*(_Likely(condition, 0.99) for condition in conditions))
    else:
        rows = rows.filter(*(_Likely(condition, 0.01) for condition in _stage(stage, at)))
    return key_page(rows, keys=SORTS[sort], cursor=cursor, size=size)


def customer_count(*, stage: str, at: datetime) -> int:
    """Return how many customers are in a stage, counted up to 10,001."""
    off_last = CustomerCounters.objects.alias(off_last=_OffIndex(F("last_order_at")))
    rows = off_last.filter(*_stage(stage, at, last="off_last" if stage == "new" else "last_order_at"))
    count = capped_count(rows)
    # Merged people are few and have an index of their own; to join everybody only to leave them out is dear.
    return count if count > COUNT_LIMIT else count - rows.filter(customer__canonical__isnull=False).count()


def search_customers(text: str, *, limit: int) -> list[CustomerCounters]:
    """Return the people a text may mean, best customers first: by name, phone, e-mail, number or order number."""
    text = text.replace("\x00", "")  # PostgreSQL has no such character, so nobody is called so
    ids = candidates(text)
    by_order = Order.objects.filter(number=text.strip(), customer__isnull=False).values_list("customer_id", flat=True)
    people = set(canonical_ids([*ids, *by_order[:20]]).values())
    rows = CustomerCounters.objects.select_related("customer").filter(customer_id__in=people)
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
