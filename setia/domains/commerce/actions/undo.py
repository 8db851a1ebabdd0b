"""Taking back what an import wrote, and counting afresh."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Max, Min, Sum

from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.foundation.db import write_tx


def true_counters(*, customer_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Count orders and returns of these customers from their rows; the figures counters must equal."""
    blank: dict[str, Any] = {
        "order_count": 0,
        "line_count": 0,
        "spent_total": 0,
        "return_count": 0,
        "returned_total": 0,
        "first_order_at": None,
        "last_order_at": None,
    }
    figures = {customer_id: dict(blank) for customer_id in customer_ids}
    orders = Order.objects.filter(customer_id__in=customer_ids).exclude(status="cancelled").values("customer_id")
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
        figures[found.pop("customer_id")].update(found)
    returns = Return.objects.filter(customer_id__in=customer_ids).values("customer_id")
    for back in returns.annotate(return_count=Count("id"), returned_total=Sum("total")):
        found = dict(back)
        figures[found.pop("customer_id")].update(found)
    return figures


def recount(*, customer_ids: Collection[int]) -> int:
    """Set the counters of these customers to a fresh count and return how many were wrong."""
    wrong = 0
    with write_tx():
        standing = CustomerCounters.objects.select_for_update().filter(customer_id__in=customer_ids)
        rows = {row.customer_id: row for row in standing.order_by("customer_id")}
        for customer_id, figures in true_counters(customer_ids=customer_ids).items():
            row = rows[customer_id]
            if any(getattr(row, name) != value for name, value in figures.items()):
                CustomerCounters.objects.filter(customer_id=customer_id).update(**figures)
                wrong += 1
    return wrong


def remove_orders_of_import(*, origin_id: int, limit: int) -> int:
    """Take back at most `limit` orders, returns or stray lines of an import; 0 says that none is left.

    Lines that other imports added to its orders go with them, as do its lines in orders of others. Counters of
    all concerned are counted afresh in the same transaction, so that a stop in the middle leaves true figures.
    """
    with write_tx():
        for take in (_take_return_lines, _take_returns, _take_stray_lines, _take_orders):
            customers, count = take(origin_id, limit)
            if count:
                recount(customer_ids=[customer_id for customer_id in customers if customer_id is not None])
                return count
    return 0


def _take_return_lines(origin_id: int, limit: int) -> tuple[set[int | None], int]:
    lines = list(
        ReturnLine.objects.filter(origin_id=origin_id)
        .order_by("id")
        .values_list("id", "customer_id", "return_row_id", "order_line__order_id", "total")[:limit]
    )
    for _, _, return_id, order_id, total in lines:
        Return.objects.filter(id=return_id).update(total=models.F("total") - total)
        if order_id is not None:
            Order.objects.filter(id=order_id).update(returned_total=models.F("returned_total") - total)
    ReturnLine.objects.filter(id__in=[line[0] for line in lines]).delete()
    return {line[1] for line in lines}, len(lines)


def _take_returns(origin_id: int, limit: int) -> tuple[set[int | None], int]:
    rows = list(
        Return.objects.filter(origin_id=origin_id, lines__isnull=True)
        .order_by("id")
        .values_list("id", "customer_id")[:limit]
    )
    Return.objects.filter(id__in=[row[0] for row in rows]).delete()
    return {row[1] for row in rows}, len(rows)


def _take_stray_lines(origin_id: int, limit: int) -> tuple[set[int | None], int]:
    lines = list(
        OrderLine.objects.filter(origin_id=origin_id)
        .exclude(order__origin_id=origin_id)
        .select_related("order")
        .order_by("id")[:limit]
    )
    ReturnLine.objects.filter(order_line__in=lines).update(order_line=None)
    for line in lines:
        Order.objects.filter(id=line.order_id).update(
            gross=models.F("gross") - line.gross,
            discount=models.F("discount") - line.discount,
            tax=models.F("tax") - line.tax,
            net=models.F("net") - line.net,
            line_count=models.F("line_count") - 1,
        )
    OrderLine.objects.filter(id__in=[line.id for line in lines]).delete()
    return {line.customer_id for line in lines}, len(lines)


def _take_orders(origin_id: int, limit: int) -> tuple[set[int | None], int]:
    rows = list(Order.objects.filter(origin_id=origin_id).order_by("id").values_list("id", "customer_id")[:limit])
    ids = [row[0] for row in rows]
    lines = OrderLine.objects.filter(order_id__in=ids)
    ReturnLine.objects.filter(order_line__in=lines).update(order_line=None)
    Return.objects.filter(order_id__in=ids).update(order=None)
    lines.delete()
    Order.objects.filter(id__in=ids).delete()
    return {row[1] for row in rows}, len(rows)


def remove_products_of_import(*, origin_id: int, at: datetime) -> int:
    """Remove products an undone import had added and nothing sells any more; return how many."""
    sold = OrderLine.objects.filter(product_id=models.OuterRef("id"))
    returned = ReturnLine.objects.filter(product_id=models.OuterRef("id"))
    unused = Product.objects.filter(origin_id=origin_id)
    return unused.exclude(models.Exists(sold)).exclude(models.Exists(returned)).delete()[0]
