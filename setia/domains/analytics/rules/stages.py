"""Stages of a relationship: the loyalty pyramid by purchases, and what somebody does now (blueprint B8)."""

import numpy as np
from numpy.typing import NDArray

# 1 suspect and 2 prospect have not bought; 7, partner, is more than 20 purchases.
PYRAMID = ("suspect", "prospect", "customer", "client", "supporter", "advocate", "partner")
_FROM = (1, 2, 6, 11, 21)


def pyramid_level(purchases: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return levels 2-7 for numbers of purchases, shape (n,); 20 purchases are level 6 still."""
    return (2 + np.searchsorted(_FROM, purchases, side="right")).astype(np.int8)
