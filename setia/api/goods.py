"""Products as lines of calls name them: by id, SKU or name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from setia.api.items import Item
from setia.api.schemas import Goods
from setia.api.values import id_of
from setia.domains.commerce.actions import ProductClaim, ensure_products
from setia.domains.commerce.queries.feeds import products_by_id
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import outlets_by_code


class Shelf:
    """The products and outlets of one call, found (and where they are new, made) together."""

    def __init__(self, items: Sequence[tuple[Item[Any], Any]], *, at: datetime) -> None:
        self._outlets: dict[str, Outlet] = outlets_by_code() if any(value.outlet for _, value in items) else {}
        lines = [line for _, value in items for line in value.lines]
        ids = {row_id for line in lines if line.product_id and (row_id := id_of(line.product_id))}
        self._known = set(products_by_id(ids)) if ids else set()
        for item, value in items:
            self._refuse_unknown(item, value)
        sold = [line for item, value in items if not item.errors for line in value.lines if line.product_id is None]
        claims = {_claim(line) for line in sold}
        self._made = ensure_products(claims=sorted(claims, key=lambda claim: claim.key), at=at) if claims else {}

    def _refuse_unknown(self, item: Item[Any], value: Any) -> None:
        if value.outlet and value.outlet.casefold() not in self._outlets:
            item.refuse("outlet", "unknown_outlet")
        for position, line in enumerate(value.lines):
            if line.product_id is not None and id_of(line.product_id) not in self._known:
                item.refuse(f"lines[{position}].product_id", "unknown_product")

    def product_id(self, line: Goods) -> int:
        """Return the product of a line of an item that was not refused."""
        return (id_of(line.product_id) or 0) if line.product_id is not None else self._made[_claim(line).key]

    def outlet_id(self, code: str | None) -> int | None:
        """Return the outlet of a code, or None for no code."""
        return self._outlets[code.casefold()].id if code else None


def _claim(line: Goods) -> ProductClaim:
    price = getattr(line, "unit_price", 0)
    return ProductClaim(name=line.name or line.sku or "", sku=line.sku or "", category=line.category or "", price=price)
