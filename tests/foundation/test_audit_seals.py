"""The audit's chain: everything is covered, and nothing can be changed behind its back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from setia.domains.shop.events import ShopChanged
from setia.foundation.actors import SYSTEM
from setia.foundation.db.guards import install_guards
from setia.foundation.events import record, void_batch
from setia.foundation.events.models import AccessLog, AuditCheck, AuditSeal, Event
from setia.foundation.events.recording import log_access
from setia.foundation.events.sealing import seal_due
from setia.foundation.events.verifying import Finding, verify

pytestmark = pytest.mark.django_db

# Ids hold the real time, so the chain's instants are real ones here.
LATER = datetime.now(UTC) + timedelta(hours=1)


def _facts(count=1):
    return [record(ShopChanged(fields=["name"]), by=SYSTEM, at=LATER - timedelta(hours=1)) for _ in range(count)]


def _tamper(table, sql, *values):
    """Do what the table's triggers refuse, as somebody with the database in his hands would."""
    with connection.cursor() as cursor:
        for verb in ("update", "delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")
        cursor.execute(sql, values)
    install_guards("default")


def test_every_table_of_the_audit_is_sealed_once():
    _facts(3)
    log_access(by=SYSTEM, at=LATER - timedelta(hours=1), page="customer", customer_id=1)
    void_batch(7, by=SYSTEM, at=LATER - timedelta(hours=1))
    total = Event.objects.count() + 2
    assert seal_due(at=LATER) == total
    assert seal_due(at=LATER) == 0
    verdict = verify(at=LATER)
    assert (verdict.is_intact, verdict.row_count) == (True, total)
    assert AuditCheck.objects.get().finding == ""


def test_fresh_rows_wait_for_the_margin():
    _facts()
    assert seal_due(at=datetime.now(UTC)) == 0


def test_a_row_that_commits_late_is_sealed_in_a_later_batch():
    first, late, last = _facts(3)
    row = Event.objects.filter(id=late).values().get()
    _tamper("foundation_event", "DELETE FROM foundation_event WHERE id = %s", late)
    seal_due(at=LATER)
    Event.objects.create(**row)
    assert seal_due(at=LATER) == 1
    assert AuditSeal.objects.get(is_late=True).to_id == late
    assert verify(at=LATER).is_intact


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("altered", "UPDATE foundation_event SET actor_id = 99 WHERE id = %s"),
        ("altered", "UPDATE foundation_event SET kind = 'shop.other' WHERE id = %s"),
        ("missing", "DELETE FROM foundation_event WHERE id = %s"),
    ],
)
def test_the_first_row_that_was_changed_is_named(what, sql):
    ids = _facts(5)
    seal_due(at=LATER)
    _tamper("foundation_event", sql, ids[2])
    assert verify(at=LATER).finding == Finding(what, "foundation_event", ids[2])
    assert AuditCheck.objects.get().found_id == ids[2]


def test_a_row_slipped_in_among_sealed_ones_is_named():
    ids = _facts(2)
    seal_due(at=LATER)
    row = Event.objects.filter(id=ids[0]).values().get()
    Event.objects.create(**{**row, "id": ids[0] + 1})
    assert verify(at=LATER).finding == Finding("inserted", "foundation_event", ids[0] + 1)


def test_a_look_at_personal_data_cannot_be_wiped():
    log_access(by=SYSTEM, at=LATER - timedelta(hours=1), page="customer", customer_id=1)
    look = AccessLog.objects.get()
    seal_due(at=LATER)
    _tamper("foundation_accesslog", "DELETE FROM foundation_accesslog")
    assert verify(at=LATER).finding == Finding("missing", "foundation_accesslog", look.id)


def test_a_chain_forged_without_the_key_or_cut_at_its_end_is_found():
    _facts()
    seal_due(at=LATER)
    first = verify(at=LATER).last_hash
    _facts()
    seal_due(at=LATER + timedelta(hours=1))
    whole = verify(at=LATER).last_hash
    assert verify(at=LATER, expected_hash=first).is_intact
    _tamper("foundation_auditseal", "UPDATE foundation_auditseal SET stamp = previous_hash WHERE number = 2")
    assert verify(at=LATER).finding == Finding("seal", "foundation_auditseal", 2)
    _tamper("foundation_auditseal", "DELETE FROM foundation_auditseal WHERE number = 2")
    assert verify(at=LATER, expected_hash=whole).finding == Finding("seal", "foundation_auditseal", 2)
