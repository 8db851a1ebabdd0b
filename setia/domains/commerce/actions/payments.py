"""Verbs of money for orders: payments, refunds, and taking either back."""

import hashlib
from datetime import datetime

from setia.domains.commerce import rules
from setia.domains.commerce.actions.status import put_status
from setia.domains.commerce.drafts import source_key
from setia.domains.commerce.events import PaymentRecorded, RefundRecorded
from setia.domains.commerce.locking import locked_order
from setia.domains.commerce.models import Order, Payment, Refund, Return
from setia.domains.commerce.standing import balance_of
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


class UnableToPay(Exception):
    """Raised when money cannot be written down; `code` says why: cancelled, refunded, too_much, reversed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take_payment(
    *,
    order_id: int,
    amount: int,
    tender: str,
    reference: str,
    source: str,
    by: Actor,
    at: datetime,
    paid_at: datetime | None = None,
) -> Payment:
    """Write down money that came in; an open order whose rest is paid becomes paid.

    Idempotent by `source`. Raises UnableToPay (cancelled).
    """
    key = source_key(f"payment|{source}")
    with write_tx():
        order = locked_order(order_id)
        standing = Payment.objects.filter(source_key=key).first()
        if standing is not None:
            return standing
        if order.status == rules.CANCELLED:
            raise UnableToPay("cancelled")
        payment = Payment.objects.create(
            order=order,
            customer_id=order.customer_id,
            amount=amount,
            tender=tender,
            reference=reference,
            paid_at=paid_at or at,
            created_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            source_key=key,
        )
        _move_paid(order, payment, by=by, at=at)
    return payment


def reverse_payment(*, payment_id: int, by: Actor, at: datetime) -> Payment:
    """Take a payment back that was written down by mistake; a second time only returns the reversal.

    An order that is thereby no longer paid in full is open again if nothing else was done with it. Raises UnableToPay
    when money was already paid back out of it (refunded) or the payment is itself a reversal (reversed).
    """
    with write_tx():
        payment = Payment.objects.select_related("order").get(id=payment_id)
        if payment.reverses_id is not None or payment.order_id is None:
            raise UnableToPay("reversed")
        order = locked_order(payment.order_id)
        standing = Payment.objects.filter(reverses=payment).first()
        if standing is not None:
            return standing
        if balance_of(order).held < payment.amount:
            raise UnableToPay("refunded")
        reversal = Payment.objects.create(
            order=order,
            customer_id=order.customer_id,
            amount=-payment.amount,
            tender=payment.tender,
            reverses=payment,
            paid_at=at,
            created_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            source_key=_reversal_key("payment", payment.id),
        )
        _move_paid(order, reversal, by=by, at=at)
    return reversal


def _reversal_key(kind: str, row_id: int) -> bytes:
    return hashlib.blake2b(f"{kind}-reversal|{row_id}".encode(), digest_size=16).digest()


def _move_paid(order: Order, payment: Payment, *, by: Actor, at: datetime) -> None:
    order.paid_total = rules.paid_by(order.status, order.net, order.paid_total) + payment.amount
    order.save(update_fields=["paid_total"])
    fact = PaymentRecorded(payment_id=payment.id, order_id=order.id, number=order.number, amount=payment.amount)
    record(fact, by=by, at=at, occurred_at=payment.paid_at, customer_id=order.customer_id)
    has_rest = balance_of(order).rest > 0
    if order.status == rules.OPEN and not has_rest:
        put_status(order=order, to_status=rules.PAID, by=by, at=at)
    elif order.status == rules.PAID and has_rest and payment.amount < 0:
        put_status(order=order, to_status=rules.OPEN, by=by, at=at, is_back=True)


def pay_back(
    *,
    order_id: int,
    amount: int,
    tender: str,
    reason: str,
    source: str,
    by: Actor,
    at: datetime,
    return_id: int | None = None,
) -> Refund:
    """Write down money that went back, for one return or for the order; never more than the shop holds of it.

    Idempotent by `source`. Raises UnableToPay (too_much) and Return.DoesNotExist for another order's return.
    """
    key = source_key(f"refund|{source}")
    with write_tx():
        order = locked_order(order_id)
        standing = Refund.objects.filter(source_key=key).first()
        if standing is not None:
            return standing
        if amount > balance_of(order).refundable:
            raise UnableToPay("too_much")
        refund = Refund.objects.create(
            order=order,
            return_row=Return.objects.get(id=return_id, order=order) if return_id is not None else None,
            customer_id=order.customer_id,
            amount=amount,
            tender=tender,
            reason=reason,
            refunded_at=at,
            created_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            source_key=key,
        )
        _move_refunded(order, refund, by=by, at=at)
    return refund


def reverse_refund(*, refund_id: int, by: Actor, at: datetime) -> Refund:
    """Take a refund back that was written down by mistake; a second time only returns the reversal."""
    with write_tx():
        refund = Refund.objects.get(id=refund_id)
        if refund.reverses_id is not None or refund.order_id is None:
            raise UnableToPay("reversed")
        order = locked_order(refund.order_id)
        standing = Refund.objects.filter(reverses=refund).first()
        if standing is not None:
            return standing
        reversal = Refund.objects.create(
            order=order,
            return_row=refund.return_row,
            customer_id=order.customer_id,
            amount=-refund.amount,
            tender=refund.tender,
            reverses=refund,
            refunded_at=at,
            created_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            source_key=_reversal_key("refund", refund.id),
        )
        _move_refunded(order, reversal, by=by, at=at)
    return reversal


def _move_refunded(order: Order, refund: Refund, *, by: Actor, at: datetime) -> None:
    # From here on the order's own figures say what was paid, so that the database can hold refunds against them.
    order.paid_total = rules.paid_by(order.status, order.net, order.paid_total)
    order.refunded_total += refund.amount
    order.save(update_fields=["paid_total", "refunded_total"])
    fact = RefundRecorded(refund_id=refund.id, order_id=order.id, number=order.number, amount=refund.amount)
    record(fact, by=by, at=at, customer_id=order.customer_id)
