"""Verbs that move an order: forward, to its end, and a step back."""

from dataclasses import replace
from datetime import date, datetime

from setia.domains.commerce import rules
from setia.domains.commerce.actions.days import DayChanges, move_days
from setia.domains.commerce.actions.undo import recount
from setia.domains.commerce.events import OrderStatusChanged, ShipmentSaved
from setia.domains.commerce.locking import locked_order
from setia.domains.commerce.models import Order, OrderStatusChange, Shipment
from setia.domains.commerce.standing import balance_of
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


class UnableToMove(Exception):
    """Raised when an order cannot take a step; `code` says why: stale, not_allowed, nothing_to_take_back, refunded."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def move_order(*, order_id: int, from_status: str, to_status: str, by: Actor, at: datetime) -> Order:
    """Take an order one step further.

    `from_status` is where the person who asks has seen it: if somebody else has moved it since, UnableToMove (stale)
    is raised, and asking again for a step that was taken changes nothing. Cancelling and its undoing keep the
    customer's and the day's counters true, which leave cancelled orders out. Raises UnableToMove.
    """
    with write_tx():
        order = locked_order(order_id)
        if order.status == to_status:
            return order
        if order.status != from_status:
            raise UnableToMove("stale")
        if not rules.may_move(from_status, to_status):
            raise UnableToMove("not_allowed")
        put_status(order=order, to_status=to_status, by=by, at=at)
        if to_status == rules.DELIVERED:
            Shipment.objects.filter(order=order).update(delivered_at=at)
    return order


def take_step_back(*, order_id: int, from_status: str, by: Actor, at: datetime) -> Order:
    """Undo the latest step of an order: a cancelled one is open again, a parcel comes back from the post.

    Sent again, it finds the order elsewhere and raises UnableToMove (stale) instead of going two steps back. What
    payments have moved, payments move back.
    """
    with write_tx():
        order = locked_order(order_id)
        if order.status != from_status:
            raise UnableToMove("stale")
        changes = OrderStatusChange.objects.filter(order_id=order.id).order_by("id")
        back_to = rules.status_before(changes.values_list("from_status", "is_back"))
        if back_to is None or {order.status, back_to} == {rules.OPEN, rules.PAID}:
            raise UnableToMove("nothing_to_take_back")
        if order.status == rules.CANCELLED and order.refunded_total:
            raise UnableToMove("refunded")
        if back_to in (rules.OPEN, rules.PAID):  # which of the two, the money says by now
            money = replace(balance_of(order), is_cancelled=False)
            back_to = rules.OPEN if money.rest else rules.PAID
        if order.status == rules.SHIPPED:
            Shipment.objects.filter(order=order).delete()
        if order.status in (rules.DELIVERED, rules.DONE) and back_to == rules.SHIPPED:
            Shipment.objects.filter(order=order).update(delivered_at=None)
        put_status(order=order, to_status=back_to, by=by, at=at, is_back=True)
    return order


def ship_order(
    *,
    order_id: int,
    from_status: str,
    courier: str,
    tracking_number: str,
    estimated_date: date | None,
    by: Actor,
    at: datetime,
) -> Order:
    """Hand an order to a courier, or change what is known of a parcel that is on its way.

    The same parcel told again changes nothing. Raises UnableToMove like `move_order`.
    """
    with write_tx():
        order = locked_order(order_id)
        told = {"courier": courier, "tracking_number": tracking_number, "estimated_date": estimated_date}
        standing = Shipment.objects.filter(order=order).values(*told).first()
        if standing == told:
            return order
        # Two clerks may send one order with two couriers: the second reads what the first has done.
        if order.status != from_status:
            raise UnableToMove("stale")
        if order.status not in (rules.SHIPPED, rules.DELIVERED) and not rules.may_move(order.status, rules.SHIPPED):
            raise UnableToMove("not_allowed")
        Shipment.objects.update_or_create(
            order=order,
            defaults=told,
            create_defaults={**told, "customer_id": order.customer_id, "shipped_at": at},
        )
        if order.fulfilment != rules.SHIP:
            order.fulfilment = rules.SHIP
            order.save(update_fields=["fulfilment"])
        if order.status not in (rules.SHIPPED, rules.DELIVERED):
            put_status(order=order, to_status=rules.SHIPPED, by=by, at=at)
        fact = ShipmentSaved(order_id=order.id, number=order.number, created=standing is None)
        record(fact, by=by, at=at, customer_id=order.customer_id)
    return order


def put_status(*, order: Order, to_status: str, by: Actor, at: datetime, is_back: bool = False) -> None:
    """Write a step of an order that is locked, with its fact and the counters it moves."""
    from_status = order.status
    # Once it has left "open", its status no longer tells that nothing was paid.
    if from_status == rules.OPEN and order.paid_total is None:
        order.paid_total = 0
    order.status = to_status
    order.save(update_fields=["status", "paid_total"])
    OrderStatusChange.objects.create(
        order=order,
        customer_id=order.customer_id,
        from_status=from_status,
        to_status=to_status,
        is_back=is_back,
        changed_at=at,
        actor_kind=by.kind,
        actor_id=by.id,
    )
    fact = OrderStatusChanged(
        order_id=order.id, number=order.number, from_status=from_status, to_status=to_status, is_back=is_back
    )
    record(fact, by=by, at=at, customer_id=order.customer_id)
    if rules.CANCELLED in (from_status, to_status):
        _count_again(order, -1 if to_status == rules.CANCELLED else 1)


def _count_again(order: Order, sign: int) -> None:
    """Keep counters true when an order begins or ceases to count."""
    if order.customer_id is not None:
        # The first and the last purchase may be others now, so the customer is counted afresh.
        recount(customer_ids=[order.customer_id])
    days = DayChanges()
    known = int(order.customer_id is not None)
    days.add(order.shop_day, order.outlet_id, order.id, orders=sign, known=sign * known, net=sign * order.net)
    move_days(changes=days)
