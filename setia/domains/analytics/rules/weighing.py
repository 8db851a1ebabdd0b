"""A score of weighted parts, some of which may not be known: their weight goes to the parts that are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: its weight, and the share of it (0-1) at some values, straight between them.

    A part that cannot be measured yet has no knots.
    """

    name: str
    weight: int
    knots: tuple[tuple[float, float], ...] = ()

    def share(self, values: Floats) -> Floats:
        """Return the share of the part for each value, shape (n,); NaN stays NaN."""
        at, shares = zip(*self.knots, strict=True)
        return np.asarray(np.interp(values, at, shares) + 0.0 * values)


def weighed(parts: Sequence[Part], shares: Sequence[Floats]) -> Floats:
    """Return scores of 0-100, shape (n,): the mean of the shares by weight, of those that are known (no NaN).

    NaN where nothing is known.
    """
    total, weight = np.zeros_like(shares[0]), np.zeros_like(shares[0])
    for part, share in zip(parts, shares, strict=True):
        known = np.isfinite(share)
        total += np.where(known, part.weight * share, 0.0)
        weight += np.where(known, part.weight, 0.0)
    return np.asarray(np.divide(100.0 * total, weight, out=np.full_like(total, np.nan), where=weight > 0))
