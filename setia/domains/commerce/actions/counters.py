"""Customer counters: moved by what an order adds, in the order's transaction.

A person of several merged rows has his sums on the canonical row; the other rows keep their own, so that a merge can
be taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from setia.domains.commerce.models import CustomerCounters
from setia.domains.customers.queries import canonical_ids


@dataclass(slots=True)
class Change:
    """What a batch adds to one customer's counters; money in smallest units."""

    orders: int = 0
    lines: int = 0
    spent: int = 0
    returns: int = 0
    returned: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add_order(self, *, placed_at: datetime, net: int, lines: int) -> None:
        """Count one new order."""
        self.orders += 1
        self.lines += lines
        self.spent += net
        self.first_at = placed_at if self.first_at is None else min(self.first_at, placed_at)
        self.last_at = placed_at if self.last_at is None else max(self.last_at, placed_at)

    def add(self, other: "Change") -> None:
        """Add another row's change, for a person of several rows."""
        for name in ("orders", "lines", "spent", "returns", "returned"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first_at = min((moment for moment in (self.first_at, other.first_at) if moment), default=None)
        self.last_at = max((moment for moment in (self.last_at, other.last_at) if moment), default=None)


_TYPES = ("bigint", "integer", "integer", "bigint", "integer", "bigint", "timestamptz", "timestamptz")


def _moment(value: datetime | None) -> Any:
    if value is None or connection.vendor == "postgresql":
        return value
    return str(value.astimezone(UTC).replace(tzinfo=None))


def move_counters(*, changes: Mapping[int, Change]) -> dict[int, tuple[int, int]]:
    """Add changes to counters and return for each customer his person's canonical id and new number of orders.

    One statement for the whole batch, relative to what stands there, so concurrent batches add up. Rows are
    locked in the order of ids, which keeps two batches from waiting for each other for ever.
    """
    if not changes:
        return {}
    people = _locked_people(sorted(changes))
    moves = dict(changes)
    for row_id, person_id in people.items():
        if person_id != row_id:
            whole = Change()
            whole.add(changes[row_id])
            if person_id in moves:
                whole.add(moves[person_id])
            moves[person_id] = whole
    counts = _add(moves)
    return {row_id: (person_id, counts[person_id]) for row_id, person_id in people.items()}


def _locked_people(ids: list[int]) -> dict[int, int]:
    """Return each row's canonical id, with the counters of both locked against a merge at the same moment.

    A merge locks the counters of all it touches before it counts them afresh; so whoever holds them sees the rows
    either as they were before it or as they are after.
    """
    people = canonical_ids(ids)
    if connection.vendor != "postgresql":
        return people
    while True:
        both = sorted({*people, *people.values()})
        list(CustomerCounters.objects.select_for_update().filter(customer_id__in=both).order_by("customer_id"))
        seen = canonical_ids(ids)
        if seen == people:
            return people
        people = seen


def _add(changes: Mapping[int, Change]) -> dict[int, int]:
    ids = sorted(changes)
    postgres = connection.vendor == "postgresql"
    mark = ", ".join(f"CAST(%s AS {name})" if postgres else "%s" for name in _TYPES)
    values: list[Any] = []
    for customer_id in ids:
        change = changes[customer_id]
        values += [customer_id, change.orders, change.lines, change.spent, change.returns, change.returned]
        values += [_moment(change.first_at), _moment(change.last_at)]
    rows = ", ".join([f"({mark})"] * len(ids))
    # "first" and "last" move outward only; an order from the past may come late.
    sql = f"""
        WITH d (who, orders, lines, spent, returns, returned, first_at, last_at) AS (VALUES {rows})
        UPDATE commerce_customercounters AS c SET
            order_count = c.order_count + d.orders, line_count = c.line_count + d.lines,
            spent_total = c.spent_total + d.spent, return_count = c.return_count + d.returns,
            returned_total = c.returned_total + d.returned,
            first_order_at = CASE WHEN c.first_order_at IS NULL OR d.first_at < c.first_order_at
                             THEN COALESCE(d.first_at, c.first_order_at) ELSE c.first_order_at END,
            last_order_at = CASE WHEN c.last_order_at IS NULL OR d.last_at > c.last_order_at
                            THEN COALESCE(d.last_at, c.last_order_at) ELSE c.last_order_at END
        FROM d WHERE c.customer_id = d.who
        RETURNING customer_id, order_count
    """  # noqa: S608 (placeholders and type names only)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(cursor.fetchall())
