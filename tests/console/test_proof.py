"""Dangerous acts ask for a fresh proof; what was typed waits for it and is then done, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from setia.domains.exports.models import Export
from setia.domains.shop.models import Shop
from setia.domains.staff.models import Staff
from setia.foundation import clock
from tests import cast
from tests.conftest import prove, signed_in
from tests.console import verdicts
from tests.console.verdicts import Browser, Scene

pytestmark = pytest.mark.django_db

PERSON = {"name": "Joko", "email": "joko@kopisenja.example", "role": "cashier"}
ACTS: dict[str, dict[str, Any]] = {
    "console:staff_add": PERSON,
    "console:staff_edit": {"role": "owner"},
    "console:staff_suspend": {},
    "console:staff_reinstate": {},
    "console:staff_link": {},
    "console:export_add": {"kind": "customers", "form": "csv", "once": "a"},
    "console:export_file": {},
    "console:export_again": {"once": "a"},
    "console:bulk_export": {"everybody": "1"},
    "console:import_undo": {},
    "console:settings": {"name": "Dicuri"},
    "console:api_key_add": {"name": "x", "source": "web", "scopes": "orders.read"},
    "console:api_key_revoke": {},
}


def stale_browser(minutes_ago: int = 16) -> Browser:
    """Return Sari's browser, left open on the counter."""
    client = verdicts.browser("owner")
    prove(client, cast.staff("sari").id, minutes_ago=minutes_ago)
    return client


def say_password(client: Client, asked: Any, password: str = "kopi-senja-enak") -> Any:
    """Send the page that asks for the password again, to which an answer led."""
    return client.post(asked.headers["Location"], {"password": password})


@pytest.fixture
def scene(db: None) -> Scene:
    """Lay out the shop once for a test."""
    return verdicts.scene()


@pytest.mark.parametrize("is_stale", [True, False], ids=["an old proof", "no proof"])
def test_without_fresh_proof_nothing_changes(scene: Scene, is_stale: bool) -> None:
    client = stale_browser()
    if not is_stale:
        session = client.session
        del session["account_authentication_methods"]
        session.save()
    before = verdicts.rows()
    found = {name: verdicts.verdict_of(client.post(scene.url(name), typed)) for name, typed in ACTS.items()}
    assert found == dict.fromkeys(ACTS, "proof")
    assert verdicts.rows() == before


def test_every_dangerous_act_wears_the_decorator_and_looking_is_free(scene: Scene) -> None:
    client = stale_browser()
    gets = ["staff_add", "staff_edit", "export_add", "settings", "api_key_add"]
    assert [client.get(scene.url(f"console:{name}")).status_code for name in gets] == [200] * 5


@pytest.mark.parametrize(("minutes", "verdict"), [(0, "200"), (14, "200"), (15, "proof"), (600, "proof")])
def test_a_proof_holds_for_a_quarter_of_an_hour(scene: Scene, minutes: int, verdict: str) -> None:
    assert verdicts.verdict_of(stale_browser(minutes).post(scene.url("console:staff_link"))) == verdict


def test_after_the_proof_what_was_asked_for_is_done_once(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", PERSON)
    answer = say_password(client, asked)
    joko = Staff.objects.get(email="joko@kopisenja.example")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/console/staff/{joko.id}/")
    say_password(client, asked)
    assert Staff.objects.filter(name="Joko").count() == 1


def test_a_wrong_password_does_nothing_and_loses_nothing(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", PERSON)
    assert say_password(client, asked, "salah").status_code == 200
    assert not Staff.objects.filter(name="Joko").exists()
    say_password(client, asked)
    assert Staff.objects.filter(name="Joko").exists()


def test_a_form_that_is_refused_after_the_proof_comes_back_filled_in_and_leads_to_its_own_address(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", {**PERSON, "email": "budi@kopisenja.example"})
    answer = say_password(client, asked)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'action="/console/staff/new/"' in text
    assert 'value="Joko"' in text


def test_a_waiting_form_is_sealed_in_the_session(scene: Scene) -> None:
    client = stale_browser()
    client.post("/console/staff/new/", PERSON)
    assert "joko" not in str(dict(client.session.items())).casefold()


def test_a_file_comes_right_after_the_proof(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/exports/new/", {"kind": "products", "form": "csv", "once": "z"})
    before = Export.objects.count()
    say_password(client, asked)
    assert Export.objects.count() == before + 1


def test_who_lost_the_duty_meanwhile_is_refused_after_the_proof(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", PERSON)
    Staff.objects.filter(email="sari@kopisenja.example").update(role="analyst")
    assert say_password(client, asked).status_code == 403
    assert not Staff.objects.filter(name="Joko").exists()


def test_somebody_without_the_duty_is_refused_before_any_proof(scene: Scene) -> None:
    client = verdicts.browser("agent")
    prove(client, cast.staff("tono").id, minutes_ago=60)
    assert client.post(scene.url("console:staff_add"), PERSON).status_code == 403


def test_the_proof_of_another_person_is_none(scene: Scene) -> None:
    client = verdicts.browser("owner")
    prove(client, cast.staff("rina").id)
    assert verdicts.verdict_of(client.post(scene.url("console:staff_link"))) == "proof"


@pytest.mark.parametrize(("is_demo", "verdict"), [(True, "302"), (False, "proof")])
def test_the_owner_of_a_demo_has_no_password_to_give(is_demo: bool, verdict: str) -> None:
    client = signed_in("sari")
    sari = cast.staff("sari")
    prove(client, sari.id, minutes_ago=60)
    Staff.objects.filter(id=sari.id).update(is_demo=is_demo)
    shop = Shop.objects.get(id=1)
    names = ("currency_code", "zone_name", "cutoff_hour", "cart_idle_minutes")
    typed = {"name": "Kopi Senja Baru", **{name: getattr(shop, name) for name in names}}
    with override_settings(DEMO=True):
        assert verdicts.verdict_of(client.post("/console/settings/", typed)) == verdict
    assert (Shop.objects.get(id=1).name == "Kopi Senja Baru") is is_demo


def test_a_proof_for_something_else_does_not_do_what_was_given_up(scene: Scene) -> None:
    client = stale_browser()
    client.post("/console/staff/new/", PERSON)
    other = client.get("/account/2fa/webauthn/add/")
    assert verdicts.verdict_of(other) == "proof"
    assert say_password(client, other).headers["Location"] == "/account/2fa/webauthn/add/"
    assert not Staff.objects.filter(name="Joko").exists()


def test_a_form_that_waited_too_long_is_not_sent(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", PERSON)
    with clock.frozen(cast.NOW + timedelta(minutes=15)):
        assert say_password(client, asked).headers["Location"] == "/console/"
    assert not Staff.objects.filter(name="Joko").exists()


def test_the_code_of_the_second_factor_is_a_proof_too(scene: Scene) -> None:
    client = stale_browser()
    asked = client.post("/console/staff/new/", PERSON)
    text = client.get(asked.headers["Location"]).content.decode()
    way = asked.headers["Location"].partition("?")[2]
    assert f"/account/2fa/reauthenticate/?{way}" in text
