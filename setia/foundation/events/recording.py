"""Writing facts down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, on_commit, write_tx
from setia.foundation.events.facts import Fact
from setia.foundation.events.models import AccessLog, Delivery, Event, VoidedBatch
from setia.foundation.events.subscribing import subscribers_of
from setia.foundation.ids import new_ids
from setia.foundation.jobs.waking import wake_workers


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact with its person and its time, for `record_many`."""

    fact: Fact
    customer_id: int | None
    occurred_at: datetime


def record(
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    customer_id: int | None = None,
    batch_id: int | None = None,
) -> int:
    """Write one fact in the caller's transaction and return its id.

    `at` is now; `occurred_at` is when it happened, if earlier. Each subscriber of the kind is owed the fact from
    this transaction on: if it rolls back, nobody hears of it.
    """
    happening = Happening(fact, customer_id, occurred_at or at)
    return record_many([happening], by=by, at=at, batch_id=batch_id)[0]


def record_many(
    happenings: Sequence[Happening],
    *,
    by: Actor,
    at: datetime,
    batch_id: int | None = None,
) -> list[int]:
    """Write many facts at once and return their ids in the order given."""
    ids = new_ids(len(happenings))
    hearers = subscribers_of({happening.fact.kind for happening in happenings})
    owed = [
        (event_id, name)
        for event_id, happening in zip(ids, happenings, strict=True)
        for name in hearers[happening.fact.kind]
    ]
    with write_tx():
        bulk_insert(
            Event,
            (
                "id",
                "kind",
                "occurred_at",
                "recorded_at",
                "customer_id",
                "subject_id",
                "actor_kind",
                "actor_id",
                "batch_id",
                "payload",
            ),
            (
                (
                    event_id,
                    happening.fact.kind,
                    happening.occurred_at,
                    at,
                    happening.customer_id,
                    happening.fact.subject_id,
                    by.kind,
                    by.id,
                    batch_id,
                    happening.fact.payload(),
                )
                for event_id, happening in zip(ids, happenings, strict=True)
            ),
        )
        if owed:
            bulk_insert(
                Delivery,
                ("id", "event_id", "subscriber", "due_at", "attempt_count", "last_error"),
                (
                    (row_id, event_id, name, at, 0, "")
                    for row_id, (event_id, name) in zip(new_ids(len(owed)), owed, strict=True)
                ),
            )
            on_commit(wake_workers)
    return ids


def void_batch(batch_id: int, *, by: Actor, at: datetime) -> None:
    """Declare all facts of a batch undone; repeated calls change nothing."""
    VoidedBatch.objects.get_or_create(
        batch_id=batch_id, defaults={"voided_at": at, "actor_kind": by.kind, "actor_id": by.id}
    )


def log_access(*, by: Actor, at: datetime, page: str, customer_id: int | None, row_count: int = 1) -> None:
    """Note that somebody looked at personal data. The one write that a GET may cause, beside last-seen."""
    AccessLog.objects.create(
        looked_at=at, actor_kind=by.kind, actor_id=by.id, customer_id=customer_id, page=page, row_count=row_count
    )
