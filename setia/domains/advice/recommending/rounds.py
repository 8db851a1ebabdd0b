"""One round of recommending: learn from a sample, judge on the past, then make everybody's lists piece by piece.

Memory does not grow with the number of people: a sample is held, everybody else passes by 20,000 at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from setia.domains.advice.recommending.bought import EPOCH, Bought, Pairs, number_of
from setia.domains.advice.recommending.catalogue import Catalogue
from setia.domains.advice.recommending.companions import Companions
from setia.domains.advice.recommending.judging import DECAY, Held, hold_out, judge
from setia.domains.advice.recommending.likeness import together_of
from setia.domains.advice.recommending.lists import Slots, also_like, buy_again
from setia.domains.advice.recommending.reading import (
    CANCELLED,
    count_baskets,
    people_of,
    read_bought,
    read_catalogue,
)
from setia.domains.advice.recommending.windows import Spans, windows_of
from setia.domains.analytics.engine.base import Engine

Whole = NDArray[np.int64]
SHOWN = 6
POPULAR = 200
COMPANIONS = 5
# More people than these change no likeness that anybody could see.
SAMPLE = 200_000
JUDGED = 20_000
TIMED = 50_000
STEP = 20_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the shop decided about recommendations."""

    excluded_categories: tuple[str, ...] = ()
    excluded_ids: tuple[int, ...] = ()
    out_of_sale_days: int = 90
    least_together: int = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """The lists of some people as ids of products (-1 where a list ends), shape (people, SHOWN).

    For each product of `again`: on how many days bought, mean gap in tenths of a day, last day since 1970; for each
    person the same of all purchases together.
    """

    people: Whole
    again: Whole
    times: Whole
    gap: Whole
    last: Whole
    also: Whole
    day_count: Whole
    own_gap: Whole
    last_day: Whole


@dataclass(frozen=True, slots=True)
class Learned:
    """What a round knows before it makes lists. `notes` is plain JSON."""

    catalogue: Catalogue
    people: Whole
    near: sparse.csr_matrix
    companions: Companions
    notes: dict[str, Any]


def learn(engine: Engine, *, today: date, wishes: Wishes, report: Callable[[str], None] = lambda name: None) -> Learned:
    """Return what was learned of everything until the end of a day of the shop, and how good it was on its past."""
    engine.snapshot("cancelled", CANCELLED)
    people = people_of(engine, today=today)
    catalogue = _catalogue(engine, today, wishes)
    every = max(1, -(-len(people) // SAMPLE))
    sample = people[people % every == 0]
    report("sample")
    parts = [
        read_bought(engine, catalogue.product_id, sample[low : low + STEP], today=today, every=every)
        for low in range(0, len(sample), STEP)
    ]
    report("judging")
    notes: dict[str, Any] = {"people": len(people), "sample": len(sample), "products": len(catalogue.product_id)}
    notes["judged"] = _judged(engine, parts, catalogue, wishes)
    report("windows")
    notes["windows"] = _windows(parts, today)
    report("likeness")
    pairs = (part.pairs() for part in parts)
    weights = np.where(catalogue.allowed, catalogue.kept, 0.0)
    near = together_of(pairs, len(weights)).neighbours(least=wishes.least_together, weights=weights)
    report("companions")
    baskets = count_baskets(engine, catalogue.product_id, today=today)
    companions = baskets.companions(least=wishes.least_together, allowed=catalogue.allowed, limit=COMPANIONS)
    popular = catalogue.most_popular(SHOWN * 3)
    notes |= {
        "baskets": baskets.baskets,
        "popular": [str(product) for product in catalogue.product_id[popular].tolist()],
        "allowed": int(catalogue.allowed.sum()),
    }
    return Learned(catalogue, people, near, companions, notes)


def pieces(engine: Engine, learned: Learned, *, today: date) -> Iterator[Piece]:
    """Yield everybody's lists, people in order, by the way of listing that did best on the shop's past."""
    shown = {name: found["shown"] for name, found in learned.notes["judged"].items()}
    popular = learned.catalogue.most_popular(POPULAR)
    near = learned.near if shown["also"] == "cosine" else sparse.csr_matrix(learned.near.shape, dtype=np.float32)
    usual = float(learned.notes["windows"]["people"].get("gap", 30.0))
    of_items = float(learned.notes["windows"]["items"].get("gap", usual))
    for low in range(0, len(learned.people), STEP):
        some = learned.people[low : low + STEP]
        bought = read_bought(engine, learned.catalogue.product_id, some, today=today)
        pairs = bought.pairs()
        own = _own(bought)
        again = buy_again(
            pairs,
            limit=SHOWN,
            allowed=learned.catalogue.allowed,
            popularity=learned.catalogue.popularity,
            decay=DECAY if shown["again"] == "decayed" else None,
            moments=own[0],
        )
        also, _known = also_like(pairs, near, popular, limit=SHOWN)
        times, gap, last = _when(pairs, again, of_items)
        ids = learned.catalogue.product_id
        yield Piece(
            some,
            np.where(again >= 0, ids[again], -1) if len(ids) else again,
            times,
            gap,
            last,
            np.where(also >= 0, ids[also], -1) if len(ids) else also,
            own[0],
            _tenths(usual, own[0], own[1], own[2]),
            own[2],
        )


def _catalogue(engine: Engine, until: date, wishes: Wishes, only: Whole | None = None) -> Catalogue:
    return read_catalogue(
        engine,
        until=until,
        excluded_categories=wishes.excluded_categories,
        excluded_ids=wishes.excluded_ids,
        out_of_sale_days=wishes.out_of_sale_days,
        only=only,
    )


def _judged(engine: Engine, parts: list[Bought], catalogue: Catalogue, wishes: Wishes) -> dict[str, Any]:
    """Judge on those whose last basket is among the latest 40 %; all that is learned ends the day before these."""
    lasts = [part.last_moments() for part in parts]
    firsts = [_own(part)[1] for part in parts]
    twice = [last[(last >= 0) & (first < last)] for last, first in zip(lasts, firsts, strict=True)]
    together = np.concatenate(twice) if twice else np.zeros(0, dtype=np.int64)
    size = len(catalogue.product_id)
    if not len(together):
        return judge([], sparse.csr_matrix((size, size)), np.zeros(size), np.zeros(size, dtype=bool))
    since = int(np.quantile(together, 0.6, method="lower"))
    then = _catalogue(engine, EPOCH + timedelta(days=since - 1), wishes, catalogue.product_id)
    before = (part.where(part.moment < since).pairs() for part in parts)
    weights = np.where(then.allowed, then.kept, 0.0)
    near = together_of(before, size).neighbours(least=wishes.least_together, weights=weights)
    found = judge(_held(parts, since), near, then.popularity * then.kept, then.allowed)
    return {name: {**each, "since": (EPOCH + timedelta(days=since)).isoformat()} for name, each in found.items()}


def _held(parts: list[Bought], since: int) -> Iterator[Held]:
    left = JUDGED
    for part in parts:
        held = hold_out(part, since=since) if left > 0 else None
        if held is not None:
            left -= len(held.before.people)
            yield held


def _windows(parts: list[Bought], today: date) -> dict[str, Any]:
    people: list[Whole] = []
    items: list[Whole] = []
    days: list[Whole] = []
    offset = 0
    for part in parts[: TIMED // STEP + 1]:
        owner = part.person.astype(np.int64) + offset
        offset += len(part.people)
        people.append(owner)
        items.append(owner * 2**20 + part.slot)
        days.append(part.moment.astype(np.int64))
    if not days:
        return {"people": {}, "items": {}}
    day = np.concatenate(days)
    return {
        "people": windows_of(Spans.of(np.concatenate(people), day), today=number_of(today), least=1),
        "items": windows_of(Spans.of(np.concatenate(items), day), today=number_of(today), least=2),
    }


def _own(bought: Bought) -> tuple[Whole, Whole, Whole]:
    """Return for each person on how many days he bought, the first and the last of them."""
    count = len(bought.people)
    keys = np.unique(bought.person.astype(np.int64) * 2**32 + bought.moment)
    person, day = keys >> 32, keys & (2**32 - 1)
    days = np.bincount(person, minlength=count)
    first, last = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    if len(person):
        start = np.flatnonzero(np.append(True, np.diff(person) != 0))
        first[person[start]] = day[start]
        last[person[start]] = day[np.append(start[1:], len(day)) - 1]
    return days, first, last


def _tenths(usual: float, moments: Whole, first: Whole, last: Whole) -> Whole:
    """Return mean gaps in tenths of a day, as `rules.windows.mean_gap` draws them to the usual one."""
    gap = (2.0 * usual + (last - first)) / (2.0 + np.maximum(moments - 1, 0))
    return np.clip(np.rint(gap * 10), 1, 65_000).astype(np.int64)


def _when(pairs: Pairs, again: Slots, usual: float) -> tuple[Whole, Whole, Whole]:
    """Return for each product of the lists how often it was bought, its mean gap and its last day."""
    size = max(int(pairs.slot.max()) + 1 if len(pairs.slot) else 1, int(again.max()) + 1 if again.size else 1)
    keys = pairs.person.astype(np.int64) * size + pairs.slot
    there = again >= 0
    wanted = np.where(there, np.arange(len(again))[:, None] * size + again, -1)
    where = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    if not len(keys):
        nothing = np.zeros_like(again)
        return nothing, nothing, nothing
    times = np.where(there, np.minimum(pairs.count[where], 65_000), 0).astype(np.int64)
    first, last = pairs.first[where].astype(np.int64), pairs.last[where].astype(np.int64)
    gap = _tenths(usual, times, first, last)
    return times, np.where(there, gap, 0), np.where(there, last, 0)
