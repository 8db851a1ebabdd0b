"""How good a score was at telling who would leave, told on people it had not seen."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from setia.domains.analytics.rules.weighing import Floats

ROUNDS, MOST_DRAWN = 200, 20_000


def area(scores: Floats, happened: Floats) -> float | None:
    """Return AUC: the chance that of two people the one who left had the higher score; None where all did or none."""
    ones, zeros = float(happened.sum()), float(len(happened) - happened.sum())
    if not ones or not zeros:
        return None
    return float((rankdata(scores)[happened > 0].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def advantage(scores: Floats, against: Floats, happened: Floats, *, seed: int) -> tuple[float, float, float] | None:
    """Return by how much AUC of one score lies above that of another: (difference, low, high), a 95 % interval.

    The interval is a bootstrap over people, of at most 20,000 of them: with more it would only be narrower.
    """
    one, other = area(scores, happened), area(against, happened)
    if one is None or other is None:
        return None
    chance = np.random.default_rng(seed)
    if len(happened) > MOST_DRAWN:
        chosen = chance.choice(len(happened), MOST_DRAWN, replace=False)
        scores, against, happened = scores[chosen], against[chosen], happened[chosen]
    found = []
    for _ in range(ROUNDS):
        drawn = chance.integers(0, len(happened), len(happened))
        first, second = area(scores[drawn], happened[drawn]), area(against[drawn], happened[drawn])
        if first is not None and second is not None:
            found.append(first - second)
    if not found:
        return None
    low, high = np.quantile(found, (0.025, 0.975))
    return one - other, float(low), float(high)


def brier(chances: Floats, happened: Floats) -> float:
    """Return the mean squared distance of what was said and what came; 0 is perfect."""
    return float(((chances - happened) ** 2).mean())


def lift(scores: Floats, happened: Floats) -> float | None:
    """Return how many times as many left among the tenth with the highest scores as among all."""
    base = float(happened.mean())
    if not base:
        return None
    tenth = max(1, len(scores) // 10)
    worst = np.argsort(-scores, kind="stable")[:tenth]
    return float(happened[worst].mean() / base)


@dataclass(frozen=True, slots=True)
class Bin:
    """People to whom about the same chance was told: how many, what was said on average, what share left."""

    people: int
    said: float
    came: float


def calibration(chances: Floats, happened: Floats, *, bins: int = 10) -> list[Bin]:
    """Return tenths of the people by what was said, lowest first; fewer where many were told the same."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [Bin(len(part), float(chances[part].mean()), float(happened[part].mean())) for part in parts]
