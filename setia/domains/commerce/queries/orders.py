"""Orders, returns and products: lists and single rows."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum

from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.domains.commerce.queries.scope import returns_seen_by, seen_by
from setia.domains.commerce.rules import CANCELLED
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page

_BY_TIME = (Key("placed_at"), Key("id"))


def counters_of_people(customer_ids: Collection[int]) -> list[CustomerCounters]:
    """Return the counters of these people, each with its customer, in one question."""
    return list(CustomerCounters.objects.select_related("customer").filter(customer_id__in=customer_ids))


def counters_of(customer_id: int) -> CustomerCounters:
    """Return the counters of a person; those of a canonical row count all rows that were merged into it."""
    return CustomerCounters.objects.get(customer_id=customer_id)


def orders_of(customer_ids: list[int], *, viewer: Any, cursor: str, size: int) -> Page[Order]:
    """Return one page of a person's orders at the outlets the viewer sees, latest first."""
    rows = Order.objects.select_related("outlet").filter(customer_id__in=customer_ids)
    return key_page(seen_by(viewer, rows), keys=_BY_TIME, cursor=cursor, size=size)


def returns_of(customer_ids: list[int], *, viewer: Any, limit: int) -> list[Return]:
    """Return a person's latest returns that the viewer sees, with their lines."""
    rows = Return.objects.filter(customer_id__in=customer_ids).order_by("-returned_at", "-id")
    rows = returns_seen_by(viewer, rows)
    lines = Prefetch("lines", ReturnLine.objects.select_related("product"))
    return list(rows.prefetch_related(lines)[:limit])


def access_order(viewer: Any, order_id: int) -> Order:
    """Return an order to somebody who may see orders of its outlet; raises NotAllowed and Order.DoesNotExist."""
    require(viewer, Capability.VIEW_ORDERS)
    return seen_by(viewer, Order.objects.select_related("outlet", "customer")).get(id=order_id)


def lines_of(order: Order) -> list[OrderLine]:
    """Return the lines of an order, each with `returned_milli`, the quantity that came back."""
    lines = order.lines.select_related("product").order_by("position", "id")
    return list(lines.annotate(returned_milli=Sum("returned__quantity_milli")))


def returns_of_order(order: Order) -> list[Return]:
    """Return the returns of goods from an order, named by it or matched line by line."""
    rows = Return.objects.filter(Q(order=order) | Q(lines__order_line__order=order)).distinct()
    return list(rows.order_by("returned_at", "id"))


def product_page(*, text: str, cursor: str, size: int) -> Page[Product]:
    """Return one page of products by name; `text` is the beginning of a name or a whole SKU."""
    rows = Product.objects.all()
    if text:
        rows = rows.filter(Q(name__istartswith=text) | Q(sku=text))
    return key_page(rows, keys=(Key("name", descending=False), Key("id", descending=False)), cursor=cursor, size=size)


def access_product(viewer: Any, product_id: int) -> Product:
    """Return a product to somebody who may see orders; raises NotAllowed and Product.DoesNotExist."""
    require(viewer, Capability.VIEW_ORDERS)
    return Product.objects.get(id=product_id)


def product_figures(product: Product) -> dict[str, Any]:
    """Return what a product sold: quantity in thousandths, net, orders, customers, the last sale.

    Cancelled orders sold nothing.
    """
    return (
        OrderLine.objects.filter(product=product)
        .exclude(order__status=CANCELLED)
        .aggregate(
            quantity_milli=Sum("quantity_milli"),
            net=Sum("net"),
            orders=Count("order_id", distinct=True),
            customers=Count("customer_id", distinct=True),
            last_at=Max("order__placed_at"),
        )
    )


def buyers_of(product: Product, *, limit: int) -> list[dict[str, Any]]:
    """Return the customers who spent most on a product: customer_id, net, quantity_milli."""
    lines = OrderLine.objects.filter(product=product, customer_id__isnull=False).exclude(order__status=CANCELLED)
    rows = lines.values("customer_id")
    totals = rows.annotate(net_sum=Sum("net"), quantity_sum=Sum("quantity_milli"))
    return [dict(row) for row in totals.order_by("-net_sum", "customer_id")[:limit]]


def top_products(customer_ids: list[int], *, limit: int) -> list[dict[str, Any]]:
    """Return what a person buys most: product name, quantity and net."""
    lines = OrderLine.objects.filter(order__customer_id__in=customer_ids).exclude(order__status=CANCELLED)
    totals = lines.values("product_id", "product__name").annotate(
        net_sum=Sum("net"), quantity_sum=Sum("quantity_milli"), order_count=Count("order_id", distinct=True)
    )
    return [dict(row) for row in totals.order_by("-order_count", "-net_sum", "product_id")[:limit]]


def shop_has_sales() -> bool:
    """Tell whether any order was ever written; until then the shop may still choose its currency."""
    return Order.objects.exists()


def totals_of_import(origin_id: int) -> dict[str, int]:
    """Return what an import wrote: `orders`, `customers` (buyers), `gross` of lines with and without a customer."""
    lines = OrderLine.objects.filter(origin_id=origin_id)
    known = lines.filter(customer_id__isnull=False).aggregate(
        gross=Sum("gross"), orders=Count("order_id", distinct=True), customers=Count("customer_id", distinct=True)
    )
    return {name: value or 0 for name, value in known.items()}


def outlet_ids_in_use() -> set[int]:
    """Return the ids of outlets that have orders or returns."""
    orders: QuerySet[Order, int | None] = Order.objects.values_list("outlet_id", flat=True)
    returns: QuerySet[Return, int | None] = Return.objects.values_list("outlet_id", flat=True)
    return {outlet_id for outlet_id in {*orders.distinct(), *returns.distinct()} if outlet_id is not None}


def customers_with_orders(customer_ids: set[int]) -> set[int]:
    """Return which of these customers have orders or returns."""
    ids = list(customer_ids)
    orders = Order.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True)
    returns = Return.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True)
    return customer_ids & {*orders, *returns}
