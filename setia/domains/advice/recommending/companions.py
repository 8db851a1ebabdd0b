"""The perfect pair: what is in the same basket more often than chance would have it.

support = baskets with both / all baskets; lift = support / (share of one x share of other). Pairs are ranked by the
lower end of a 95 % interval of the lift (log normal, counts as Poisson), so that two baskets are no discovery.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Whole = NDArray[np.int64]
MOST_IN_BASKET = 60


@dataclass(frozen=True, slots=True)
class Companions:
    """Columns of pairs, by slot and then best first: in how many baskets both, each, and of all."""

    slot: Whole
    other: Whole
    both: Whole
    alone: Whole
    other_alone: Whole
    baskets: int


class Baskets:
    """Adds up baskets by pieces; a basket must come whole."""

    def __init__(self, size: int) -> None:
        self._both = np.zeros((size, size), dtype=np.float32)
        self.baskets = 0

    def add(self, order_id: Whole, slot: Whole) -> None:
        """Count some baskets; very large ones are somebody's stock and tell nothing of pairs."""
        if not len(order_id):
            return
        _orders, basket = np.unique(order_id[slot >= 0], return_inverse=True)
        slot = slot[slot >= 0]
        matrix = sparse.csr_matrix(
            (np.ones(len(slot), dtype=np.float32), (basket, slot)), shape=(len(_orders), len(self._both))
        )
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        matrix = matrix[np.flatnonzero(np.diff(matrix.indptr) <= MOST_IN_BASKET)]
        self.baskets += matrix.shape[0]
        for low in range(0, matrix.shape[0], 100_000):
            part = matrix[low : low + 100_000]
            self._both += (part.T @ part).toarray()

    def companions(self, *, least: int, allowed: NDArray[np.bool_], limit: int) -> Companions:
        """Return each product's best companions among those allowed, with at least `least` baskets in common."""
        counts = self._both.diagonal().astype(np.float64)
        found: list[tuple[Whole, Whole]] = []
        for slot in np.flatnonzero(counts >= least):
            shared = self._both[slot].astype(np.float64)
            lift = shared * self.baskets / np.maximum(counts[slot] * counts, 1.0)
            low = lift * np.exp(-1.96 / np.sqrt(np.maximum(shared, 1.0)))
            low[(shared < least) | ~allowed] = 0.0
            low[slot] = 0.0
            others = np.flatnonzero(low > 1.0)
            others = others[np.lexsort((others, -low[others]))][:limit]
            found.append((np.full(len(others), slot), others))
        one = np.concatenate([pair[0] for pair in found]) if found else np.zeros(0, dtype=np.int64)
        other = np.concatenate([pair[1] for pair in found]) if found else np.zeros(0, dtype=np.int64)
        return Companions(
            one, other, self._both[one, other].astype(np.int64), counts[one].astype(np.int64),
            counts[other].astype(np.int64), self.baskets,
        )  # fmt: skip
