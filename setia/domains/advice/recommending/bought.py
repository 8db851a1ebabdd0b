"""Who bought what and when, as arrays."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Bought:
    """Distinct (person, product, moment) of some people, sorted so.

    `people` are their ids in order; `person` and `slot` are positions in it and in the catalogue; `moment` is a whole
    number that grows with time (days since 1970 in a shop). `back` holds how often each row's person gave the product
    back, all times together.
    """

    people: Whole
    person: NDArray[np.int32]
    slot: NDArray[np.int32]
    moment: NDArray[np.int32]
    back: NDArray[np.int32]

    @classmethod
    def of(
        cls, people: Whole, person_id: Whole, slot: Whole, moment: Whole, *, back: tuple[Whole, Whole, Whole] | None
    ) -> "Bought":
        """Return lines as distinct rows; a slot below 0 is no product of the catalogue and is left out.

        `back` holds ids of people, slots and times of what was given back.
        """
        keep = slot >= 0
        person = np.searchsorted(people, person_id[keep])
        slot, moment = slot[keep], moment[keep]
        order = np.lexsort((moment, slot, person))
        person, slot, moment = person[order], slot[order], moment[order]
        if len(person):
            new = np.ones(len(person), dtype=bool)
            new[1:] = (np.diff(person) != 0) | (np.diff(slot) != 0) | (np.diff(moment) != 0)
            person, slot, moment = person[new], slot[new], moment[new]
        times = np.zeros(len(person), dtype=np.int32)
        if back is not None and len(back[0]) and len(person):
            width = int(max(slot.max(), back[1].max())) + 1
            there = np.isin(back[0], people) & (back[1] >= 0)
            keys = np.searchsorted(people, back[0][there]) * width + back[1][there]
            by_key = np.argsort(keys)
            keys, counts = keys[by_key], back[2][there][by_key]
            wanted = person.astype(np.int64) * width + slot
            where = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
            if len(keys):
                times = np.where(keys[where] == wanted, counts[where], 0).astype(np.int32)
        return cls(people, person.astype(np.int32), slot.astype(np.int32), moment.astype(np.int32), times)

    def where(self, keep: NDArray[np.bool_]) -> "Bought":
        """Return some of the rows, of the same people."""
        return Bought(self.people, self.person[keep], self.slot[keep], self.moment[keep], self.back[keep])

    def last_moments(self) -> NDArray[np.int32]:
        """Return for each person the moment of the last purchase, -1 for who has none."""
        last = np.full(len(self.people), -1, dtype=np.int32)
        np.maximum.at(last, self.person, self.moment)
        return last

    def pairs(self) -> "Pairs":
        """Return each person's products once, with how often, when first and when last."""
        if not len(self.person):
            none = np.zeros(0, dtype=np.int32)
            return Pairs(self.people, none, none, none, none, none, none)
        new = np.ones(len(self.person), dtype=bool)
        new[1:] = (np.diff(self.person) != 0) | (np.diff(self.slot) != 0)
        start = np.flatnonzero(new)
        count = np.diff(np.append(start, len(self.person))).astype(np.int32)
        return Pairs(
            self.people, self.person[start], self.slot[start], count, self.moment[start],
            self.moment[start + count - 1], self.back[start],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairs:
    """One row for each person and product: on how many moments bought, the first and the last of them."""

    people: Whole
    person: NDArray[np.int32]
    slot: NDArray[np.int32]
    count: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    back: NDArray[np.int32]


def number_of(day: date) -> int:
    """Return a day as days since 1970."""
    return (day - EPOCH).days


def slots(product_ids: Whole, wanted: Whole) -> Whole:
    """Return the position of each product in the sorted catalogue, -1 for who is not in it."""
    if not len(product_ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    where = np.minimum(np.searchsorted(product_ids, wanted), len(product_ids) - 1)
    return np.where(product_ids[where] == wanted, where, -1)
