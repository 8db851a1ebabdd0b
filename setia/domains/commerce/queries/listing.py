"""The list of customers, at a million rows as at ten."""

from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_

from django.db.models import F, Q, QuerySet

from setia.domains.commerce.models import CustomerCounters, Order
from setia.domains.commerce.queries.filters import (
    OF_CUSTOMER,
    OFF_INDEX,
    CustomerFilters,
    Likely,
    OffIndex,
    Part,
    Unsorted,
    leading,
    leaves_few,
    parts_of,
)
from setia.domains.customers.models import Customer
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
        rows = rows.alias(off_first=OffIndex(F("first_order_at"))).filter(*_stage(stage, at, first="off_first"))
    elif is_many:
        rows = rows.alias(off_first=OffIndex(F("first_order_at")), off_last=OffIndex(F("last_order_at")))
        conditions = _stage(stage, at, first="off_first", last="off_last")
        if sort == "name":
            # Tied to the name (which every customer has, if only an empty one), the condition cannot be looked at
            # before the customer is: so the walk begins with the names.
            conditions = (reduce(and_, conditions, Q(customer__search_name__gte="")),)
        rows = rows.filter(*(Likely(condition, 0.99) for condition in conditions))
    else:
        rows = rows.filter(*(Likely(condition, 0.01) for condition in _stage(stage, at)))
    return key_page(rows, keys=SORTS[sort], cursor=cursor, size=size)


def customer_count(*, stage: str, at: datetime) -> int:
    """Return how many customers are in a stage, counted up to 10,001."""
    off_last = CustomerCounters.objects.alias(off_last=OffIndex(F("last_order_at")))
    rows = off_last.filter(*_stage(stage, at, last="off_last" if stage == "new" else "last_order_at"))
    count = capped_count(rows)
    # Merged people are few and have an index of their own; to join everybody only to leave them out is dear.
    return count if count > COUNT_LIMIT else count - rows.filter(customer__canonical__isnull=False).count()


# A narrowed list is counted so far at first: to count ten thousand of them may mean to look at everybody.
NARROWED_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list and how many people the whole list has, counted up to `limit` + 1."""

    page: Page[CustomerCounters]
    count: int
    limit: int = COUNT_LIMIT


def customer_list(
    *,
    stage: str,
    sort: str,
    cursor: str,
    size: int,
    at: datetime,
    filters: CustomerFilters | None = None,
    narrowed_limit: int = COUNT_LIMIT,
) -> Listing:
    """Return one page of the people of a stage who fit the filters; of those the first `narrowed_limit` are counted.

    Filters are not what any sort has an index for. A few people are found by the filter that leaves the fewest, and
    sorted; of many more every hundredth or thousandth person is one of them, so the sort's index is walked and who
    does not fit is passed over.
    """
    if not filters:
        count = customer_count(stage=stage, at=at)
        is_many = count > COUNT_LIMIT
        page = customer_page(stage=stage, sort=sort, cursor=cursor, size=size, at=at, is_many=is_many)
        return Listing(page, count)
    keys = SORTS[sort]
    parts = _parts(stage, filters, at)
    lead = leading(parts)
    found = _found(parts, lead)
    if lead is None:
        # Everybody is looked at: once is enough.
        ids = list(found.order_by("customer_id").values_list("customer_id", flat=True)[: narrowed_limit + 1])
        count, found = len(ids), CustomerCounters.objects.filter(customer_id__in=ids[:narrowed_limit])
    else:
        count = capped_count(found, narrowed_limit)
    if count > narrowed_limit and not leaves_few(lead):
        return Listing(key_page(_walked(parts, sort), keys=keys, cursor=cursor, size=size), count, narrowed_limit)
    by = Key("sorted_by", descending=keys[0].descending)
    few = found.select_related("customer").annotate(sorted_by=Unsorted(F(keys[0].name)))
    page = key_page(few, keys=(by, *keys[1:]) if len(keys) > 1 else (by,), cursor=cursor, size=size)
    return Listing(page, count, narrowed_limit)


def matching_ids(
    *, stage: str, at: datetime, filters: CustomerFilters | None = None, limit: int | None = None
) -> "array[int]":
    """Return the ids of people of a stage who fit the filters, in rising order, all seen at one moment.

    With a limit some so many of them are returned, never mind which.
    """
    parts = _parts(stage, filters or CustomerFilters(), at)
    rows = _found(parts, leading(parts)).values_list("customer_id", flat=True)
    return array("q", sorted(rows[:limit].iterator(chunk_size=10_000)))


def is_anybody(*, stage: str, at: datetime, filters: CustomerFilters | None = None) -> bool:
    """Tell whether anybody of a stage fits the filters."""
    parts = _parts(stage, filters or CustomerFilters(), at)
    return _found(parts, leading(parts)).exists()


def _parts(stage: str, filters: CustomerFilters, at: datetime) -> list[Part]:
    """Return all conditions of a list; the stage is one of them."""
    parts = list(parts_of(filters))
    if stage != "everyone":
        found = reduce(and_, _stage(stage, at, first="off_first"))
        seen = reduce(and_, _stage(stage, at, first="off_first", last="off_last"))
        entries = CustomerCounters.objects.alias(off_first=OFF_INDEX["off_first"]).filter(found)
        # Nearly everybody has bought: to look at all of them would find nobody faster.
        parts.append(Part(found, seen, None if stage == "buyers" else lambda: entries))
    return parts


def _rows(parts: list[Part]) -> QuerySet[CustomerCounters]:
    # Merged people are few and have an index of their own; to join everybody only to leave them out is dear.
    merged = Customer.objects.filter(canonical__isnull=False).values("id")
    aliases = OFF_INDEX | (OF_CUSTOMER if any(part.of_customer for part in parts) else {})
    return CustomerCounters.objects.alias(**aliases).filter(~Q(customer_id__in=merged))


def _found(parts: list[Part], lead: Part | None) -> QuerySet[CustomerCounters]:
    """Return who fits, in no order, found by the index of the leading condition."""
    return _rows(parts).filter(*(part.found if part is lead else part.seen for part in parts)).order_by()


def _walked(parts: list[Part], sort: str) -> QuerySet[CustomerCounters]:
    """Return who fits, to be walked in the order of a sort; SQLite is told that nearly everybody does."""
    conditions = tuple(part.seen for part in parts)
    if sort == "name":
        conditions = (reduce(and_, conditions, Q(customer__search_name__gte="")),)
    if sort == "recent":
        conditions = (*conditions, Q(last_order_at__isnull=False))
    likely = (Likely(condition, 0.99) for condition in conditions)
    return _rows(parts).select_related("customer").filter(*likely)


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
