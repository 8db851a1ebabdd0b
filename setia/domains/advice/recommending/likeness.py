"""Which products are bought by the same people: item-item cosine, shrunk, without the product itself."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from setia.domains.advice.recommending.bought import Pairs

# Two products that three people share look alike by chance; the cosine is drawn to 0 by as much as this many people.
SHRINK = 5.0
NEIGHBOURS = 100
# One person with a thousand products would join everything with everything; of those bought most often so many count.
MOST_PRODUCTS = 150


class Together:
    """Adds up how many people bought each product, and each two of them, over pieces of the people."""

    def __init__(self, size: int) -> None:
        self._both = np.zeros((size, size), dtype=np.float32)
        self.people = 0

    def add(self, pairs: Pairs) -> None:
        """Count some people; nobody may be counted twice."""
        matrix = matrix_of(pairs, len(self._both), most=MOST_PRODUCTS)
        for low in range(0, matrix.shape[0], 20_000):
            part = matrix[low : low + 20_000]
            self._both += (part.T @ part).toarray()
        self.people += matrix.shape[0]

    def neighbours(self, *, least: int, weights: NDArray[np.float64], most: int = NEIGHBOURS) -> sparse.csr_matrix:
        """Return for each product its likest others: shape (products, products), rows are what was bought.

        Two products need `least` people in common. `weights` multiplies the candidates; 0 leaves one out.
        """
        both, size = self._both, len(self._both)
        counts = both.diagonal().copy()
        rows: list[NDArray[np.int64]] = []
        columns: list[NDArray[np.int64]] = []
        values: list[NDArray[np.float64]] = []
        for slot in np.flatnonzero(counts >= least):
            shared = both[slot].astype(np.float64)
            likeness = shared / (np.sqrt(counts[slot] * np.maximum(counts, 1.0)) + SHRINK) * weights
            likeness[(shared < least)] = 0.0
            likeness[slot] = 0.0
            found = np.flatnonzero(likeness)
            if len(found) > most:
                found = found[np.argpartition(-likeness[found], most)[:most]]
            rows.append(np.full(len(found), slot))
            columns.append(found)
            values.append(likeness[found])
        if not rows:
            return sparse.csr_matrix((size, size), dtype=np.float32)
        cells = (np.concatenate(values).astype(np.float32), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_matrix(cells, shape=(size, size))


def matrix_of(pairs: Pairs, size: int, *, most: int | None = None) -> sparse.csr_matrix:
    """Return who bought what as ones, shape (people, products); with `most`, each person's products bought oftenest.

    What was given back as often as it was bought does not count.
    """
    keep = pairs.count > pairs.back
    person, slot, count = pairs.person[keep], pairs.slot[keep], pairs.count[keep]
    if most is not None and len(person):
        order = np.lexsort((slot, -count, person))
        person, slot = person[order], slot[order]
        start = np.searchsorted(person, person)
        near = np.arange(len(person)) - start < most
        person, slot = person[near], slot[near]
    ones = np.ones(len(person), dtype=np.float32)
    return sparse.csr_matrix((ones, (person, slot)), shape=(len(pairs.people), size))


def together_of(parts: Iterable[Pairs], size: int) -> Together:
    """Return the sums over all parts."""
    sums = Together(size)
    for part in parts:
        sums.add(part)
    return sums
