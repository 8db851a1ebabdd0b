"""What people allow: proof for each yes, nothing changed afterwards, children protected."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.customers.actions import UnableToRecordConsent, merge_customers, publish_wording, record_consents
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import ConsentEvent, ConsentEvidence, Customer
from setia.domains.customers.queries import consent_events, consent_states, may_use
from setia.domains.customers.rules.consents import Answer, Channel, Purpose, is_allowed, is_minor, standing
from setia.foundation.actors import SYSTEM
from setia.foundation.events import void_batch
from setia.foundation.events.models import Event
from tests import cast

TODAY = cast.NOW.date()
MARKETING, WHATSAPP = Purpose.MARKETING, Channel.WHATSAPP


def _wording(text: str = "Boleh kami kirim kabar promo?") -> int:
    return publish_wording(purpose=MARKETING, text_id=text, text_en="", by=SYSTEM, at=cast.NOW).version


def _draft(customer: Customer, *, yes: bool = True, days_ago: int = 0, source: str = "", **more) -> ConsentDraft:
    values = {"purpose": MARKETING, "channel": WHATSAPP, "evidence": "tanda tangan di kartu", **more}
    given_at = cast.NOW - timedelta(days=days_ago)
    source = source or f"{customer.id}|{yes}|{days_ago}|{values['channel']}"
    return ConsentDraft(customer_id=customer.id, is_granted=yes, given_at=given_at, source=source, **values)


def _record(*drafts: ConsentDraft, **more) -> int:
    return record_consents(answers=drafts, door="form", by=SYSTEM, at=cast.NOW, **more)


@pytest.mark.django_db
def test_nobody_is_sent_offers_before_a_yes_and_after_a_no():
    dewi = cast.member("dewi")
    _wording()
    assert not may_use(dewi, MARKETING, WHATSAPP, on=TODAY)
    _record(_draft(dewi, days_ago=2))
    assert may_use(dewi, MARKETING, WHATSAPP, on=TODAY)
    assert not may_use(dewi, MARKETING, Channel.EMAIL, on=TODAY)
    _record(_draft(dewi, yes=False, days_ago=1))
    assert not may_use(dewi, MARKETING, WHATSAPP, on=TODAY)


@pytest.mark.django_db
def test_an_older_answer_that_comes_late_changes_nothing_now():
    dewi = cast.member("dewi")
    _wording()
    _record(_draft(dewi, yes=False))
    _record(_draft(dewi, days_ago=5))
    assert not may_use(dewi, MARKETING, WHATSAPP, on=TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"evidence": "  "}, "no_evidence"),
        ({"purpose": "selling"}, "no_such_purpose"),
        ({"channel": "any"}, "wrong_channel"),
        ({"wording_version": 9}, "no_wording"),
        ({"purpose": Purpose.SHARING, "channel": Channel.ANY}, "no_wording"),
        ({"days_ago": -1}, "future"),
    ],
)
def test_a_yes_that_proves_nothing_is_refused_and_nothing_is_kept(change, code):
    dewi = cast.member("dewi")
    _wording()
    with pytest.raises(UnableToRecordConsent, match=code) as refused:
        _record(_draft(dewi, yes=False), _draft(dewi, **change))
    assert (refused.value.index, ConsentEvent.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_no_needs_neither_proof_nor_words():
    dewi = cast.member("dewi")
    assert _record(_draft(dewi, yes=False, evidence="")) == 1
    assert ConsentEvidence.objects.count() == 0


@pytest.mark.django_db
def test_an_answer_is_written_once_by_its_source():
    dewi = cast.member("dewi")
    _wording()
    draft = _draft(dewi)
    assert (_record(draft), _record(draft), _record(draft, draft)) == (1, 0, 0)
    assert Event.objects.filter(kind="customers.consent_recorded").count() == 1


@pytest.mark.django_db
def test_answers_of_an_import_that_was_undone_count_for_nothing_and_may_come_again():
    dewi = cast.member("dewi")
    _wording()
    draft = _draft(dewi)
    _record(draft, origin_id=71)
    void_batch(71, by=SYSTEM, at=cast.NOW)
    assert not may_use(dewi, MARKETING, WHATSAPP, on=TODAY)
    assert consent_events([dewi.id]) == []
    assert (_record(draft, origin_id=72), _record(draft, origin_id=72)) == (1, 0)
    assert may_use(dewi, MARKETING, WHATSAPP, on=TODAY)


@pytest.mark.django_db
def test_an_answer_keeps_the_words_it_was_given_to():
    dewi = cast.member("dewi")
    assert (_wording(), _wording(), _wording("Boleh kami kirim promo lewat WhatsApp?")) == (1, 1, 2)
    _record(_draft(dewi, wording_version=1))
    assert consent_events([dewi.id])[0].wording.text_id == "Boleh kami kirim kabar promo?"


@pytest.mark.django_db
def test_the_database_refuses_a_yes_without_words():
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.create(
            customer_id=1,
            purpose="marketing",
            channel="sms",
            is_granted=True,
            door="form",
            actor_kind="staff",
            actor_id=1,
            given_at=cast.NOW,
            recorded_at=cast.NOW,
            source_key=b"x" * 16,
        )


@pytest.mark.django_db
def test_a_child_needs_a_guardians_yes_and_is_not_measured():
    dewi = cast.member("dewi")
    Customer.objects.filter(id=dewi.id).update(birth_date=date(2012, 1, 1))
    dewi.refresh_from_db()
    _wording()
    assert not may_use(dewi, Purpose.PROFILING, Channel.ANY, on=TODAY)
    with pytest.raises(UnableToRecordConsent, match="minor"):
        _record(_draft(dewi))
    _record(_draft(dewi, is_guardian=True))
    assert may_use(dewi, MARKETING, WHATSAPP, on=TODAY)


@pytest.mark.django_db
def test_objecting_to_scores_ends_them_and_order_messages_stay():
    dewi = cast.member("dewi")
    assert may_use(dewi, Purpose.PROFILING, Channel.ANY, on=TODAY)
    _record(_draft(dewi, yes=False, purpose=Purpose.PROFILING, channel=Channel.ANY))
    assert not may_use(dewi, Purpose.PROFILING, Channel.ANY, on=TODAY)
    assert may_use(dewi, Purpose.SERVICE, WHATSAPP, on=TODAY)


@pytest.mark.django_db
def test_the_answers_of_merged_rows_are_one_persons():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    _wording()
    _record(_draft(dewi, days_ago=3), _draft(eko, yes=False, days_ago=1))
    merge_customers(winner=dewi, loser=eko, by=SYSTEM, at=cast.NOW)
    assert not may_use(dewi, MARKETING, WHATSAPP, on=TODAY)
    assert len(consent_events([dewi.id, eko.id])) == 2


@pytest.mark.django_db
def test_every_purpose_and_channel_has_a_state():
    states = consent_states(cast.member("dewi"), on=TODAY)
    assert len(states) == 13
    assert {row.purpose for row in states if row.is_allowed} == {Purpose.SERVICE, Purpose.PROFILING}


@pytest.mark.parametrize(
    ("born", "on", "minor"),
    [
        (date(2008, 11, 22), date(2026, 11, 21), True),
        (date(2008, 11, 22), date(2026, 11, 22), False),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (None, date(2026, 1, 1), False),
    ],
)
def test_grown_up_at_eighteen(born, on, minor):
    assert is_minor(born, on=on) is minor


_ANSWERS = st.builds(
    Answer,
    purpose=st.sampled_from(["marketing", "service"]),
    channel=st.just("whatsapp"),
    is_granted=st.booleans(),
    is_guardian=st.booleans(),
    given_at=st.datetimes(min_value=cast.NOW.replace(tzinfo=None), max_value=cast.NOW.replace(tzinfo=None, year=2027)),
    event_id=st.integers(1, 50),
)


@given(st.lists(_ANSWERS, max_size=12, unique_by=lambda row: row.event_id), st.booleans())
def test_after_a_last_no_nothing_that_needs_a_yes_is_allowed(answers, minor):
    for (purpose, _), answer in standing(answers).items():
        same = [row for row in answers if row.purpose == purpose]
        latest = max(row.given_at for row in same)
        if any(row.given_at == latest and not row.is_granted for row in same):
            assert not is_allowed(Purpose(purpose), answer, minor=minor)
