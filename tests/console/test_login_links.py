"""One-time links: they let one person in once, and stand for no second factor."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from setia.domains.staff import actions
from setia.domains.staff.models import LoginLink
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.console import verdicts
from tests.console.entrance import SECRET, code_of, is_in, link_for
from tests.console.verdicts import Browser

pytestmark = pytest.mark.django_db


def test_a_link_lets_in_once() -> None:
    link, first, second = link_for("budi"), Browser(), Browser()
    assert first.post(link).headers["Location"] == "/console/"
    assert is_in(first)
    assert second.post(link).status_code == 410
    assert not is_in(second)
    assert list(Event.objects.filter(kind="staff.signed_in").values_list("payload__method", flat=True)) == ["link"]


def test_reading_a_link_spends_nothing_and_tells_nothing() -> None:
    link = link_for("budi")
    pages = [Browser().get(path) for path in (link, "/masuk/no-such-token/")]
    bodies = [page.content.decode().split("csrfmiddlewaretoken")[0] for page in pages]
    assert bodies[0] == bodies[1]
    assert Browser().head(link).status_code == 200
    assert LoginLink.objects.get().used_at is None
    assert Browser().post(link).status_code == 302


def test_a_link_ends_after_twelve_hours_and_with_the_next_one() -> None:
    old = link_for("budi")
    with clock.frozen(cast.NOW + timedelta(hours=12)):
        assert Browser().post(old).status_code == 410
    link_for("budi")
    assert Browser().post(old).status_code == 410


def test_a_link_of_a_closed_account_does_not_open() -> None:
    link = link_for("budi")
    actions.suspend(person=cast.staff("budi"), by=SYSTEM, at=cast.NOW)
    assert Browser().post(link).status_code == 410


def test_the_database_knows_no_link() -> None:
    token = link_for("budi").split("/")[2]
    assert token not in repr(list(LoginLink.objects.values_list()))


def test_a_link_does_not_stand_for_the_second_factor() -> None:
    Authenticator.objects.create(user=cast.staff("sari"), type="totp", data={"secret": "x"})
    client = Browser()
    client.post(link_for("sari"))
    assert client.get("/console/staff/").status_code == 302


def test_making_a_link_is_on_record() -> None:
    scene = verdicts.scene()
    before = Event.objects.count()
    verdicts.browser("owner").post(scene.url("console:staff_link"))
    assert Event.objects.count() > before + 1  # one of these is the owner's own sign-in


def test_a_link_is_a_sign_in_only_after_the_second_factor() -> None:
    client = Browser()
    TOTP.activate(cast.staff("sari"), SECRET)
    assert "/2fa/authenticate/" in client.post(link_for("sari")).headers["Location"]
    assert not Event.objects.filter(kind="staff.signed_in").exists()
    client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert is_in(client)
    assert Event.objects.get(kind="staff.signed_in").payload["method"] == "link+totp"
