"""The list of products and what it can be narrowed by. Products belong to no outlet: what sold is the whole shop's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from setia.domains.commerce.models import OrderLine, Product
from setia.domains.commerce.queries.narrowing import Narrowing
from setia.domains.commerce.rules import CANCELLED
from setia.foundation.paging import Key, Page, capped_count, key_page

BY_NAME = (Key("name", descending=False), Key("id", descending=False))
# A product that sold within so many days counts as one the shop still sells.
ACTIVE_DAYS = 90
SOLD = ("yes", "no", "never")


@dataclass(frozen=True, slots=True)
class ProductFilters(Narrowing):
    """What the products of a list have in common.

    `category` is empty for products without one and None for all; prices are smallest units; `sold` is one of `SOLD`:
    within the days `sold_from` to `sold_to` (business days, both included), not within them, or never at all.
    """

    DAYS: ClassVar = ("sold_from", "sold_to")

    category: str | None = None
    is_active: bool | None = None
    price_min: int | None = None
    price_max: int | None = None
    sold: str = ""
    sold_from: date | None = None
    sold_to: date | None = None


@dataclass(frozen=True, slots=True)
class ProductListing:
    """One page of a list of products, and how many the whole list has, counted up to 10,001."""

    page: Page[Product]
    count: int


def product_list(*, filters: ProductFilters, cursor: str, size: int, today: date, text: str = "") -> ProductListing:
    """Return one page of products by name that fit the filters; `text` is the beginning of a name or a whole SKU."""
    rows = _fitting(filters, today)
    if text:
        rows = rows.filter(Q(name__istartswith=text) | Q(sku=text))
    return ProductListing(key_page(rows, keys=BY_NAME, cursor=cursor, size=size), capped_count(rows))


def is_any_product(*, filters: ProductFilters, today: date) -> bool:
    """Tell whether any product fits the filters."""
    return _fitting(filters, today).exists()


def matching_products(*, filters: ProductFilters, today: date) -> QuerySet[Product]:
    """Return all products of a list in its order."""
    return _fitting(filters, today).order_by("name", "id")


def _fitting(filters: ProductFilters, today: date) -> QuerySet[Product]:
    plain = {"category": filters.category, "price__gte": filters.price_min, "price__lte": filters.price_max}
    rows = Product.objects.filter(**{name: value for name, value in plain.items() if value is not None})
    if filters.is_active is not None:
        lately = _sold(today - timedelta(days=ACTIVE_DAYS), None)
        rows = rows.filter(lately if filters.is_active else ~lately)
    if filters.sold == "never":
        return rows.filter(~_sold(None, None))
    if filters.sold or filters.sold_from or filters.sold_to:
        within = _sold(filters.sold_from, filters.sold_to)
        rows = rows.filter(~within if filters.sold == "no" else within)
    return rows


def _sold(first: date | None, last: date | None) -> Q:
    """Return the condition that something of a product was sold between two days; cancelled orders sold nothing."""
    ends = {name: day for name, day in (("shop_day__gte", first), ("shop_day__lte", last)) if day is not None}
    lines = OrderLine.objects.filter(product_id=OuterRef("id"), **ends).exclude(order__status=CANCELLED)
    return Q(Exists(lines))


def product_names(product_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of products by id; those that are gone are missing."""
    return dict(Product.objects.filter(id__in=product_ids).values_list("id", "name"))
