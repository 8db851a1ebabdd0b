"""One step of an act on many people, and the way back; each runs inside its caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from setia.domains.customers.actions import tagging
from setia.domains.customers.models import Customer, CustomerTag, Merge, Tag
from setia.domains.customers.rules.tags import UnableToTag
from setia.domains.lists.models import BulkAct, BulkChunk, BulkKind
from setia.foundation.actors import Actor


class NotPossible(Exception):
    """Raised with a code when an act cannot go on: `no_such_tag`, `closed_account`."""


def _name_of(tag_id: int | None) -> str:
    """Return what a tag is called by now."""
    name = Tag.objects.filter(id=tag_id or 0).values_list("name", flat=True).first()
    if name is None:
        raise NotPossible("no_such_tag")
    return name


def apply_step(act: BulkAct, customer_ids: Sequence[int], *, at: datetime) -> dict[str, list[Any]]:
    """Do an act to some people and return whom it changed; raises NotPossible."""
    by, batch_id = act.actor, act.id
    if act.kind == BulkKind.ASSIGN:
        try:
            former = tagging.assign_owner(customer_ids=customer_ids, owner=act.owner, by=by, at=at, batch_id=batch_id)
        except UnableToTag as error:
            raise NotPossible(error.code) from None
        return {"owners": [[who, old] for who, old in former.items()]}
    name = _name_of(act.tag_id)
    if act.kind == BulkKind.ADD_TAG:
        added = tagging.add_tags(customer_ids=customer_ids, names=[name], by=by, at=at, batch_id=batch_id)
        return {"added": added[name]}
    changed: dict[str, list[Any]] = {}
    if act.kind == BulkKind.MERGE_TAGS:
        other = _name_of(act.other_id)
        having = CustomerTag.objects.filter(tag_id=act.tag_id or 0, customer_id__in=list(customer_ids))
        people = list(having.values_list("customer_id", flat=True))
        changed["added"] = tagging.add_tags(customer_ids=people, names=[other], by=by, at=at, batch_id=batch_id)[other]
    removed = tagging.remove_tags(customer_ids=customer_ids, names=[name], by=by, at=at, batch_id=batch_id)
    return {**changed, "removed": removed[name]}


def undo_step(act: BulkAct, chunk: BulkChunk, *, by: Actor, at: datetime) -> tuple[int, list[int]]:
    """Give back what one step changed; return how many people that were and who was left alone."""
    added, removed = chunk.changed.get("added", []), chunk.changed.get("removed", [])
    owners: dict[int, int | None] = dict(chunk.changed.get("owners", []))
    restored: set[int] = set()
    if owners:
        back = {who: owners[who] for who in _untouched(owners, None, act, chunk)}
        restored |= set(tagging.give_owners(owners=back, by=by, at=at, batch_id=act.undo_id))
    if removed and act.tag_id is not None:
        name = tagging.restore_tag(tag_id=act.tag_id, name=act.tag_name, at=at)
        people = _untouched(removed, act.tag_id, act, chunk)
        given = tagging.add_tags(customer_ids=people, names=[name], by=by, at=at, batch_id=act.undo_id)
        restored |= set(given[name])
    if added:
        restored |= _untag(act, chunk, added, by=by, at=at)
    changed = {*added, *removed, *owners}
    return len(restored), sorted(changed - restored)


def _untag(act: BulkAct, chunk: BulkChunk, added: Sequence[int], *, by: Actor, at: datetime) -> set[int]:
    """Take off what the step put on, where it is still the very same tag."""
    tag_id = act.other_id if act.kind == BulkKind.MERGE_TAGS else act.tag_id
    name = Tag.objects.filter(id=tag_id or 0).values_list("name", flat=True).first()
    if name is None:
        return set()
    people = _untouched(added, tag_id, act, chunk)
    taken = tagging.remove_tags(
        customer_ids=people, names=[name], by=by, at=at, batch_id=act.undo_id, put_on_at=chunk.done_at
    )
    return set(taken[name])


def _untouched(people: Iterable[int], tag_id: int | None, act: BulkAct, chunk: BulkChunk) -> list[int]:
    """Return who is still there, and was neither merged into somebody nor changed by anything else since."""
    if chunk.done_at is None:
        return []
    ids = list(people)
    there = set(Customer.objects.filter(id__in=ids).values_list("id", flat=True))
    merged = Merge.objects.filter(loser_id__in=ids, merged_at__gt=chunk.done_at, undone_at=None)
    there -= set(merged.values_list("loser_id", flat=True))
    changed = tagging.changed_since(customer_ids=ids, tag_id=tag_id, since=chunk.done_at, batch_id=act.undo_id)
    return [who for who in ids if who in there and who not in changed]
