"""Taking back what an import wrote, and counting afresh."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Count, Max, Min, Sum

from setia.domains.commerce.actions.days import recount_days
from setia.domains.commerce.events import OrderPlaced, ReturnRecorded
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.domains.customers.queries import canonical_ids, rows_of_people
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_add, write_tx
from setia.foundation.events import record

_Taken = tuple[list[int], set[int | None], set[date]]  # ids in ascending order, the customers and days concerned

_SUMS = ("gross", "discount", "tax", "net", "line_count")


def true_counters(*, customer_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Count orders and returns of these customers from their rows; the figures counters must equal.

    A canonical row counts those of all rows merged into it, any other row its own.
    """
    blank: dict[str, Any] = {
        "order_count": 0,
        "line_count": 0,
        "spent_total": 0,
        "return_count": 0,
        "returned_total": 0,
        "first_order_at": None,
        "last_order_at": None,
    }
    rows_of = rows_of_people(customer_ids)
    every = {row_id for row_ids in rows_of.values() for row_id in row_ids}
    own = {row_id: dict(blank) for row_id in every}
    orders = Order.objects.filter(customer_id__in=every).exclude(status="cancelled").values("customer_id")
    sums = orders.annotate(
        order_count=Count("id"),
        lines_sum=Sum("line_count"),
        spent_total=Sum("net"),
        first_order_at=Min("placed_at"),
        last_order_at=Max("placed_at"),
    )
    for row in sums:
        found: dict[str, Any] = dict(row)
        found["line_count"] = found.pop("lines_sum")
        own[found.pop("customer_id")].update(found)
    returns = Return.objects.filter(customer_id__in=every).values("customer_id")
    for back in returns.annotate(return_count=Count("id"), returned_total=Sum("total")):
        found = dict(back)
        own[found.pop("customer_id")].update(found)
    return {person: _added_up([own[row_id] for row_id in row_ids]) for person, row_ids in rows_of.items()}


def _added_up(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if len(parts) == 1:
        return parts[0]
    whole: dict[str, Any] = {
        name: sum(part[name] for part in parts)
        for name in ("order_count", "line_count", "spent_total", "return_count", "returned_total")
    }
    firsts = [part["first_order_at"] for part in parts if part["first_order_at"]]
    lasts = [part["last_order_at"] for part in parts if part["last_order_at"]]
    return {**whole, "first_order_at": min(firsts, default=None), "last_order_at": max(lasts, default=None)}


def recount(*, customer_ids: Collection[int]) -> int:
    """Set the counters of these customers, and of the people they were merged into, to a fresh count.

    Returns how many were wrong.
    """
    wrong = 0
    with write_tx():
        ids = {*customer_ids, *canonical_ids(customer_ids).values()}
        standing = CustomerCounters.objects.select_for_update().filter(customer_id__in=ids)
        rows = {row.customer_id: row for row in standing.order_by("customer_id")}
        for customer_id, figures in true_counters(customer_ids=ids).items():
            row = rows[customer_id]
            if any(getattr(row, name) != value for name, value in figures.items()):
                CustomerCounters.objects.filter(customer_id=customer_id).update(**figures)
                wrong += 1
    return wrong


def recount_merged(*, winner_id: int, moved_ids: Sequence[int]) -> None:
    """Renew the counters of two people whose rows were merged or parted, in that transaction."""
    recount(customer_ids=[winner_id, *moved_ids])


def remove_orders_of_import(*, origin_id: int, limit: int, by: Actor, at: datetime) -> Iterator[int]:
    """Take back the orders, returns and lines of an import, at most `limit` at a time; yield how many each time.

    Orders and returns to which others added lines stay with those lines, are theirs from then on and are told of
    anew, since the facts of the import are void. Each step is one transaction with the counters of all concerned
    counted afresh, so that a stop between two steps leaves true figures; begun again, it goes on with what is left.
    """

    def hand_over_orders(origin_id: int, after: int, limit: int) -> _Taken:
        return _hand_over_orders(origin_id, after, limit, by=by, at=at)

    def hand_over_returns(origin_id: int, after: int, limit: int) -> _Taken:
        return _hand_over_returns(origin_id, after, limit, by=by, at=at)

    stages = (hand_over_orders, hand_over_returns, _take_return_lines, _take_returns, _take_stray_lines, _take_orders)
    for take in stages:
        last_id = 0
        while True:
            with write_tx():
                ids, customers, days = take(origin_id, last_id, limit)
                if not ids:
                    break
                recount(customer_ids=[customer_id for customer_id in customers if customer_id is not None])
                recount_days(days=days)
            last_id = ids[-1]
            yield len(ids)


def _shared(rows: Any, lines: Any, owner: str, origin_id: int, after: int, limit: int) -> dict[Any, list[Any]]:
    """Return orders or returns of an import to which others added lines, each with those lines, first line first."""
    others = lines.exclude(origin_id=origin_id)
    mine = rows.filter(models.Exists(others.filter(**{owner: models.OuterRef("id")})), origin_id=origin_id)
    found = {row.id: row for row in mine.filter(id__gt=after).order_by("id")[:limit]}
    stay: dict[Any, list[Any]] = {row: [] for row in found.values()}
    for line in others.filter(**{f"{owner}__in": list(found)}).order_by("id"):
        stay[found[getattr(line, owner)]].append(line)
    return stay


def _hand_over_orders(origin_id: int, after: int, limit: int, *, by: Actor, at: datetime) -> _Taken:
    orders = _shared(Order.objects, OrderLine.objects, "order_id", origin_id, after, limit)
    for order, lines in orders.items():
        order.origin_id = lines[0].origin_id
        fact = OrderPlaced(
            order_id=order.id,
            number=order.number,
            net=sum(line.net for line in lines),
            line_count=len(lines),
            order_count=0,
        )
        record(
            fact,
            by=by,
            at=at,
            occurred_at=order.placed_at,
            customer_id=order.customer_id,
            batch_id=order.origin_id,
        )
    Order.objects.bulk_update(list(orders), ["origin_id"])
    return [order.id for order in orders], {order.customer_id for order in orders}, set()


def _hand_over_returns(origin_id: int, after: int, limit: int, *, by: Actor, at: datetime) -> _Taken:
    rows = _shared(Return.objects, ReturnLine.objects, "return_row_id", origin_id, after, limit)
    for row, lines in rows.items():
        row.origin_id = lines[0].origin_id
        fact = ReturnRecorded(return_id=row.id, total=sum(line.total for line in lines), line_count=len(lines))
        record(fact, by=by, at=at, occurred_at=row.returned_at, customer_id=row.customer_id, batch_id=row.origin_id)
    Return.objects.bulk_update(list(rows), ["origin_id"])
    return [row.id for row in rows], {row.customer_id for row in rows}, set()


def _take_return_lines(origin_id: int, after: int, limit: int) -> _Taken:
    rows = ReturnLine.objects.filter(origin_id=origin_id, id__gt=after).order_by("id")
    columns = ("id", "customer_id", "return_row__shop_day", "return_row_id", "order_line__order_id", "total")
    lines = list(rows.values_list(*columns)[:limit])
    by_return, by_order = Counter[int](), Counter[int]()
    for _, _, _, return_id, order_id, total in lines:
        by_return[return_id] -= total
        by_order[order_id] -= total
    bulk_add(Return, ["total"], {row_id: [total] for row_id, total in by_return.items()})
    bulk_add(Order, ["returned_total"], {row_id: [total] for row_id, total in by_order.items() if row_id})
    ids = [line[0] for line in lines]
    ReturnLine.objects.filter(id__in=ids).delete()
    return ids, {line[1] for line in lines}, {line[2] for line in lines}


def _take_returns(origin_id: int, after: int, limit: int) -> _Taken:
    rows = Return.objects.filter(origin_id=origin_id, lines__isnull=True, id__gt=after).order_by("id")
    found = list(rows.values_list("id", "customer_id")[:limit])
    ids = [row[0] for row in found]
    Return.objects.filter(id__in=ids).delete()
    return ids, {row[1] for row in found}, set()


def _take_stray_lines(origin_id: int, after: int, limit: int) -> _Taken:
    """Take the import's lines out of orders that are not its own."""
    rows = OrderLine.objects.filter(origin_id=origin_id, id__gt=after).exclude(order__origin_id=origin_id)
    lines = list(rows.select_related("order").order_by("id")[:limit])
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(_SUMS))
    for line in lines:
        taken = (line.gross, line.discount, line.tax, line.net, 1)
        sums[line.order_id] = [have - part for have, part in zip(sums[line.order_id], taken, strict=True)]
    ids = [line.id for line in lines]
    ReturnLine.objects.filter(order_line_id__in=ids).update(order_line=None)
    bulk_add(Order, _SUMS, sums)
    OrderLine.objects.filter(id__in=ids).delete()
    return ids, {line.customer_id for line in lines}, {line.order.shop_day for line in lines}


def _take_orders(origin_id: int, after: int, limit: int) -> _Taken:
    rows = Order.objects.filter(origin_id=origin_id, id__gt=after).order_by("id")
    found = list(rows.values_list("id", "customer_id", "shop_day")[:limit])
    ids = [row[0] for row in found]
    lines = OrderLine.objects.filter(order_id__in=ids)
    ReturnLine.objects.filter(order_line__in=lines).update(order_line=None)
    Return.objects.filter(order_id__in=ids).update(order=None)
    lines.delete()
    Order.objects.filter(id__in=ids).delete()
    return ids, {row[1] for row in found}, {row[2] for row in found}


def remove_products_of_import(*, origin_id: int, at: datetime) -> int:
    """Remove products an undone import had added and nothing sells any more; return how many."""
    sold = OrderLine.objects.filter(product_id=models.OuterRef("id"))
    returned = ReturnLine.objects.filter(product_id=models.OuterRef("id"))
    unused = Product.objects.filter(origin_id=origin_id)
    return unused.exclude(models.Exists(sold)).exclude(models.Exists(returned)).delete()[0]
