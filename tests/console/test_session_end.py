"""Sessions end after half an hour of silence and after twelve hours at the latest; nothing typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from setia.domains.timeline.models import Note
from setia.foundation import clock
from tests import cast
from tests.console.entrance import is_in
from tests.console.verdicts import Browser, browser
from tests.console.verdicts import scene as lay_scene

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def after(minutes: float) -> Iterator[None]:
    """Hold the clock some minutes later."""
    with clock.frozen(cast.NOW + timedelta(minutes=minutes)):
        yield


@pytest.fixture
def tono() -> Client:
    """Return the browser of Tono, an agent, who has just looked at a page."""
    client = browser("agent")
    assert is_in(client)
    return client


def test_half_an_hour_of_silence_ends_the_session_and_leads_back_after_signing_in(tono: Client) -> None:
    key = tono.session.session_key
    with after(30):
        assert is_in(tono)
    with after(60.1):
        answer = tono.get("/console/customers/?stage=lost")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/account/login/?next=%2Fconsole%2Fcustomers%2F%3Fstage%3Dlost"
        assert not is_in(tono)
    assert not Session.objects.filter(session_key=key).exists()


def test_somebody_at_work_stays_in_for_twelve_hours_and_not_longer(tono: Client) -> None:
    for minutes in range(25, 12 * 60 + 1, 25):
        with after(minutes):
            assert is_in(tono)
    with after(12 * 60 + 1):
        assert not is_in(tono)


def test_a_page_that_asks_for_its_progress_is_no_sign_of_life(tono: Client) -> None:
    scene = lay_scene()
    sari = browser("owner")
    progress = scene.url("console:import_progress")
    assert is_in(sari)
    for minutes in (10, 20, 29):
        with after(minutes):
            assert sari.get(progress, headers={"HX-Request": "true"}).status_code == 200
    with after(31):
        answer = sari.get(progress, headers={"HX-Request": "true"})
        assert (answer.headers.get("HX-Refresh"), answer.content) == ("true", b"")
        assert not is_in(sari)


def test_what_was_typed_is_shown_and_not_written(tono: Client) -> None:
    scene = lay_scene()
    url = scene.url("console:note_write")
    notes = Note.objects.count()
    words = "Dewi menelepon: pesanan <b>belum</b> datang"
    with after(31):
        answer = tono.post(url, {"body": words, "password": "rahasia-sekali"}, headers=OURS)
        text = answer.content.decode()
    assert answer.status_code == 401
    assert "Dewi menelepon: pesanan &lt;b&gt;belum&lt;/b&gt; datang" in text
    assert "rahasia-sekali" not in text
    assert Note.objects.count() == notes


def test_the_form_of_another_site_puts_no_words_into_our_page(tono: Client) -> None:
    scene = lay_scene()
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        with after(31):
            client = browser("agent")
        with after(90):
            answer = client.post(scene.url("console:note_write"), {"body": "kata-kata asing"}, headers=headers)
        assert "kata-kata asing" not in answer.content.decode()


def test_a_form_with_an_old_token_shows_what_was_typed() -> None:
    scene = lay_scene()
    client = Browser(enforce_csrf_checks=True)
    client.force_login(cast.staff("tono"))
    url = scene.url("console:note_write")
    answer = client.post(url, {"body": "catatan panjang", "csrfmiddlewaretoken": "tua"}, headers=OURS)
    assert answer.status_code == 403
    assert "catatan panjang" in answer.content.decode()
    assert "tua</textarea>" not in answer.content.decode()
