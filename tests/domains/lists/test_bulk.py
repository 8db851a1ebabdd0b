"""Acts on many people: exact undo, two runs at once, stops and kills half way, what changed meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from setia.domains.commerce.queries import CustomerFilters
from setia.domains.customers.actions import merge_customers, tagging
from setia.domains.customers.models import Customer, CustomerTag, Tag
from setia.domains.lists import actions
from setia.domains.lists.actions import bulk
from setia.domains.lists.models import BulkAct, BulkChunk, BulkKind, BulkState
from setia.domains.lists.queries import counted_tags, left_alone
from setia.domains.lists.selections import Selection
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.domains.lists.people import crowd

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "STEP_PEOPLE", 4)
    monkeypatch.setattr(bulk, "_CHUNKS_AT_ONCE", 2)


class Clock:
    """A clock that goes on by a second at each look."""

    def __init__(self) -> None:
        self.at = cast.NOW + timedelta(minutes=1)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def now() -> Iterator[Clock]:
    return Clock()


def state() -> tuple[set, dict]:
    """Return who has which tag by name, and who looks after whom."""
    tags = set(CustomerTag.objects.values_list("customer_id", "tag__name"))
    return tags, dict(Customer.objects.values_list("id", "owner_id"))


def start(kind: BulkKind, now: Clock, selection: Selection | None = None, **about) -> BulkAct:
    maya = cast.staff("maya")
    return actions.start_act(
        kind=kind, selection=selection or Selection(stage="everyone"), by=maya.actor, at=now(), **about
    )


def undo(act: BulkAct, now: Clock) -> None:
    actions.start_undo(act=act, by=cast.staff("sari").actor, at=now())
    assert actions.run_undo(act=act, now=now)


ACTS = {
    "add": (BulkKind.ADD_TAG, lambda: {"tag_name": "vip"}, 20),
    "add a new tag": (BulkKind.ADD_TAG, lambda: {"tag_name": "Lebaran 2027"}, 30),
    "remove": (BulkKind.REMOVE_TAG, lambda: {"tag_name": "VIP"}, 10),
    "assign": (BulkKind.ASSIGN, lambda: {"owner": cast.staff("rina")}, 30),
    "unassign": (BulkKind.ASSIGN, lambda: {"owner": None}, 8),
    "merge": (BulkKind.MERGE_TAGS, lambda: {"tag_name": "VIP", "other_name": "Reseller"}, 10),
    "delete": (BulkKind.DELETE_TAG, lambda: {"tag_name": "VIP"}, 10),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_changes_all_it_means_and_its_undo_gives_back_just_that(name: str, now: Clock) -> None:
    crowd()
    kind, about, changed = ACTS[name]
    before = state()
    selection = Selection(tag_id=Tag.objects.get(name="VIP").id) if name in ("merge", "delete") else None
    act = start(kind, now, selection, **about())
    assert act.state == BulkState.COLLECTING
    assert actions.run_act(act=act, now=now)
    assert (act.state, act.changed_count, act.done_count) == (BulkState.DONE, changed, act.total_count)
    assert state() != before
    undo(act, now)
    assert state() == before
    assert (act.state, act.restored_count, act.left_count) == (BulkState.UNDONE, changed, 0)
    assert Event.objects.filter(kind="lists.bulk_act_done").count() == 1
    assert Event.objects.get(kind="lists.bulk_act_undone").payload["restored"] == changed


def test_merged_tags_are_one_and_a_deleted_one_is_gone(now: Clock) -> None:
    people = crowd()
    vip = Tag.objects.get(name="VIP")
    act = start(BulkKind.MERGE_TAGS, now, Selection(tag_id=vip.id), tag_name="VIP", other_name="Reseller")
    late = people[1]
    tagging.add_tags(customer_ids=[late.id], names=["VIP"], by=SYSTEM, at=now())
    actions.run_act(act=act, now=now)
    assert [(tag.name, tag.count) for tag in counted_tags()] == [("Reseller", 15 + (late.id not in people[::4]))]


def test_who_was_changed_since_is_left_alone_and_named(now: Clock) -> None:
    people = crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")
    actions.run_act(act=act, now=now)
    again, gone, merged = people[1], people[2], people[4]
    for names in (tagging.remove_tags, tagging.add_tags):
        names(customer_ids=[again.id], names=["VIP"], by=SYSTEM, at=now())
    merge_customers(winner=people[0], loser=merged, by=SYSTEM, at=now())
    tagging.remove_tags(customer_ids=[gone.id], names=["VIP"], by=SYSTEM, at=now())
    undo(act, now)
    assert left_alone(act) == sorted([again.id, gone.id, merged.id])
    kept = set(CustomerTag.objects.filter(tag__name="VIP").values_list("customer_id", flat=True))
    assert kept == {person.id for person in people[::3]} | {again.id, merged.id}


def test_who_was_merged_before_gets_back_what_the_act_took(now: Clock) -> None:
    people = crowd()
    merge_customers(winner=people[0], loser=people[3], by=SYSTEM, at=now())
    before = state()
    vip = Selection(tag_id=Tag.objects.get(name="VIP").id)
    assert [tag.count for tag in counted_tags() if tag.name == "VIP"] == [9]
    act = start(BulkKind.DELETE_TAG, now, vip, tag_name="VIP")
    actions.run_act(act=act, now=now)
    undo(act, now)
    assert (state(), act.left_count) == (before, 0)


def test_an_owner_given_since_stays(now: Clock) -> None:
    people = crowd()
    act = start(BulkKind.ASSIGN, now, owner=cast.staff("rina"))
    actions.run_act(act=act, now=now)
    tagging.assign_owner(customer_ids=[people[0].id], owner=cast.staff("budi"), by=SYSTEM, at=now())
    undo(act, now)
    people[0].refresh_from_db()
    assert people[0].owner_id == cast.staff("budi").id
    assert left_alone(act) == [people[0].id]


@pytest.mark.parametrize("at_step", [1, 3, 7])
def test_stopped_at_any_step_it_goes_on_where_it_was(at_step: int, now: Clock) -> None:
    crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")
    looks = iter(range(100))
    assert not actions.run_act(act=act, now=now, should_stop=lambda: next(looks) == at_step)
    assert BulkChunk.objects.filter(act=act).exclude(done_at=None).count() == at_step + 1
    assert actions.run_act(act=BulkAct.objects.get(id=act.id), now=now)
    act.refresh_from_db()
    assert (act.changed_count, act.done_count) == (20, 30)


def test_killed_inside_a_step_nothing_of_the_step_stays(now: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")

    def killed(*args: object, **about: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BulkChunk.objects, "filter", BulkChunk.objects.filter)
        patch.setattr(bulk, "_people", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.run_act(act=act, now=now)
    assert CustomerTag.objects.filter(tag__name="VIP").count() == 10
    assert actions.run_act(act=act, now=now)
    assert act.changed_count == 20


def test_killed_while_its_people_are_noted_it_notes_them_anew(now: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")
    real, calls = bulk._note_people, []

    def killed_later(*args: object, **about: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args, **about)

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_note_people", killed_later)
        with pytest.raises(KeyboardInterrupt):
            actions.run_act(act=act, now=now)
    assert BulkChunk.objects.count() == 4
    actions.run_act(act=act, now=now)
    noted = [who for ids in BulkChunk.objects.values_list("customer_ids", flat=True) for who in ids]
    assert sorted(noted) == sorted(set(noted))
    assert len(noted) == 30


def test_a_list_that_changes_meanwhile_shifts_nothing(now: Clock) -> None:
    crowd()
    nobody = Selection(stage="everyone", filters=CustomerFilters(owner_id=0))
    act = start(BulkKind.ASSIGN, now, nobody, owner=cast.staff("rina"))
    actions.run_act(act=act, now=now)
    assert (act.total_count, act.changed_count) == (22, 22)
    assert not Customer.objects.filter(owner=None).exists()


def test_taken_back_while_at_work_the_rest_is_never_done(now: Clock) -> None:
    crowd()
    before = state()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")
    actions.run_act(act=act, now=now, should_stop=lambda: True)
    undo(act, now)
    assert actions.run_act(act=BulkAct.objects.get(id=act.id), now=now)
    assert state() == before
    undo(act, now)
    assert state() == before


def test_a_tag_that_goes_meanwhile_ends_the_act_and_what_was_done_can_be_taken_back(now: Clock) -> None:
    crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="Baru")
    actions.run_act(act=act, now=now, should_stop=lambda: True)
    CustomerTag.objects.filter(tag__name="Baru").delete()
    Tag.objects.get(name="Baru").delete()
    actions.run_act(act=act, now=now)
    assert (act.state, act.problem) == (BulkState.FAILED, "no_such_tag")
    undo(act, now)
    assert act.left_count == 4


def test_picked_people_are_noted_at_once_and_who_is_gone_is_passed_over(now: Clock) -> None:
    people = crowd()
    picked = Selection(customer_ids=(people[1].id, people[0].id, 5, people[2].id))
    merge_customers(winner=people[1], loser=people[2], by=SYSTEM, at=now())
    act = start(BulkKind.ADD_TAG, now, picked, tag_name="VIP")
    assert (act.state, act.total_count) == (BulkState.WORKING, 2)
    actions.run_act(act=act, now=now)
    assert act.changed_count == 1


@pytest.mark.parametrize(
    ("code", "kind", "about"),
    [
        ("nobody", BulkKind.ADD_TAG, {"tag_name": "VIP", "selection": Selection(customer_ids=(5,))}),
        ("no_name", BulkKind.ADD_TAG, {"tag_name": "  "}),
        ("too_long", BulkKind.ADD_TAG, {"tag_name": "x" * 41}),
        ("no_such_tag", BulkKind.REMOVE_TAG, {"tag_name": "Nihil"}),
        ("same_tag", BulkKind.MERGE_TAGS, {"tag_name": "VIP", "other_name": " vip "}),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(code, kind, about, now: Clock) -> None:
    crowd()
    with pytest.raises(actions.UnableToAct) as refused:
        start(kind, now, **about)
    assert refused.value.code == code
    assert not BulkAct.objects.exists()


def test_nobody_with_a_closed_account_is_given_people(now: Clock) -> None:
    crowd()
    budi = cast.staff("budi")
    budi.is_active = False
    budi.save()
    with pytest.raises(actions.UnableToAct, match="closed_account"):
        start(BulkKind.ASSIGN, now, owner=budi)


def test_after_ninety_days_the_undo_is_over(now: Clock) -> None:
    crowd()
    act = start(BulkKind.ADD_TAG, now, tag_name="VIP")
    actions.run_act(act=act, now=now)
    assert actions.forget_old_acts(at=now() + timedelta(days=89)) == 0
    assert actions.forget_old_acts(at=now() + timedelta(days=91)) == 1
    act.refresh_from_db()
    assert (act.can_undo, BulkChunk.objects.count()) == (False, 0)
    with pytest.raises(actions.UnableToAct):
        actions.start_undo(act=act, by=SYSTEM, at=now())
