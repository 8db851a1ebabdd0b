"""Facts about notes."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Fact):
    """Somebody wrote a note."""

    kind: ClassVar[str] = "timeline.note_written"
    subject: ClassVar[str] = "note_id"
    note_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRemoved(Fact):
    """A note was taken back; its words are gone."""

    kind: ClassVar[str] = "timeline.note_removed"
    subject: ClassVar[str] = "note_id"
    note_id: int
