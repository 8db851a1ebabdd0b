"""Products: one row is one thing that is sold, with its price."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from setia.domains.commerce.actions import ProductClaim, change_product, ensure_products
from setia.domains.commerce.models import Product
from setia.domains.imports import journal
from setia.domains.imports.journal import Changed
from setia.domains.imports.kinds.cells import CellReader
from setia.domains.imports.kinds.protocol import Part, Reading
from setia.domains.imports.kinds.row_stage import RowStage, StagedRow
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.imports.rules import ReadingOptions
from setia.foundation.actors import Actor


class Products:
    """The kind of files of products."""

    name = "products"
    parts = (Part("", "products"),)

    def missing(self, options: ReadingOptions) -> list[str]:
        """See Kind."""
        return [] if {"product", "sku"} & set(options.mapping) else ["product"]

    def reader(self, part: Part, reading: Reading) -> "ProductReader":
        """See Kind."""
        return ProductReader(reading)

    def stage(self, path: Path, *, fresh: bool) -> "ProductStage":
        """See Kind."""
        return ProductStage(path, fresh=fresh)

    def writer(self, record: Import, stage: RowStage, *, at: datetime) -> "ProductWriter":
        """See Kind."""
        return ProductWriter(record, at=at)


class ProductStage(RowStage):
    """A scratch table of products, which knows how many of them the shop sells already."""

    def tally(self) -> dict[str, Any]:
        """See RowStage; `known` is how many different products the shop has."""
        found = super().tally()
        keys = [_claim(row).key for rows in self.contents(size=500) for row in rows]
        known = sum(
            Product.objects.filter(key__in=set(keys[start : start + 500])).count() for start in range(0, len(keys), 500)
        )
        return {**found, "known": known, "new": max(0, found["distinct"] - known)}


class ProductReader(CellReader):
    """Reads products."""

    def read(self, cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
        """Return a product's key and what the row says of it."""
        sku, name = self.code(cells, "sku"), self.text(cells, "product", 200)
        if not sku and not name:
            raise BadValue(Reason("no_product", "product"))
        said = {
            "sku": sku,
            "name": name,
            "category": self.text(cells, "category", 80),
            "price": self.money(cells, "unit_price"),
        }
        content = {name: value for name, value in said.items() if value not in ("", None)}
        return _claim(content).key, content


def _claim(said: dict[str, Any]) -> ProductClaim:
    return ProductClaim(
        name=said.get("name") or said.get("sku", ""),
        sku=said.get("sku", ""),
        category=said.get("category", ""),
        price=said.get("price") or 0,
    )


class ProductWriter:
    """Writes products: new ones are added, and what the file says of known ones replaces what stood there."""

    def __init__(self, record: Import, *, at: datetime) -> None:
        self._record = record
        self._at = at
        self._by = Actor("import", record.id)

    def prepare(self) -> None:
        """See StepWriter."""

    def step(self, units: Sequence[StagedRow]) -> Counter[str]:
        """See StepWriter."""
        claims = {unit.key: _claim(unit.content) for unit in units}
        before = set(Product.objects.filter(key__in=list(claims)).values_list("id", flat=True))
        ids = ensure_products(claims=list(claims.values()), at=self._at, origin_id=self._record.id)
        products = Product.objects.in_bulk(list(ids.values()))
        added: Counter[str] = Counter(products=len(set(products) - before), known=len(before))
        changes: list[Changed] = []
        for unit in units:
            product = products[ids[claims[unit.key].key]]
            wanted = {
                name: value
                for name in ("name", "category", "price")
                if (value := unit.content.get(name)) not in ("", None) and value != getattr(product, name)
            }
            if not wanted:
                continue
            if product.origin_id != self._record.id:
                changes += [
                    Changed("product", product.id, name, getattr(product, name), value)
                    for name, value in wanted.items()
                ]
                added["changed"] += 1
            change_product(product=product, changes=wanted, by=self._by, at=self._at)
            for name, value in wanted.items():
                setattr(product, name, value)
        journal.note_changes(self._record, changes)
        return added
