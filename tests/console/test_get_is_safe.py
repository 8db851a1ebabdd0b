"""A GET changes nothing: a link in a mail, a preview, a reader ahead of the finger do no harm."""

from datetime import timedelta

import pytest

from setia.domains.staff.models import Staff
from setia.foundation import clock
from setia.foundation.events.models import AccessLog
from tests import cast
from tests.console import verdicts
from tests.console.verdicts import VERDICTS, Browser

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("person", ["owner", "cashier", "stranger"])
def test_no_get_changes_a_row(person: str) -> None:
    """All addresses are asked for, with the rows of every table compared wherever a statement could write."""
    scene, client = verdicts.scene(), verdicts.browser(person)
    verdicts.lay_refused_rows(scene.ids["import_id"])
    before, guilty = verdicts.rows(), []
    for name in VERDICTS:
        with verdicts.writes() as written:
            verdicts.put_away(client.get(scene.url(name), {"mapping": "1", "q": "Dewi", "show": "notes"}))
        after = verdicts.rows() if written else before
        guilty += [f"{name}: {table}" for table in before if before[table] != after[table]]
        before = after
    assert guilty == []


def test_a_look_at_personal_data_is_one_row_of_the_log_for_a_whole_list() -> None:
    scene, client = verdicts.scene(), verdicts.browser("agent")
    for name in ("dewi", "eko", "fitri"):
        if name != "dewi":
            cast.buys(cast.member(name), name)
    client.get("/console/customers/")
    client.get(scene.url("console:customer"))
    found = AccessLog.objects.order_by("id").values_list("page", "customer_id", "row_count")
    assert list(found) == [("customers", None, 3), ("customer", scene.ids["customer_id"], 1)]


def test_a_look_at_masked_data_is_not_logged() -> None:
    scene, client = verdicts.scene(), verdicts.browser("analyst")
    client.get("/console/customers/")
    client.get(scene.url("console:customer"))
    assert AccessLog.objects.count() == 0


def test_being_at_work_is_noted_once_a_minute() -> None:
    client, seen = verdicts.browser("marketer"), []
    for seconds in (0, 30, 59, 60, 119, 121):
        with clock.frozen(cast.NOW + timedelta(seconds=seconds)):
            client.get("/console/")
        seen.append((Staff.objects.get(email="maya@kopisenja.example").last_seen_at - cast.NOW).seconds)
    assert seen == [0, 0, 0, 60, 60, 121]


def test_a_stranger_leaves_no_session_behind() -> None:
    from django.contrib.sessions.models import Session

    for path in ("/", "/health/", "/account/login/", "/console/", "/masuk/x/", "/account/password/reset/"):
        Browser().get(path)
    assert Session.objects.count() == 0
