"""Numbers with two names, and values that are nobody's: what people decide about them."""

from datetime import datetime

from django.db import IntegrityError

from setia.domains.customers.actions.merging import UnableToMerge, merge_customers
from setia.domains.customers.actions.people import NotAnIdentity
from setia.domains.customers.events import CustomerChanged, IdentityBlocked, IdentityQuestionAnswered, IdentityUnblocked
from setia.domains.customers.models import BlockedIdentity, Customer, Identity, IdentityAnswer, IdentityQuestion
from setia.domains.customers.resolving import lookup_key, tail_of
from setia.domains.customers.rules import IdentityKind, normal_value
from setia.foundation.actors import Actor
from setia.foundation.db import may_fail, write_tx
from setia.foundation.events import record


class UnableToAnswer(Exception):
    """Raised with a code: `answered` when somebody decided already, or a code of UnableToMerge."""


def answer_question(*, question: IdentityQuestion, answer: IdentityAnswer, by: Actor, at: datetime) -> None:
    """Decide whose a number is. Raises UnableToAnswer; the same answer again changes nothing.

    `same`: the newcomer is the holder under another name, and is merged into him. `moved`: the number is the
    newcomer's now; it leaves the holder. `shared`: both keep using it; it stays with the holder, and the newcomer is
    recognized by number and name together.
    """
    with write_tx():
        question = IdentityQuestion.objects.select_for_update().get(id=question.id)
        if question.answer == answer:
            return
        if question.answer != IdentityAnswer.OPEN:
            raise UnableToAnswer("answered")
        if answer is IdentityAnswer.SAME:
            _merge_newcomer(question, by=by, at=at)
        elif answer is IdentityAnswer.MOVED:
            _move_identity(question, by=by, at=at)
        question.answer, question.answered_at, question.answered_by_id = answer, at, by.id
        question.save(update_fields=["answer", "answered_at", "answered_by_id"])
        fact = IdentityQuestionAnswered(
            customer_id=question.holder_id, newcomer_id=question.newcomer_id, answer=answer.value
        )
        record(fact, by=by, at=at, customer_id=question.holder_id)


def block_question(*, question: IdentityQuestion, reason: str, by: Actor, at: datetime) -> BlockedIdentity:
    """Decide that a number is nobody's, such as the shop's own: it is blocked, and its questions are closed."""
    with write_tx():
        blocked = block_identity(kind=IdentityKind(question.kind), value=question.value, reason=reason, by=by, at=at)
        same = IdentityQuestion.objects.filter(kind=question.kind, lookup=bytes(question.lookup))
        same.filter(answer=IdentityAnswer.OPEN).update(
            answer=IdentityAnswer.SHARED, answered_at=at, answered_by_id=by.id
        )
        fact = IdentityQuestionAnswered(
            customer_id=question.holder_id, newcomer_id=question.newcomer_id, answer="blocked"
        )
        record(fact, by=by, at=at, customer_id=question.holder_id)
    return blocked


def block_identity(*, kind: IdentityKind, value: str, reason: str, by: Actor, at: datetime) -> BlockedIdentity:
    """Let a value identify nobody from now on, and take it from whoever has it. Repeating it changes nothing.

    Raises NotAnIdentity.
    """
    normalized = normal_value(kind, value)
    if not normalized:
        raise NotAnIdentity(kind)
    lookup = lookup_key(kind, normalized)[1]
    with write_tx():
        standing = BlockedIdentity.objects.filter(kind=kind, lookup=lookup).first()
        if standing is not None:
            return standing
        blocked = BlockedIdentity(
            kind=kind.value,
            value=normalized,
            lookup=lookup,
            reason=reason[:120],
            actor_kind=by.kind,
            actor_id=by.id,
            created_at=at,
        )
        try:
            with may_fail():
                blocked.save(force_insert=True)
        except IntegrityError:
            return BlockedIdentity.objects.get(kind=kind, lookup=lookup)
        for identity in Identity.objects.select_for_update().filter(kind=kind, lookup=lookup):
            identity.delete()
            fact = CustomerChanged(customer_id=identity.customer_id, fields=(kind.value,))
            record(fact, by=by, at=at, customer_id=identity.customer_id)
        record(IdentityBlocked(blocked_id=blocked.id, identity_kind=kind.value), by=by, at=at)
    return blocked


def unblock_identity(*, blocked: BlockedIdentity, by: Actor, at: datetime) -> None:
    """Let a blocked value identify people again, from the next time it is given. Repeating it changes nothing."""
    with write_tx():
        if BlockedIdentity.objects.filter(id=blocked.id).delete()[0]:
            record(IdentityUnblocked(blocked_id=blocked.id, identity_kind=blocked.kind), by=by, at=at)


def _merge_newcomer(question: IdentityQuestion, *, by: Actor, at: datetime) -> None:
    holder = _canonical(question.holder_id)
    newcomer = _canonical(question.newcomer_id)
    if holder.id == newcomer.id:
        return
    try:
        merge_customers(winner=holder, loser=newcomer, by=by, at=at, reasons=["same_number"])
    except UnableToMerge as error:
        raise UnableToAnswer(str(error)) from error


def _move_identity(question: IdentityQuestion, *, by: Actor, at: datetime) -> None:
    kind, lookup = IdentityKind(question.kind), bytes(question.lookup)
    identity = Identity.objects.select_for_update().filter(kind=kind, lookup=lookup).first()
    former = identity.customer_id if identity is not None else None
    if former == question.newcomer_id:
        return
    if identity is not None:
        identity.delete()
    # A text is sealed for its row, so the newcomer gets a row of his own.
    Identity.objects.create(
        customer_id=question.newcomer_id,
        kind=kind.value,
        value=question.value,
        lookup=lookup,
        tail=tail_of(kind, question.value),
        created_at=at,
    )
    for customer_id in (former, question.newcomer_id):
        if customer_id is not None:
            record(
                CustomerChanged(customer_id=customer_id, fields=(kind.value,)), by=by, at=at, customer_id=customer_id
            )


def _canonical(customer_id: int) -> Customer:
    row = Customer.objects.get(id=customer_id)
    return row if row.canonical_id is None else Customer.objects.get(id=row.canonical_id)
