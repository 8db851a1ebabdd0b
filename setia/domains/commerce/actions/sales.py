"""Writing sales: one path for a single order at the till and for millions of an import."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from setia.domains.commerce.actions.counters import Change, move_counters
from setia.domains.commerce.actions.days import DayChanges, move_days
from setia.domains.commerce.drafts import LineDraft, SaleDraft, source_key
from setia.domains.commerce.events import OrderPlaced
from setia.domains.commerce.known_lines import contents_by_owner, unknown_lines
from setia.domains.commerce.locking import lock_people
from setia.domains.commerce.models import Order, OrderLine
from setia.domains.commerce.rules import CANCELLED
from setia.domains.shop.models import Outlet, Shop
from setia.foundation.actors import Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

_ORDER_COLUMNS = (
    "id",
    "number",
    "customer_id",
    "outlet_id",
    "channel",
    "tender",
    "status",
    "fulfilment",
    "placed_at",
    "shop_day",
    "gross",
    "discount",
    "tax",
    "net",
    "returned_total",
    "line_count",
    "source_key",
    "origin_id",
    "created_at",
)
_CONTENT = ("product_id", "quantity_milli", "gross", "discount", "tax")  # the fields of LineDraft.content
_LINE_COLUMNS = (
    "id",
    "order_id",
    "customer_id",
    "outlet_id",
    "product_id",
    "tender",
    "shop_day",
    "position",
    "quantity_milli",
    "unit_price",
    "gross",
    "discount",
    "tax",
    "net",
    "origin_id",
)


@dataclass(slots=True)
class Written:
    """What a batch of sales came to: new orders, orders that got more lines, new lines, lines known before."""

    order_ids: list[int] = field(default_factory=list)
    new_order_ids: set[int] = field(default_factory=set)
    new_orders: int = 0
    extended_orders: int = 0
    new_lines: int = 0
    known_lines: int = 0


def record_sales(*, drafts: Sequence[SaleDraft], by: Actor, at: datetime, origin_id: int | None = None) -> Written:
    """Write orders with their lines, counters and facts in one transaction.

    Idempotent by `source`: an order that is known gets only the lines it did not have yet, a line being the same
    when product, quantity and amounts are; so a file given twice, or two overlapping exports, change nothing.
    Raises IntegrityError when another transaction wrote one of the same orders at the same moment; try again.
    """
    written = Written()
    with write_tx():
        keys = [source_key(draft.source) for draft in drafts]
        _lock_customers_of_known(drafts, keys)
        # Locked, so that two doors that extend one order see each other's lines.
        standing = Order.objects.select_for_update(of=("self",)).filter(source_key__in=keys).order_by("id")
        known = {bytes(row.source_key): row for row in standing}
        lines_standing = OrderLine.objects.filter(order_id__in=[row.id for row in known.values()])
        contents = contents_by_owner(lines_standing.values_list("order_id", *_CONTENT))
        changes: dict[int, Change] = defaultdict(Change)
        days = DayChanges()
        fresh: list[tuple[int, bytes, SaleDraft]] = []
        lines: list[tuple[Order | None, int, SaleDraft, int, LineDraft]] = []
        ids = iter(new_ids(len(drafts)))
        for key, draft in zip(keys, drafts, strict=True):
            order = known.get(key)
            if order is None:
                order_id = next(ids)
                fresh.append((order_id, key, draft))
                lines += [(None, order_id, draft, position, line) for position, line in enumerate(draft.lines, 1)]
            else:
                order_id = order.id
                added = unknown_lines(draft.lines, contents[order_id])
                written.known_lines += len(draft.lines) - len(added)
                if added:
                    _extend(order, added, changes)
                    net = sum(line.net for line in added)
                    if order.status != CANCELLED:
                        days.add(order.shop_day, order.outlet_id, order_id, net=net)
                    written.extended_orders += 1
                    start = order.line_count - len(added) + 1
                    lines += [(order, order_id, draft, position, line) for position, line in enumerate(added, start)]
            written.order_ids.append(order_id)
        written.new_orders, written.new_lines = len(fresh), len(lines)
        written.new_order_ids = {order_id for order_id, _, _ in fresh}
        days_of = _insert_orders(fresh, days, at=at, origin_id=origin_id)
        _insert_lines(lines, days_of, origin_id)
        _count_and_tell(fresh, changes, by=by, at=at, origin_id=origin_id)
        move_days(changes=days)
    return written


def _lock_customers_of_known(drafts: Sequence[SaleDraft], keys: Sequence[bytes]) -> None:
    """Take the counters before the orders where orders are known, as those do who work on an order.

    New orders are nobody else's yet, so a till that sells locks counters at its end and only for a moment. On SQLite
    the transaction itself is the lock.
    """
    if connection.vendor != "postgresql":
        return
    known = set(Order.objects.filter(source_key__in=keys, customer__isnull=False).values_list("customer_id", flat=True))
    if known:
        lock_people(known | {draft.customer_id for draft in drafts if draft.customer_id is not None})


def _extend(order: Order, added: Sequence[LineDraft], changes: dict[int, Change]) -> None:
    order.gross += sum(line.gross for line in added)
    order.discount += sum(line.discount for line in added)
    order.tax += sum(line.tax for line in added)
    order.net = order.gross - order.discount + order.tax
    order.line_count += len(added)
    order.save(update_fields=["gross", "discount", "tax", "net", "line_count"])
    if order.customer_id is not None and order.status != CANCELLED:
        changes[order.customer_id].lines += len(added)
        changes[order.customer_id].spent += sum(line.net for line in added)


def _insert_orders(
    fresh: Sequence[tuple[int, bytes, SaleDraft]], days: DayChanges, *, at: datetime, origin_id: int | None
) -> dict[int, date]:
    """Write orders and return the business day of each."""
    days_of: dict[int, date] = {}
    shop = Shop.objects.get(id=1)
    zones = {row_id: ZoneInfo(name) for row_id, name in Outlet.objects.values_list("id", "zone_name")}

    def row(order_id: int, key: bytes, draft: SaleDraft) -> tuple[object, ...]:
        gross = sum(line.gross for line in draft.lines)
        discount = sum(line.discount for line in draft.lines)
        tax = sum(line.tax for line in draft.lines)
        zone = zones.get(draft.outlet_id or 0, shop.zone)
        day = days_of[order_id] = shop_day(draft.placed_at, zone=zone, cutoff_hour=shop.cutoff_hour)
        net, known = gross - discount + tax, int(draft.customer_id is not None)
        if draft.status != CANCELLED:
            days.add(day, draft.outlet_id, order_id, orders=1, known=known, net=net)
        return (
            order_id,
            draft.number[:64],
            draft.customer_id,
            draft.outlet_id,
            draft.channel[:20],
            draft.tender[:20],
            draft.status,
            draft.fulfilment,
            draft.placed_at,
            day,
            gross,
            discount,
            tax,
            net,
            0,
            len(draft.lines),
            key,
            origin_id,
            at,
        )

    bulk_insert(Order, _ORDER_COLUMNS, (row(*item) for item in fresh))
    return days_of


def _insert_lines(
    lines: Sequence[tuple[Order | None, int, SaleDraft, int, LineDraft]],
    days_of: dict[int, date],
    origin_id: int | None,
) -> None:
    ids = new_ids(len(lines))

    def row(row_id: int, item: tuple[Order | None, int, SaleDraft, int, LineDraft]) -> tuple[object, ...]:
        order, order_id, draft, position, line = item
        # A line added to a known order belongs to whom the order belongs to, whatever the newer file says.
        customer_id = order.customer_id if order else draft.customer_id
        outlet_id = order.outlet_id if order else draft.outlet_id
        tender = order.tender if order else draft.tender[:20]
        day = order.shop_day if order else days_of[order_id]
        head = (row_id, order_id, customer_id, outlet_id, line.product_id, tender, day, position)
        amounts = (line.quantity_milli, line.unit_price, line.gross, line.discount, line.tax, line.net)
        return (*head, *amounts, origin_id)

    bulk_insert(OrderLine, _LINE_COLUMNS, (row(row_id, item) for row_id, item in zip(ids, lines, strict=True)))


def _count_and_tell(
    fresh: Sequence[tuple[int, bytes, SaleDraft]],
    changes: dict[int, Change],
    *,
    by: Actor,
    at: datetime,
    origin_id: int | None,
) -> None:
    nets = {order_id: sum(line.net for line in draft.lines) for order_id, _, draft in fresh}
    for order_id, _, draft in fresh:
        if draft.customer_id is not None and draft.status != CANCELLED:
            changes[draft.customer_id].add_order(placed_at=draft.placed_at, net=nets[order_id], lines=len(draft.lines))
    counts = move_counters(changes=changes)
    # The counters were moved once for the whole batch; hand the numbers out one by one, in the order written, to
    # each person: rows that were merged count on together.
    following = dict(counts.values())
    for customer_id, (person_id, _) in counts.items():
        following[person_id] -= changes[customer_id].orders
    happenings = []
    for order_id, _, draft in fresh:
        nth = 0
        if draft.customer_id is not None and draft.status != CANCELLED:
            person_id = counts[draft.customer_id][0]
            nth = following[person_id] = following[person_id] + 1
        fact = OrderPlaced(
            order_id=order_id,
            number=draft.number[:64],
            net=nets[order_id],
            line_count=len(draft.lines),
            order_count=nth,
        )
        happenings.append(Happening(fact, draft.customer_id, draft.placed_at))
    record_many(happenings, by=by, at=at, batch_id=origin_id)
