"""Verbs of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from setia.domains.commerce.events import ProductAdded, ProductChanged
from setia.domains.commerce.models import CategoryChange, PriceChange, Product
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductClaim:
    """What a door knows of a product; `price` in smallest units."""

    name: str
    sku: str = ""
    category: str = ""
    price: int = 0

    @property
    def key(self) -> str:
        """Return the text that tells products apart: the SKU, else the name without case and double blanks."""
        return f"sku:{self.sku.casefold()}" if self.sku else " ".join(self.name.split()).casefold()[:200]


def ensure_products(*, claims: Sequence[ProductClaim], at: datetime, origin_id: int | None = None) -> dict[str, int]:
    """Return the ids of these products by key, adding those that are new; repeating a call adds none."""
    return add_missing_products(claims=claims, at=at, origin_id=origin_id)[0]


def add_missing_products(
    *, claims: Sequence[ProductClaim], at: datetime, origin_id: int | None = None
) -> tuple[dict[str, int], set[int]]:
    """Add those of these products that are new; return the ids of all by key, and of those that this call added."""
    by_key = {claim.key: claim for claim in claims}
    with write_tx():
        known = _ids_by_key(list(by_key))
        fresh = [claim for key, claim in by_key.items() if key not in known]
        if not fresh:
            return known, set()
        row_ids = new_ids(len(fresh))
        # Two tills may sell a new product at the same moment: the second finds what the first has made.
        Product.objects.bulk_create(
            [
                Product(
                    id=row_id,
                    key=claim.key,
                    sku=claim.sku[:64],
                    name=" ".join(claim.name.split())[:200],
                    category=claim.category[:80],
                    price=claim.price,
                    origin_id=origin_id,
                    created_at=at,
                )
                for row_id, claim in zip(row_ids, fresh, strict=True)
            ],
            ignore_conflicts=True,
        )
        added = _ids_by_key([claim.key for claim in fresh])
        return known | added, set(row_ids) & set(added.values())


def _ids_by_key(keys: list[str]) -> dict[str, int]:
    return dict(Product.objects.filter(key__in=keys).values_list("key", "id"))


class ProductExists(Exception):
    """Raised when a product of this SKU or name is there already; `product_id` is that one."""

    def __init__(self, product_id: int) -> None:
        super().__init__(product_id)
        self.product_id = product_id


def add_product(*, claim: ProductClaim, by: Actor, at: datetime) -> Product:
    """Add one product by hand; raises ProductExists where its SKU or name stands already."""
    with write_tx():
        standing = _ids_by_key([claim.key])
        if standing:
            raise ProductExists(standing[claim.key])
        product = Product.objects.get(id=ensure_products(claims=[claim], at=at)[claim.key])
        record(ProductAdded(product_id=product.id), by=by, at=at)
    return product


def change_product(*, product: Product, changes: Mapping[str, Any], by: Actor, at: datetime) -> Product:
    """Change a product's `name`, `category` or `price`; a new price or category leaves a row of history.

    Orders keep the price they were sold at. What tills call the product (`key`, `sku`) stays, so that the next import
    finds it under its new name too. An unchanged product writes nothing.
    """
    with write_tx():
        standing = Product.objects.select_for_update().get(id=product.id)
        wanted = {name: changes[name] for name in _CHANGEABLE if name in changes}
        changed = tuple(sorted(name for name, value in wanted.items() if getattr(standing, name) != value))
        if not changed:
            return standing
        who = {"changed_at": at, "actor_kind": by.kind, "actor_id": by.id}
        if "price" in changed:
            PriceChange.objects.create(product=standing, old_price=standing.price, new_price=wanted["price"], **who)
        if "category" in changed:
            CategoryChange.objects.create(
                product=standing, old_category=standing.category, new_category=wanted["category"], **who
            )
        for name in changed:
            setattr(standing, name, wanted[name])
        standing.save(update_fields=changed)
        record(ProductChanged(product_id=standing.id, fields=changed), by=by, at=at)
    return standing


_CHANGEABLE = ("name", "category", "price")
