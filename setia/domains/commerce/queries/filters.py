"""What a list of customers can be narrowed by, and how each condition is put to the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries.narrowing import Narrowing
from setia.domains.customers.models import Customer, CustomerTag, Identity
from setia.domains.customers.rules import IdentityKind
from setia.domains.shop.queries import the_shop
from setia.foundation.clock import day_start
from setia.foundation.ids import COUNTER_BITS, EPOCH_MS, NODE_BITS

NOBODY = 0
# As many entries of an index are counted to learn which of two conditions leaves fewer people; so many people are
# sorted rather than walked to, since those a tag or a month has in common may all stand at the far end of a sort.
PROBE_LIMIT = 30_000


class OffIndex(Func):
    """An expression that SQLite uses no index for; on PostgreSQL just the expression."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)


class Unsorted(Func):
    """A column to sort by that no index is walked for: the rows are few, and found by another."""

    template = "%(expressions)s"
    _SAME = {"BigIntegerField": "+ 0", "PositiveIntegerField": "+ 0", "CharField": "|| ''", "DateTimeField": "+ '0'"}

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        same = self._SAME.get(self.output_field.get_internal_type(), "+ 0")
        return super().as_sql(compiler, connection, template=f"(%(expressions)s {same})", **context)


class Likely(Func):
    """A condition with the share of rows that SQLite is to expect it to hold for; elsewhere just the condition."""

    template = "%(expressions)s"

    def __init__(self, condition: Q, share: float) -> None:
        super().__init__(ExpressionWrapper(condition, BooleanField()), output_field=BooleanField())
        self._share = share

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template=f"likelihood(%(expressions)s, {self._share})", **context)


class MonthOf(Func):
    """The month of a date, in the very form for which `lists` keeps an index."""

    template = "EXTRACT(MONTH FROM %(expressions)s)"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="CAST(substr(%(expressions)s, 6, 2) AS integer)", **context
        )


@dataclass(frozen=True, slots=True)
class CustomerFilters(Narrowing):
    """What the people of a list have in common; each condition narrows the list further.

    `owner_id` is `NOBODY` for people whom nobody looks after; amounts are smallest units; days are days of the shop,
    both ends included; `added_from` is the day a person became known to Setia.
    """

    DAYS: ClassVar = ("last_from", "last_to", "added_from")
    MANY: ClassVar = ("tag_ids",)

    tag_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    city: str = ""
    has_phone: bool | None = None
    has_email: bool | None = None
    spent_min: int | None = None
    spent_max: int | None = None
    orders_min: int | None = None
    orders_max: int | None = None
    last_from: date | None = None
    last_to: date | None = None
    birth_month: int | None = None
    source: str = ""
    added_from: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One condition: with an index to find people by, and without one to look at people found otherwise.

    `probe` counts the index's entries; a part without one cannot lead. `of_customer` says that it reads the customer.
    """

    found: Q
    seen: Q
    probe: Callable[[], QuerySet[Any]] | None = None
    of_customer: bool = False


OFF_INDEX = {
    "off_first": OffIndex(F("first_order_at")),
    "off_last": OffIndex(F("last_order_at")),
    "off_spent": OffIndex(F("spent_total")),
    "off_orders": OffIndex(F("order_count")),
    "off_id": OffIndex(F("customer_id")),
}
# These join the customers, whom a list that does not ask for them need not read.
OF_CUSTOMER = {
    "off_owner": OffIndex(F("customer__owner_id")),
    "low_city": Lower("customer__city"),
    "off_city": OffIndex(Lower("customer__city")),
    "birth_month": MonthOf(F("customer__birth_date")),
    "off_birth_month": OffIndex(MonthOf(F("customer__birth_date"))),
    "off_source": OffIndex(F("customer__acquisition_source")),
}


def _range(column: str, off: str, low: Any, high: Any, *, open_end: bool = False) -> Part | None:
    if low is None and high is None:
        return None
    below = "lt" if open_end else "lte"
    ends = {name: value for name, value in (("gte", low), (below, high)) if value is not None}
    plain = {f"{column}__{name}": value for name, value in ends.items()}
    found = Q(**plain)
    seen = Q(**{f"{off}__{name}": value for name, value in ends.items()})
    return Part(found, seen, lambda: CustomerCounters.objects.filter(found))


def _tag(tag_id: int) -> Part:
    tagged = CustomerTag.objects.filter(tag_id=tag_id)
    return Part(
        Q(customer_id__in=tagged.values("customer_id")),
        Q(Exists(tagged.filter(customer_id=OuterRef("customer_id")))),
        lambda: tagged,
    )


def _reachable(kind: IdentityKind, wanted: bool) -> Part:
    there = Q(Exists(Identity.objects.filter(customer_id=OuterRef("customer_id"), kind=kind)))
    condition = there if wanted else ~there
    return Part(condition, condition)


def _days(low: date | None, high: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the half-open span of two days of the shop."""
    shop = the_shop()

    def start(day: date) -> datetime:
        return day_start(day, zone=shop.zone, cutoff_hour=shop.cutoff_hour)

    return (start(low) if low else None, start(high + timedelta(days=1)) if high and high < date.max else None)


def first_id_of(at: datetime) -> int:
    """Return the least id a row can have that was made at this moment or later."""
    elapsed_ms = int(at.timestamp() * 1000) - EPOCH_MS
    return max(elapsed_ms, 0) << (NODE_BITS + COUNTER_BITS)


def parts_of(filters: CustomerFilters) -> Iterator[Part]:
    """Return the conditions, for rows of `CustomerCounters` with the aliases of `OFF_INDEX` and `OF_CUSTOMER`."""
    for tag_id in filters.tag_ids:
        yield _tag(tag_id)
    if filters.owner_id == NOBODY:
        yield Part(Q(customer__owner__isnull=True), Q(customer__owner__isnull=True), of_customer=True)
    elif filters.owner_id is not None:
        owned = Customer.objects.filter(owner_id=filters.owner_id)
        yield Part(
            Q(customer__owner_id=filters.owner_id), Q(off_owner=filters.owner_id), lambda: owned, of_customer=True
        )
    if filters.city:
        low = filters.city.lower()
        yield Part(
            Q(low_city=low),
            Q(off_city=low),
            lambda: Customer.objects.alias(low=Lower("city")).filter(low=low),
            of_customer=True,
        )
    if filters.birth_month is not None:
        month = filters.birth_month
        yield Part(
            Q(birth_month=month),
            Q(off_birth_month=month),
            lambda: Customer.objects.alias(month=MonthOf(F("birth_date"))).filter(month=month),
            of_customer=True,
        )
    if filters.source:
        sourced = Customer.objects.filter(acquisition_source=filters.source, acquisition_source__gt="")
        yield Part(
            Q(customer__acquisition_source=filters.source, customer__acquisition_source__gt=""),
            Q(off_source=filters.source),
            lambda: sourced,
            of_customer=True,
        )
    last_from, last_to = _days(filters.last_from, filters.last_to)
    added_from = _days(filters.added_from, None)[0]
    ranges = (
        _range("spent_total", "off_spent", filters.spent_min, filters.spent_max),
        _range("order_count", "off_orders", filters.orders_min, filters.orders_max),
        _range("last_order_at", "off_last", last_from, last_to, open_end=True),
        _range("customer_id", "off_id", first_id_of(added_from) if added_from else None, None),
    )
    yield from (part for part in ranges if part is not None)
    for kind, wanted in ((IdentityKind.PHONE, filters.has_phone), (IdentityKind.EMAIL, filters.has_email)):
        if wanted is not None:
            yield _reachable(kind, wanted)


def leaves_few(part: Part | None) -> bool:
    """Tell whether the index of a condition holds fewer than `PROBE_LIMIT` people."""
    return part is not None and part.probe is not None and part.probe().order_by()[:PROBE_LIMIT].count() < PROBE_LIMIT


def leading(parts: list[Part]) -> Part | None:
    """Return the condition by whose index to find people: the one that leaves the fewest.

    PostgreSQL knows its rows and is not helped; SQLite guesses, so the indexes are asked.
    """
    able = [(part, part.probe) for part in parts if part.probe is not None]
    best = able[0][0] if able else None
    if connection.vendor != "sqlite" or len(able) < 2:
        return best
    fewest = PROBE_LIMIT
    for part, probe in able:
        # Nobody needs to know by how many entries an index is worse than the best so far.
        entries = probe().order_by()[:fewest].count()
        if entries < fewest:
            best, fewest = part, entries
    return best
