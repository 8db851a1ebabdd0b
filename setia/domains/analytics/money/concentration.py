"""How evenly revenue lies on customers: the Lorenz curve, Gini's index, the part of the best. Pure mathematics."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
POINTS = 20


def concentration(spent: Numbers, orders: Numbers) -> dict[str, Any] | None:
    """Return how revenue is spread over buyers, or None where nothing was spent; both of shape (n,).

    `curve` is the share of revenue of the lowest 0, 5 … 100 % of buyers. Gini is 0 where all spend the same and nears 1
    where one spends all (Gini, Variabilita e mutabilita, 1912). Whoever brought back more than he kept counts as 0.
    """
    values = np.maximum(spent, 0.0)
    total = float(values.sum())
    if total <= 0:
        return None
    order = np.argsort(values, kind="stable")
    running = np.concatenate([[0.0], np.cumsum(values[order])]) / total
    places = np.linspace(0, len(values), POINTS + 1)
    curve = np.interp(places, np.arange(len(values) + 1), running)
    gini = 1 - float((running[1:] + running[:-1]).sum()) / len(values)
    best = order[::-1]
    tenth = best[: -(-len(best) // 10)]
    others = best[len(tenth) :]
    each_best, each_other = _each(values[tenth], orders[tenth]), _each(values[others], orders[others])
    return {
        "buyers": len(values),
        "curve": [float(point) for point in curve],
        "gini": max(0.0, gini),
        "top_tenth": float(values[tenth].sum()) / total,
        "top_fifth": float(values[best[: -(-len(best) // 5)]].sum()) / total,
        "tenth_order": each_best,
        "other_order": each_other,
        "times": each_best / each_other if each_best is not None and each_other else None,
    }


def _each(values: Numbers, orders: Numbers) -> float | None:
    count = float(orders.sum())
    return float(values.sum()) / count if count else None


def value_bins(worth: Numbers) -> list[dict[str, float]]:
    """Return how many are expected to spend how much, in up to ten equally wide classes; the last takes all beyond.

    The width is a round number that puts the last edge near the 95th percentile, so that a few do not flatten the rest.
    """
    if not len(worth):
        return []
    high = max(float(np.quantile(worth, 0.95)), 1.0)
    raw = high / 9
    power = 10.0 ** np.floor(np.log10(raw))
    width = max(1.0, next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw))
    place = np.minimum((np.maximum(worth, 0) // width).astype(np.int64), 9)
    counts = np.bincount(place, minlength=10)
    last = int(np.flatnonzero(counts)[-1]) + 1
    return [{"low": n * width, "high": (n + 1) * width, "people": int(counts[n])} for n in range(last)]
