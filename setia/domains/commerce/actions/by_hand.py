"""An order somebody writes down, for shops without a till."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from setia.domains.commerce.actions.catalogue import ProductClaim, ensure_products
from setia.domains.commerce.actions.sales import record_sales
from setia.domains.commerce.drafts import LineDraft, SaleDraft
from setia.domains.commerce.models import Product
from setia.domains.shop.models import Shop
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.money import to_smallest


@dataclass(frozen=True, slots=True)
class HandLine:
    """A line as it was typed: price in whole units of the currency, or None for a known product's own price."""

    product: str
    quantity: Decimal
    unit_price: Decimal | None
    known: Product | None = None


def place_by_hand(
    *,
    number: str,
    customer_id: int | None,
    outlet_id: int | None,
    lines: Sequence[HandLine],
    once: str,
    by: Actor,
    at: datetime,
    tender: str = "",
    fulfilment: str = "",
    is_paid: bool = True,
) -> int:
    """Write one order and return its id; the same `once` writes no second. One that is not paid begins open."""
    scale = Shop.objects.get(id=1).currency.scale
    with write_tx():
        drafts = []
        for line in lines:
            price = line.known.price if line.known else to_smallest(line.unit_price or Decimal(0), scale)
            claim = ProductClaim(name=line.product, price=price)
            product_id = line.known.id if line.known else ensure_products(claims=[claim], at=at)[claim.key]
            drafts.append(
                LineDraft(
                    product_id=product_id,
                    quantity_milli=to_smallest(line.quantity, 3),
                    unit_price=price,
                    gross=to_smallest(line.quantity * price, 0),
                )
            )
        sale = SaleDraft(
            source=f"hand|{once}",
            number=number or f"{at:%y%m%d-%H%M%S}",
            customer_id=customer_id,
            placed_at=at,
            lines=tuple(drafts),
            outlet_id=outlet_id,
            channel="hand",
            tender=tender,
            status="paid" if is_paid else "open",
            fulfilment=fulfilment,
        )
        return record_sales(drafts=[sale], by=by, at=at).order_ids[0]
