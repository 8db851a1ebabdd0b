"""The security review: each point found from data, with its next step; fine where nothing needs a look."""

from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator

from setia.console.review import Point, points
from setia.domains.apikeys.actions import make_key, revoke_key
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.exports.actions import request_export
from setia.domains.exports.models import Export
from setia.domains.exports.rules import Filters
from setia.domains.staff.actions import note_failed_login, suspend
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import NotAllowed
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import AuditCheck
from setia.foundation.events.recording import log_access
from tests import cast
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

FACTOR, IDLE, NEVER, GUESSES, TAKEN, UNUSED, ENDLESS, BACKUP, CHECK = range(9)


@pytest.fixture(autouse=True)
def backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep backups in a folder of the test's own."""
    monkeypatch.setattr("setia.console.review.home.folder", lambda name: tmp_path)
    return tmp_path


def review() -> list[Point]:
    """Return the review as Sari reads it."""
    return points(cast.staff("sari"), at=cast.NOW)


def names(index: int) -> list[str]:
    """Return whom or what a point found."""
    return [row.name for row in review()[index].found]


def days(count: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def test_who_has_no_second_factor_those_who_must_first() -> None:
    budi, sari = cast.staff("budi"), cast.staff("sari")
    Authenticator.objects.create(user=sari, type="recovery_codes", data={})
    assert names(FACTOR) == ["Sari Wulandari", "Budi Santoso"]
    Authenticator.objects.create(user=sari, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=budi, type="webauthn", data={})
    assert (names(FACTOR), review()[FACTOR].is_fine) == ([], True)


@pytest.mark.parametrize(("away", "found"), [(90, []), (91, ["Budi Santoso"])])
def test_who_has_been_away_for_ninety_days(away: int, found: list[str]) -> None:
    Staff.objects.filter(id=cast.staff("budi").id).update(last_seen_at=cast.NOW - days(away))
    assert names(IDLE) == found


def test_who_has_never_signed_in_and_no_longer_those_who_are_suspended() -> None:
    budi, tono = cast.staff("budi"), cast.staff("tono")
    Staff.objects.filter(id__in=[cast.staff("sari").id, tono.id]).update(last_login=cast.NOW)
    assert names(NEVER) == ["Budi Santoso"]
    suspend(person=budi, by=SYSTEM, at=cast.NOW)
    assert (names(NEVER), review()[NEVER].is_fine) == ([], True)
    assert "Budi Santoso" not in names(FACTOR)


@pytest.mark.parametrize(("count", "ago", "found"), [(9, 1, []), (10, 1, ["Budi Santoso"]), (12, 31, [])])
def test_many_refused_logins_are_named_without_keeping_what_was_typed(count: int, ago: int, found: list[str]) -> None:
    cast.staff("budi")
    for _ in range(count):
        note_failed_login(
            login=" Budi@KopiSenja.example", address="127.0.0.1", reason="refused", at=cast.NOW - days(ago)
        )
    assert names(GUESSES) == found


def test_guesses_at_a_name_without_an_account() -> None:
    for _ in range(10):
        note_failed_login(login="admin@contoh.id", address="127.0.0.1", reason="refused", at=cast.NOW)
    (row,) = review()[GUESSES].found
    assert (row.name, row.url, "10" in row.detail) == ("Nama tanpa akun", "", True)


def test_who_took_data_out_in_ninety_days() -> None:
    rina, maya = cast.staff("rina"), cast.staff("maya")
    for person, ago, count in ((rina, 89, 500), (rina, 3, 7), (maya, 91, 9_000)):
        at = cast.NOW - days(ago)
        record = request_export(kind="products", form="csv", filters=Filters(), by=person.actor, at=at)
        Export.objects.filter(id=record.id).update(row_count=count)
    log_access(by=rina.actor, at=cast.NOW, page="customers_export", customer_id=None, row_count=40)
    log_access(by=maya.actor, at=cast.NOW, page="customers", customer_id=None, row_count=40)
    (row,) = review()[TAKEN].found
    assert (row.name, row.detail, row.at) == ("Rina Kusuma", "3 berkas · 547 baris", cast.NOW)


def test_keys_that_sleep_and_keys_that_never_end() -> None:
    def key(name: str, **more: object) -> ApiKey:
        row = make_key(name=name, source="web", scopes=tuple(Scope), by=SYSTEM, at=cast.NOW - days(100)).key
        ApiKey.objects.filter(id=row.id).update(**more)
        return row

    soon = cast.NOW + days(9)
    key("used", last_used_at=cast.NOW - days(1), expires_at=soon)
    key("asleep", last_used_at=cast.NOW - days(91), expires_at=soon)
    key("never used", expires_at=soon)
    key("endless", last_used_at=cast.NOW)
    key("over", expires_at=cast.NOW)
    revoke_key(key=key("revoked"), by=SYSTEM, at=cast.NOW)
    assert names(UNUSED) == ["asleep", "never used"]
    assert names(ENDLESS) == ["endless"]


@pytest.mark.parametrize(("age", "is_fine"), [(None, False), (1, True), (8, False)])
def test_the_last_backup(backups: Path, age: int | None, is_fine: bool) -> None:
    import os

    if age is not None:
        path = backups / "setia-1.setia-backup"
        path.write_bytes(b"x")
        then = (cast.NOW - days(age)).timestamp()
        os.utime(path, (then, then))
    point = review()[BACKUP]
    assert (point.is_fine, len(point.found)) == (is_fine, 0 if age is None else 1)


@pytest.mark.parametrize(
    ("age", "finding", "is_fine"), [(None, "", False), (1, "", True), (3, "", False), (1, "altered", False)]
)
def test_the_last_check_of_the_audit(age: int | None, finding: str, is_fine: bool) -> None:
    if age is not None:
        AuditCheck.objects.create(checked_at=cast.NOW - days(age), seal_count=1, row_count=1, finding=finding)
    assert review()[CHECK].is_fine is is_fine


def test_the_page_says_the_next_step_and_links_to_accounts_only_for_who_manages_them() -> None:
    budi = cast.staff("budi")
    texts = {name: signed_in(name).get("/console/audit/review/").content.decode() for name in ("sari", "rina")}
    assert all("Langkah berikutnya" in text and "Budi Santoso" in text for text in texts.values())
    assert [f"/console/staff/{budi.id}/" in texts[name] for name in ("sari", "rina")] == [True, False]
    assert signed_in("maya").get("/console/audit/review/").status_code == 403
    with pytest.raises(NotAllowed):
        points(cast.staff("maya"), at=cast.NOW)
