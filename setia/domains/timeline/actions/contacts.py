"""Verbs of contacts: log a call, a visit, a chat; take it back; write many that a file brings."""

from collections.abc import Sequence
from datetime import datetime

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.domains.timeline.drafts import InteractionDraft
from setia.domains.timeline.events import InteractionLogged, InteractionRemoved
from setia.domains.timeline.models import Interaction
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record, record_many
from setia.foundation.events.recording import Happening

LONGEST_WORDS = 4_000
LONGEST_SECONDS = 24 * 60 * 60
_CHUNK = 500


class UnableToLogInteraction(Exception):
    """Raised with a code when a contact cannot be kept: `future`, `too_long` or `duration`."""


def log_interaction(
    *,
    customer: Customer,
    kind: str,
    happened_at: datetime,
    by: Staff,
    at: datetime,
    is_inbound: bool = False,
    outcome: str = "",
    duration_seconds: int = 0,
    body: str = "",
    outlet_id: int | None = None,
) -> Interaction:
    """Write down a contact with a customer; raises UnableToLogInteraction. Each call writes one more."""
    if happened_at > at:
        raise UnableToLogInteraction("future")
    if len(body) > LONGEST_WORDS:
        raise UnableToLogInteraction("too_long")
    if not 0 <= duration_seconds <= LONGEST_SECONDS:
        raise UnableToLogInteraction("duration")
    with write_tx():
        row = Interaction.objects.create(
            customer=customer,
            kind=kind,
            is_inbound=is_inbound,
            outcome=outcome.strip(),
            duration_seconds=duration_seconds,
            body=body.strip(),
            author=by,
            outlet_id=outlet_id,
            happened_at=happened_at,
            recorded_at=at,
        )
        fact = InteractionLogged(interaction_id=row.id, contact=kind, is_inbound=is_inbound)
        record(fact, by=by.actor, at=at, occurred_at=happened_at, customer_id=customer.id)
    return row


def remove_interaction(*, interaction: Interaction, by: Staff, at: datetime) -> None:
    """Take a contact back; its words are deleted, the fact stays. Changes nothing when it is gone already."""
    with write_tx():
        removed, _ = Interaction.objects.filter(id=interaction.id).delete()
        if removed:
            fact = InteractionRemoved(interaction_id=interaction.id)
            record(fact, by=by.actor, at=at, customer_id=interaction.customer_id)


def record_interactions(
    *, drafts: Sequence[InteractionDraft], by: Actor, at: datetime, origin_id: int | None = None
) -> int:
    """Write contacts from outside and return how many were new; one that is known by its source is left as it is."""
    fresh = {draft.source_key: draft for draft in drafts}
    with write_tx():
        keys = list(fresh)
        for start in range(0, len(keys), _CHUNK):
            known = Interaction.objects.filter(source_key__in=keys[start : start + _CHUNK])
            for key in known.values_list("source_key", flat=True):
                fresh.pop(bytes(key or b""), None)
        # Two files at the same moment meet at the unique key: the later one fails whole and is tried again.
        rows = [
            Interaction(
                customer_id=draft.customer_id,
                kind=draft.kind,
                is_inbound=draft.is_inbound,
                outcome=draft.outcome,
                duration_seconds=draft.duration_seconds,
                body=draft.body,
                outlet_id=draft.outlet_id,
                happened_at=draft.happened_at,
                recorded_at=at,
                origin_id=origin_id,
                source_key=key,
            )
            for key, draft in fresh.items()
        ]
        Interaction.objects.bulk_create(rows, batch_size=_CHUNK)
        happenings = [
            Happening(
                InteractionLogged(interaction_id=row.id, contact=row.kind, is_inbound=row.is_inbound),
                row.customer_id,
                row.happened_at,
            )
            for row in rows
        ]
        if happenings:
            record_many(happenings, by=by, at=at, batch_id=origin_id)
    return len(rows)


def remove_interactions_of_import(*, origin_id: int, limit: int, by: Actor, at: datetime) -> int:
    """Delete at most `limit` contacts that an import wrote and return how many; call it until it returns 0.

    Its facts are voided with the import, so that no timeline shows what went.
    """
    with write_tx():
        rows = list(Interaction.objects.filter(origin_id=origin_id).order_by("id")[:limit])
        Interaction.objects.filter(id__in=[row.id for row in rows]).delete()
        gone = [Happening(InteractionRemoved(interaction_id=row.id), row.customer_id, at) for row in rows]
        record_many(gone, by=by, at=at, batch_id=origin_id)
    return len(rows)
