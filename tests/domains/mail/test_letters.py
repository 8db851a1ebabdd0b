"""The outbox of letters: written once, taken by one, tried again, given up."""

from datetime import timedelta

import pytest

from setia.domains.mail import actions
from setia.domains.mail.models import Letter, LetterState
from setia.domains.mail.rules import KEEP, LEASE, WAITS
from tests import cast

pytestmark = pytest.mark.django_db


def letter(key: str = "report-1", **more: object) -> Letter:
    """Write a letter to Sari."""
    words = {"subject": "Laporan\nmingguan", "text": "Halo", "at": cast.NOW} | more
    return actions.write_letter(key=key, to=cast.staff("sari"), **words)


def test_a_letter_is_written_once_and_keeps_its_files() -> None:
    enclosed = actions.Enclosure("a.pdf", "application/pdf", b"%PDF")
    first = letter(enclosures=[enclosed])
    again = letter(text="another", enclosures=[enclosed])
    assert (again.id, again.text, again.subject) == (first.id, "Halo", "Laporan mingguan")
    assert [bytes(each.content) for each in first.attachments.all()] == [b"%PDF"]


def test_a_letter_is_taken_by_one_worker_only() -> None:
    letter()
    assert len(actions.take_due(at=cast.NOW, limit=5)) == 1
    assert actions.take_due(at=cast.NOW, limit=5) == []


def test_a_killed_attempt_is_made_again_when_its_lease_is_over() -> None:
    letter()
    actions.take_due(at=cast.NOW, limit=5)
    assert actions.take_due(at=cast.NOW + LEASE - timedelta(seconds=1), limit=5) == []
    (again,) = actions.take_due(at=cast.NOW + LEASE, limit=5)
    assert again.attempts == 2


def test_a_failed_attempt_waits_longer_each_time_and_ends() -> None:
    letter()
    at = cast.NOW
    for wait in WAITS:
        (taken,) = actions.take_due(at=at, limit=5)
        actions.say_failed(letter=taken, problem="refused (450)", for_good=False, at=at)
        assert actions.take_due(at=at + wait - timedelta(seconds=1), limit=5) == []
        at += wait
    (taken,) = actions.take_due(at=at, limit=5)
    actions.say_failed(letter=taken, problem="refused (450)", for_good=False, at=at)
    standing = Letter.objects.get()
    assert (standing.state, standing.problem) == (LetterState.FAILED, "refused (450)")
    assert actions.take_due(at=at + timedelta(days=30), limit=5) == []


def test_what_is_refused_for_good_is_not_tried_again_until_somebody_says_so() -> None:
    letter()
    (taken,) = actions.take_due(at=cast.NOW, limit=5)
    actions.say_failed(letter=taken, problem="address refused (550)", for_good=True, at=cast.NOW)
    assert actions.take_due(at=cast.NOW + timedelta(days=2), limit=5) == []
    assert actions.try_again(letter=taken, at=cast.NOW)
    assert len(actions.take_due(at=cast.NOW, limit=5)) == 1


def test_a_letter_that_was_sent_stays_sent() -> None:
    letter()
    (taken,) = actions.take_due(at=cast.NOW, limit=5)
    actions.say_sent(letter=taken, at=cast.NOW)
    actions.say_failed(letter=taken, problem="late", for_good=True, at=cast.NOW)
    assert not actions.try_again(letter=taken, at=cast.NOW)
    assert Letter.objects.get().state == LetterState.SENT


def test_old_letters_are_forgotten_and_waiting_ones_are_not() -> None:
    letter("old")
    letter("waiting")
    (taken,) = actions.take_due(at=cast.NOW, limit=1)
    actions.say_captured(letter=taken, at=cast.NOW)
    assert actions.forget_old(at=cast.NOW + KEEP + timedelta(seconds=1)) == 1
    assert Letter.objects.get().state == LetterState.WAITING
