"""Products."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.items import Item, accepted, bulk_answer, judged, single_answer
from setia.api.keys import needs
from setia.api.lists import Changes, Page_, SkuLookup, id_in_path, moment, page_of
from setia.api.problems import Problem
from setia.api.responses import changes, reads, writes, writes_many
from setia.api.schemas import ProductChange, ProductIn, ProductList, ProductOut, ProductsIn
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.actions import ProductClaim, add_missing_products
from setia.domains.commerce.actions.product_details import change_products
from setia.domains.commerce.models import Product
from setia.domains.commerce.queries.feeds import product_feed, product_of_sku, products_by_id
from setia.foundation import clock

router = Router(tags=["products"])
_PRODUCT = TypeAdapter(ProductIn)
_READ, _WRITE = needs(Scope.PRODUCTS_READ), needs(Scope.PRODUCTS_WRITE)


@router.post("/products", response=writes(), summary="Write a product", **_WRITE)
def write_product(request: HttpRequest, body: ProductIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Add a product, or give the one with this SKU (without a SKU: this name) what is sent."""

    def work() -> tuple[int, Mapping[str, Any]]:
        item = Item(0, body.sku, body)
        _write([item], key_of(request))
        return single_answer(item)

    return written(request, idempotency_key, work)


@router.post("/products/bulk", response=writes_many(), summary="Write up to 1,000 products", **_WRITE)
def write_products(request: HttpRequest, body: ProductsIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write many products in one transaction: all that are accepted, or none at all; a refused one is left out.

    `external_id` in the results is the SKU.
    """

    def work() -> tuple[int, Mapping[str, Any]]:
        items = judged(_PRODUCT, body.items, name="sku")
        _write(items, key_of(request))
        return bulk_answer(items)

    return written(request, idempotency_key, work)


@router.get("/products", response=reads(ProductList), summary="List products", **_READ)
def list_products(request: HttpRequest, paging: Changes = Page_) -> HttpResponse:
    """List products, those added last first."""
    page = product_feed(paging.part())
    return json_response(page_of(page, shown_products))


@router.get("/products/lookup", response=reads(ProductOut, one=True), summary="Find a product by its SKU", **_READ)
def find_product(request: HttpRequest, lookup: SkuLookup = Page_) -> HttpResponse:
    """Return the product of a SKU."""
    found = product_of_sku(lookup.sku)
    if found is None:
        raise Problem("not_found")
    return json_response(shown_products([found])[0])


@router.get("/products/{product_id}", response=reads(ProductOut, one=True), summary="Read a product", **_READ)
def read_product(request: HttpRequest, product_id: str) -> HttpResponse:
    """Return one product."""
    return json_response(shown_products([_product(product_id)])[0])


@router.patch("/products/{product_id}", response=changes(ProductOut), summary="Change a product", **_WRITE)
def patch_product(
    request: HttpRequest, product_id: str, body: ProductChange, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Change name, category or price of one product; what is not sent stays."""

    def work() -> tuple[int, Mapping[str, Any]]:
        row = _product(product_id)
        change_products(changes={row.id: _details(body)}, by=key_of(request).actor, at=clock.now())
        return 200, shown_products([_product(product_id)])[0]

    return written(request, idempotency_key, work)


def _product(product_id: str) -> Product:
    row_id = id_in_path(product_id)
    row = products_by_id([row_id]).get(row_id)
    if row is None:
        raise Problem("not_found")
    return row


def _details(given: ProductIn | ProductChange) -> dict[str, object]:
    """Return what is to be changed; null is "not sent"."""
    plain = {"category": given.category, "price": given.price}
    if given.name is not None:
        plain["name"] = " ".join(given.name.split())
    return {name: value for name, value in plain.items() if value is not None}


def _write(items: Sequence[Item[ProductIn]], key: ApiKey) -> None:
    """Write what can be written, and note in each item what became of it."""
    at = clock.now()
    claims = {item.index: _claim(value) for item, value in accepted(items)}
    first: dict[str, int] = {}
    for item, _value in accepted(items):
        if first.setdefault(claims[item.index].key, item.index) != item.index:
            item.refuse("sku" if claims[item.index].sku else "name", "duplicate_in_call")
    taken = accepted(items)
    if not taken:
        return
    keys = [claims[item.index].key for item, _value in taken]
    ids, added = add_missing_products(claims=[claims[item.index] for item, _value in taken], at=at)
    details = {ids[key_]: _details(value) for key_, (_, value) in zip(keys, taken, strict=True)}
    details = {row_id: given for row_id, given in details.items() if row_id not in added}
    changed = change_products(changes=details, by=key.actor, at=at) if details else set()
    for key_, (item, _value) in zip(keys, taken, strict=True):
        row_id = ids[key_]
        item.written(row_id, "created" if row_id in added else "changed" if row_id in changed else "known")


def _claim(value: ProductIn) -> ProductClaim:
    return ProductClaim(name=value.name, sku=value.sku or "", category=value.category or "", price=value.price or 0)


def shown_products(rows: Sequence[Product]) -> list[dict[str, Any]]:
    """Return products as plain JSON values."""
    return [
        {
            "id": str(row.id),
            "sku": row.sku,
            "name": row.name,
            "category": row.category,
            "price": row.price,
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
        }
        for row in rows
    ]
