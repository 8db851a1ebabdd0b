"""Questions about customers."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from setia.domains.customers.models import (
    BlockedIdentity,
    ConsentEvent,
    ConsentWording,
    Customer,
    CustomerTag,
    CustomField,
    CustomValue,
    DuplicateState,
    DuplicateSuggestion,
    FamilyDate,
    Identity,
    IdentityAnswer,
    IdentityQuestion,
    Merge,
    Tag,
)
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.rules.consents import (
    ADULT_YEARS,
    CHANNELS,
    Answer,
    Channel,
    Purpose,
    is_allowed,
    is_minor,
    standing,
)
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.events.models import VoidedBatch
from setia.foundation.paging import Key, Page, capped_count, key_page


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person: phone in E.164, e-mail, the shop's own number; empty where unknown."""

    phone: str = ""
    email: str = ""
    external: str = ""


def access_customer(viewer: Any, customer_id: int) -> Customer:
    """Return a person to somebody who may see customers; raises NotAllowed and Customer.DoesNotExist."""
    require(viewer, Capability.VIEW_CUSTOMERS)
    customer = Customer.objects.get(id=customer_id)
    return customer if customer.canonical_id is None else Customer.objects.get(id=customer.canonical_id)


def alias_ids(customer_id: int) -> list[int]:
    """Return the ids of all rows that are this person: his own, then those merged into it, oldest first."""
    merged = Customer.objects.filter(canonical_id=customer_id).order_by("id")
    return [customer_id, *merged.values_list("id", flat=True)]


def canonical_ids(customer_ids: Collection[int]) -> dict[int, int]:
    """Return for each of these rows the row that stands for the person: itself, or the one it was merged into."""
    # The merged are few and have an index of their own.
    merged = Customer.objects.filter(id__in=customer_ids, canonical__isnull=False).values_list("id", "canonical_id")
    found = {row_id: row_id for row_id in customer_ids}
    found.update(merged)
    return found


def rows_of_people(customer_ids: Collection[int]) -> dict[int, list[int]]:
    """Return for each of these rows its own id and those of the rows merged into it."""
    rows = {row_id: [row_id] for row_id in customer_ids}
    merged = Customer.objects.filter(canonical_id__in=customer_ids).order_by("id").values_list("id", "canonical_id")
    for row_id, person in merged:
        rows[person].append(row_id)
    return rows


def contacts(customer_ids: Collection[int]) -> dict[int, Contact]:
    """Return how to reach each of these people, opening their encrypted identities; log the look where shown."""
    parts: dict[int, dict[str, str]] = defaultdict(dict)
    names = {IdentityKind.PHONE: "phone", IdentityKind.EMAIL: "email", IdentityKind.EXTERNAL: "external"}
    for row in Identity.objects.filter(customer_id__in=customer_ids, kind__in=list(names)).order_by("-id"):
        parts[row.customer_id][row.kind] = row.value
    return {
        customer_id: Contact(**{names[IdentityKind(kind)]: value for kind, value in parts[customer_id].items()})
        for customer_id in customer_ids
    }


def reach_of(customer_ids: Sequence[int]) -> Contact:
    """Return how to reach one person of several rows: the canonical row's contacts before those merged into it."""
    found = contacts(customer_ids)
    return Contact(
        **{
            name: next((value for row_id in customer_ids if (value := getattr(found[row_id], name))), "")
            for name in ("phone", "email", "external")
        }
    )


def known_sources() -> list[str]:
    """Return the ways customers were won that the shop has named, to choose from again."""
    rows = Customer.objects.exclude(acquisition_source="").order_by("-id").values_list("acquisition_source", flat=True)
    return sorted(set(rows[:500]))


def wished_for() -> Iterator[str]:
    """Walk over what customers said they like, one word per person and wish, in small letters."""
    standing = Customer.objects.filter(canonical=None).exclude(interests=[])
    for wishes in standing.values_list("interests", flat=True).iterator(chunk_size=2_000):
        yield from {str(wish).strip().casefold() for wish in wishes} - {""}


def by_ids(customer_ids: Sequence[int]) -> list[Customer]:
    """Return these people in the order of the ids."""
    rows = Customer.objects.in_bulk(customer_ids)
    return [rows[customer_id] for customer_id in customer_ids if customer_id in rows]


def ids_from_import(origin_id: int) -> set[int]:
    """Return the ids of people an import made."""
    return set(Customer.objects.filter(origin_id=origin_id).values_list("id", flat=True))


def all_ids(*, size: int) -> Iterator[list[int]]:
    """Walk over the ids of all customers in steps of `size`."""
    last = 0
    while ids := list(Customer.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:size]):
        yield ids
        last = ids[-1]


@dataclass(frozen=True, slots=True)
class ConsentState:
    """How one purpose on one channel stands: whether it is allowed, and the answer it rests on, if any."""

    purpose: Purpose
    channel: Channel
    is_allowed: bool
    event: ConsentEvent | None


def consent_states(customer: Customer, *, on: date, row_ids: Collection[int] | None = None) -> list[ConsentState]:
    """Return for every purpose and channel whether a person's data may be used, and why; merged rows count as one.

    Answers of imports that were undone are left out. `on` is the shop's day, which decides who is a minor;
    `row_ids` are the person's rows, where the caller knows them.
    """
    events = {event.id: event for event in consent_events(row_ids or alias_ids(customer.id))}
    answers = [
        Answer(row.purpose, row.channel, row.is_granted, row.is_guardian, row.given_at, row.id)
        for row in events.values()
    ]
    latest = standing(answers)
    minor = is_minor(customer.birth_date, on=on)
    states = []
    for purpose, channels in CHANNELS.items():
        for channel in channels:
            answer = latest.get((purpose.value, channel.value))
            event = events[answer.event_id] if answer else None
            states.append(ConsentState(purpose, channel, is_allowed(purpose, answer, minor=minor), event))
    return states


def people_not_to_score(*, on: date) -> set[int]:
    """Return whose scores may not be kept on a shop's day: of who objects, and of children without a parent's yes.

    Merged rows count as one; answers of imports that were undone are left out. Children whose birthday is not known
    count as grown up.
    """
    events = ConsentEvent.objects.filter(purpose=Purpose.PROFILING.value).order_by("given_at", "id")
    origins = {row.origin_id for row in events if row.origin_id}
    voided = set(VoidedBatch.objects.filter(batch_id__in=origins).values_list("batch_id", flat=True))
    answers: dict[int, list[Answer]] = {}
    rows = [row for row in events if row.origin_id not in voided]
    merged = dict(
        Customer.objects.filter(id__in={row.customer_id for row in rows}, canonical__isnull=False).values_list(
            "id", "canonical_id"
        )
    )
    for row in rows:
        answer = Answer(row.purpose, row.channel, row.is_granted, row.is_guardian, row.given_at, row.id)
        answers.setdefault(merged.get(row.customer_id, row.customer_id), []).append(answer)
    young = Customer.objects.filter(birth_date__gt=date(on.year - ADULT_YEARS - 1, 1, 1), canonical__isnull=True)
    minors = {row_id for row_id, born in young.values_list("id", "birth_date") if is_minor(born, on=on)}
    found = set()
    for person in minors | set(answers):
        standing_answers = standing(answers.get(person, ()))
        answer_now = next(iter(standing_answers.values()), None)
        if not is_allowed(Purpose.PROFILING, answer_now, minor=person in minors):
            found.add(person)
    return found


def may_use(customer: Customer, purpose: Purpose, channel: Channel, *, on: date) -> bool:
    """Tell whether a person's data may be used for a purpose on a channel on a shop's day."""
    states = consent_states(customer, on=on)
    return next(row.is_allowed for row in states if row.purpose is purpose and row.channel is channel)


def consent_events(customer_ids: Collection[int]) -> list[ConsentEvent]:
    """Return all answers of a person with their wording and evidence, latest first, without undone imports'."""
    rows = ConsentEvent.objects.select_related("wording", "evidence").filter(customer_id__in=customer_ids)
    found = list(rows.order_by("-given_at", "-id"))
    origins = {row.origin_id for row in found if row.origin_id}
    voided = set(VoidedBatch.objects.filter(batch_id__in=origins).values_list("batch_id", flat=True))
    return [row for row in found if row.origin_id not in voided]


def wordings() -> dict[str, ConsentWording]:
    """Return the latest wording of each purpose."""
    return {row.purpose: row for row in ConsentWording.objects.order_by("version")}


def custom_fields(*, with_inactive: bool = False) -> list[CustomField]:
    """Return the shop's custom fields in their order."""
    rows = CustomField.objects.all() if with_inactive else CustomField.objects.filter(is_active=True)
    return list(rows.order_by("position", "label", "id"))


def custom_values(customer_ids: Collection[int]) -> dict[str, str]:
    """Return what the fields say of a person, by key; the canonical row's value stands before those merged into it."""
    order = {row_id: index for index, row_id in enumerate(customer_ids)}
    rows = CustomValue.objects.select_related("field").filter(customer_id__in=customer_ids)
    found = sorted(rows, key=lambda row: (-order[row.customer_id], row.id))
    return {row.field.key: row.text for row in found}


def tags_of(customer_ids: Collection[int]) -> list[str]:
    """Return the names of a person's tags."""
    rows = Tag.objects.filter(id__in=CustomerTag.objects.filter(customer_id__in=customer_ids).values("tag_id"))
    return list(rows.order_by("name").values_list("name", flat=True))


def family_dates(customer_ids: Collection[int]) -> list[FamilyDate]:
    """Return the days that matter to a person's family, by month and day."""
    rows = FamilyDate.objects.filter(customer_id__in=customer_ids)
    return sorted(rows, key=lambda row: (row.date.month, row.date.day, row.id))


def identities_of(customer_ids: Collection[int]) -> list[Identity]:
    """Return every way a person is recognized, kind by kind; log the look where values are shown."""
    kinds = list(IdentityKind)
    rows = Identity.objects.filter(customer_id__in=customer_ids)
    return sorted(rows, key=lambda row: (kinds.index(IdentityKind(row.kind)), row.id))


def merges_of(customer_ids: Collection[int]) -> list[Merge]:
    """Return the standing merges of a person, latest first."""
    rows = Merge.objects.select_related("loser", "winner").filter(winner_id__in=customer_ids, undone_at__isnull=True)
    return list(rows.order_by("-id"))


def open_duplicates(*, cursor: str, size: int) -> Page[DuplicateSuggestion]:
    """Return one page of pairs that may be one person, likeliest first, without rows that were merged otherwise."""
    rows = DuplicateSuggestion.objects.select_related("left", "right").filter(
        state=DuplicateState.OPEN, left__canonical__isnull=True, right__canonical__isnull=True
    )
    return key_page(rows, keys=(Key("score"), Key("id")), cursor=cursor, size=size)


def duplicates_of(customer_id: int) -> list[DuplicateSuggestion]:
    """Return open suggestions about one customer, likeliest first."""
    about = Q(left_id=customer_id, right__canonical__isnull=True) | Q(
        right_id=customer_id, left__canonical__isnull=True
    )
    rows = DuplicateSuggestion.objects.select_related("left", "right").filter(about, state=DuplicateState.OPEN)
    return list(rows.order_by("-score", "-id")[:5])


def open_questions(*, cursor: str, size: int) -> Page[IdentityQuestion]:
    """Return one page of numbers with two names that nobody has decided about, latest first."""
    rows = IdentityQuestion.objects.select_related("holder", "newcomer").filter(answer=IdentityAnswer.OPEN)
    return key_page(rows, keys=(Key("asked_at"), Key("id")), cursor=cursor, size=size)


def questions_of(customer_ids: Collection[int]) -> list[IdentityQuestion]:
    """Return open questions about one person."""
    about = Q(holder_id__in=customer_ids) | Q(newcomer_id__in=customer_ids)
    rows = IdentityQuestion.objects.select_related("holder", "newcomer").filter(about, answer=IdentityAnswer.OPEN)
    return list(rows.order_by("-asked_at", "-id")[:5])


def blocked_identities() -> list[BlockedIdentity]:
    """Return the values that identify nobody, latest first."""
    return list(BlockedIdentity.objects.order_by("-id")[:500])


def waiting_decisions() -> tuple[int, int]:
    """Return how many duplicate suggestions and identity questions wait, each counted up to 10,001."""
    pairs = DuplicateSuggestion.objects.filter(state=DuplicateState.OPEN)
    return capped_count(pairs), capped_count(IdentityQuestion.objects.filter(answer=IdentityAnswer.OPEN))
