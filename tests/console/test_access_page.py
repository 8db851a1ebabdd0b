"""Who looked at whose personal data, and all that happened."""

from datetime import timedelta

import pytest

from setia.console import audit_words, happenings
from setia.domains.staff.actions import add_staff
from setia.domains.staff.rules import Role
from setia.domains.teamwork.actions import leave_note
from setia.foundation.actors import SYSTEM
from setia.foundation.events import Fact
from setia.foundation.events.models import AccessLog
from setia.foundation.events.recording import log_access
from tests import cast
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_owners_see_who_looked_at_a_customer_and_cashiers_do_not():
    log_access(by=cast.staff("tono").actor, at=cast.NOW, page="seen_by_tono", customer_id=7)
    log_access(by=cast.staff("maya").actor, at=cast.NOW, page="seen_by_maya", customer_id=8)
    sari = signed_in("sari")
    page = sari.get("/console/audit/access/?customer=7").content.decode()
    assert "seen_by_tono" in page
    assert "seen_by_maya" not in page
    person = cast.staff("maya").id
    assert "seen_by_tono" not in sari.get(f"/console/audit/access/?staff={person}").content.decode()
    assert signed_in("budi").get("/console/audit/access/").status_code == 403


def test_the_audit_reads_every_kind_in_words_and_none_of_what_people_wrote(sari):
    tono, dewi = cast.staff("tono"), cast.member("dewi")
    leave_note(customer=dewi, body="Rahasia Dewi", author=tono, at=cast.NOW)
    page = sari.get("/console/audit/").content.decode()
    assert "Anggota tim baru" in page
    assert "Rahasia Dewi" not in page
    known = {kind for kind in _all_kinds() if kind not in audit_words._TITLES}
    assert {kind for kind in known if not hasattr(happenings._Reader, "_" + kind.replace(".", "_"))} == set()
    assert {kind for kind in _all_kinds() if not kind.startswith(_STARTS)} == set()


_STARTS = tuple(start for _, starts in audit_words.GROUPS.values() for start in starts)


def _all_kinds():
    found, waiting = set(), [Fact]
    while waiting:
        more = waiting.pop().__subclasses__()
        found |= {one.kind for one in more if one.__module__.startswith("setia.")}
        waiting += more
    return found


def test_the_audit_is_filtered_by_person_kinds_customer_and_period(sari):
    tono, maya, dewi, eko = (cast.staff("tono"), cast.staff("maya"), cast.member("dewi"), cast.member("eko"))
    for who, whom, days in ((tono, dewi, 0), (maya, eko, 0), (tono, eko, 3)):
        leave_note(customer=whom, body="x", author=who, at=cast.NOW - timedelta(days=days))

    def found(query):
        rows = sari.get(f"/console/audit/?{query}").context["rows"]
        return [(event.actor_id, event.customer_id) for event, *_ in rows if event.kind == "timeline.note_written"]

    assert found(f"staff={tono.id}") == [(tono.id, eko.id), (tono.id, dewi.id)]
    assert found(f"customer={eko.id}") == [(tono.id, eko.id), (maya.id, eko.id)]
    assert found(f"customer={eko.id}&first=2026-11-22") == [(maya.id, eko.id)]
    assert found("last=2026-11-20") == [(tono.id, eko.id)]
    assert len(found("kinds=contacts")) == 3
    assert found("kinds=orders") == []
    assert len(found("first=kemarin&last=0001-01-01&customer=x&staff=-&kinds=?")) in (0, 3)


def test_files_of_the_audit_hold_no_formula_and_leave_a_look(sari):
    evil = add_staff(email="x@kopisenja.example", name="=1+1", role=Role.AGENT, by=SYSTEM, at=cast.NOW)
    leave_note(customer=cast.member("dewi"), body="x", author=evil, at=cast.NOW)
    log_access(by=evil.actor, at=cast.NOW, page="customer", customer_id=7)
    for path in ("/console/audit/facts.csv", "/console/audit/access.csv"):
        text = b"".join(sari.get(path).streaming_content).decode()
        assert ",'=1+1," in text
        assert ",=1+1," not in text
    assert set(AccessLog.objects.values_list("page", flat=True)) >= {"audit_file", "access_file"}
