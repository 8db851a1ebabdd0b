"""Acts on many people, and their undo.

An act notes its people first and then works through them a few hundred at a time, each step in one transaction with
what it changed. Killed at any moment it goes on after the last step, and a changing list shifts nothing. The undo goes
through the same steps and gives back exactly what the act took: who was changed by anybody since is left alone.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max

from setia.domains.customers.actions import tagging
from setia.domains.customers.models import CustomerTag, Tag
from setia.domains.customers.rules.tags import UnableToTag, clean_tag_name, tag_key
from setia.domains.lists.events import BulkActDone, BulkActUndone
from setia.domains.lists.models import BulkAct, BulkChunk, BulkKind, BulkState
from setia.domains.lists.selections import Selection, selection_ids
from setia.domains.lists.steps import NotPossible, apply_step, undo_step
from setia.domains.staff.models import Staff
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_id, new_ids

# A step of this many people holds the write lock for a few hundredths of a second: a cashier hardly waits.
STEP_PEOPLE = 500
_CHUNKS_AT_ONCE = 20
KEEP_UNDO = timedelta(days=90)

Clock = Callable[[], datetime]


class UnableToAct(Exception):
    """Raised with a code.

    It is `nobody`, `no_name`, `too_long`, `no_such_tag`, `same_tag`, `closed_account` or `wrong_state`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def start_act(
    *,
    kind: BulkKind,
    selection: Selection,
    by: Actor,
    at: datetime,
    tag_name: str = "",
    other_name: str = "",
    owner: Staff | None = None,
) -> BulkAct:
    """Begin an act; raises UnableToAct. Each call begins one.

    Up to `STEP_PEOPLE` people are noted at once, and `run_act` may follow in the same request; more are noted by
    `run_act` itself, in the background.
    """
    check_act(kind=kind, selection=selection, tag_name=tag_name, other_name=other_name, owner=owner)
    ids = selection_ids(selection, at=at, limit=None if selection.is_picked else STEP_PEOPLE + 1)
    if not ids and kind != BulkKind.DELETE_TAG and kind != BulkKind.MERGE_TAGS:
        raise UnableToAct("nobody")
    is_large = len(ids) > STEP_PEOPLE and not selection.is_picked
    with write_tx():
        tag = _tag_of(kind, tag_name, at)
        other = _tag_of(BulkKind.ADD_TAG, other_name, at) if kind == BulkKind.MERGE_TAGS else None
        act = BulkAct.objects.create(
            kind=kind,
            state=BulkState.COLLECTING if is_large else BulkState.WORKING,
            tag_id=tag.id if tag else None,
            tag_name=tag.name if tag else "",
            other_id=other.id if other else None,
            other_name=other.name if other else "",
            owner=owner,
            selection=selection.as_json(),
            total_count=0 if is_large else len(ids),
            actor_kind=by.kind,
            actor_id=by.id,
            created_at=at,
        )
        if not is_large:
            _note_people(act, ids)
    return act


def check_act(
    *, kind: BulkKind, selection: Selection, tag_name: str = "", other_name: str = "", owner: Staff | None = None
) -> None:
    """Raise UnableToAct for what can be seen to be wrong before anything is written; writes nothing."""
    if selection.is_picked and not selection.customer_ids:
        raise UnableToAct("nobody")
    if owner is not None and not owner.is_active:
        raise UnableToAct("closed_account")
    if kind == BulkKind.ASSIGN:
        return
    try:
        clean_tag_name(tag_name)
        if kind == BulkKind.MERGE_TAGS:
            clean_tag_name(other_name)
    except UnableToTag as error:
        raise UnableToAct(error.code) from None
    if kind == BulkKind.MERGE_TAGS and tag_key(tag_name) == tag_key(other_name):
        raise UnableToAct("same_tag")
    if kind != BulkKind.ADD_TAG and not Tag.objects.filter(key=tag_key(tag_name)).exists():
        raise UnableToAct("no_such_tag")


def _tag_of(kind: BulkKind, name: str, at: datetime) -> Tag | None:
    if kind == BulkKind.ASSIGN:
        return None
    if kind == BulkKind.ADD_TAG:
        return Tag.objects.get(id=tagging.ensure_tags(names=[name], at=at)[name])
    tag = Tag.objects.filter(key=tag_key(name)).first()
    if tag is None:
        raise UnableToAct("no_such_tag")
    return tag


def _note_people(act: BulkAct, ids: Any, *, after: int = 0) -> None:
    """Note people in chunks, numbered from `after` + 1."""
    groups = [list(ids[start : start + STEP_PEOPLE]) for start in range(0, len(ids), STEP_PEOPLE)]
    columns = ("id", "act_id", "position", "customer_ids", "changed", "left")
    rows = zip(new_ids(len(groups)), range(after + 1, after + 1 + len(groups)), groups, strict=True)
    bulk_insert(BulkChunk, columns, ((row_id, act.id, position, group, {}, []) for row_id, position, group in rows))


def _collect(act: BulkAct, at: datetime) -> None:
    """Note everybody the act means, as they are now. Killed half way it begins anew: nobody was touched yet."""
    ids = selection_ids(Selection.from_json(act.selection), at=at)
    BulkChunk.objects.filter(act=act, act__state=BulkState.COLLECTING).delete()
    step = STEP_PEOPLE * _CHUNKS_AT_ONCE
    for start in range(0, len(ids), step):
        with write_tx():
            if not _held(act, BulkState.COLLECTING):
                return
            _note_people(act, ids[start : start + step], after=start // STEP_PEOPLE)
    BulkAct.objects.filter(id=act.id, state=BulkState.COLLECTING).update(
        state=BulkState.WORKING, total_count=len(ids), done_count=0
    )


def _held(act: BulkAct, state: BulkState) -> BulkAct | None:
    """Hold an act's row until the commit, if it is still in this state."""
    return BulkAct.objects.select_for_update(of=("self",)).filter(id=act.id, state=state).first()


def run_act(*, act: BulkAct, now: Clock, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Do an act from where it stands to its end; False says that it was asked to stop.

    Two runs at once take turns by the step. A tag or an account that is gone meanwhile ends the act as failed; what
    was done stays and can be taken back.
    """
    act.refresh_from_db()
    if act.state == BulkState.COLLECTING:
        _collect(act, now())
    try:
        while _next_step(act, now()):
            if should_stop():
                return False
    except NotPossible as error:
        BulkAct.objects.filter(id=act.id, state=BulkState.WORKING).update(
            state=BulkState.FAILED, problem=str(error), finished_at=now()
        )
    act.refresh_from_db()
    return True


def _next_step(act: BulkAct, at: datetime) -> bool:
    """Do one chunk, or end the act; False when nothing is left to do."""
    with write_tx():
        held = _held(act, BulkState.WORKING)
        if held is None:
            return False
        chunk = BulkChunk.objects.filter(act=held, done_at=None).order_by("position").first()
        if chunk is None:
            return _gather_latecomers(held) or _finish(held, at)
        changed = apply_step(held, chunk.customer_ids, at=at)
        BulkChunk.objects.filter(id=chunk.id).update(changed=changed, done_at=at)
        touched = {who for people in changed.values() for who in _people(people)}
        BulkAct.objects.filter(id=held.id).update(
            done_count=F("done_count") + len(chunk.customer_ids),
            changed_count=F("changed_count") + len(touched),
            problem="",
        )
    return True


def _people(values: Iterable[Any]) -> list[int]:
    """Return the people of one kind of change: ids, or pairs of an id and a former owner."""
    return [value[0] if isinstance(value, list | tuple) else value for value in values]


def _gather_latecomers(act: BulkAct) -> bool:
    """Note who got a tag that is about to go, after the act's people were noted; False when nobody did."""
    if act.kind not in (BulkKind.DELETE_TAG, BulkKind.MERGE_TAGS):
        return False
    late = (
        CustomerTag.objects.filter(tag_id=act.tag_id or 0)
        .order_by("-customer_id")
        .values_list("customer_id", flat=True)
    )
    ids = sorted(late[:STEP_PEOPLE])
    if not ids:
        return False
    last = BulkChunk.objects.filter(act=act).aggregate(last=Max("position"))["last"] or 0
    _note_people(act, ids, after=last)
    BulkAct.objects.filter(id=act.id).update(total_count=F("total_count") + len(ids))
    return True


def _finish(act: BulkAct, at: datetime) -> bool:
    if act.kind in (BulkKind.DELETE_TAG, BulkKind.MERGE_TAGS) and act.tag_id is not None:
        tagging.drop_tag(tag_id=act.tag_id)
    BulkAct.objects.filter(id=act.id).update(state=BulkState.DONE, finished_at=at, problem="")
    record(BulkActDone(act_id=act.id, act=act.kind, changed=act.changed_count), by=act.actor, at=at)
    return False


def start_undo(*, act: BulkAct, by: Actor, at: datetime) -> None:
    """Begin to take an act back, also one that is still at work; raises UnableToAct with `wrong_state`.

    Repeating it changes nothing.
    """
    before = [BulkState.COLLECTING, BulkState.WORKING, BulkState.DONE, BulkState.FAILED]
    changes = {"state": BulkState.UNDOING, "undo_id": new_id(), "undone_by_id": by.id, "done_count": 0, "problem": ""}
    moved = BulkAct.objects.filter(id=act.id, state__in=before, forgotten_at=None).update(**changes)
    act.refresh_from_db()
    if not moved and act.state not in (BulkState.UNDOING, BulkState.UNDONE):
        raise UnableToAct("wrong_state")


def run_undo(*, act: BulkAct, now: Clock, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Take an act back from where its undo stands; False says that it was asked to stop. Repeatable."""
    while _next_undo(act, now()):
        if should_stop():
            return False
    act.refresh_from_db()
    return True


def _next_undo(act: BulkAct, at: datetime) -> bool:
    with write_tx():
        held = _held(act, BulkState.UNDOING)
        if held is None:
            return False
        by = Actor("staff", held.undone_by_id or 0)
        chunk = BulkChunk.objects.filter(act=held, undone_at=None).exclude(done_at=None).order_by("position").first()
        if chunk is None:
            BulkAct.objects.filter(id=held.id).update(state=BulkState.UNDONE, undone_at=at)
            fact = BulkActUndone(act_id=held.id, act=held.kind, restored=held.restored_count, left=held.left_count)
            record(fact, by=by, at=at)
            return False
        restored, left = undo_step(held, chunk, by=by, at=at)
        BulkChunk.objects.filter(id=chunk.id).update(undone_at=at, left=left)
        BulkAct.objects.filter(id=held.id).update(
            done_count=F("done_count") + len(chunk.customer_ids),
            restored_count=F("restored_count") + restored,
            left_count=F("left_count") + len(left),
        )
    return True


def note_trouble(*, act: BulkAct, error: Exception) -> None:
    """Note that background work on an act was stopped by an error; the queue tries again, later somebody may."""
    BulkAct.objects.filter(id=act.id).update(problem=type(error).__name__[:60])


def forget_old_acts(*, at: datetime) -> int:
    """Forget whom acts of long ago changed, which ends their undo, and return how many acts."""
    still = [BulkState.COLLECTING, BulkState.WORKING, BulkState.UNDOING]
    old = BulkAct.objects.filter(created_at__lt=at - KEEP_UNDO, forgotten_at=None).exclude(state__in=still)
    count = 0
    for act in old:
        while ids := list(BulkChunk.objects.filter(act=act).values_list("id", flat=True)[:100]):
            BulkChunk.objects.filter(id__in=ids).delete()
        BulkAct.objects.filter(id=act.id).update(forgotten_at=at)
        count += 1
    return count
