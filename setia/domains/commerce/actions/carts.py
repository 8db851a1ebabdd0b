"""Verbs of carts: keep one, order it, note that it was left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from setia.domains.commerce import rules
from setia.domains.commerce.actions.sales import record_sales
from setia.domains.commerce.drafts import LineDraft, SaleDraft, source_key
from setia.domains.commerce.events import CartAbandoned, CartStarted, CartTakenUp
from setia.domains.commerce.models import Cart, CartLine, CartState
from setia.domains.shop.models import Shop
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events.recording import Happening, record_many

_PORTION = 500


class UnableToOrder(Exception):
    """Raised when a cart cannot be ordered or changed; `code` says why: empty, ordered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLineDraft:
    """A product in a cart; quantity in thousandths, price in smallest units as it was shown."""

    product_id: int
    quantity_milli: int
    unit_price: int


def save_cart(
    *,
    source: str,
    customer_id: int | None,
    lines: Sequence[CartLineDraft],
    by: Actor,
    at: datetime,
    channel: str = "",
    outlet_id: int | None = None,
) -> Cart:
    """Keep what somebody has in his cart, as a whole; `source` names the cart where it comes from, e.g. `web|a1b2`.

    The same content again changes nothing, and news older than what stands is dropped. A cart that was given up and
    changes is open again. A customer who is known once stays known. Raises UnableToOrder (ordered).
    """
    with write_tx():
        cart, is_new = Cart.objects.select_for_update(of=("self",)).get_or_create(
            source_key=source_key(f"cart|{source}"),
            defaults={
                "source": source[:120],
                "customer_id": customer_id,
                "channel": channel[:20],
                "outlet_id": outlet_id,
                "updated_at": at,
                "created_at": at,
            },
        )
        if cart.state == CartState.ORDERED:
            raise UnableToOrder("ordered")
        wanted = [(line.product_id, line.quantity_milli, line.unit_price) for line in lines]
        standing = cart.lines.order_by("position").values_list("product_id", "quantity_milli", "unit_price")
        is_known = customer_id is None or cart.customer_id == customer_id
        if at < cart.updated_at or (not is_new and list(standing) == wanted and is_known):
            return cart
        was_empty, was_abandoned = is_new or cart.line_count == 0, cart.state == CartState.ABANDONED
        _write_lines(cart, wanted, customer_id)
        cart.state, cart.abandoned_at = CartState.OPEN, None
        cart.updated_at = at
        cart.save()
        if was_abandoned or (was_empty and wanted):
            kind = CartTakenUp if was_abandoned else CartStarted
            fact = kind(cart_id=cart.id, total=cart.total, line_count=cart.line_count)
            record_many([Happening(fact, cart.customer_id, at)], by=by, at=at)
    return cart


def _write_lines(cart: Cart, wanted: Sequence[tuple[int, int, int]], customer_id: int | None) -> None:
    cart.customer_id = customer_id or cart.customer_id
    cart.lines.all().delete()
    CartLine.objects.bulk_create(
        [
            CartLine(
                cart=cart,
                customer_id=cart.customer_id,
                product_id=product_id,
                position=position,
                quantity_milli=quantity,
                unit_price=price,
            )
            for position, (product_id, quantity, price) in enumerate(wanted, 1)
        ]
    )
    cart.line_count = len(wanted)
    cart.total = rules.cart_total([(quantity, price) for _, quantity, price in wanted])


def convert_cart(
    *, cart_id: int, number: str, by: Actor, at: datetime, is_paid: bool = False, fulfilment: str = "", tender: str = ""
) -> int:
    """Place the order of a cart and return the order's id; a cart becomes one order, however often it is asked.

    Raises Cart.DoesNotExist and UnableToOrder (empty).
    """
    with write_tx():
        cart = Cart.objects.select_for_update(of=("self",)).get(id=cart_id)
        if cart.order_id is not None:
            return int(cart.order_id)
        lines = tuple(
            LineDraft(
                product_id=line.product_id,
                quantity_milli=line.quantity_milli,
                unit_price=line.unit_price,
                gross=rules.cart_total([(line.quantity_milli, line.unit_price)]),
            )
            for line in cart.lines.order_by("position")
        )
        if not lines:
            raise UnableToOrder("empty")
        sale = SaleDraft(
            source=f"cart|{cart.source_key.hex()}",
            number=number or f"{at:%y%m%d-%H%M%S}",
            customer_id=cart.customer_id,
            placed_at=at,
            lines=lines,
            outlet_id=cart.outlet_id,
            channel=cart.channel,
            tender=tender,
            status=rules.PAID if is_paid else rules.OPEN,
            fulfilment=fulfilment,
        )
        order_id = record_sales(drafts=[sale], by=by, at=at).order_ids[0]
        Cart.objects.filter(id=cart.id).update(order_id=order_id, state=CartState.ORDERED, updated_at=at)
    return order_id


def abandon_carts(*, by: Actor, at: datetime) -> int:
    """Note which open carts were left alone for longer than the shop waits, and return how many.

    Each is told of once: the state is changed only where it is still open, in the transaction that records the fact,
    so two workers, or one that is killed and begins again, say nothing twice. Empty carts wait in silence.
    """
    silent_since = at - timedelta(minutes=Shop.objects.get(id=1).cart_idle_minutes)
    count = 0
    while True:
        with write_tx():
            rows = Cart.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                state=CartState.OPEN, updated_at__lte=silent_since, line_count__gt=0
            )
            carts = list(rows.order_by("updated_at", "id")[:_PORTION])
            ids = [cart.id for cart in carts]
            Cart.objects.filter(id__in=ids, state=CartState.OPEN).update(state=CartState.ABANDONED, abandoned_at=at)
            record_many(
                [
                    Happening(
                        CartAbandoned(cart_id=cart.id, total=cart.total, line_count=cart.line_count),
                        cart.customer_id,
                        at,
                    )
                    for cart in carts
                ],
                by=by,
                at=at,
            )
        count += len(carts)
        if len(carts) < _PORTION:
            return count
