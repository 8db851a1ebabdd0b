"""Facts about how the shop is measured."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesChanged(Fact):
    """Somebody changed what counts as active or lost, the industry or the thresholds; names the changed fields."""

    kind: ClassVar[str] = "analytics.choices_changed"
    fields: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisFinished(Fact):
    """All figures were brought to a moment: tables of measures, findings and scores stand as that analysis left them.

    Whoever computes from scores starts here. `today` is the shop's day as YYYY-MM-DD, `sequence` the state of the lake
    that was read, `people` how many persons have a score.
    """

    kind: ClassVar[str] = "analytics.analysis_finished"
    subject: ClassVar[str] = "analysis_id"
    analysis_id: int
    today: str
    sequence: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendChanged(Fact):
    """What was spent on customers in months was entered, changed or taken out; `months` are first days."""

    kind: ClassVar[str] = "analytics.spend_changed"
    months: list[str]
