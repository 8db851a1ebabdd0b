"""Rows for programs that read a shop page by page; single rows by their source.

In the order they were written, or, for those who keep a copy, in the order they last changed: a row that changes
while somebody pages moves to the end, where he finds it (again), so that none is passed by.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Prefetch, QuerySet

from setia.domains.commerce.drafts import source_key
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.domains.customers.models import Identity
from setia.domains.customers.resolving import lookup_key
from setia.domains.customers.rules import IdentityKind
from setia.foundation.db.stamps import settled_before
from setia.foundation.paging import Key, Page, key_page

_M = TypeVar("_M", bound=Model)


@dataclass(frozen=True, slots=True)
class FeedPart:
    """Which part of a feed somebody wants: rows with an id from `since_id` on, those changed from a moment on."""

    since_id: int = 0
    updated_since: datetime | None = None
    cursor: str = ""
    size: int = 50


def _page(rows: QuerySet[_M], part: FeedPart, *, keys: Sequence[Key], id_name: str = "id") -> Page[_M]:
    """Return a page in the order of `keys`, or, where changes are asked for, of these; raises BadCursor."""
    if part.since_id:
        rows = rows.filter(**{f"{id_name}__gte": part.since_id})
    if part.updated_since is not None:
        rows = rows.filter(updated_at__gte=part.updated_since)
        if (settled := settled_before()) is not None:
            rows = rows.filter(updated_at__lt=settled)
        keys = (Key("updated_at", descending=False), Key(id_name, descending=False))
    return key_page(rows, keys=keys, cursor=part.cursor, size=part.size, is_strict=True)


def customer_feed(part: FeedPart) -> Page[CustomerCounters]:
    """Return one page of customers with their counters, those added last first.

    Among changes stand also those who were merged into somebody, or a copy would keep them for ever.
    """
    rows = CustomerCounters.objects.select_related("customer")
    if part.updated_since is None:
        rows = rows.filter(customer__canonical__isnull=True)
    return _page(rows, part, keys=(Key("customer_id"),), id_name="customer_id")


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


def product_feed(part: FeedPart) -> Page[Product]:
    """Return one page of products, those added last first."""
    return _page(Product.objects.all(), part, keys=(Key("id"),))


def product_of_sku(sku: str) -> Product | None:
    """Return the product of a SKU, or None."""
    return Product.objects.filter(key=f"sku:{sku.casefold()}").first()


def products_by_id(ids: Collection[int]) -> dict[int, Product]:
    """Return these products by id."""
    return Product.objects.in_bulk(list(ids))


def order_feed(part: FeedPart, *, customer_ids: Sequence[int] | None) -> Page[Order]:
    """Return one page of orders with their lines: those written last first, or one customer's, latest first."""
    lines = OrderLine.objects.select_related("product").order_by("position", "id")
    rows = Order.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines))
    if customer_ids is None:
        return _page(rows, part, keys=(Key("id"),))
    return _page(rows.filter(customer_id__in=customer_ids), part, keys=(Key("placed_at"), Key("id")))


def order_ids_of(sources: Collection[str]) -> dict[str, tuple[int, int, int | None]]:
    """Return id, number of lines and customer of the orders that these sources name."""
    keys = {source_key(source): source for source in sources}
    rows = Order.objects.filter(source_key__in=list(keys)).values_list("source_key", "id", "line_count", "customer_id")
    return {keys[bytes(key)]: (row_id, lines, customer_id) for key, row_id, lines, customer_id in rows}


def return_feed(part: FeedPart, *, customer_ids: Sequence[int] | None) -> Page[Return]:
    """Return one page of returns with their lines: those written last first, or one customer's, latest first."""
    lines = ReturnLine.objects.select_related("product").order_by("id")
    rows = Return.objects.select_related("outlet").prefetch_related(Prefetch("lines", lines))
    if customer_ids is None:
        return _page(rows, part, keys=(Key("id"),))
    return _page(rows.filter(customer_id__in=customer_ids), part, keys=(Key("returned_at"), Key("id")))


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
