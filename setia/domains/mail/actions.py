"""Verbs of letters: write one, take those that are due, say what became of each, forget old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from setia.domains.mail.models import Attachment, Letter, LetterState
from setia.domains.mail.rules import KEEP, LEASE, wait_after
from setia.domains.staff.models import Staff
from setia.foundation.db import write_tx

_OPEN = (LetterState.WAITING, LetterState.SENDING)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to go with a letter: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def write_letter(
    *,
    key: str,
    to: Staff,
    subject: str,
    text: str,
    at: datetime,
    html: str = "",
    enclosures: Sequence[Enclosure] = (),
) -> Letter:
    """Put a letter in the outbox and return it; a letter of the same key is returned as it stands.

    Nothing in it may name a customer: mail lies about in many hands. `subject` is cut to one line of 200 letters.
    """
    with write_tx():
        letter, is_new = Letter.objects.get_or_create(
            key=key,
            defaults={
                "staff": to,
                "subject": " ".join(subject.split())[:200],
                "text": text,
                "html": html,
                "due_at": at,
                "made_at": at,
            },
        )
        if is_new:
            Attachment.objects.bulk_create(
                Attachment(letter=letter, name=each.name, media_type=each.media_type, content=each.content)
                for each in enclosures
            )
    return letter


def take_due(*, at: datetime, limit: int) -> list[Letter]:
    """Return up to `limit` letters for the caller alone to send, each leased for a few minutes.

    Two workers never get the same one: each is taken by an update that only one of them can make. A letter whose
    attempt was killed is taken again when its lease is over, so a reader may get it twice and never not at all; both
    carry the same Message-ID.
    """
    due = Q(state=LetterState.WAITING, due_at__lte=at) | Q(state=LetterState.SENDING, leased_until__lte=at)
    taken: list[int] = []
    for letter_id in Letter.objects.filter(due).order_by("due_at").values_list("id", flat=True)[:limit]:
        with write_tx():
            count = Letter.objects.filter(due, id=letter_id).update(
                state=LetterState.SENDING, attempts=F("attempts") + 1, leased_until=at + LEASE
            )
        if count:
            taken.append(letter_id)
    return list(Letter.objects.filter(id__in=taken).select_related("staff").prefetch_related("attachments"))


def say_sent(*, letter: Letter, at: datetime) -> None:
    """Keep that a letter was taken by the mail server; saying it twice changes nothing."""
    _close(letter, LetterState.SENT, at=at)


def say_captured(*, letter: Letter, at: datetime) -> None:
    """Keep a letter to be read in Setia, because no mail server is configured."""
    _close(letter, LetterState.CAPTURED, at=at)


def say_failed(*, letter: Letter, problem: str, for_good: bool, at: datetime) -> None:
    """Keep that an attempt failed, and when the next is; it is given up `for_good` or after the last wait."""
    wait = None if for_good else wait_after(letter.attempts)
    if wait is None:
        _close(letter, LetterState.FAILED, at=at, problem=problem)
        return
    with write_tx():
        Letter.objects.filter(id=letter.id, state=LetterState.SENDING).update(
            state=LetterState.WAITING, due_at=at + wait, leased_until=None, problem=problem[:200]
        )


def _close(letter: Letter, state: LetterState, *, at: datetime, problem: str = "") -> None:
    with write_tx():
        Letter.objects.filter(id=letter.id, state__in=_OPEN).update(
            state=state, done_at=at, leased_until=None, problem=problem[:200]
        )


def try_again(*, letter: Letter, at: datetime) -> bool:
    """Put a letter that failed or was captured back in the outbox; False where it is neither."""
    with write_tx():
        count = Letter.objects.filter(id=letter.id, state__in=(LetterState.FAILED, LetterState.CAPTURED)).update(
            state=LetterState.WAITING, attempts=0, due_at=at, done_at=None, problem=""
        )
    return bool(count)


def forget_old(*, at: datetime) -> int:
    """Remove letters that were made long ago and return how many."""
    with write_tx():
        rows = Letter.objects.filter(made_at__lt=at - KEEP).exclude(state__in=_OPEN)
        ids = list(rows.values_list("id", flat=True)[:5_000])
        Letter.objects.filter(id__in=ids).delete()
    return len(ids)
