"""Facts about how the shop is measured."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesChanged(Fact):
    """Somebody changed what counts as active or lost, the industry or the thresholds; names the changed fields."""

    kind: ClassVar[str] = "analytics.choices_changed"
    fields: list[str]
