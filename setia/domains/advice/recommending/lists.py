"""The two lists of each person: buy again, and you may also like. Slots of the catalogue, -1 where a list ends."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from setia.domains.advice.recommending.bought import Pairs
from setia.domains.advice.recommending.likeness import matrix_of

Slots = NDArray[np.int64]
# So many people at once: their scores of all products are one dense array.
STEP = 4_000


def buy_again(
    pairs: Pairs,
    *,
    limit: int,
    allowed: NDArray[np.bool_],
    popularity: NDArray[np.float64],
    decay: float | None = None,
    moments: Slots | None = None,
) -> Slots:
    """Return what each person bought oftenest, shape (people, limit): his own products only.

    Times given back are taken off. Ties go to what is popular, then to what was bought last. With `decay`, a product
    counts the less the longer ago it was bought last: by `decay` for each of the person's usual rounds, of which
    `moments` gives the number.
    """
    weight = np.maximum(pairs.count - pairs.back, 0).astype(np.float64)
    if decay is not None and moments is not None and len(weight):
        last = np.zeros(len(pairs.people), dtype=np.int64)
        first = np.full(len(pairs.people), np.iinfo(np.int64).max)
        np.maximum.at(last, pairs.person, pairs.last)
        np.minimum.at(first, pairs.person, pairs.first)
        rounds = np.maximum(last - first, 1) / np.maximum(moments - 1, 1)
        weight *= decay ** ((last[pairs.person] - pairs.last) / np.maximum(rounds[pairs.person], 1e-9))
    keep = (weight > 0) & allowed[pairs.slot]
    person, slot, weight, last_one = pairs.person[keep], pairs.slot[keep], weight[keep], pairs.last[keep]
    order = np.lexsort((slot, -last_one, -popularity[slot], -weight, person))
    person, slot = person[order], slot[order]
    place = np.arange(len(person)) - np.searchsorted(person, person)
    found = np.full((len(pairs.people), limit), -1, dtype=np.int64)
    near = place < limit
    found[person[near], place[near]] = slot[near]
    return found


def filled(own: Slots, popular: Slots) -> Slots:
    """Return lists whose ends are filled with what is popular and not in them yet."""
    found = own.copy()
    limit = own.shape[1]
    length = (own >= 0).sum(axis=1)
    for slot in popular:
        open_rows = np.flatnonzero(length < limit)
        if not len(open_rows):
            break
        free = open_rows[~(found[open_rows] == slot).any(axis=1)]
        found[free, length[free]] = slot
        length[free] += 1
    return found


def also_like(pairs: Pairs, near: sparse.csr_matrix, popular: Slots, *, limit: int) -> tuple[Slots, Slots]:
    """Return what each person never bought and those with the same products did, and how many of it were learned.

    Shapes (people, limit) and (people,); what is missing at the end is filled with the popular, which count nothing.
    """
    size, count = near.shape[0], len(pairs.people)
    found = np.full((count, limit), -1, dtype=np.int64)
    learned = np.zeros(count, dtype=np.int64)
    bought = matrix_of(pairs, size)
    ever = sparse.csr_matrix((np.ones(len(pairs.person), dtype=np.float32), (pairs.person, pairs.slot)), bought.shape)
    # Popular products stand behind everything learned, the first of them before the second.
    behind = np.zeros(size, dtype=np.float32)
    behind[popular] = 1e-6 * np.arange(len(popular), 0, -1) / max(len(popular), 1)
    for low in range(0, count, STEP):
        scores = (bought[low : low + STEP] @ near).toarray()
        is_learned = scores > 0
        scores += behind
        mine = ever[low : low + STEP].tocoo()
        scores[mine.row, mine.col] = 0.0
        rows = np.arange(len(scores))
        for place in range(min(limit, size)):
            best = scores.argmax(axis=1)
            is_there = scores[rows, best] > 0
            found[low + rows[is_there], place] = best[is_there]
            learned[low + rows] += is_there & is_learned[rows, best]
            scores[rows, best] = 0.0
    return found, learned
