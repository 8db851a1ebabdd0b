"""Lists by hand: putting people on them and taking them off."""

from collections.abc import Collection
from datetime import datetime

from setia.domains.customers.models import Customer
from setia.domains.customers.queries import canonical_ids
from setia.domains.segments.actions.editing import UnableToSave, _name, _save
from setia.domains.segments.actions.judging import judge_people
from setia.domains.segments.events import ListChanged, SegmentSaved
from setia.domains.segments.models import Segment, SegmentKind, SegmentState
from setia.domains.segments.standing import Wanted, Writer, hold_people, standing_rows
from setia.domains.shop.models import Shop
from setia.domains.staff.models import Staff
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


def make_list(*, name: str, by: Actor, at: datetime, maker: Staff | None = None, description: str = "") -> Segment:
    """Make a list; raises UnableToSave."""
    row = Segment(
        kind=SegmentKind.STATIC, state=SegmentState.LIVE, name=_name(name), description=description.strip()[:300],
        made_by=maker, created_at=at, changed_at=at, filled_version=1,
    )  # fmt: skip
    with write_tx():
        _save(row)
        record(SegmentSaved(segment_id=row.id, version=1, fields=("name",)), by=by, at=at)
    return row


def add_people(*, segment: Segment, customer_ids: Collection[int], by: Actor, at: datetime) -> int:
    """Put people on a list and return how many were not on it; whoever is gone is passed over. Repeatable."""
    return _change(segment, customer_ids, is_member=True, by=by, at=at)


def remove_people(*, segment: Segment, customer_ids: Collection[int], by: Actor, at: datetime) -> int:
    """Take people off a list and return how many were on it. Repeating it changes nothing."""
    return _change(segment, customer_ids, is_member=False, by=by, at=at)


def _change(segment: Segment, customer_ids: Collection[int], *, is_member: bool, by: Actor, at: datetime) -> int:
    with write_tx():
        row = Segment.objects.select_for_update(of=("self",)).get(id=segment.id)
        if row.kind != SegmentKind.STATIC or row.state == SegmentState.ARCHIVED:
            raise UnableToSave("archived" if row.state == SegmentState.ARCHIVED else "by_rule")
        there = Customer.objects.filter(id__in=list(customer_ids)).values_list("id", flat=True)
        people = sorted(set(canonical_ids(list(there)).values()))
        hold_people(people)
        standing = standing_rows([row.id], people)
        writer = Writer(Shop.objects.get(id=1), at)
        moved = [
            person_id
            for person_id in people
            if writer.put(row.id, row.version, person_id, standing.get((row.id, person_id)), Wanted(is_member, 0, None))
        ]
        writer.write()
        if moved:
            added, removed = (len(moved), 0) if is_member else (0, len(moved))
            record(ListChanged(segment_id=row.id, added=added, removed=removed), by=by, at=at)
            judge_people(customer_ids=moved, at=at, changed=[row.id])
    return len(moved)
