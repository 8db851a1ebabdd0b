"""Taking a suggestion up, dismissing it, and taking either back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError

from setia.domains.advice.events import AdviceAccepted, AdviceDismissed, AdviceUndone
from setia.domains.advice.facts import gather
from setia.domains.advice.models import Decision, NextAction
from setia.domains.advice.queries import learned, terms_of
from setia.domains.advice.rules.actions import KINDS, judge
from setia.domains.advice.rules.learning import ACCEPTED_DAYS, REASON_DAYS
from setia.domains.customers.models import Customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.actions import cancel_task, make_task
from setia.domains.teamwork.models import TaskState
from setia.foundation.actors import Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import may_fail, write_tx
from setia.foundation.events import record


class UnableToDecide(Exception):
    """Raised with a code: `unknown` (no such kind or reason), `decided` (otherwise, not long ago), `gone` (there is no
    occasion for it any more, or something forbids it)."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What is kept of the suggestion that was decided on."""

    customer: Customer
    kind: str
    today: date
    expected: int
    chance_anyway: int


def accept(
    *,
    customer: Customer,
    kind: str,
    title: str,
    by: Staff | Actor,
    at: datetime,
    note: str = "",
) -> Decision:
    """Take a suggestion up: its task goes to whoever looks after the customer, or to the one who takes it up.

    Repeating it returns the decision that stands. Raises UnableToDecide. `title` and `note` are the task's words.
    """
    said, is_offered = _said(customer, kind, at)
    standing = _standing(customer, kind, said.today)
    if standing is not None:
        return _same(standing, is_accepted=True)
    if not is_offered:
        raise UnableToDecide("gone")
    until = said.today + timedelta(days=ACCEPTED_DAYS)
    values: dict[str, Any] = {"is_accepted": True, "until": until, "expected": said.expected}
    try:
        with may_fail():
            decision = _decide(said, values, by, at)
            receiver = _receiver(customer, by)
            task = make_task(
                title=title, note=note, customer=customer, assignee=receiver, due_date=said.today,
                is_for_nobody=receiver is None, by=by, at=at, source="advice", source_name=str(decision.id),
            )  # fmt: skip
            decision.task = task
            decision.save(update_fields=["task"])
            fact = AdviceAccepted(decision_id=decision.id, action=kind, task_id=task.id)
            record(fact, by=_actor(by), at=at, customer_id=customer.id)
    except IntegrityError:
        return _same(Decision.objects.get(customer=customer, kind=kind, stands=True), is_accepted=True)
    return decision


def dismiss(*, customer: Customer, kind: str, reason: str, by: Staff | Actor, at: datetime) -> Decision:
    """Say no to a suggestion: it stays away 14 days (not now), 180 (not suitable) or 30 (already done).

    Repeating it returns the decision that stands. Raises UnableToDecide.
    """
    if reason not in REASON_DAYS:
        raise UnableToDecide("unknown")
    said, _is_offered = _said(customer, kind, at)
    standing = _standing(customer, kind, said.today)
    if standing is not None:
        return _same(standing, is_accepted=False)
    until = said.today + timedelta(days=REASON_DAYS[reason])
    try:
        with may_fail():
            values = {"is_accepted": False, "reason": reason, "until": until, "expected": said.expected}
            decision = _decide(said, values, by, at)
            fact = AdviceDismissed(decision_id=decision.id, action=kind, reason=reason)
            record(fact, by=_actor(by), at=at, customer_id=customer.id)
    except IntegrityError:
        return _same(Decision.objects.get(customer=customer, kind=kind, stands=True), is_accepted=False)
    return decision


def take_back(*, decision: Decision, by: Staff, at: datetime) -> bool:
    """Take a decision back, with its task where nobody has done it yet; returns whether it stood until now.

    It is not learned from any more. Repeating it changes nothing.
    """
    with write_tx():
        standing = Decision.objects.select_for_update().get(id=decision.id)
        if standing.undone_at is not None:
            return False
        standing.undone_at, standing.stands = at, False
        standing.save(update_fields=["undone_at", "stands"])
        task = standing.task
        if task is not None and task.state == TaskState.OPEN:
            cancel_task(task=task, by=by, at=at)
        fact = AdviceUndone(decision_id=standing.id, action=standing.kind)
        record(fact, by=by.actor, at=at, customer_id=standing.customer_id)
    return True


def _said(customer: Customer, kind: str, at: datetime) -> tuple[_Said, bool]:
    """Return what would be kept of a suggestion, and whether it is one that is made now."""
    if kind not in KINDS:
        raise UnableToDecide("unknown")
    shop = the_shop()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    facts = gather([customer], at=at, shop=shop)[0].facts
    found = judge(facts, terms_of(), learned())
    one = next((each for each in found.suggestions if each.kind == kind), None)
    anyway = round(1000 * facts.chance_anyway)
    return _Said(customer, kind, today, one.net if one else 0, anyway), one is not None


def _standing(customer: Customer, kind: str, today: date) -> Decision | None:
    """Return the decision that still keeps this suggestion away, if any."""
    row = Decision.objects.select_related("task").filter(customer=customer, kind=kind, stands=True).first()
    if row is None:
        return None
    is_open = row.task is not None and row.task.state == TaskState.OPEN
    return row if row.until > today or is_open else None


def _same(standing: Decision, *, is_accepted: bool) -> Decision:
    if standing.is_accepted != is_accepted:
        raise UnableToDecide("decided")
    return standing


def _decide(said: _Said, values: Mapping[str, Any], by: Staff | Actor, at: datetime) -> Decision:
    """Write a decision in the place of an older one that keeps nothing away any more."""
    Decision.objects.filter(customer=said.customer, kind=said.kind, stands=True).update(stands=False)
    NextAction.objects.filter(customer=said.customer, kind=said.kind).delete()
    actor = _actor(by)
    return Decision.objects.create(
        customer=said.customer, kind=said.kind, chance_anyway=said.chance_anyway, decided_at=at,
        staff=by if isinstance(by, Staff) else None, actor_kind=actor.kind, actor_id=actor.id, **values,
    )  # fmt: skip


def _receiver(customer: Customer, by: Staff | Actor) -> Staff | None:
    """Return who does it: the customer's own colleague where the actor may give tasks away, or the actor himself."""
    owner = customer.owner if customer.owner_id else None
    if owner is not None and owner.is_active and (not isinstance(by, Staff) or may(by, Capability.ASSIGN_TASKS)):
        return owner
    return by if isinstance(by, Staff) else None


def _actor(by: Staff | Actor) -> Actor:
    return by.actor if isinstance(by, Staff) else by
