"""Writing returns, tied to the lines they were bought with."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from setia.domains.commerce.actions.counters import Change, move_counters
from setia.domains.commerce.actions.days import DayChanges, move_days
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft, source_key
from setia.domains.commerce.events import ReturnRecorded
from setia.domains.commerce.known_lines import contents_by_owner, unknown_lines
from setia.domains.commerce.locking import lock_people
from setia.domains.commerce.models import Order, OrderLine, Return, ReturnLine
from setia.domains.shop.models import Outlet, Shop
from setia.foundation.actors import Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import bulk_add, bulk_insert, write_tx
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

_RETURN_COLUMNS = (
    "id",
    "number",
    "customer_id",
    "order_id",
    "outlet_id",
    "returned_at",
    "shop_day",
    "total",
    "reason",
    "source_key",
    "origin_id",
    "created_at",
)
_IDS_PER_QUERY = 10_000
_CONTENT = ("product_id", "quantity_milli", "total")  # the fields of ReturnLineDraft.content
_LINE_COLUMNS = ("id", "return_row_id", "customer_id", "order_line_id", *_CONTENT, "origin_id")


@dataclass(slots=True)
class WrittenReturns:
    """What a batch of returns came to: the id of each, those that are new, those that got more lines, new lines."""

    return_ids: list[int] = field(default_factory=list)
    new_return_ids: set[int] = field(default_factory=set)
    extended_return_ids: set[int] = field(default_factory=set)
    new_lines: int = 0


def record_returns(
    *, drafts: Sequence[ReturnDraft], by: Actor, at: datetime, origin_id: int | None = None
) -> WrittenReturns:
    """Write returns with their counters and facts in one transaction.

    Idempotent by `source` like sales. Where the order is not named, a line is tied to the customer's latest
    earlier purchase of the same product that still has enough left to give back; else it stands alone.
    """
    written = WrittenReturns()
    with write_tx():
        keys = [source_key(draft.source) for draft in drafts]
        standing = Return.objects.select_for_update(of=("self",)).filter(source_key__in=keys).order_by("id")
        known = {bytes(row.source_key): row for row in standing}
        # One return of a person is matched at a time, or two could give back the same goods.
        lock_people({draft.customer_id for draft in drafts if draft.customer_id is not None})
        lines_standing = ReturnLine.objects.filter(return_row_id__in=[row.id for row in known.values()])
        contents = contents_by_owner(lines_standing.values_list("return_row_id", *_CONTENT))
        named = _named_orders(drafts)
        changes: dict[int, Change] = defaultdict(Change)
        shop = Shop.objects.get(id=1)
        zones = {row_id: ZoneInfo(name) for row_id, name in Outlet.objects.values_list("id", "zone_name")}
        happenings: list[Happening] = []
        fresh: list[tuple[Any, ...]] = []
        grown: dict[int, list[int]] = {}
        days = DayChanges()
        lines: list[tuple[int, ReturnDraft, ReturnLineDraft]] = []
        for new_id, key, draft in zip(new_ids(len(drafts)), keys, drafts, strict=True):
            row = known.get(key)
            if row:  # lines added to a known return belong to whom it belongs to, whatever the newer file says
                draft = replace(draft, customer_id=row.customer_id)
            added = unknown_lines(draft.lines, contents[row.id]) if row else list(draft.lines)
            written.return_ids.append(row.id if row else new_id)
            if not added:
                continue
            total = sum(line.total for line in added)
            if row:
                grown[row.id] = [total]
                days.add(row.shop_day, row.outlet_id, row.id, returned=total)
            else:
                zone = zones.get(draft.outlet_id or 0, shop.zone)
                day = shop_day(draft.returned_at, zone=zone, cutoff_hour=shop.cutoff_hour)
                days.add(day, draft.outlet_id, new_id, returned=total)
                order_id = draft.order_id or named.get(draft.order_source or "")
                fresh.append((new_id, *_described(draft, order_id, day, total), key, origin_id, at))
                fact = ReturnRecorded(return_id=new_id, total=total, line_count=len(added))
                happenings.append(Happening(fact, draft.customer_id, draft.returned_at))
            if draft.customer_id is not None:
                changes[draft.customer_id].returns += row is None
                changes[draft.customer_id].returned += total
            lines += [(row.id if row else new_id, draft, line) for line in added]
        bulk_insert(Return, _RETURN_COLUMNS, fresh)
        bulk_add(Return, ["total"], grown)
        _insert_lines(lines, named, origin_id)
        move_counters(changes=changes)
        record_many(happenings, by=by, at=at, batch_id=origin_id)
        move_days(changes=days)
    written.new_return_ids, written.extended_return_ids = {row[0] for row in fresh}, set(grown)
    written.new_lines = len(lines)
    return written


def _named_orders(drafts: Sequence[ReturnDraft]) -> dict[str, int]:
    """Return the orders that returns name, by source; a return may carry a number of its own, which names none."""
    sources = {source_key(draft.order_source): draft.order_source for draft in drafts if draft.order_source}
    rows = Order.objects.filter(source_key__in=list(sources)).values_list("source_key", "id")
    return {sources[bytes(key)]: order_id for key, order_id in rows}


def _described(draft: ReturnDraft, order_id: int | None, day: date, total: int) -> tuple[Any, ...]:
    head = (draft.number[:64], draft.customer_id, order_id, draft.outlet_id)
    return (*head, draft.returned_at, day, total, draft.reason[:120])


def _insert_lines(
    lines: Sequence[tuple[int, ReturnDraft, ReturnLineDraft]], named: Mapping[str, int], origin_id: int | None
) -> None:
    if not lines:
        return
    matcher = _Matcher(lines, named)
    rows = []
    for row_id, (return_id, draft, line) in zip(new_ids(len(lines)), lines, strict=True):
        bought = matcher.match(draft, line)
        rows.append(
            (
                row_id,
                return_id,
                draft.customer_id,
                bought,
                line.product_id,
                line.quantity_milli,
                line.total,
                origin_id,
            )
        )
    bulk_insert(ReturnLine, _LINE_COLUMNS, rows)
    bulk_add(Order, ["returned_total"], {order_id: [total] for order_id, total in matcher.returned_by_order.items()})


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in portions that one statement takes on both databases (SQLite: 32,766 values)."""
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))


class _Matcher:
    """Finds the purchase each returned line goes back to."""

    def __init__(self, lines: Sequence[tuple[int, ReturnDraft, ReturnLineDraft]], named: Mapping[str, int]) -> None:
        wanted = {(draft.customer_id, line.product_id) for _, draft, line in lines if draft.customer_id is not None}
        self.returned_by_order: dict[int, int] = defaultdict(int)
        self._named = named
        self._bought: dict[tuple[int | None, int], list[tuple[datetime, int, int]]] = defaultdict(list)
        self._left: dict[int, int] = {}
        # Orders of these people, then the lines of these orders: each by its index. Given people and products in one
        # join, both databases at times walk every sale of those products.
        people = {customer_id for customer_id, _ in wanted}
        placed = dict(Order.objects.filter(customer_id__in=people).values_list("id", "placed_at"))
        for order_ids in _chunks(sorted(placed, reverse=True)):
            rows = OrderLine.objects.filter(order_id__in=order_ids).order_by("-id")
            for customer_id, product_id, line_id, order_id, quantity in rows.values_list(
                "customer_id", "product_id", "id", "order_id", "quantity_milli"
            ):
                if (customer_id, product_id) in wanted:
                    self._bought[customer_id, product_id].append((placed[order_id], line_id, order_id))
                    self._left[line_id] = quantity
        for bought in self._bought.values():
            bought.sort(reverse=True)  # the latest purchase first
        for line_ids in _chunks(list(self._left)):
            taken = ReturnLine.objects.filter(order_line_id__in=line_ids).values("order_line_id")
            for row in taken.annotate(quantity_sum=Sum("quantity_milli")):
                self._left[row["order_line_id"]] -= row["quantity_sum"]

    def match(self, draft: ReturnDraft, line: ReturnLineDraft) -> int | None:
        """Return the order line given back, and use up its quantity; None when none fits.

        A line that is named was looked at by who names it, under the order's lock.
        """
        if line.order_line_id is not None and draft.order_id is not None:
            self.returned_by_order[draft.order_id] += line.total
            return line.order_line_id
        named = self._named.get(draft.order_source or "")
        for placed_at, line_id, order_id in self._bought.get((draft.customer_id, line.product_id), ()):
            if placed_at > draft.returned_at or (named is not None and order_id != named):
                continue
            if self._left[line_id] >= line.quantity_milli:
                self._left[line_id] -= line.quantity_milli
                self.returned_by_order[order_id] += line.total
                return line_id
        return None
