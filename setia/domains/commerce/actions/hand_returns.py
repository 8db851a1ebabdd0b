"""Verbs of returns taken in by a person, line by line, under the shop's return policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from setia.domains.commerce import rules
from setia.domains.commerce.actions.days import DayChanges, move_days
from setia.domains.commerce.actions.payments import pay_back, reverse_refund
from setia.domains.commerce.actions.returns import record_returns
from setia.domains.commerce.actions.undo import recount
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft, source_key
from setia.domains.commerce.events import ReturnChecked, ReturnPolicyChanged, ReturnUndone
from setia.domains.commerce.locking import locked_order
from setia.domains.commerce.models import Order, OrderLine, Refund, Return, ReturnCase, ReturnPolicy
from setia.domains.commerce.standing import Days, policy_rules, received_on
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_add, write_tx
from setia.foundation.events import record


class UnableToReturn(Exception):
    """Raised when goods cannot come back; `code` says why: nothing, too_much, not_returnable, reason_needed, till."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Money:
    """What is paid back together with a return, and how."""

    amount: int
    tender: str


def take_back(
    *,
    order_id: int,
    quantities: Mapping[int, int],
    reason: str,
    source: str,
    by: Actor,
    at: datetime,
    refund: Money | None = None,
    exception_reason: str = "",
) -> Return:
    """Take goods of an order back: `quantities` are thousandths by id of the bought line.

    Idempotent by `source`. Never more of a line comes back than was bought, over all returns, and never more money
    goes out than the shop holds of the order; the order is locked meanwhile. Raises UnableToReturn, which asks for an
    `exception_reason` (reason_needed) where the policy does not cover the return, and UnableToPay.
    """
    name = f"hand-return|{source}"
    with write_tx():
        order = locked_order(order_id)
        standing = Return.objects.filter(source_key=source_key(name)).first()
        if standing is not None:
            return standing
        if order.status not in rules.RETURNABLE:
            raise UnableToReturn("not_returnable")
        lines, categories = _lines_back(order, quantities)
        days = Days(order.outlet_id)
        day = days.of(at)
        policy = policy_rules(ReturnPolicy.objects.filter(id=1).first() or ReturnPolicy())
        doubts = rules.return_doubts(policy, received=received_on(order, days), returned=day, categories=categories)
        if doubts and not exception_reason.strip():
            raise UnableToReturn("reason_needed")
        draft = ReturnDraft(
            source=name,
            customer_id=order.customer_id,
            returned_at=at,
            lines=tuple(lines),
            outlet_id=order.outlet_id,
            reason=reason,
            order_id=order.id,
        )
        record_returns(drafts=[draft], by=by, at=at)
        row = Return.objects.get(source_key=source_key(name))
        _open_case(row, policy, day, doubts, exception_reason)
        if refund is not None and refund.amount:
            pay_back(
                order_id=order.id,
                amount=refund.amount,
                tender=refund.tender,
                reason=reason,
                source=name,
                by=by,
                at=at,
                return_id=row.id,
            )
    return row


def _open_case(row: Return, policy: rules.Policy, day: date, doubts: Sequence[str], exception_reason: str) -> None:
    promised = rules.promise(policy, returned=day)
    ReturnCase.objects.create(
        return_row=row,
        customer_id=row.customer_id,
        check_due_date=promised.check_due_date,
        refund_due_date=promised.refund_due_date,
        done_due_date=promised.done_due_date,
        doubts=list(doubts),
        exception_reason=exception_reason.strip() if doubts else "",
    )


def _lines_back(order: Order, quantities: Mapping[int, int]) -> tuple[list[ReturnLineDraft], set[str]]:
    """Return what comes back with its worth, and its categories; raises UnableToReturn."""
    bought = OrderLine.objects.filter(order=order).select_related("product").order_by("position", "id")
    known = {line.id: line for line in bought.annotate(returned_milli=Sum("returned__quantity_milli"))}
    wanted = {line_id: milli for line_id, milli in quantities.items() if milli > 0}
    if not wanted or not set(wanted) <= set(known):
        raise UnableToReturn("nothing")
    lines, categories = [], set()
    for line_id, milli in wanted.items():
        line = known[line_id]
        before = line.returned_milli or 0
        if before + milli > line.quantity_milli:
            raise UnableToReturn("too_much")
        total = rules.worth(net=line.net, quantity_milli=line.quantity_milli, before_milli=before, back_milli=milli)
        lines.append(
            ReturnLineDraft(product_id=line.product_id, quantity_milli=milli, total=total, order_line_id=line.id)
        )
        categories.add(line.product.category)
    return lines, categories


def mark_checked(*, return_id: int, by: Actor, at: datetime) -> bool:
    """Note that the goods of a return were looked at; only the first time counts. Tell whether it was now."""
    with write_tx():
        changed = ReturnCase.objects.filter(return_row_id=return_id, checked_at__isnull=True).update(checked_at=at)
        if changed:
            row = Return.objects.get(id=return_id)
            record(ReturnChecked(return_id=row.id), by=by, at=at, customer_id=row.customer_id)
    return bool(changed)


def undo_return(*, return_id: int, by: Actor, at: datetime) -> int:
    """Take back a return that was written down by mistake, with its refunds, and return the order's id.

    The customer's, the order's and the day's counters are true afterwards. Raises Return.DoesNotExist when it was
    taken back before, and UnableToReturn (till) for a return a till or an import brought.
    """
    with write_tx():
        row = Return.objects.get(id=return_id)
        if not ReturnCase.objects.filter(return_row=row).exists() or row.order_id is None:
            raise UnableToReturn("till")
        order = locked_order(row.order_id)
        row = Return.objects.select_for_update(of=("self",)).get(id=return_id)
        refunds = Refund.objects.filter(return_row=row, reverses__isnull=True, reversal__isnull=True)
        for refund_id in list(refunds.values_list("id", flat=True)):
            reverse_refund(refund_id=refund_id, by=by, at=at)
        tied = row.lines.filter(order_line__isnull=False).values("order_line__order_id").annotate(sum=Sum("total"))
        bulk_add(Order, ["returned_total"], {part["order_line__order_id"]: [-part["sum"]] for part in tied})
        days = DayChanges()
        days.add(row.shop_day, row.outlet_id, row.id, returned=-row.total)
        move_days(changes=days)
        fact = ReturnUndone(return_id=row.id, total=row.total)
        record(fact, by=by, at=at, customer_id=row.customer_id)
        customer_id = row.customer_id
        row.delete()
        if customer_id is not None:
            recount(customer_ids=[customer_id])
    return int(order.id)


def change_return_policy(*, changes: Mapping[str, object], by: Actor, at: datetime) -> ReturnPolicy:
    """Change what the shop promises; returns taken in before keep the dates they were promised."""
    with write_tx():
        policy, _ = ReturnPolicy.objects.select_for_update().get_or_create(id=1)
        changed = tuple(sorted(name for name, value in changes.items() if getattr(policy, name) != value))
        if changed:
            for name in changed:
                setattr(policy, name, changes[name])
            policy.save(update_fields=changed)
            record(ReturnPolicyChanged(fields=changed), by=by, at=at)
    return policy
