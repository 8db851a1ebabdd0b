"""The live segments with their rules read, in the order in which they may use each other."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from setia.domains.segments.models import Segment, SegmentKind, SegmentState
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.tree import Node, from_json


@dataclass(frozen=True, slots=True)
class Live:
    """A live segment with its rule; `uses` are the segments and lists it speaks of."""

    id: int
    version: int
    node: Node
    topics: frozenset[str]
    uses: frozenset[int]


@lru_cache(maxsize=1000)
def _read(segment_id: int, version: int, text: str) -> Node | None:
    import json

    try:
        return from_json(json.loads(text))
    except BadRule:
        return None  # kept by a version that knew more; it stays as it is


def any_live() -> bool:
    """Tell whether there is a live segment by rule; without one nobody needs to hear of anything."""
    return Segment.objects.filter(kind=SegmentKind.DYNAMIC, state=SegmentState.LIVE).exists()


def live_segments() -> list[Live]:
    """Return the live segments by rule, those that are used before those that use them."""
    import json

    rows = Segment.objects.filter(kind=SegmentKind.DYNAMIC, state=SegmentState.LIVE).order_by("id")
    found = []
    for row in rows.only("id", "version", "rule", "topics", "uses"):
        node = _read(row.id, row.version, json.dumps(row.rule, sort_keys=True))
        if node is not None:
            uses = frozenset(int(each) for each in row.uses)
            found.append(Live(row.id, row.version, node, frozenset(row.topics), uses))
    return in_order(found)


def in_order(segments: Iterable[Live]) -> list[Live]:
    """Return segments so that whatever one uses stands before it; there are no circles, for saving refuses them."""
    left = {each.id: each for each in segments}
    done: list[Live] = []
    while left:
        ready = [each for each in left.values() if left.keys().isdisjoint(each.uses)]
        for each in ready or list(left.values()):
            done.append(each)
            del left[each.id]
    return done


def affected(
    segments: Iterable[Live], *, topics: Collection[str] = (), changed: Collection[int] = (), only: Collection[int] = ()
) -> list[Live]:
    """Return the segments that news of some topics, or of who is in some segments, may change, in their order.

    `only` names segments to be judged whatever the news; those that use one of the found are found too.
    """
    wanted, touched, found = set(topics), set(changed), []
    for each in segments:
        if each.id in only or not wanted.isdisjoint(each.topics) or not touched.isdisjoint(each.uses):
            found.append(each)
            touched.add(each.id)
    return found


def circle(segment_id: int, uses: Collection[int]) -> bool:
    """Tell whether a segment that used these would come to use itself."""
    above = dict(Segment.objects.exclude(state=SegmentState.ARCHIVED).values_list("id", "uses"))
    seen: set[int] = set()
    left = set(uses)
    while left:
        one = left.pop()
        if one == segment_id:
            return True
        if one not in seen:
            seen.add(one)
            left |= {int(each) for each in above.get(one, [])}
    return False


def users_of(segment_id: int) -> list[Segment]:
    """Return the segments whose rules speak of one, by name."""
    rows = Segment.objects.exclude(state=SegmentState.ARCHIVED).filter(kind=SegmentKind.DYNAMIC).order_by("name")
    return [row for row in rows if str(segment_id) in row.uses]
