"""Making and changing segments by rule."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError

from setia.domains.segments.events import SegmentSaved, SegmentStateChanged
from setia.domains.segments.models import Segment, SegmentKind, SegmentState, Standing
from setia.domains.segments.plan import any_live, circle, users_of
from setia.domains.segments.rules.tree import Node, as_json, checked, refers_to, tidied, topics_of
from setia.domains.staff.models import Staff
from setia.foundation.actors import Actor
from setia.foundation.db import may_fail, write_tx
from setia.foundation.events import record
from setia.foundation.jobs.backend import put

MOST_SEGMENTS = 500


class UnableToSave(Exception):
    """Raised with a code: `name_taken`, `no_name`, `circle`, `no_segment`, `archived`, `used`, `no_rule`, `many`."""

    def __init__(self, code: str, *names: str) -> None:
        super().__init__(code)
        self.code, self.names = code, names


def make_segment(
    *, name: str, node: Node, by: Actor, at: datetime, maker: Staff | None = None, description: str = ""
) -> Segment:
    """Make a segment by rule, as a draft; raises UnableToSave and BadRule."""
    if Segment.objects.exclude(state=SegmentState.ARCHIVED).count() >= MOST_SEGMENTS:
        raise UnableToSave("many")
    row = Segment(kind=SegmentKind.DYNAMIC, name=_name(name), description=description.strip()[:300], made_by=maker)
    row.created_at = row.changed_at = at
    _put_rule(row, node)
    with write_tx():
        _save(row)
        fact = SegmentSaved(segment_id=row.id, version=row.version, fields=("name", "rule"))
        record(fact, by=by, at=at)
    return row


def adopt(*, name: str, node: Node, description: str, by: Actor, at: datetime, maker: Staff | None = None) -> Segment:
    """Make a ready-made segment the shop's own and let it go live; one of that name that stands is returned."""
    standing = Segment.objects.filter(name=_name(name)).first()
    if standing is not None and standing.state != SegmentState.ARCHIVED:
        return standing
    with write_tx():
        if standing is not None:
            restore(segment=standing, by=by, at=at)
            return go_live(segment=standing, by=by, at=at)
        segment = make_segment(name=name, node=node, description=description, by=by, at=at, maker=maker)
        return go_live(segment=segment, by=by, at=at)


def change_segment(
    *, segment: Segment, by: Actor, at: datetime, node: Node | None = None, changes: Mapping[str, str] | None = None
) -> Segment:
    """Change a segment's rule, name, words or persona; of a live one the people follow in the background.

    The same again changes nothing and records nothing. Raises UnableToSave and BadRule.
    """
    with write_tx():
        row = Segment.objects.select_for_update(of=("self",)).get(id=segment.id)
        if row.state == SegmentState.ARCHIVED:
            raise UnableToSave("archived")
        changed = []
        for field, value in (changes or {}).items():
            wanted = _name(value) if field == "name" else value.strip()
            if field in ("name", "description", "persona", "persona_words") and getattr(row, field) != wanted:
                setattr(row, field, wanted)
                changed.append(field)
        if node is not None and row.kind == SegmentKind.DYNAMIC and as_json(tidied(node)) != row.rule:
            _put_rule(row, node)
            row.version += 1
            changed.append("rule")
        if changed:
            row.changed_at = at
            _save(row)
            record(SegmentSaved(segment_id=row.id, version=row.version, fields=tuple(changed)), by=by, at=at)
            if "rule" in changed and row.state == SegmentState.LIVE:
                ask_to_fill(segment_id=row.id)
    return row


def go_live(*, segment: Segment, by: Actor, at: datetime) -> Segment:
    """Let a segment's people come and go by themselves from now on; it is filled in the background."""
    if segment.kind == SegmentKind.DYNAMIC and not segment.rule:
        raise UnableToSave("no_rule")
    return _move(segment, SegmentState.LIVE, by=by, at=at)


def to_draft(*, segment: Segment, by: Actor, at: datetime) -> Segment:
    """Stop a segment: it keeps its rule and forgets its people. Raises UnableToSave where others use it."""
    return _move(segment, SegmentState.DRAFT, by=by, at=at)


def archive(*, segment: Segment, by: Actor, at: datetime) -> Segment:
    """Put a segment away; it can be restored. Raises UnableToSave with `used` and the names of those that use it."""
    return _move(segment, SegmentState.ARCHIVED, by=by, at=at)


def restore(*, segment: Segment, by: Actor, at: datetime) -> Segment:
    """Take a segment out of the archive, as a draft (a list: as it was)."""
    state = SegmentState.LIVE if segment.kind == SegmentKind.STATIC else SegmentState.DRAFT
    return _move(segment, state, by=by, at=at)


def ask_to_fill(*, segment_id: int) -> None:
    """Put the filling of a segment in the queue, once."""
    from setia.domains.segments.tasks import fill

    put(fill, args=[str(segment_id)], unique_key=f"segment:{segment_id}")


def ask_to_fill_all() -> None:
    """Put the filling of all segments in the queue, once; nothing where none is live."""
    from setia.domains.segments.tasks import fill_all

    if any_live():
        put(fill_all, unique_key="segments:all")


def _move(segment: Segment, state: SegmentState, *, by: Actor, at: datetime) -> Segment:
    with write_tx():
        row = Segment.objects.select_for_update(of=("self",)).get(id=segment.id)
        if row.state == state:
            return row
        if state != SegmentState.LIVE and (used_by := users_of(row.id)):
            raise UnableToSave("used", *(each.name for each in used_by))
        fact = SegmentStateChanged(segment_id=row.id, from_state=row.state, to_state=state.value)
        row.state, row.changed_at = state, at
        if row.kind == SegmentKind.DYNAMIC and state != SegmentState.LIVE:
            row.filled_version, row.member_count = 0, 0
        row.save()
        record(fact, by=by, at=at)
        if row.kind == SegmentKind.DYNAMIC:
            if state == SegmentState.LIVE:
                ask_to_fill(segment_id=row.id)
            else:
                Standing.objects.filter(segment=row).delete()
    return row


def _name(name: str) -> str:
    name = " ".join(name.replace('"', "'").split())[:80]
    if not name:
        raise UnableToSave("no_name")
    return name


def _put_rule(row: Segment, node: Node) -> None:
    node = checked(tidied(node))
    uses = refers_to(node)
    there = dict(Segment.objects.filter(id__in=uses).values_list("id", "state"))
    if set(there) != set(uses):
        raise UnableToSave("no_segment")
    if SegmentState.ARCHIVED in there.values():
        raise UnableToSave("archived_part")
    if row.id and (row.id in uses or circle(row.id, uses)):
        raise UnableToSave("circle")
    row.rule, row.topics = as_json(node), sorted(topics_of(node))
    row.uses = [str(each) for each in sorted(uses)]


def _save(row: Segment) -> None:
    try:
        with may_fail():
            row.save()
    except IntegrityError:
        raise UnableToSave("name_taken") from None
