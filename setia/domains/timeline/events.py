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


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionLogged(Fact):
    """A contact with a customer was written down; `contact` is its kind."""

    kind: ClassVar[str] = "timeline.interaction_logged"
    subject: ClassVar[str] = "interaction_id"
    interaction_id: int
    contact: str
    is_inbound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRemoved(Fact):
    """A contact was taken back; its words are gone."""

    kind: ClassVar[str] = "timeline.interaction_removed"
    subject: ClassVar[str] = "interaction_id"
    interaction_id: int
