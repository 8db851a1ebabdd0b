"""Verbs of notes: write one, take it back."""

from datetime import datetime

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.domains.timeline.events import NoteRemoved, NoteWritten
from setia.domains.timeline.models import Note
from setia.foundation.db import write_tx
from setia.foundation.events import record

LONGEST_NOTE = 2_000


class UnableToWriteNote(Exception):
    """Raised with a code when a note is empty or too long."""


def write_note(*, customer: Customer, body: str, author: Staff, at: datetime) -> Note:
    """Write a note about a customer; raises UnableToWriteNote. Each call writes one more."""
    body = body.strip()
    if not body:
        raise UnableToWriteNote("empty")
    if len(body) > LONGEST_NOTE:
        raise UnableToWriteNote("too_long")
    with write_tx():
        note = Note.objects.create(customer=customer, author=author, body=body, written_at=at)
        record(NoteWritten(note_id=note.id), by=author.actor, at=at, customer_id=customer.id)
    return note


def remove_note(*, note: Note, by: Staff, at: datetime) -> None:
    """Take a note back; its words are deleted, the fact stays. Changes nothing when it is gone already."""
    with write_tx():
        removed, _ = Note.objects.filter(id=note.id).delete()
        if removed:
            record(NoteRemoved(note_id=note.id), by=by.actor, at=at, customer_id=note.customer_id)
