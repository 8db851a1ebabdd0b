"""Facts about tasks and mentions."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMade(Fact):
    """Somebody has something to do."""

    kind: ClassVar[str] = "teamwork.task_made"
    subject: ClassVar[str] = "task_id"
    task_id: int
    assignee_id: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStateChanged(Fact):
    """A task was done, cancelled or opened again."""

    kind: ClassVar[str] = "teamwork.task_state_changed"
    subject: ClassVar[str] = "task_id"
    task_id: int
    old_state: str
    new_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHandedOver(Fact):
    """A task went to a colleague."""

    kind: ClassVar[str] = "teamwork.task_handed_over"
    subject: ClassVar[str] = "task_id"
    task_id: int
    giver_id: int | None
    receiver_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMentioned(Fact):
    """A colleague was told of a contact or of a note."""

    kind: ClassVar[str] = "teamwork.person_mentioned"
    subject: ClassVar[str] = "interaction_id"
    interaction_id: int | None
    person_id: int
    note_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanged(Fact):
    """A task says something else now; `fields` names what was changed."""

    kind: ClassVar[str] = "teamwork.task_changed"
    subject: ClassVar[str] = "task_id"
    task_id: int
    fields: tuple[str, ...]
