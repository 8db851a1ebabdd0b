"""Bringing everybody to a rule: a new segment, a changed rule, new scores, another zone, and the nightly repair.

Small shops, and shops that were never measured, are judged person by person. Others ask the lake for everybody at
once; whoever had news since the lake was filled is judged by himself, so the outcome is the same.
"""

from array import array
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from setia.domains.customers.models import Customer
from setia.domains.customers.queries import canonical_ids
from setia.domains.segments.actions.judging import PORTION, judge_people, recount
from setia.domains.segments.events import SegmentFilled
from setia.domains.segments.models import Segment, SegmentKind, SegmentState, Standing
from setia.domains.segments.plan import affected, live_segments
from setia.domains.segments.standing import remove_rows
from setia.domains.shop.models import Shop
from setia.foundation.actors import SYSTEM
from setia.foundation.db import write_tx
from setia.foundation.db.stamps import settled_before
from setia.foundation.events import record
from setia.foundation.events.models import Event
from setia.foundation.ids import id_at

# Up to so many customers everybody is judged by himself: that takes seconds and knows the last minute.
FEW = 3_000
# Clocks of several machines differ, and a transaction takes a moment to commit.
MARGIN = timedelta(seconds=30)

Stop = Callable[[], bool]


def fill(*, segment_id: int, now: Callable[[], datetime], should_stop: Stop = lambda: False) -> int:
    """Bring the people of a segment to its rule and return how many stand in it; says so by one fact.

    Safe to repeat and to kill: each portion is whole, and what is right already is left alone. A rule that changes
    meanwhile is filled too. Raises InterruptedError when it was told to stop.
    """
    while True:
        segment = Segment.objects.filter(id=segment_id, kind=SegmentKind.DYNAMIC, state=SegmentState.LIVE).first()
        if segment is None:
            return 0
        since = settled(at=now())
        entered, left = _bring([segment_id], now=now, should_stop=should_stop, quiet=[segment_id])
        # Facts that were being recorded while the segment went live may be owed to nobody.
        more = _one_by_one(
            sorted(people_with_news(since=since)), [segment_id], now=now, should_stop=should_stop, quiet=[segment_id]
        )
        entered, left = entered + more[0], left + more[1]
        recount(segment_ids=[segment_id])
        at = now()
        with write_tx():
            done = Segment.objects.filter(id=segment_id, version=segment.version, state=SegmentState.LIVE)
            if not done.update(filled_version=segment.version, filled_at=at):
                continue
            size = done.values_list("member_count", flat=True).get()
            if entered or left or segment.filled_version != segment.version:
                fact = SegmentFilled(
                    segment_id=segment_id, version=segment.version, size=size, entered=entered, left=left
                )
                record(fact, by=SYSTEM, at=at)
        return int(size)


def fill_all(
    *, now: Callable[[], datetime], should_stop: Stop = lambda: False, topics: Collection[str] | None = None
) -> int:
    """Bring everybody to all live rules (or those that depend on some topics); return how many came or went.

    Each of them is told of. Raises InterruptedError when it was told to stop.
    """
    segments = live_segments()
    wanted = segments if topics is None else affected(segments, topics=topics)
    _drop_merged(at=now())
    entered, left = _bring([each.id for each in wanted], now=now, should_stop=should_stop)
    recount()
    return entered + left


def _drop_merged(*, at: datetime) -> None:
    """Take rows of people who were merged into others out of segments by rule."""
    rows = Standing.objects.filter(customer__canonical__isnull=False, segment__kind=SegmentKind.DYNAMIC)
    while portion := list(rows[:500]):
        with write_tx():
            remove_rows(portion, at=at, shop=Shop.objects.get(id=1))


def _bring(
    segment_ids: Sequence[int], *, now: Callable[[], datetime], should_stop: Stop, quiet: Collection[int] = ()
) -> tuple[int, int]:
    if not segment_ids:
        return 0, 0
    count = Customer.objects.count()
    if count > FEW:
        from setia.domains.segments.setwise import filling as setwise

        found = setwise.bring(segment_ids, now=now, should_stop=should_stop, quiet=quiet)
        if found is not None:
            return found
    return _one_by_one(everybody(), segment_ids, now=now, should_stop=should_stop, quiet=quiet)


def _one_by_one(
    people: Sequence[int],
    segment_ids: Sequence[int],
    *,
    now: Callable[[], datetime],
    should_stop: Stop,
    quiet: Collection[int],
) -> tuple[int, int]:
    entered = left = 0
    for start in range(0, len(people), PORTION):
        if should_stop():
            raise InterruptedError
        portion = people[start : start + PORTION]
        moves = judge_people(customer_ids=portion, at=now(), only=segment_ids, quiet=quiet)
        entered += sum(len(moves.entered[each]) for each in segment_ids)
        left += sum(len(moves.left[each]) for each in segment_ids)
    return entered, left


def everybody() -> "array[int]":
    """Return the ids of all people who stand, rising."""
    rows = Customer.objects.filter(canonical__isnull=True).order_by("id").values_list("id", flat=True)
    return array("q", rows.iterator(chunk_size=10_000))


def settled(*, at: datetime) -> datetime:
    """Return a moment before which every fact has been committed by now; ask before reading anything."""
    oldest = settled_before()
    return min(at, oldest or at) - MARGIN


def people_with_news(*, since: datetime) -> set[int]:
    """Return who was spoken of by facts recorded from a moment on."""
    rows = Event.objects.filter(id__gte=id_at(since), customer_id__isnull=False)
    told = set(rows.exclude(kind__startswith="segments.").values_list("customer_id", flat=True))
    return set(canonical_ids([each for each in told if each is not None]).values())
