"""Questions about the work on orders: steps, parcels, money, returns under the policy, carts, prices."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from django.db.models import Count, Max, Min, Prefetch

from setia.domains.commerce import rules
from setia.domains.commerce.models import (
    Cart,
    CartLine,
    CartState,
    CategoryChange,
    Order,
    OrderLine,
    OrderStatusChange,
    Payment,
    PriceChange,
    Product,
    Refund,
    Return,
    ReturnCase,
    ReturnPolicy,
    Shipment,
)
from setia.domains.commerce.queries.orders import returns_of_order
from setia.domains.commerce.queries.scope import returns_seen_by, seen_by
from setia.domains.commerce.standing import Days, balance_of, policy_rules, received_on
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page


@dataclass(slots=True)
class ReturnShown:
    """A return of an order with what was promised and what came of it; `case` is empty where a till took it in."""

    row: Return
    case: ReturnCase | None
    refunds: list[Refund] = field(default_factory=list)
    is_check_late: bool = False
    is_refund_late: bool = False

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)


@dataclass(frozen=True, slots=True)
class OrderWork:
    """All that was done with an order: its steps, its parcel, its money, what came back."""

    changes: list[OrderStatusChange]
    shipment: Shipment | None
    is_late: bool
    payments: list[Payment]
    refunds: list[Refund]
    returns: list[ReturnShown]
    balance: rules.Balance
    next_statuses: tuple[str, ...]
    back_to: str | None


def work_on(order: Order, *, at: datetime) -> OrderWork:
    """Return what was done with an order and what can be done next, by a fixed number of questions."""
    changes = list(OrderStatusChange.objects.filter(order_id=order.id).order_by("id"))
    shipment = Shipment.objects.filter(order=order).first()
    payments = list(Payment.objects.filter(order=order).select_related("reversal").order_by("paid_at", "id"))
    refunds = list(Refund.objects.filter(order=order).select_related("reversal").order_by("refunded_at", "id"))
    days = Days(order.outlet_id)
    today = days.of(at)
    back_to = rules.status_before([(change.from_status, change.is_back) for change in changes])
    if back_to is not None and {order.status, back_to} == {rules.OPEN, rules.PAID}:
        back_to = None
    return OrderWork(
        changes=changes,
        shipment=shipment,
        is_late=shipment is not None
        and rules.is_late(
            promised=shipment.estimated_date,
            actual=days.of(shipment.delivered_at) if shipment.delivered_at else None,
            today=days.of(changes[-1].changed_at) if order.status == rules.DONE and changes else today,
        ),
        payments=payments,
        refunds=refunds,
        returns=_returns_shown(order, refunds, days, today),
        balance=balance_of(order),
        next_statuses=rules.next_statuses(order.status, fulfilment=order.fulfilment),
        back_to=back_to,
    )


def _returns_shown(order: Order, refunds: list[Refund], days: Days, today: date) -> list[ReturnShown]:
    rows = returns_of_order(order)
    cases = {case.return_row_id: case for case in ReturnCase.objects.filter(return_row__in=rows)}
    shown = []
    for row in rows:
        item = ReturnShown(row, cases.get(row.id), [refund for refund in refunds if refund.return_row_id == row.id])
        if item.case is not None:
            checked = days.of(item.case.checked_at) if item.case.checked_at else None
            paid = [days.of(refund.refunded_at) for refund in item.refunds if refund.amount > 0]
            done = min(paid) if paid and item.refunded > 0 else None
            item.is_check_late = rules.is_late(promised=item.case.check_due_date, actual=checked, today=today)
            item.is_refund_late = rules.is_late(promised=item.case.refund_due_date, actual=done, today=today)
        shown.append(item)
    return shown


def return_policy() -> ReturnPolicy:
    """Return what the shop promises about returns; the defaults where nobody has changed them."""
    return ReturnPolicy.objects.filter(id=1).first() or ReturnPolicy()


def doubts_about(order: Order, *, at: datetime) -> tuple[str, ...]:
    """Return why the policy might not cover a return of an order now: `window`, `category`."""
    days = Days(order.outlet_id)
    categories = OrderLine.objects.filter(order=order).values_list("product__category", flat=True)
    return rules.return_doubts(
        policy_rules(return_policy()),
        received=received_on(order, days),
        returned=days.of(at),
        categories=list(categories),
    )


def access_payment(viewer: Any, order: Order, payment_id: int) -> Payment:
    """Return a payment of an order to somebody who may take payments; raises NotAllowed, Payment.DoesNotExist."""
    require(viewer, Capability.CHANGE_ORDERS)
    return Payment.objects.get(id=payment_id, order=order)


def access_refund(viewer: Any, order: Order, refund_id: int) -> Refund:
    """Return a refund of an order to somebody who may pay back; raises NotAllowed and Refund.DoesNotExist."""
    require(viewer, Capability.REFUND)
    return Refund.objects.get(id=refund_id, order=order)


def access_return(viewer: Any, return_id: int) -> Return:
    """Return a return to somebody who may take goods back; raises NotAllowed and Return.DoesNotExist."""
    require(viewer, Capability.REFUND)
    return returns_seen_by(viewer, Return.objects.all()).get(id=return_id)


def cart_page(*, viewer: Any, state: str, cursor: str, size: int) -> Page[Cart]:
    """Return one page of carts of a state that the viewer sees, latest first, each with its customer and its lines."""
    rows = Cart.objects.select_related("customer", "outlet").prefetch_related("lines__product")
    rows = seen_by(viewer, rows.filter(state=state))
    return key_page(rows, keys=(Key("updated_at"), Key("id")), cursor=cursor, size=size)


def carts_of(customer_ids: list[int], *, viewer: Any, limit: int) -> list[Cart]:
    """Return what a person put together at outlets the viewer sees and has not ordered, latest change first."""
    rows = Cart.objects.select_related("outlet").prefetch_related(
        Prefetch("lines", CartLine.objects.select_related("product").order_by("position", "id"))
    )
    waiting = rows.filter(customer_id__in=customer_ids, line_count__gt=0).exclude(state=CartState.ORDERED)
    return list(seen_by(viewer, waiting).order_by("-updated_at", "-id")[:limit])


def cart_counts(*, viewer: Any) -> dict[str, int]:
    """Return how many of the carts the viewer sees are in each state."""
    rows = seen_by(viewer, Cart.objects.all()).values("state").annotate(count=Count("id"))
    return {row["state"]: row["count"] for row in rows}


def access_cart(viewer: Any, cart_id: int) -> Cart:
    """Return a cart to somebody who may write orders down; raises NotAllowed and Cart.DoesNotExist."""
    require(viewer, Capability.RECORD_ORDERS)
    return seen_by(viewer, Cart.objects.all()).get(id=cart_id)


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """A change of a product's price or category, before and after."""

    changed_at: datetime
    actor_kind: str
    actor_id: int
    is_price: bool
    old: Any
    new: Any


def changes_of(product: Product, *, limit: int) -> list[CatalogueChange]:
    """Return the latest changes of a product's price and category, newest first."""
    prices = PriceChange.objects.filter(product=product).order_by("-changed_at", "-id")[:limit]
    categories = CategoryChange.objects.filter(product=product).order_by("-changed_at", "-id")[:limit]
    found = [
        CatalogueChange(row.changed_at, row.actor_kind, row.actor_id, True, row.old_price, row.new_price)
        for row in prices
    ] + [
        CatalogueChange(row.changed_at, row.actor_kind, row.actor_id, False, row.old_category, row.new_category)
        for row in categories
    ]
    return sorted(found, key=lambda change: change.changed_at, reverse=True)[:limit]


def categories() -> list[dict[str, Any]]:
    """Return every category with how many products it has and the span of their prices."""
    rows = Product.objects.values("category").annotate(
        product_count=Count("id"), lowest=Min("price"), highest=Max("price"), latest=Max("created_at")
    )
    return [cast("dict[str, Any]", row) for row in rows.order_by("category")]


def category_names() -> list[str]:
    """Return the names of categories in use, for forms that suggest them."""
    names = Product.objects.exclude(category="").values_list("category", flat=True)
    return list(names.distinct().order_by("category")[:200])
