"""Rows in the order they were written, for programs that read a shop page by page; single rows by their source."""

from collections.abc import Collection, Sequence

from django.db.models import Prefetch

from setia.domains.commerce.drafts import source_key
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.domains.customers.models import Identity
from setia.domains.customers.resolving import lookup_key
from setia.domains.customers.rules import IdentityKind
from setia.foundation.paging import Key, Page, key_page

_LATEST_WRITTEN = (Key("id"),)


def customer_feed(*, since_id: int, cursor: str, size: int) -> Page[CustomerCounters]:
    """Return one page of customers with their counters, those added last first."""
    rows = CustomerCounters.objects.select_related("customer").filter(customer__canonical__isnull=True)
    return key_page(rows.filter(customer_id__gte=since_id), keys=(Key("customer_id"),), cursor=cursor, size=size)


def customer_of_code(code: str) -> int | None:
    """Return whom the shop's own number or another program's means, or None."""
    kind = IdentityKind.EXTERNAL
    rows = Identity.objects.filter(kind=kind, lookup=lookup_key(kind, code)[1])
    return rows.values_list("customer_id", flat=True).first()


def customers_of_codes(codes: Collection[str]) -> dict[str, int]:
    """Return the customers whom these numbers mean; those that mean nobody are left out."""
    kind = IdentityKind.EXTERNAL
    lookups = {lookup_key(kind, code)[1]: code for code in codes}
    rows = Identity.objects.filter(kind=kind, lookup__in=list(lookups)).values_list("lookup", "customer_id")
    return {lookups[bytes(lookup)]: customer_id for lookup, customer_id in rows}


def product_feed(*, since_id: int, cursor: str, size: int) -> Page[Product]:
    """Return one page of products, those added last first."""
    return key_page(Product.objects.filter(id__gte=since_id), keys=_LATEST_WRITTEN, cursor=cursor, size=size)


def product_of_sku(sku: str) -> Product | None:
    """Return the product of a SKU, or None."""
    return Product.objects.filter(key=f"sku:{sku.casefold()}").first()


def products_by_id(ids: Collection[int]) -> dict[int, Product]:
    """Return these products by id."""
    return Product.objects.in_bulk(list(ids))


def products_by_key(keys: Collection[str]) -> dict[str, Product]:
    """Return the products of these keys (see `ProductClaim.key`)."""
    return {row.key: row for row in Product.objects.filter(key__in=list(keys))}


def order_feed(*, customer_ids: Sequence[int] | None, since_id: int, cursor: str, size: int) -> Page[Order]:
    """Return one page of orders with their lines: those written last first, or one customer's, latest first."""
    lines = OrderLine.objects.select_related("product").order_by("position", "id")
    rows = Order.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines)).filter(id__gte=since_id)
    if customer_ids is None:
        return key_page(rows, keys=_LATEST_WRITTEN, cursor=cursor, size=size)
    rows = rows.filter(customer_id__in=customer_ids)
    return key_page(rows, keys=(Key("placed_at"), Key("id")), cursor=cursor, size=size)


def order_ids_of(sources: Collection[str]) -> dict[str, tuple[int, int, int | None]]:
    """Return id, number of lines and customer of the orders that these sources name."""
    keys = {source_key(source): source for source in sources}
    rows = Order.objects.filter(source_key__in=list(keys)).values_list("source_key", "id", "line_count", "customer_id")
    return {keys[bytes(key)]: (row_id, lines, customer_id) for key, row_id, lines, customer_id in rows}


def return_feed(*, customer_ids: Sequence[int] | None, since_id: int, cursor: str, size: int) -> Page[Return]:
    """Return one page of returns with their lines: those written last first, or one customer's, latest first."""
    lines = ReturnLine.objects.select_related("product").order_by("id")
    rows = Return.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines)).filter(id__gte=since_id)
    if customer_ids is None:
        return key_page(rows, keys=_LATEST_WRITTEN, cursor=cursor, size=size)
    rows = rows.filter(customer_id__in=customer_ids)
    return key_page(rows, keys=(Key("returned_at"), Key("id")), cursor=cursor, size=size)


def return_ids_of(sources: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return id and total of the returns that these sources name."""
    keys = {source_key(source): source for source in sources}
    rows = Return.objects.filter(source_key__in=list(keys)).values_list("source_key", "id", "total")
    return {keys[bytes(key)]: (row_id, total) for key, row_id, total in rows}


def orders_by_id(ids: Sequence[int]) -> list[Order]:
    """Return these orders with their lines."""
    lines = OrderLine.objects.select_related("product").order_by("position", "id")
    return list(Order.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines)).filter(id__in=ids))


def returns_by_id(ids: Sequence[int]) -> list[Return]:
    """Return these returns with their lines."""
    lines = ReturnLine.objects.select_related("product").order_by("id")
    return list(Return.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines)).filter(id__in=ids))
