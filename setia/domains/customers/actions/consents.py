"""Writing down what people answered, with the proof."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from setia.domains.customers.drafts import ConsentDraft, consent_key
from setia.domains.customers.events import ConsentRecorded, ConsentWordingPublished
from setia.domains.customers.models import ConsentEvent, ConsentEvidence, ConsentWording, Customer
from setia.domains.customers.queries import canonical_ids
from setia.domains.customers.rules.consents import GUARDED, Channel, Purpose, fits, is_minor
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events import record
from setia.foundation.events.models import VoidedBatch
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

LONGEST_EVIDENCE = 2_000


class UnableToRecordConsent(Exception):
    """Raised with a code and the draft's place.

    Codes: `no_such_purpose`, `wrong_channel`, `no_wording` (a yes without words it was given to), `no_evidence`,
    `minor` (a child's yes without the guardian's), `future`.
    """

    def __init__(self, code: str, index: int) -> None:
        super().__init__(code)
        self.code = code
        self.index = index


def publish_wording(*, purpose: Purpose, text_id: str, text_en: str, by: Actor, at: datetime) -> ConsentWording:
    """Give a purpose a new version of its words; the same words again change nothing. Older answers keep theirs."""
    text_id, text_en = text_id.strip(), text_en.strip()
    digest = hashlib.sha256(f"{text_id}\x1f{text_en}".encode()).hexdigest()
    with write_tx():
        latest = ConsentWording.objects.filter(purpose=purpose).order_by("-version").first()
        if latest is not None and latest.text_hash == digest:
            return latest
        wording = ConsentWording.objects.create(
            purpose=purpose.value,
            version=latest.version + 1 if latest else 1,
            text_id=text_id,
            text_en=text_en,
            text_hash=digest,
            actor_kind=by.kind,
            actor_id=by.id,
            published_at=at,
        )
        fact = ConsentWordingPublished(wording_id=wording.id, purpose=purpose.value, version=wording.version)
        record(fact, by=by, at=at)
    return wording


def record_consents(
    *, answers: Sequence[ConsentDraft], door: str, by: Actor, at: datetime, origin_id: int | None = None
) -> int:
    """Write answers and return how many are new; one that is known by its `source` changes nothing.

    All or none: raises UnableToRecordConsent for the first that cannot stand, with its index. An answer of an import
    that was undone counts as never given, and may come again.
    """
    with write_tx():
        wordings = _Wordings({draft.purpose for draft in answers})
        births = _birth_dates({draft.customer_id for draft in answers})
        chosen = [wordings.of(draft) for draft in answers]
        for index, (draft, wording) in enumerate(zip(answers, chosen, strict=True)):
            code = _refusal(draft, wording, births.get(draft.customer_id), at)
            if code:
                raise UnableToRecordConsent(code, index)
        keys = _fresh_keys(answers, origin_id)
        # Given twice in one file, an answer is written once.
        fresh = {key: item for key, item in zip(keys, zip(answers, chosen, strict=True), strict=True) if key}
        ids = new_ids(len(fresh))
        columns = (
            *("id", "customer_id", "purpose", "channel", "is_granted", "is_guardian", "wording_id", "door"),
            *("actor_kind", "actor_id", "given_at", "recorded_at", "origin_id", "source_key"),
        )
        rows = [
            (
                *(row_id, draft.customer_id, draft.purpose, draft.channel, draft.is_granted, draft.is_guardian),
                *(wording.id if wording else None, door[:12], by.kind, by.id, draft.given_at, at, origin_id, key),
            )
            for row_id, (key, (draft, wording)) in zip(ids, fresh.items(), strict=True)
        ]
        bulk_insert(ConsentEvent, columns, rows)
        drafts = [draft for draft, _ in fresh.values()]
        _insert_evidence(zip(ids, drafts, strict=True))
        _tell(zip(ids, drafts, strict=True), by=by, at=at, origin_id=origin_id)
    return len(fresh)


def _tell(rows: Iterable[tuple[int, ConsentDraft]], *, by: Actor, at: datetime, origin_id: int | None) -> None:
    happenings = []
    for row_id, draft in rows:
        fact = ConsentRecorded(
            customer_id=draft.customer_id,
            consent_id=row_id,
            purpose=draft.purpose,
            channel=draft.channel,
            is_granted=draft.is_granted,
        )
        happenings.append(Happening(fact, draft.customer_id, draft.given_at))
    record_many(happenings, by=by, at=at, batch_id=origin_id)


def _insert_evidence(rows: Iterable[tuple[int, ConsentDraft]]) -> None:
    seal = ConsentEvidence._meta.get_field("text").seal_for
    bulk_insert(
        ConsentEvidence,
        ("event_id", "customer_id", "text"),
        (
            (row_id, draft.customer_id, seal(row_id, draft.evidence.strip()[:LONGEST_EVIDENCE]))
            for row_id, draft in rows
            if draft.evidence.strip()
        ),
    )


def _refusal(draft: ConsentDraft, wording: ConsentWording | None, birth_date: date | None, at: datetime) -> str:
    if draft.purpose not in set(Purpose):
        return "no_such_purpose"
    purpose = Purpose(draft.purpose)
    if draft.channel not in set(Channel) or not fits(purpose, Channel(draft.channel)):
        return "wrong_channel"
    if draft.given_at > at:
        return "future"
    if not draft.is_granted:
        return ""  # whoever says no need not prove anything
    if wording is None:
        return "no_wording"
    if not draft.evidence.strip():
        return "no_evidence"
    if purpose in GUARDED and not draft.is_guardian and is_minor(birth_date, on=draft.given_at.date()):
        return "minor"
    return ""


class _Wordings:
    """The versions of words, to find which an answer was given to."""

    def __init__(self, purposes: set[str]) -> None:
        rows = ConsentWording.objects.filter(purpose__in=purposes).order_by("version")
        self._by_purpose: dict[str, list[ConsentWording]] = {}
        for row in rows:
            self._by_purpose.setdefault(row.purpose, []).append(row)

    def of(self, draft: ConsentDraft) -> ConsentWording | None:
        versions = self._by_purpose.get(draft.purpose, [])
        if draft.wording_version is not None:
            return next((row for row in versions if row.version == draft.wording_version), None)
        standing = [row for row in versions if row.published_at <= draft.given_at]
        return standing[-1] if standing else next(iter(versions), None)


def _birth_dates(customer_ids: set[int]) -> dict[int, date | None]:
    """Return birthdays, for merged rows that of the person who stands."""
    people = canonical_ids(customer_ids)
    known = dict(Customer.objects.filter(id__in={*people, *people.values()}).values_list("id", "birth_date"))
    return {row_id: known.get(person) or known.get(row_id) for row_id, person in people.items()}


def _fresh_keys(answers: Sequence[ConsentDraft], origin_id: int | None) -> list[bytes | None]:
    """Return the key to write each answer under, None for one that stands already."""
    plain = [consent_key(draft.source) for draft in answers]
    again = [consent_key(f"{draft.source}|{origin_id}") for draft in answers]
    rows = ConsentEvent.objects.filter(source_key__in={*plain, *again}).values_list("source_key", "origin_id")
    known = {bytes(key): origin for key, origin in rows}
    voided = set(
        VoidedBatch.objects.filter(batch_id__in={o for o in known.values() if o}).values_list("batch_id", flat=True)
    )

    def choose(first: bytes, second: bytes) -> bytes | None:
        if first not in known:
            return first
        return second if known[first] in voided and second not in known else None

    return [choose(first, second) for first, second in zip(plain, again, strict=True)]
