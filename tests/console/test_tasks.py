"""Logging a contact and working through tasks, from the screens."""

import pytest

from setia.console.toasts import way_back
from setia.domains.teamwork.actions import make_task
from setia.domains.teamwork.models import Mention, Task
from setia.domains.timeline.models import Interaction, Note
from tests import cast
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_a_contact_sent_twice_is_logged_once_and_reads_well_on_the_page():
    tono, dewi = signed_in("tono"), cast.member("dewi")
    form = {"kind": "call", "is_inbound": "on", "body": "Tanya jam buka", "task_title": "Kabari", "once": "x"}
    for _ in range(2):
        assert tono.post(f"/console/customers/{dewi.id}/contacts/new/", form).status_code == 302
    assert (Interaction.objects.count(), Task.objects.count()) == (1, 1)
    page = tono.get(f"/console/customers/{dewi.id}/").content.decode()
    assert "Pelanggan menelepon" in page
    assert "Tanya jam buka" in page


def test_a_contact_in_the_future_is_refused_and_keeps_what_was_typed():
    dewi = cast.member("dewi")
    form = {"kind": "call", "happened_at": "2027-01-01T10:00", "body": "Tanya jam buka"}
    answer = signed_in("tono").post(f"/console/customers/{dewi.id}/contacts/new/", form)
    assert answer.status_code == 422
    assert "Tanya jam buka" in answer.content.decode()
    assert Interaction.objects.count() == 0


def test_a_cashier_finds_no_task_of_a_colleague_and_changes_none():
    task = make_task(title="Rahasia", by=cast.staff("tono"), at=cast.NOW)
    budi = signed_in("budi")
    for verb in ("finish", "cancel", "reopen"):
        assert budi.post(f"/console/tasks/{task.id}/{verb}/").status_code == 404
    assert budi.post(f"/console/tasks/{task.id}/hand-over/").status_code == 403
    assert Task.objects.get().state == "open"
    assert "Rahasia" not in budi.get("/console/tasks/?who=all").content.decode()


def test_a_task_is_done_from_the_list_and_taken_back():
    task = make_task(title="Telepon Dewi", by=cast.staff("budi"), at=cast.NOW)
    budi = signed_in("budi")
    budi.post(f"/console/tasks/{task.id}/finish/")
    assert f"/console/tasks/{task.id}/reopen/" in budi.get("/console/tasks/").content.decode()
    assert Task.objects.get().state == "done"


def _way_back(client, path="/console/"):
    """Send the form of the toast that stands on the next page."""
    messages = [way_back(message) for message in client.get(path).context["messages"]]
    back = next(found for found in messages if found)
    return client.post(back.url, dict(back.fields))


def test_a_contact_taken_back_comes_back_whole_by_the_toast():
    tono, dewi = signed_in("tono"), cast.member("dewi")
    form = {"kind": "call", "is_inbound": "on", "body": "Tanya jam buka", "minutes": "3", "task_title": "Kabari"}
    tono.post(f"/console/customers/{dewi.id}/contacts/new/", form)
    row = Interaction.objects.get()
    _way_back(tono)
    assert (Interaction.objects.count(), Task.objects.get().state) == (0, "cancelled")
    _way_back(tono)
    again = Interaction.objects.get()
    same = ("kind", "is_inbound", "body", "duration_seconds", "happened_at")
    assert [getattr(again, name) for name in same] == [getattr(row, name) for name in same]
    assert sorted(Task.objects.values_list("state", flat=True)) == ["cancelled", "open"]


def test_one_form_writes_notes_too_and_tells_colleagues():
    tono, dewi, maya = signed_in("tono"), cast.member("dewi"), cast.staff("maya")
    address = f"/console/customers/{dewi.id}/contacts/new/"
    assert tono.post(address, {"kind": "note", "body": " "}).status_code == 422
    tono.post(address, {"kind": "note", "body": "Suka teh", f"tell_{maya.id}": "on"})
    assert (Note.objects.get().body, Mention.objects.get().person) == ("Suka teh", maya)
    assert "Suka teh" in signed_in("maya").get("/console/mentions/").content.decode()


def test_the_quick_form_makes_a_task_that_stands_on_the_page_at_home_and_in_the_navigation():
    tono, dewi = signed_in("tono"), cast.member("dewi")
    cast.buys(dewi, "A-1")
    answer = tono.post(f"/console/tasks/new/?customer={dewi.id}", {"title": "Telepon", "due_date": "2026-11-21"})
    assert answer.url == f"/console/customers/{dewi.id}/"
    task = Task.objects.get()
    assert (task.assignee, task.priority) == (cast.staff("tono"), 2)
    for page in (f"/console/customers/{dewi.id}/", "/console/"):
        text = tono.get(page).content.decode()
        assert f"/console/tasks/{task.id}/finish/" in text
        assert "lewat tenggat" in text
    assert tono.post(f"/console/tasks/{task.id}/finish/", {"next": "/console/"}).url == "/console/"
    assert tono.post(f"/console/tasks/{task.id}/finish/", {"next": "https://x.example/"}).url == "/console/tasks/"


def test_a_changed_task_is_as_before_after_the_way_back():
    task, tono = make_task(title="Telepon", by=cast.staff("tono"), at=cast.NOW), signed_in("tono")
    tono.post(f"/console/tasks/{task.id}/edit/", {"title": "Kunjungi", "priority": "1"})
    assert (Task.objects.get().title, Task.objects.get().priority) == ("Kunjungi", 1)
    _way_back(tono)
    assert (Task.objects.get().title, Task.objects.get().priority) == ("Telepon", 2)


def test_whoever_suspends_somebody_is_led_to_the_tasks_left_behind(sari):
    tono = cast.staff("tono")
    make_task(title="Telepon", by=tono, at=cast.NOW)
    answer = sari.post(f"/console/staff/{tono.id}/suspend/")
    assert answer.url == f"/console/tasks/hand-over/?leaver={tono.id}"
    assert "1 tugas" in sari.get(answer.url).content.decode()
    sari.post("/console/tasks/hand-over/", {"leaver": tono.id, "receiver": cast.staff("sari").id})
    assert Task.objects.get().assignee == cast.staff("sari")
