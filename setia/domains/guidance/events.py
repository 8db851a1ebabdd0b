"""Facts about goals; what they say stays in their rows."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveSaved(Fact):
    """An objective was set or changed."""

    kind: ClassVar[str] = "guidance.objective_saved"
    subject: ClassVar[str] = "objective_id"
    objective_id: int
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveClosed(Fact):
    """An objective was closed; with `reopened` it was opened again."""

    kind: ClassVar[str] = "guidance.objective_closed"
    subject: ClassVar[str] = "objective_id"
    objective_id: int
    reopened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResultChanged(Fact):
    """A key result was added, or taken out with `removed`."""

    kind: ClassVar[str] = "guidance.key_result_changed"
    subject: ClassVar[str] = "objective_id"
    objective_id: int
    key_result_id: int
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Fact):
    """Somebody said what a key result was on a day."""

    kind: ClassVar[str] = "guidance.checked_in"
    subject: ClassVar[str] = "objective_id"
    objective_id: int
    key_result_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiativeChanged(Fact):
    """An initiative was added, done, opened again or removed: `step` says which."""

    kind: ClassVar[str] = "guidance.initiative_changed"
    subject: ClassVar[str] = "objective_id"
    objective_id: int
    initiative_id: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingNoted(Fact):
    """Somebody noted why a customer left; `cause` is one of a fixed list."""

    kind: ClassVar[str] = "guidance.leaving_noted"
    cause: str
