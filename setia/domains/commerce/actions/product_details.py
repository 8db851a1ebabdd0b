"""Changing what is known of products that stand: name, category, price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

from setia.domains.commerce.models import CategoryChange, PriceChange, Product
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import Fact
from setia.foundation.events.recording import Happening, record_many


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDetailsChanged(Fact):
    """Details of a product were changed; names which."""

    kind: ClassVar[str] = "commerce.product_details_changed"
    subject: ClassVar[str] = "product_id"
    product_id: int
    fields: tuple[str, ...]


_DETAILS = ("name", "category", "price")


def change_products(*, changes: Mapping[int, Mapping[str, object]], by: Actor, at: datetime) -> set[int]:
    """Give products other details and return the ids of those that changed; what is equal records nothing.

    `changes` gives name, category or price by product id. A new price or category leaves a row of history, as one
    does that is typed. Five statements for any number of products.
    """
    changed: dict[int, tuple[str, ...]] = {}
    prices, categories = [], []
    who = {"changed_at": at, "actor_kind": by.kind, "actor_id": by.id}
    with write_tx():
        rows = list(Product.objects.select_for_update().filter(id__in=list(changes)).order_by("id"))
        for row in rows:
            wanted = {name: value for name, value in changes[row.id].items() if name in _DETAILS}
            fields = tuple(sorted(name for name, value in wanted.items() if getattr(row, name) != value))
            if "price" in fields:
                prices.append(
                    PriceChange(product=row, old_price=row.price, new_price=cast("int", wanted["price"]), **who)
                )
            if "category" in fields:
                names = {"old_category": row.category, "new_category": wanted["category"]}
                categories.append(CategoryChange(product=row, **names, **who))
            for name in fields:
                setattr(row, name, wanted[name])
            if fields:
                changed[row.id] = fields
        Product.objects.bulk_update([row for row in rows if row.id in changed], _DETAILS, batch_size=1_000)
        PriceChange.objects.bulk_create(prices, batch_size=1_000)
        CategoryChange.objects.bulk_create(categories, batch_size=1_000)
        facts = [ProductDetailsChanged(product_id=row_id, fields=fields) for row_id, fields in changed.items()]
        record_many([Happening(fact, None, at) for fact in facts], by=by, at=at)
    return set(changed)
