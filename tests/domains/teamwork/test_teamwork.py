"""Contacts, the colleagues they name, the tasks that follow, and who has them."""

from datetime import date, timedelta

import pytest

from setia.domains.customers.actions import merge_customers
from setia.domains.staff.actions import suspend
from setia.domains.teamwork import actions
from setia.domains.teamwork.models import Handover, Mention, Task
from setia.domains.teamwork.queries import access_task, mention_page, open_counts, task_page, tasks_of_customer
from setia.domains.teamwork.rules import mentioned
from setia.domains.timeline.actions import (
    UnableToLogInteraction,
    record_interactions,
    remove_interaction,
    remove_interactions_of_import,
)
from setia.domains.timeline.drafts import InteractionDraft
from setia.domains.timeline.models import Interaction
from setia.domains.timeline.queries import access_interaction, access_note, timeline
from setia.foundation.actors import SYSTEM
from setia.foundation.events import void_batch
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def _task(who="tono", **more):
    return actions.make_task(**{"title": "Telepon Dewi", "by": cast.staff(who), "at": cast.NOW, **more})


def _log(**more):
    usual = {"kind": "call", "happened_at": cast.NOW - timedelta(hours=2), "by": cast.staff("tono"), "at": cast.NOW}
    return actions.log_contact(**{"customer": cast.member("dewi"), **usual, **more})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Budi tolong cek", {1}),
        ("tolong @budi santoso ya", {1}),
        ("@Rina", set()),
        ("@rina kusuma", {2}),
        ("surat ke budi@kopi.id", set()),
        ("tanpa nama", set()),
    ],
)
def test_a_name_means_one_colleague_or_nobody(text, meant):
    assert mentioned(text, {1: "Budi Santoso", 2: "Rina Kusuma", 3: "Rina Dewi"}) == meant


def test_a_contact_brings_its_mention_and_its_task_at_the_time_it_happened():
    cast.staff("budi")
    follow_up = actions.FollowUp(title="Kirim katalog", due_date=TODAY)
    row = _log(body="Dewi minta katalog, @Budi siapkan.", follow_up=follow_up)
    assert Mention.objects.get().person == cast.staff("budi")
    assert (Task.objects.get().title, Task.objects.get().source) == ("Kirim katalog", "interaction")
    fact = Event.objects.get(kind="timeline.interaction_logged")
    assert (fact.customer_id, fact.occurred_at) == (row.customer_id, cast.NOW - timedelta(hours=2))


def test_when_the_task_cannot_be_made_nothing_of_the_contact_remains():
    with pytest.raises(actions.UnableToChangeTask, match="empty"):
        _log(body="@Tono", follow_up=actions.FollowUp(title=" "))
    assert Interaction.objects.count() == Mention.objects.count() == 0
    assert not Event.objects.filter(kind="timeline.interaction_logged").exists()


def test_a_contact_cannot_lie_in_the_future():
    with pytest.raises(UnableToLogInteraction, match="future"):
        _log(happened_at=cast.NOW + timedelta(minutes=1))


def test_a_contact_taken_back_loses_its_words_and_is_taken_back_once():
    row = _log(body="Salah orang")
    for _ in range(2):
        remove_interaction(interaction=row, by=cast.staff("tono"), at=cast.NOW)
    assert Interaction.objects.count() == 0
    assert Event.objects.filter(kind="timeline.interaction_removed").count() == 1


def test_contacts_of_a_file_are_written_once_and_go_with_it():
    dewi = cast.member("dewi")
    drafts = [
        InteractionDraft(customer_id=dewi.id, kind="visit", happened_at=cast.NOW, source=f"crm|{number}")
        for number in (1, 2, 2)
    ]
    assert record_interactions(drafts=drafts, by=SYSTEM, at=cast.NOW, origin_id=5) == 2
    assert record_interactions(drafts=drafts, by=SYSTEM, at=cast.NOW, origin_id=6) == 0
    assert len(timeline([dewi.id], group="contacts", cursor="", size=9).rows) == 2
    gone = [remove_interactions_of_import(origin_id=5, limit=1, by=SYSTEM, at=cast.NOW) for _ in range(3)]
    assert gone == [1, 1, 0]
    void_batch(5, by=SYSTEM, at=cast.NOW)
    assert timeline([dewi.id], group="contacts", cursor="", size=9).rows == []


def test_a_task_is_done_once_and_can_be_opened_again():
    task, tono = _task(), cast.staff("tono")
    assert [actions.finish_task(task=task, by=tono, at=cast.NOW) for _ in range(2)] == [True, False]
    assert not actions.cancel_task(task=task, by=tono, at=cast.NOW)
    assert actions.reopen_task(task=task, by=tono, at=cast.NOW)
    assert Task.objects.get().closed_at is None
    assert Event.objects.filter(kind="teamwork.task_state_changed").count() == 2


def test_a_task_with_a_source_is_made_once():
    assert _task(source="health", source_name="7").id == _task(source="health", source_name="7").id
    assert Event.objects.filter(kind="teamwork.task_made").count() == 1


def test_a_cashier_gives_tasks_to_nobody_else_and_sees_only_his_own():
    with pytest.raises(actions.UnableToChangeTask, match="not_yours"):
        _task("budi", assignee=cast.staff("tono"))
    others = _task("tono")
    with pytest.raises(Task.DoesNotExist):
        access_task(cast.staff("budi"), others.id)
    page = task_page(cast.staff("budi"), show="today", is_all=True, today=TODAY, cursor="", size=9)
    assert page.rows == []


def test_a_hand_over_keeps_its_history_and_of_two_at_once_one_counts():
    task, tono = _task(), cast.staff("tono")
    stale = Task.objects.get()
    assert actions.hand_over(task=task, receiver=cast.staff("budi"), word="Saya cuti", by=tono, at=cast.NOW)
    with pytest.raises(actions.UnableToChangeTask, match="closed"):
        actions.hand_over(task=stale, receiver=cast.staff("maya"), word="", by=tono, at=cast.NOW)
    row = Handover.objects.get()
    assert (row.giver, row.receiver, row.word) == (tono, cast.staff("budi"), "Saya cuti")


def test_tasks_of_somebody_who_left_are_nobodys_and_move_in_one_go():
    sari, tono = cast.staff("sari"), cast.staff("tono")
    for _ in range(3):
        _task("tono")
    suspend(person=tono, by=sari.actor, at=cast.NOW)
    assert len(task_page(sari, show="nobody", is_all=True, today=TODAY, cursor="", size=9).rows) == 3
    assert actions.hand_over_all(leaver=tono, receiver=sari, by=sari, at=cast.NOW) == 3
    assert actions.hand_over_all(leaver=tono, receiver=sari, by=sari, at=cast.NOW) == 0
    with pytest.raises(actions.UnableToChangeTask, match="suspended"):
        _task("sari", assignee=tono)


def test_days_part_what_is_due_late_and_later():
    for days in (-1, 0, 1):
        _task(due_date=TODAY + timedelta(days=days))
    _task()
    tono = cast.staff("tono")
    counts = {
        show: len(task_page(tono, show=show, is_all=False, today=TODAY, cursor="", size=9).rows)
        for show in ("today", "overdue", "later", "done")
    }
    assert counts == {"today": 2, "overdue": 1, "later": 1, "done": 0}
    assert open_counts(tono, today=TODAY) == (3, 1)


def test_tasks_stand_by_day_and_then_by_priority_over_pages():
    for title, days, priority in (("c", 1, 1), ("b", 0, 3), ("a", 0, 1), ("d", None, 1)):
        due = TODAY + timedelta(days=1 + days) if days is not None else None
        _task(title=title, due_date=due, priority=priority)
    _task("budi", title="not mine")
    sari, seen, cursor = cast.staff("sari"), [], ""
    for show, size in (("later", 1), ("today", 9)):
        cursor = ""
        while True:
            page = task_page(
                sari, show=show, is_all=False, person_id=cast.staff("tono").id, today=TODAY, cursor=cursor, size=size
            )
            seen += [task.title for task in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
    assert seen == ["a", "b", "c", "d"]


def test_setia_makes_a_task_for_nobody_and_somebody_takes_it():
    task = actions.make_task(title="Telepon", by=SYSTEM, at=cast.NOW, source="health", source_name="1")
    tono = cast.staff("tono")
    assert (task.assignee, task.creator) == (None, None)
    page = task_page(tono, show="nobody", is_all=False, today=TODAY, cursor="", size=9)
    assert [row.id for row in page.rows] == [task.id]
    assert actions.hand_over(task=task, receiver=tono, word="", by=tono, at=cast.NOW)
    assert (Handover.objects.get().giver, Task.objects.get().assignee) == (None, tono)
    with pytest.raises(actions.UnableToChangeTask, match="not_yours"):
        _task("budi", is_for_nobody=True)


def test_a_changed_task_leaves_one_fact_with_the_names_of_what_changed():
    task, tono = _task(), cast.staff("tono")
    changes = {"title": " Kirim katalog ", "due_date": TODAY, "state": "done"}
    assert [actions.change_task(task=task, changes=changes, by=tono, at=cast.NOW) for _ in range(2)] == [True, False]
    assert Event.objects.get(kind="teamwork.task_changed").payload["fields"] == ["due_date", "title"]
    assert (Task.objects.get().title, Task.objects.get().state) == ("Kirim katalog", "open")
    with pytest.raises(actions.UnableToChangeTask, match="empty"):
        actions.change_task(task=task, changes={"title": " "}, by=tono, at=cast.NOW)


def test_a_cashier_sees_of_a_customers_tasks_only_his_own():
    dewi = cast.member("dewi")
    _task("tono", customer=dewi)
    mine = _task("budi", customer=dewi)
    assert tasks_of_customer(cast.staff("budi"), [dewi.id], limit=9) == [mine]
    assert len(tasks_of_customer(cast.staff("tono"), [dewi.id], limit=9)) == 2


def test_a_contact_taken_back_takes_its_task_along_and_leaves_the_timeline():
    row = _log(follow_up=actions.FollowUp(title="Kirim katalog"))
    for _ in range(2):
        actions.remove_contact(interaction=row, by=cast.staff("tono"), at=cast.NOW)
    assert Task.objects.get().state == "cancelled"
    assert timeline([row.customer_id], group="contacts", cursor="", size=9).rows == []
    assert Event.objects.filter(kind="timeline.interaction_removed").count() == 1


def test_a_note_tells_whom_it_names_and_whose_box_is_ticked():
    budi, maya, tono = (cast.staff(name) for name in ("budi", "maya", "tono"))
    actions.leave_note(
        customer=cast.member("dewi"), body="@Budi siapkan", author=tono, at=cast.NOW, tell=[maya.id, tono.id]
    )
    assert {row.person for row in Mention.objects.all()} == {budi, maya}
    page = mention_page(maya, cursor="", size=9)
    assert [(row.words, row.writer) for row in page.rows] == [("@Budi siapkan", "Tono Hidayat")]


def test_words_of_a_row_that_was_merged_are_still_taken_back():
    dewi, eko, tono = cast.member("dewi"), cast.member("eko"), cast.staff("tono")
    note = actions.leave_note(customer=eko, body="Suka teh", author=tono, at=cast.NOW)
    row = _log(customer=eko)
    merge_customers(winner=dewi, loser=eko, by=tono.actor, at=cast.NOW)
    assert access_note(tono, dewi, note.id) == note
    assert access_interaction(tono, dewi, row.id) == row
