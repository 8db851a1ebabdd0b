"""Boosted trees on histograms: Friedman (2001) with second-order leaves as in Chen and Guestrin (2016), in numpy.

Small on purpose: 12 inputs, 32 bins, trees of depth 3 that are kept as arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from setia.domains.analytics.rules.weighing import Floats

Bins = NDArray[np.uint8]
BINS, DEPTH, TREES, RATE, RIDGE, FEWEST_IN_LEAF = 32, 3, 80, 0.1, 5.0, 40
MOST_ROWS = 100_000
_NODES = 2 ** (DEPTH + 1) - 1
_INNER = 2**DEPTH - 1


@dataclass(frozen=True, slots=True)
class Trees:
    """A fitted model. Edges of shape (k, 31) cut inputs into bins; node j has the children 2j+1 (bin <= cut) and 2j+2.

    `feature`, `cut` of shape (trees, 7), a feature of -1 sends everybody left; `value` of shape (trees, 15) is the mean
    log-odds that a node adds, so that what a step down a tree changes is the contribution of its input.
    """

    edges: Floats
    feature: NDArray[np.int64]
    cut: NDArray[np.int64]
    value: Floats
    intercept: float

    def contributions(self, inputs: Floats) -> Floats:
        """Return what each input adds to the log-odds against somebody average, shape (n, k)."""
        binned = _binned(inputs, self.edges)
        found = np.zeros((len(inputs), inputs.shape[1] + 1))
        rows = np.arange(len(inputs))
        for feature, cut, value in zip(self.feature, self.cut, self.value, strict=True):
            node = np.zeros(len(inputs), dtype=np.int64)
            for _ in range(DEPTH):
                asked = feature[node]
                child = 2 * node + 1 + ((binned[rows, asked] > cut[node]) & (asked >= 0))
                found[rows, asked] += value[child] - value[node]
                node = child
        return found[:, :-1]

    def log_odds(self, inputs: Floats) -> Floats:
        """Return log-odds of shape (n,)."""
        return np.asarray(self.intercept + self.value[:, 0].sum() + self.contributions(inputs).sum(axis=1))

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        arrays = {name: getattr(self, name).tolist() for name in ("edges", "feature", "cut", "value")}
        return {**arrays, "intercept": self.intercept}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Trees":
        """Return the model that was kept."""
        return cls(
            edges=np.array(told["edges"], dtype=np.float64),
            feature=np.array(told["feature"], dtype=np.int64),
            cut=np.array(told["cut"], dtype=np.int64),
            value=np.array(told["value"], dtype=np.float64),
            intercept=float(told["intercept"]),
        )


def fit_trees(inputs: Floats, happened: Floats, *, seed: int, trees: int = TREES) -> Trees:
    """Return boosted trees for `happened` (0 or 1, shape (n,)); of more than 100,000 rows so many are drawn."""
    if len(inputs) > MOST_ROWS:
        chosen = np.random.default_rng(seed).choice(len(inputs), MOST_ROWS, replace=False)
        inputs, happened = inputs[chosen], happened[chosen]
    edges = np.quantile(inputs, np.arange(1, BINS) / BINS, axis=0).T
    binned = _binned(inputs, edges)
    base = float(np.clip(happened.mean(), 1e-6, 1 - 1e-6))
    odds = np.full(len(inputs), np.log(base / (1 - base)))
    intercept, grown = float(odds[0]), []
    for _ in range(trees):
        chance = expit(odds)
        feature, cut, value, leaf = _grow(binned, happened - chance, chance * (1 - chance))
        odds += value[leaf]
        grown.append((feature, cut, value))
    features, cuts, values = (np.array(each) for each in zip(*grown, strict=True))
    return Trees(edges, features, cuts, values, intercept)


def _binned(inputs: Floats, edges: Floats) -> Bins:
    """Return the bin of each input, shape (n, k + 1); the last column stands for inputs that are not asked (-1)."""
    found = np.zeros((len(inputs), inputs.shape[1] + 1), dtype=np.uint8)
    for place in range(inputs.shape[1]):
        found[:, place] = np.searchsorted(edges[place], inputs[:, place], side="left")
    return found


def _grow(
    binned: Bins, slope: Floats, curve: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return features and cuts of the inner nodes, the values of all nodes, and the leaf of each row."""
    feature, cut = np.full(_INNER, -1, dtype=np.int64), np.zeros(_INNER, dtype=np.int64)
    node, rows = np.zeros(len(slope), dtype=np.int64), np.arange(len(slope))
    for depth in range(DEPTH):
        first, count = 2**depth - 1, 2**depth
        best = np.zeros(count)
        for place in range(binned.shape[1] - 1):
            key = (node - first) * BINS + binned[:, place]
            gain, where = _best_cuts(key, slope, curve, count)
            better = gain > best + 1e-9
            best = np.where(better, gain, best)
            feature[first : first + count] = np.where(better, place, feature[first : first + count])
            cut[first : first + count] = np.where(better, where, cut[first : first + count])
        asked = feature[node]
        node = 2 * node + 1 + ((binned[rows, asked] > cut[node]) & (asked >= 0))
    slopes, curves = (np.bincount(node, column, minlength=_NODES) for column in (slope, curve))
    for parent in range(_INNER - 1, -1, -1):
        slopes[parent] = slopes[2 * parent + 1] + slopes[2 * parent + 2]
        curves[parent] = curves[2 * parent + 1] + curves[2 * parent + 2]
    return feature, cut, RATE * slopes / (curves + RIDGE), node


def _best_cuts(key: NDArray[np.int64], slope: Floats, curve: Floats, count: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return for each of `count` nodes the gain of the best cut of one input, and after which bin it lies."""
    left = [
        np.bincount(key, column, minlength=count * BINS).reshape(count, BINS).cumsum(axis=1)
        for column in (slope, curve, np.ones_like(slope))
    ]
    right = [column[:, -1:] - column for column in left]
    gain = left[0] ** 2 / (left[1] + RIDGE) + right[0] ** 2 / (right[1] + RIDGE)
    gain -= left[0][:, -1:] ** 2 / (left[1][:, -1:] + RIDGE)
    gain = np.where((left[2] >= FEWEST_IN_LEAF) & (right[2] >= FEWEST_IN_LEAF), gain, -1.0)
    where = gain.argmax(axis=1)
    return np.asarray(gain[np.arange(count), where]), where
