"""Logging a contact and working through tasks, from the screens."""

import pytest

from setia.domains.teamwork.actions import make_task
from setia.domains.teamwork.models import Task
from setia.domains.timeline.models import Interaction
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
