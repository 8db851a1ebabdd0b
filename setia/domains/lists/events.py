"""Facts about acts on many people; who they were stands in facts of each of them."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkActDone(Fact):
    """An act on many people is over; `act` is its kind and `changed` how many it changed."""

    kind: ClassVar[str] = "lists.bulk_act_done"
    subject: ClassVar[str] = "act_id"
    act_id: int
    act: str
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkActUndone(Fact):
    """An act was taken back; `left` is how many were left alone because they had been changed since."""

    kind: ClassVar[str] = "lists.bulk_act_undone"
    subject: ClassVar[str] = "act_id"
    act_id: int
    act: str
    restored: int
    left: int
