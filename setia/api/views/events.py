"""Events of other programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.items import Item, accepted, bulk_answer, judged, single_answer
from setia.api.keys import needs
from setia.api.lists import CustomerPaging, Lookup, Page_, id_in_path, moment, page_of
from setia.api.naming import source_of
from setia.api.people import Buyers
from setia.api.problems import Problem
from setia.api.responses import reads, writes, writes_many
from setia.api.schemas import EventIn, EventList, EventOut, EventsIn
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.timeline.models import OutsideEvent
from setia.domains.timeline.outside_events import (
    OutsideEventDraft,
    outside_event_ids_of,
    outside_event_page,
    outside_events_by_id,
    properties_of,
    record_outside_events,
)
from setia.foundation import clock

router = Router(tags=["events"])
_EVENT = TypeAdapter(EventIn)
_READ, _WRITE = needs(Scope.EVENTS_READ), needs(Scope.EVENTS_WRITE)


@router.post("/events", response=writes(), summary="Write an event", **_WRITE)
def write_event(request: HttpRequest, body: EventIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write that something happened in your program; with a customer it stands on his timeline."""

    def work() -> tuple[int, Mapping[str, Any]]:
        item = Item(0, body.external_id, body)
        _write([item], key_of(request))
        return single_answer(item)

    return written(request, idempotency_key, work)


@router.post("/events/bulk", response=writes_many(), summary="Write up to 1,000 events", **_WRITE)
def write_events(request: HttpRequest, body: EventsIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write many events in one transaction: all that are accepted, or none at all; a refused one is left out."""

    def work() -> tuple[int, Mapping[str, Any]]:
        items = judged(_EVENT, body.items)
        _write(items, key_of(request))
        return bulk_answer(items)

    return written(request, idempotency_key, work)


@router.get("/events", response=reads(EventList), summary="List events", **_READ)
def list_events(request: HttpRequest, paging: CustomerPaging = Page_) -> HttpResponse:
    """List events, those written last first; those of one customer by the time they happened."""
    page = outside_event_page(
        customer_ids=paging.customer_ids(), since_id=paging.since_id, cursor=paging.cursor, size=paging.limit
    )
    return json_response(page_of(page, shown_events))


@router.get("/events/lookup", response=reads(EventOut, one=True), summary="Find an event by your identifier", **_READ)
def find_event(request: HttpRequest, lookup: Lookup = Page_) -> HttpResponse:
    """Return the event that your program wrote under an external_id."""
    source = source_of(key_of(request).source, lookup.external_id)
    found = outside_event_ids_of([source]).get(source)
    if found is None:
        raise Problem("not_found")
    return json_response(shown_events(outside_events_by_id([found]))[0])


@router.get("/events/{event_id}", response=reads(EventOut, one=True), summary="Read an event", **_READ)
def read_event(request: HttpRequest, event_id: str) -> HttpResponse:
    """Return one event."""
    found = outside_events_by_id([id_in_path(event_id)])
    if not found:
        raise Problem("not_found")
    return json_response(shown_events(found)[0])


def _write(items: Sequence[Item[EventIn]], key: ApiKey) -> None:
    """Write what can be written, and note in each item what became of it."""
    at = clock.now()
    sources = {item.index: source_of(key.source, value.external_id) for item, value in accepted(items)}
    before = outside_event_ids_of(sources.values())
    buyers = Buyers(accepted(items), key=key)
    taken = accepted(items)
    fresh = [(item, value, value.occurred_at) for item, value in taken if sources[item.index] not in before]
    buyers.resolve(fresh, at=at)
    drafts = [
        OutsideEventDraft(
            key=sources[item.index],
            name=value.name,
            source=key.source,
            customer_id=buyers.of(item),
            occurred_at=value.occurred_at,
            properties=value.properties,
        )
        for item, value in taken
    ]
    outcome = record_outside_events(drafts=drafts, by=key.actor, at=at) if drafts else []
    for (item, _value), (row_id, is_new) in zip(taken, outcome, strict=True):
        item.written(row_id, "created" if is_new else "known")


def shown_events(rows: Sequence[OutsideEvent]) -> list[dict[str, Any]]:
    """Return events as plain JSON values."""
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "source": row.source,
            "customer_id": str(row.customer_id) if row.customer_id else None,
            "occurred_at": moment(row.occurred_at),
            "created_at": moment(row.recorded_at),
            "properties": properties_of(row),
        }
        for row in rows
    ]
