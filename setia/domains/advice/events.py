"""Facts about advice: who took it up or dismissed it, and what the shop decided about it."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceAccepted(Fact):
    """Somebody took up a suggestion about a customer; `task_id` is what came of it."""

    kind: ClassVar[str] = "advice.accepted"
    subject: ClassVar[str] = "decision_id"
    decision_id: int
    action: str
    task_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceDismissed(Fact):
    """Somebody said no to a suggestion: not now, not suitable, already done."""

    kind: ClassVar[str] = "advice.dismissed"
    subject: ClassVar[str] = "decision_id"
    decision_id: int
    action: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceUndone(Fact):
    """A decision about a suggestion was taken back."""

    kind: ClassVar[str] = "advice.undone"
    subject: ClassVar[str] = "decision_id"
    decision_id: int
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceChoicesChanged(Fact):
    """Somebody changed what is recommended, or what advice reckons with; names the changed fields."""

    kind: ClassVar[str] = "advice.choices_changed"
    fields: list[str]
