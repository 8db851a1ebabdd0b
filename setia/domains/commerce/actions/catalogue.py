"""Verbs of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from setia.domains.commerce.models import Product
from setia.foundation.db import write_tx
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
    by_key = {claim.key: claim for claim in claims}
    with write_tx():
        known = _ids_by_key(list(by_key))
        fresh = [claim for key, claim in by_key.items() if key not in known]
        if not fresh:
            return known
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
                for row_id, claim in zip(new_ids(len(fresh)), fresh, strict=True)
            ],
            ignore_conflicts=True,
        )
        return known | _ids_by_key([claim.key for claim in fresh])


def _ids_by_key(keys: list[str]) -> dict[str, int]:
    return dict(Product.objects.filter(key__in=keys).values_list("key", "id"))
