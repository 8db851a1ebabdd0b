"""Signing in: guesses are counted, links work once, the second factor is asked for, duties count at once."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from setia.cli.upkeep import collect_static
from setia.domains.staff import actions
from setia.domains.staff.models import FailedLogin, Staff
from setia.domains.staff.rules import Role
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from setia.foundation.passwords import TunedArgon2
from setia.foundation.throttle.models import Bucket
from tests import cast
from tests.conftest import signed_in
from tests.console import verdicts
from tests.console.entrance import BUDI, PASSWORD, SECRET, code_of, is_in, link_for, try_in
from tests.console.verdicts import VERDICTS, Browser
from tests.processes.shops import ShopOnDisk

pytestmark = pytest.mark.django_db

# Guessing.


def test_the_right_password_opens() -> None:
    cast.staff("budi")
    assert try_in()
    assert Event.objects.filter(kind="staff.signed_in").values_list("payload__method", flat=True)[0] == "password"


def test_after_five_guesses_the_right_password_is_refused_too() -> None:
    cast.staff("budi")
    assert [try_in(password=f"guess {index}") for index in range(5)] == [False] * 5
    assert not try_in()
    reasons = FailedLogin.objects.order_by("id").values_list("reason", flat=True)
    assert list(reasons) == ["refused"] * 5 + ["throttled"]


def test_the_limit_holds_from_everywhere_and_for_each_way_to_write_the_name() -> None:
    cast.staff("budi")
    for index, login in enumerate((BUDI, BUDI.upper(), f" {BUDI} ", "Budi@KopiSenja.Example", BUDI)):
        try_in(login, "wrong", address=f"9.9.9.{index}")
    assert not try_in(address="8.8.8.8")


def test_the_limit_outlives_the_cache_and_the_window_ends_it() -> None:
    cast.staff("budi")
    for _ in range(5):
        try_in(password="wrong")
        cache.clear()
    with clock.frozen(cast.NOW + timedelta(minutes=4, seconds=59)):
        assert not try_in()
    with clock.frozen(cast.NOW + timedelta(minutes=5)):
        assert try_in()


def five_wrong_guesses() -> None:
    """Guess as a web process would."""
    collect_static()
    settings.ALLOWED_HOSTS = ["testserver"]
    cast.staff("budi")
    for _ in range(5):
        try_in(password="wrong")


def right_answer() -> bool:
    """Try the right password in a process that was not there."""
    settings.ALLOWED_HOSTS = ["testserver"]
    return try_in()


def test_the_limit_holds_in_another_process(shop: ShopOnDisk) -> None:
    """A restart forgets nothing: five guesses in one process, and the next refuses the right password."""
    here = "tests.console.test_signing_in"
    shop.call(f"{here}:five_wrong_guesses")
    assert shop.call(f"{here}:right_answer") is False
    assert shop.one("SELECT count(*) FROM staff_failedlogin WHERE reason = 'throttled'") == 1


def test_one_address_that_tries_many_names_is_stopped() -> None:
    cast.staff("budi")
    for index in range(30):
        try_in(f"nobody{index}@kopisenja.example", "wrong")
    assert not try_in()
    assert try_in(address="8.8.8.8")


def test_a_success_forgives_earlier_failures() -> None:
    cast.staff("budi")
    for _ in range(3):
        assert [try_in(password="wrong") for _ in range(4)] == [False] * 4
        assert try_in()


def test_what_is_counted_and_noted_names_nobody() -> None:
    cast.staff("budi")
    try_in(password="wrong")
    kept = [*Bucket.objects.values_list("key", flat=True), *FailedLogin.objects.values_list("login_hash", flat=True)]
    assert len(kept) == 3
    assert [text for text in kept if "budi" in text or "9.9.9.9" in text or "wrong" in text] == []


def test_a_known_and_an_unknown_name_get_the_same_answer() -> None:
    """Wrong password, no such account, closed account with the right one: same page, same status, throttled too."""
    cast.staff("budi")
    Staff.objects.filter(id=cast.staff("tono").id).update(is_active=False)
    answers = []
    for login, password in (
        (BUDI, "wrong"),
        ("none@kopisenja.example", PASSWORD),
        ("tono@kopisenja.example", PASSWORD),
    ):
        pages = []
        for _ in range(7):
            response = Browser().post("/account/login/", {"login": login, "password": password})
            body = response.content.decode().replace(login, "LOGIN")
            tokens = body.split('name="csrfmiddlewaretoken" value="')
            pages.append((response.status_code, [part[64:] for part in tokens], sorted(response.cookies)))
        answers.append(pages)
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][4] != answers[0][5]


def test_a_lost_password_tells_nobody_who_has_an_account() -> None:
    cast.staff("budi")
    Staff.objects.filter(id=cast.staff("tono").id).update(is_active=False)
    answers = []
    for name in ("budi", "tono", "none"):
        response = Browser().post("/account/password/reset/", {"email": f"{name}@kopisenja.example"}, follow=True)
        answers.append((response.redirect_chain, response.content.split(b"csrfmiddlewaretoken")[0]))
    assert answers[0] == answers[1] == answers[2]
    assert [message.to for message in mail.outbox] == [[BUDI]]


@pytest.mark.parametrize("fields", [{"email": "m@e.vil", "password1": PASSWORD}, {"email": BUDI, "password1": "x"}])
def test_sign_up_is_closed(fields: dict[str, str]) -> None:
    for path in ("/account/signup/", "/account/signup/?next=/console/"):
        response = Browser().post(path, {**fields, "password2": PASSWORD, "role": "owner"})
        assert (response.status_code, "csrfmiddlewaretoken" in Browser().get(path).content.decode()) in (
            (200, False), (200, True), (404, False),
        )  # fmt: skip
    assert Staff.objects.count() == 0


def test_a_new_session_gets_a_new_key_and_sign_out_ends_it() -> None:
    cast.staff("budi")
    client = Browser()
    client.post("/language/", {"language": "en"})
    client.session.save()
    assert try_in(client=client)
    key = client.session.session_key
    client.post("/account/logout/")
    stolen = Browser()
    stolen.cookies["setia"] = key
    assert not is_in(stolen)
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_key_brought_along_is_not_taken_over() -> None:
    cast.staff("budi")
    client = Browser()
    client.cookies["setia"] = "a" * 32
    assert try_in(client=client)
    assert client.cookies["setia"].value != "a" * 32


# The second factor.


@pytest.mark.parametrize("name", ["sari", "rina"])
def test_without_a_second_factor_every_page_leads_to_adding_one(name: str) -> None:
    scene, client = verdicts.scene(), Browser()
    client.force_login(cast.staff(name))
    before = {**verdicts.rows(), "mfa_authenticator": []}
    for url in (url for url in VERDICTS if url.startswith("console:") or url in ("root", "health", "login_link")):
        for method in ("get", "post", "head", "put"):
            response = getattr(client, method)(scene.url(url))
            assert (response.status_code, response.headers.get("Location")) == (302, "/account/2fa/"), url
    assert verdicts.rows() == before


@pytest.mark.parametrize("name", ["maya", "tono", "budi", "nadia"])
def test_other_duties_do_not_need_one(name: str) -> None:
    client = Browser()
    client.force_login(cast.staff(name))
    assert is_in(client)


@pytest.mark.parametrize(
    ("is_demo_shop", "is_demo_person", "opens"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_only_the_demos_owner_is_exempt_and_only_in_the_demo(
    is_demo_shop: bool, is_demo_person: bool, opens: bool
) -> None:
    sari = cast.staff("sari")
    Staff.objects.filter(id=sari.id).update(is_demo=is_demo_person)
    client = Browser()
    client.force_login(sari)
    with override_settings(DEMO=is_demo_shop):
        assert is_in(client) is opens


def test_a_paper_code_alone_is_no_second_factor() -> None:
    sari = cast.staff("sari")
    Authenticator.objects.create(user=sari, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    client = Browser()
    client.force_login(sari)
    assert not is_in(client)


def test_the_right_password_alone_does_not_let_in_who_has_a_second_factor() -> None:
    TOTP.activate(cast.staff("budi"), SECRET)
    client = Browser()
    assert not try_in(client=client)
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert is_in(client)


def test_a_code_works_once() -> None:
    TOTP.activate(cast.staff("budi"), SECRET)
    code, opened = code_of(SECRET), []
    for _ in range(2):
        client = Browser()
        try_in(client=client)
        client.post("/account/2fa/authenticate/", {"code": code})
        opened.append(is_in(client))
    assert opened == [True, False]


@pytest.mark.parametrize(
    ("path", "field"), [("/account/2fa/reauthenticate/", "code"), ("/account/reauthenticate/", "password")]
)
def test_somebody_at_an_open_screen_cannot_guess_for_long_either(path: str, field: str) -> None:
    """Count the proofs asked for before dangerous acts: the sixth is refused though it is right."""
    budi = cast.staff("budi")
    budi.set_password(PASSWORD)
    budi.save()
    TOTP.activate(budi, SECRET)
    client = Browser()
    client.force_login(budi)
    for _ in range(5):
        client.post(path, {field: "000000"})
    answer = client.post(path, {field: code_of(SECRET) if field == "code" else PASSWORD})
    assert answer.status_code in (200, 429)


def test_codes_cannot_be_guessed_for_long() -> None:
    TOTP.activate(cast.staff("budi"), SECRET)
    for _ in range(5):
        client = Browser()
        try_in(client=client)
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    client = Browser()
    try_in(client=client)
    client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert not is_in(client)


def test_guesses_at_codes_outlive_the_cache() -> None:
    TOTP.activate(cast.staff("budi"), SECRET)
    for _ in range(6):
        client = Browser()
        try_in(client=client)
        client.post("/account/2fa/authenticate/", {"code": "000000"})
        cache.clear()
    client = Browser()
    try_in(client=client)
    client.post("/account/2fa/authenticate/", {"code": code_of(SECRET)})
    assert not is_in(client)


def test_the_secret_of_the_second_factor_is_sealed() -> None:
    TOTP.activate(cast.staff("sari"), SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mfa_authenticator")
        kept = repr(cursor.fetchall())
    assert SECRET not in kept
    assert TOTP(Authenticator.objects.get(type="totp")).validate_code(code_of(SECRET))


def test_adding_a_second_factor_asks_for_the_password_again() -> None:
    client = Browser()
    client.force_login(cast.staff("sari"))
    response = client.get("/account/2fa/totp/activate/")
    assert response.headers["Location"].startswith("/account/reauthenticate/")


# E-mail addresses.


def test_looking_at_the_page_of_addresses_does_not_lock_the_owner_out() -> None:
    client = Browser()
    client.force_login(cast.staff("sari"))
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.get("/account/email/")
    assert client.get("/account/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize("address", ["sari@kopisenja.example", "mallory@evil.example"])
def test_nobody_gives_himself_another_login_name(address: str) -> None:
    cast.staff("sari")
    client = Browser(raise_request_exception=False)
    client.force_login(cast.staff("budi"))
    added = client.post("/account/email/", {"action_add": "", "email": address})
    assert added.status_code in (403, 404, 405)
    assert mail.outbox == []


# Duties.


def test_suspension_ends_sessions_at_once() -> None:
    cast.staff("budi")
    phone, till = Browser(), Browser()
    assert [try_in(client=client) for client in (phone, till)] == [True, True]
    assert is_in(phone)
    actions.suspend(person=cast.staff("budi"), by=cast.staff("sari").actor, at=cast.NOW)
    assert not is_in(phone)
    assert not is_in(till)
    assert not try_in()
    actions.reinstate(person=cast.staff("budi"), by=cast.staff("sari").actor, at=cast.NOW)
    assert not is_in(phone)
    assert try_in()


def test_suspension_ends_a_session_that_a_link_opened() -> None:
    client = Browser()
    client.post(link_for("budi"))
    assert is_in(client)
    actions.suspend(person=cast.staff("budi"), by=cast.staff("sari").actor, at=cast.NOW)
    assert Session.objects.count() == 0
    actions.reinstate(person=cast.staff("budi"), by=cast.staff("sari").actor, at=cast.NOW)
    assert not is_in(client)


def test_other_duties_count_from_the_next_request() -> None:
    client = signed_in("rina")
    assert client.get("/console/settings/").status_code == 200
    actions.change_role(person=cast.staff("rina"), role=Role.CASHIER, by=cast.staff("sari").actor, at=cast.NOW)
    assert client.get("/console/settings/").status_code == 403
    assert "/console/settings/" not in client.get("/console/").content.decode()
    actions.change_role(person=cast.staff("rina"), role=Role.OWNER, by=cast.staff("sari").actor, at=cast.NOW)
    assert client.get("/console/staff/").status_code == 200


def test_a_cashier_made_manager_needs_a_second_factor_from_the_next_request() -> None:
    client = Browser()
    client.force_login(cast.staff("budi"))
    assert is_in(client)
    actions.change_role(person=cast.staff("budi"), role=Role.MANAGER, by=cast.staff("sari").actor, at=cast.NOW)
    assert client.get("/console/").headers["Location"] == "/account/2fa/"


def test_a_new_password_ends_other_sessions() -> None:
    here, there = Browser(), Browser()
    cast.staff("budi")
    assert try_in(client=here)
    assert try_in(client=there)
    typed = {"oldpassword": PASSWORD, "password1": "teh-manis-hangat", "password2": "teh-manis-hangat"}
    here.post("/account/password/change/", typed)
    assert is_in(here)
    assert not is_in(there)
    actions.set_password(person=cast.staff("budi"), password="jahe-merah-panas", by=SYSTEM, at=cast.NOW)
    assert not is_in(here)


def test_the_last_owner_stays_and_nobody_suspends_himself(sari: Client) -> None:
    me = cast.staff("sari")
    sari.post(f"/console/staff/{me.id}/suspend/")
    assert sari.post(f"/console/staff/{me.id}/", {"role": "cashier"}).status_code == 422
    assert Staff.objects.filter(role="owner", is_active=True).count() == 1


# Passwords and logs.


def test_passwords_are_kept_with_owasps_figures() -> None:
    with override_settings(PASSWORD_HASHERS=["setia.foundation.passwords.TunedArgon2"]):
        kept = make_password(PASSWORD)
        assert isinstance(get_hasher(), TunedArgon2)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("password", ["pendek", "password123", "budisantoso", "1234567890"])
def test_weak_passwords_are_refused(password: str) -> None:
    client = Browser()
    cast.staff("budi")
    assert try_in(client=client)
    typed = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert client.post("/account/password/change/", typed).status_code == 200
    assert cast.staff("budi").check_password(PASSWORD)
