"""Which products and categories rise or fall more than the shop itself does, told apart from chance.

Two spans of equal length are compared: the last quarter, and the same weeks a year ago where the shop is old enough
(so that a season is not called a trend), else the quarter before. Lines sold scatter more than Poisson counts; how
much more is read from the weeks within both spans. Of many things compared some would stand out by chance alone: the
share of such among those called rising or falling is held to a tenth (Benjamini & Hochberg, JRSS B 57, 1995).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from setia.domains.analytics.seasons.daily_model import Numbers

WEEKS = 13
FEWEST_LINES = 30
FALSE_SHARE = 0.10
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Move:
    """How one thing moved against the whole shop: `change` is 0.2 for a fifth more than the shop's own change."""

    key: str
    before: int
    after: int
    change: float
    low: float
    high: float
    verdict: str  # rising, falling, steady

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key, "before": self.before, "after": self.after, "change": self.change, "low": self.low,
            "high": self.high, "verdict": self.verdict,
        }  # fmt: skip


def moves(keys: list[str], before: Numbers, after: Numbers) -> list[Move]:
    """Return how each thing moved, the strongest rise first; those with fewer than 30 lines in both are left out.

    `before` and `after` are lines by thing and week, shape (n, WEEKS).
    """
    totals = before.sum(axis=1), after.sum(axis=1)
    whole = totals[0].sum(), totals[1].sum()
    kept = np.flatnonzero(totals[0] + totals[1] >= FEWEST_LINES)
    if not len(kept) or not whole[0] or not whole[1]:
        return []
    found: list[tuple[int, float, float, float]] = []
    for row in kept:
        first, second = totals[0][row], totals[1][row]
        # Half a line more on both sides: something new has risen much, and not infinitely.
        middle = float(np.log((second + 0.5) / (first + 0.5)) - np.log(whole[1] / whole[0]))
        error = float(
            np.sqrt(_scatter(before[row], after[row], before, after) * (1 / (first + 0.5) + 1 / (second + 0.5)))
        )
        found.append((int(row), middle, error, float(2 * stats.norm.sf(abs(middle / error)))))
    certain = _discoveries([p for *_, p in found])
    return sorted(
        (
            Move(
                keys[row], int(totals[0][row]), int(totals[1][row]), float(np.expm1(middle)),
                float(np.expm1(middle - _Z * error)), float(np.expm1(middle + _Z * error)),
                ("rising" if middle > 0 else "falling") if is_certain else "steady",
            )
            for (row, middle, error, _p), is_certain in zip(found, certain, strict=True)
        ),
        key=lambda move: (-move.change, move.key),
    )  # fmt: skip


def _scatter(before: Numbers, after: Numbers, all_before: Numbers, all_after: Numbers) -> float:
    """Return how many times more weeks scatter around their share of the shop than Poisson counts; at least once."""
    excess = 0.0
    for mine, shop in ((before, all_before.sum(axis=0)), (after, all_after.sum(axis=0))):
        expected = mine.sum() * shop / max(shop.sum(), 1.0)
        there = expected > 0
        excess += float(((mine[there] - expected[there]) ** 2 / expected[there]).sum())
    return float(max(1.0, excess / (2 * (before.shape[0] - 1))))


def _discoveries(chances: list[float]) -> list[bool]:
    order = np.argsort(chances, kind="stable")
    limits = FALSE_SHARE * np.arange(1, len(chances) + 1) / len(chances)
    below = np.flatnonzero(np.asarray(chances)[order] <= limits)
    found = np.zeros(len(chances), dtype=bool)
    if len(below):
        found[order[: below[-1] + 1]] = True
    return [bool(each) for each in found]
