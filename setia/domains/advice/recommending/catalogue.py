"""The catalogue as the recommender sees it: what sells, what may be recommended, what comes back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
# What is popular is what sold in so many days; a bestseller of three years ago is none.
POPULAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Columns of the products, sorted by id.

    `popularity` is how many lines sold it in a year; `kept` the share of its pieces that did not come back;
    `allowed` whether it may be recommended.
    """

    product_id: Whole
    popularity: NDArray[np.float64]
    kept: NDArray[np.float64]
    allowed: NDArray[np.bool_]

    def most_popular(self, limit: int) -> NDArray[np.int64]:
        """Return the slots of what sells most and may be recommended, best first, ties by id."""
        return best_of(self.popularity * self.kept, self.allowed, limit)


def best_of(score: NDArray[np.float64], allowed: NDArray[np.bool_], limit: int = 200) -> NDArray[np.int64]:
    """Return the slots with the highest positive scores among those allowed, best first, ties by slot."""
    score = np.where(allowed & (score > 0), score, -1.0)
    order = np.lexsort((np.arange(len(score)), -score))[:limit]
    return order[score[order] > 0]
