"""How good the lists were: each person's last basket is held out, and all that is learned ends before it.

HR@k: share of people with at least one product of the basket among the k shown. Recall@k: share of the basket among
them. NDCG@k: as recall, but the first places weigh more (binary relevance, log2 discount; Järvelin, Kekäläinen 2002).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from setia.domains.advice.recommending.bought import Bought, Pairs
from setia.domains.advice.recommending.catalogue import best_of
from setia.domains.advice.recommending.lists import Slots, also_like, buy_again, filled

AT = 10
# Fewer people say nothing: an interval over them is as wide as the scale.
LEAST_PEOPLE = 30
DECAY = 0.9
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Held:
    """People with what they had bought before, and their last basket: (person, slot) of both shapes (n,)."""

    before: Pairs
    moments: NDArray[np.int64]
    person: NDArray[np.int32]
    slot: NDArray[np.int32]


def hold_out(bought: Bought, *, since: int) -> Held | None:
    """Return everybody whose last basket is at `since` or later and who bought before it; None where nobody is."""
    last = bought.last_moments()
    in_last = bought.moment == last[bought.person]
    has_before = np.zeros(len(bought.people), dtype=bool)
    has_before[bought.person[~in_last]] = True
    chosen = (last >= since) & has_before
    if not chosen.any():
        return None
    position = np.cumsum(chosen) - 1
    keep = chosen[bought.person]
    before, after = bought.where(keep & ~in_last), bought.where(keep & in_last)
    people = bought.people[chosen]
    moved = Bought(people, position[before.person].astype(np.int32), before.slot, before.moment, before.back)
    # What was given back is known for all times together, also for the last basket: it is no knowledge of before.
    moved = Bought(moved.people, moved.person, moved.slot, moved.moment, np.zeros_like(moved.back))
    pairs = moved.pairs()
    key = np.unique(moved.person.astype(np.int64) * 2**32 + moved.moment)
    moments = np.bincount(key >> 32, minlength=len(people))
    return Held(pairs, moments, position[after.person].astype(np.int32), after.slot)


class Scores:
    """Collects HR, recall and NDCG of lists, by name, over pieces of the people."""

    def __init__(self) -> None:
        self._found: dict[str, list[NDArray[np.float64]]] = {}

    def add(self, name: str, shown: Slots, targets: sparse.csr_matrix) -> None:
        """Judge lists of slots against what was bought, shape (people, products) of ones; each person needs one."""
        people = np.repeat(np.arange(len(shown)), shown.shape[1])
        slot = shown.ravel()
        hits = np.zeros(len(slot))
        there = slot >= 0
        hits[there] = np.asarray(targets[people[there], slot[there]]).ravel()
        by_place = hits.reshape(shown.shape)
        wanted = np.asarray(targets.sum(axis=1)).ravel()
        discount = 1.0 / np.log2(np.arange(2, AT + 2))
        ideal = np.cumsum(discount)[np.minimum(wanted, AT).astype(int) - 1]
        rows = np.column_stack(
            [
                by_place.any(axis=1),
                by_place.sum(axis=1) / wanted,
                (by_place * discount[: shown.shape[1]]).sum(1) / ideal,
            ]
        )
        self._found.setdefault(name, []).append(rows)

    def told(self) -> dict[str, dict[str, Any]]:
        """Return for each name the means with 95 % intervals, and the difference of NDCG against popularity."""
        whole = {name: np.concatenate(rows) for name, rows in self._found.items()}
        found: dict[str, dict[str, Any]] = {}
        for name, rows in whole.items():
            one: dict[str, Any] = {"people": len(rows)}
            for column, figure in enumerate(("hit_rate", "recall", "ndcg")):
                one[figure] = _interval(rows[:, column])
            if name != "popularity" and "popularity" in whole:
                one["better"] = _interval(rows[:, 2] - whole["popularity"][:, 2])
            found[name] = one
        return found

    def difference(self, one: str, other: str) -> list[float]:
        """Return how much better one list is than another in NDCG, person by person: mean, low, high."""
        return _interval(np.concatenate(self._found[one])[:, 2] - np.concatenate(self._found[other])[:, 2])


def _interval(values: NDArray[np.float64]) -> list[float]:
    mean, error = float(values.mean()), float(values.std() / np.sqrt(max(len(values), 1)))
    return [round(mean, 4), round(mean - _Z * error, 4), round(mean + _Z * error, 4)]


def judge(
    parts: Iterable[Held], near: sparse.csr_matrix, popularity: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return how each list did, and which of them may be shown.

    `near` and `popularity` must have been learned from before the first held-out basket. Of "buy again" all that was
    bought counts, of "you may also like" only what the person had never bought.
    """
    again, also = Scores(), Scores()
    popular = best_of(popularity, allowed)
    for held in parts:
        _judge_again(again, held, popularity, allowed)
        _judge_also(also, held, near, popular)
    return {
        "again": _verdict(again, ("frequency", "decayed"), "frequency"),
        "also": _verdict(also, ("cosine",), "cosine"),
    }


def _judge_again(scores: Scores, held: Held, popularity: NDArray[np.float64], allowed: NDArray[np.bool_]) -> None:
    count, size, popular = len(held.before.people), len(allowed), best_of(popularity, allowed)
    targets = sparse.csr_matrix((np.ones(len(held.person)), (held.person, held.slot)), shape=(count, size))
    own = buy_again(held.before, limit=AT, allowed=allowed, popularity=popularity)
    late = buy_again(held.before, limit=AT, allowed=allowed, popularity=popularity, decay=DECAY, moments=held.moments)
    nothing = np.full_like(own, -1)
    for name, shown in (
        ("popularity", filled(nothing, popular)),
        ("personal", own),
        ("frequency", filled(own, popular)),
        ("decayed", filled(late, popular)),
    ):
        scores.add(name, shown, targets)


def _judge_also(scores: Scores, held: Held, near: sparse.csr_matrix, popular: Slots) -> None:
    """Judge lists of products that a person never bought, over those who bought at least one such."""
    count, size = len(held.before.people), near.shape[0]
    shape = (count, size)
    ever = sparse.csr_matrix((np.ones(len(held.before.person)), (held.before.person, held.before.slot)), shape=shape)
    targets = sparse.csr_matrix((np.ones(len(held.person)), (held.person, held.slot)), shape=shape)
    targets = (targets - targets.multiply(ever)).tocsr()
    targets.eliminate_zeros()
    some = np.flatnonzero(np.diff(targets.indptr))
    if not len(some):
        return
    liked, _learned = also_like(held.before, near, popular, limit=AT)
    nothing = sparse.csr_matrix(near.shape, dtype=np.float32)
    plain, _learned = also_like(held.before, nothing, popular, limit=AT)
    scores.add("popularity", plain[some], targets[some])
    scores.add("cosine", liked[some], targets[some])


def _verdict(scores: Scores, contenders: tuple[str, ...], usual: str) -> dict[str, Any]:
    """Return the figures and whom to show: the best that beats popularity, popularity where none does.

    Where too few people could be judged the usual one is shown, and said not to be judged yet.
    """
    told: Mapping[str, dict[str, Any]] = scores.told()
    people = told["popularity"]["people"] if told else 0
    if people < LEAST_PEOPLE:
        return {"lists": told, "people": people, "shown": usual, "is_judged": False}
    beating = [name for name in contenders if told[name]["better"][1] > 0]
    shown = beating[0] if beating else "popularity"
    for name in beating[1:]:
        if scores.difference(name, shown)[1] > 0:
            shown = name
    return {"lists": told, "people": people, "shown": shown, "is_judged": True}
