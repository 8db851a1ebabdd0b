"""Facts about segments and who comes and goes."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntered(Fact):
    """Somebody is in a segment from now on; `conditions` are the places of those that hold, in that version's rule.

    Said of each, but for the filling of a new segment, which is one `SegmentFilled`.
    """

    kind: ClassVar[str] = "segments.entered"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    version: int
    conditions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLeft(Fact):
    """Somebody is no longer in a segment; `conditions` are the places of those that still hold."""

    kind: ClassVar[str] = "segments.left"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    version: int
    conditions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFilled(Fact):
    """A segment was filled for the first time, or anew after a change of its rule; none of its people is named."""

    kind: ClassVar[str] = "segments.filled"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    version: int
    size: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSaved(Fact):
    """A segment was made or changed; names the changed parts, all of them for a new one."""

    kind: ClassVar[str] = "segments.saved"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    version: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStateChanged(Fact):
    """A segment went live, back to draft, or was archived."""

    kind: ClassVar[str] = "segments.state_changed"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanged(Fact):
    """People were put on a list by hand, or taken off it."""

    kind: ClassVar[str] = "segments.list_changed"
    subject: ClassVar[str] = "segment_id"
    segment_id: int
    added: int
    removed: int
