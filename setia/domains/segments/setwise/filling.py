"""Bringing a large shop to its rules: everybody's standing by arrays, written portion by portion."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import numpy as np

from setia.domains.analytics.engine import Engine, open_engine
from setia.domains.analytics.lake import LakeBusy, Manifest, fill_lake, read_manifest
from setia.domains.segments.actions.filling import everybody, people_with_news, settled
from setia.domains.segments.actions.judging import judge_people
from setia.domains.segments.loading import day_of
from setia.domains.segments.models import Standing
from setia.domains.segments.plan import Live, affected, live_segments
from setia.domains.segments.rules.judging import NEVER
from setia.domains.segments.setwise.crowd import Crowd
from setia.domains.segments.setwise.judging import Judge, Verdicts
from setia.domains.segments.setwise.leaves import Ints
from setia.domains.segments.standing import Row, Wanted, Writer, hold_people
from setia.domains.shop.models import Shop
from setia.foundation.db import write_tx

# Looked at in one transaction; most of them stand as they should and cost next to nothing.
PORTION = 5_000
# Where an analysis fills the lake at this moment, the last state of it does, unless it is older than so many days.
STALEST_DAYS = 2
# A fact may have been committed so long after its id was made, where nobody looked when a lake was read.
OVERLAP = timedelta(minutes=15)

Stop = Callable[[], bool]


def fresh_lake(*, at: datetime, should_stop: Stop) -> Manifest | None:
    """Return the lake as of now, or as of its last state while somebody else fills it; None where there is none."""
    try:
        return fill_lake(at=at, should_stop=should_stop)
    except LakeBusy:
        found = read_manifest()
        return found if found is not None and (at - found.read_at).days < STALEST_DAYS else None


def bring(
    segment_ids: Sequence[int], *, now: Callable[[], datetime], should_stop: Stop, quiet: Collection[int]
) -> tuple[int, int] | None:
    """Bring everybody to the rules of some segments and of those that use them; return who came and who went.

    None where no lake can be had. Whoever had news since the lake was read is judged by himself, in the transaction
    that writes the others; so news that come in meanwhile are never overwritten by what was known before them.
    """
    at = now()
    since = settled(at=at)
    lake = fresh_lake(at=at, should_stop=should_stop)
    if lake is None:
        return None
    engine = open_engine(lake)
    try:
        since = since if lake.read_at >= at else min(since, lake.read_at - OVERLAP)
        return _bring(engine, since, segment_ids, at=at, now=now, should_stop=should_stop, quiet=quiet)
    finally:
        engine.close()


def _bring(
    engine: Engine,
    since: datetime,
    segment_ids: Sequence[int],
    *,
    at: datetime,
    now: Callable[[], datetime],
    should_stop: Stop,
    quiet: Collection[int],
) -> tuple[int, int]:
    shop = Shop.objects.get(id=1)
    today = day_of(at, shop)
    segments = affected(live_segments(), only=segment_ids)
    crowd = Crowd(np.array(everybody(), dtype=np.int64))
    judge = Judge(engine, crowd, shop=shop, today=today, should_stop=should_stop)
    verdicts: dict[int, Verdicts] = {}
    for each in segments:
        verdicts[each.id] = judge.verdicts(each.node)
        judge.members[each.id] = verdicts[each.id].fits
    entered = left = 0
    for start in range(0, crowd.size, PORTION):
        if should_stop():
            raise InterruptedError
        moved = _write(
            crowd, start, segments, verdicts, since=since, at=now(), today=today, segment_ids=segment_ids, quiet=quiet
        )
        entered, left = entered + moved[0], left + moved[1]
    return entered, left


def _write(
    crowd: Crowd,
    start: int,
    segments: Sequence[Live],
    verdicts: dict[int, Verdicts],
    *,
    since: datetime,
    at: datetime,
    today: int,
    segment_ids: Sequence[int],
    quiet: Collection[int],
) -> tuple[int, int]:
    """Write a portion of the crowd; who had news is judged anew."""
    people = crowd.ids[start : start + PORTION]
    with write_tx():
        shop = Shop.objects.get(id=1)
        rows = _rows(segments, int(people[0]), int(people[-1]))
        wanted = {each.id: _differing(verdicts[each.id], people, start, rows[each.id], each) for each in segments}
        concerned = {person for moves in wanted.values() for person in moves}
        hold_people(concerned)
        news = people_with_news(since=since)
        # A day that has begun since the verdicts, or a rule that changed, makes everybody's news.
        if day_of(at, shop) != today or {(e.id, e.version) for e in live_segments()} < {
            (e.id, e.version) for e in segments
        }:
            news |= set(people.tolist())
        if concerned:
            # What others wrote before these people were held counts.
            rows = _rows(segments, int(people[0]), int(people[-1]))
        writer = Writer(shop, at)
        for each in segments:
            for person, want in wanted[each.id].items():
                if person not in news:
                    writer.put(each.id, each.version, person, rows[each.id].get(person), want)
        moves = writer.write(quiet=quiet)
        mine = set(news) & set(people.tolist())
        others = judge_people(customer_ids=mine, at=at, only=[each.id for each in segments], quiet=quiet)
    counts = [
        sum(len(side[each]) for each in segment_ids for side in (getattr(part, name) for part in (moves, others)))
        for name in ("entered", "left")
    ]
    return counts[0], counts[1]


def _rows(segments: Sequence[Live], first: int, last: int) -> dict[int, dict[int, Row]]:
    found: dict[int, dict[int, Row]] = {each.id: {} for each in segments}
    rows = Standing.objects.filter(segment_id__in=list(found), customer_id__gte=first, customer_id__lte=last)
    for segment_id, person_id, *rest in rows.values_list(
        *("segment_id", "customer_id", "id", "is_member", "since", "reason", "version", "recheck_at")
    ):
        found[segment_id][person_id] = Row(*rest)
    return found


def _differing(verdicts: Verdicts, people: Ints, start: int, rows: dict[int, Row], each: Live) -> dict[int, Wanted]:
    """Return who should stand, or stands, in some way; whoever is outside for good and has no row is left out."""
    here = slice(start, start + len(people))
    fits, turns, reason = verdicts.fits[here], verdicts.turns_on[here], verdicts.reason[here]
    some = np.flatnonzero(fits | (turns < NEVER))
    found = {
        person: Wanted(is_in, why, turn if turn < NEVER else None)
        for person, is_in, why, turn in zip(
            people[some].tolist(), fits[some].tolist(), reason[some].tolist(), turns[some].tolist(), strict=True
        )
    }
    for person in rows:
        found.setdefault(person, Wanted(False, 0, None))
    return found
