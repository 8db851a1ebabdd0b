"""What other programs say happened: the verb that writes it down, the fact, the questions."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from setia.domains.commerce.drafts import source_key
from setia.domains.timeline.models import OutsideEvent
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events import Fact
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids
from setia.foundation.paging import Key, Page, key_page


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEventHeard(Fact):
    """Another program said that something happened to a customer; `code` is its own word for it."""

    kind: ClassVar[str] = "timeline.outside_event"
    subject: ClassVar[str] = "event_id"
    event_id: int
    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEventDraft:
    """An event to write. `key` names it in the world it comes from, once for ever."""

    key: str
    name: str
    source: str
    customer_id: int | None
    occurred_at: datetime
    properties: Mapping[str, Any]


def record_outside_events(
    *, drafts: Sequence[OutsideEventDraft], by: Actor, at: datetime, origin_id: int | None = None
) -> list[tuple[int, bool]]:
    """Write events with their facts in one transaction; return for each its id and whether it is new.

    Idempotent by `key`: an event that is known stays as it is. Raises IntegrityError when another transaction wrote
    one of the same events at the same moment; try again.
    """
    with write_tx():
        keys = [source_key(draft.key) for draft in drafts]
        rows = OutsideEvent.objects.filter(source_key__in=keys).values_list("source_key", "id")
        known = {bytes(key): row_id for key, row_id in rows}
        fresh: list[tuple[int, bytes, OutsideEventDraft]] = []
        answer = []
        for row_id, key, draft in zip(new_ids(len(drafts)), keys, drafts, strict=True):
            is_new = key not in known
            if is_new:
                known[key] = row_id
                fresh.append((row_id, key, draft))
            answer.append((known[key], is_new))
        _insert(fresh, at)
        happenings = [
            Happening(
                OutsideEventHeard(event_id=row_id, code=draft.name, source=draft.source),
                draft.customer_id,
                draft.occurred_at,
            )
            for row_id, _, draft in fresh
            if draft.customer_id is not None
        ]
        record_many(happenings, by=by, at=at, batch_id=origin_id)
    return answer


def _insert(fresh: Sequence[tuple[int, bytes, OutsideEventDraft]], at: datetime) -> None:
    field: Any = OutsideEvent._meta.get_field("properties")
    columns = ("id", "customer_id", "name", "properties", "source", "occurred_at", "recorded_at", "source_key")
    bulk_insert(
        OutsideEvent,
        columns,
        (
            (
                row_id,
                draft.customer_id,
                draft.name[:60],
                field.seal_for(row_id, json.dumps(dict(draft.properties)) if draft.properties else ""),
                draft.source[:40],
                draft.occurred_at,
                at,
                key,
            )
            for row_id, key, draft in fresh
        ),
    )


def outside_event_page(
    *, customer_ids: Sequence[int] | None, since_id: int, cursor: str, size: int
) -> Page[OutsideEvent]:
    """Return one page of events, those written last first, or of one customer's, latest first; raises BadCursor."""
    rows = OutsideEvent.objects.filter(id__gte=since_id)
    keys: tuple[Key, ...] = (Key("id"),)
    if customer_ids is not None:
        rows, keys = rows.filter(customer_id__in=customer_ids), (Key("occurred_at"), Key("id"))
    return key_page(rows, keys=keys, cursor=cursor, size=size, is_strict=True)


def properties_of(event: OutsideEvent) -> dict[str, Any]:
    """Return what else was said of an event."""
    return dict(json.loads(event.properties)) if event.properties else {}


def outside_event_ids_of(keys: Collection[str]) -> dict[str, int]:
    """Return the ids of the events that these keys name."""
    wanted = {source_key(key): key for key in keys}
    rows = OutsideEvent.objects.filter(source_key__in=list(wanted)).values_list("source_key", "id")
    return {wanted[bytes(key)]: row_id for key, row_id in rows}


def outside_events_by_id(ids: Sequence[int]) -> list[OutsideEvent]:
    """Return these events."""
    return list(OutsideEvent.objects.filter(id__in=ids))
