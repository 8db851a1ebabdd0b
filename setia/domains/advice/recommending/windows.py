"""Windows of the next purchase, calibrated on earlier days of the shop and tried on a later one.

At a day in the past it is known who had been silent how long and who bought within the days after: the 10th and 90th
percentile of how long those who came waited, in their own mean gaps, are the window of whoever stands there today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.advice.rules.windows import NOMINAL, PRIOR_GAPS, SILENCE_EDGES, wider

LONGEST_AHEAD = 90
SHORTEST_AHEAD = 14
MOST_DAYS_BACK = 4
LEAST_RETURNED = 30
MANY = 100
_EDGES = np.array(SILENCE_EDGES)


@dataclass(frozen=True, slots=True)
class Spans:
    """Days of purchase by owner (a person, or a person with a product), sorted by both."""

    owner: NDArray[np.int64]
    day: NDArray[np.int64]

    @classmethod
    def of(cls, owner: NDArray[np.int64], day: NDArray[np.int64]) -> "Spans":
        """Return distinct rows, sorted."""
        order = np.lexsort((day, owner))
        owner, day = owner[order], day[order]
        new = np.ones(len(owner), dtype=bool)
        new[1:] = (np.diff(owner) != 0) | (np.diff(day) != 0)
        return cls(owner[new], day[new])


@dataclass(frozen=True, slots=True)
class Standing:
    """Where each owner stood at the end of a day: purchases, days silent, mean gap, and days until the next (-1)."""

    moments: NDArray[np.int64]
    silent: NDArray[np.float64]
    gap: NDArray[np.float64]
    until: NDArray[np.int64]

    def buckets(self) -> NDArray[np.int64]:
        """Return the number of each owner's bucket, as `rules.windows.bucket` names them."""
        known = np.where(self.moments < 2, 0, np.where(self.moments < 5, 1, 2))
        return known * 10 + np.searchsorted(_EDGES, self.silent / np.maximum(self.gap, 0.5), side="right")


def stood(spans: Spans, *, at: int, usual: float, least: int) -> Standing:
    """Return where everybody with `least` purchases stood at the end of a day."""
    if not len(spans.owner):
        none = np.zeros(0, dtype=np.int64)
        return Standing(none, none.astype(float), none.astype(float), none)
    start = np.flatnonzero(np.append(True, np.diff(spans.owner) != 0))
    before = np.add.reduceat((spans.day <= at).astype(np.int64), start)
    size = np.diff(np.append(start, len(spans.owner)))
    keep = before >= least
    start, before, size = start[keep], before[keep], size[keep]
    first, last = spans.day[start], spans.day[start + before - 1]
    following = np.minimum(start + before, len(spans.day) - 1)
    until = np.where(before < size, spans.day[following] - at, -1)
    gap = (PRIOR_GAPS * usual + (last - first)) / (PRIOR_GAPS + before - 1)
    return Standing(before, (at - last).astype(np.float64), gap, until)


def usual_gap(spans: Spans, *, at: int) -> float | None:
    """Return the mean gap of all owners until a day, or None where nobody bought twice."""
    near = spans.day <= at
    owner, day = spans.owner[near], spans.day[near]
    same = np.diff(owner) == 0
    return float(np.diff(day)[same].mean()) if same.any() else None


def calibrate(standings: Sequence[Standing], *, ahead: int) -> dict[str, list[float] | None]:
    """Return for each bucket the lower and upper edge in mean gaps, and the share of all who bought in between.

    A bucket in which many stood and fewer than `LEAST_RETURNED` came back within `ahead` days is None; one in which
    few stood is left out, and a wider one speaks for it.
    """
    numbers = np.concatenate([each.buckets() for each in standings])
    until = np.concatenate([each.until for each in standings])
    gap = np.concatenate([each.gap for each in standings])
    came = (until > 0) & (until <= ahead)
    groups = {f"{number // 10}.{number % 10}": numbers == number for number in np.unique(numbers).tolist()}
    groups |= {f"*.{number}": numbers % 10 == number for number in np.unique(numbers % 10).tolist()}
    groups["*"] = np.ones(len(numbers), dtype=bool)
    found: dict[str, list[float] | None] = {}
    tail = (1 - NOMINAL) / 2
    for name, here in groups.items():
        if (here & came).sum() < LEAST_RETURNED:
            if here.sum() >= MANY:
                found[name] = None
            continue
        low, high = np.quantile(until[here & came] / gap[here & came], [tail, 1 - tail])
        inside = came & here & _inside(until, gap, float(low), float(high))
        found[name] = [round(float(low), 4), round(float(high), 4), round(float(inside.sum() / here.sum()), 4)]
    return found


def _inside(until: NDArray[np.int64], gap: NDArray[np.float64], low: Any, high: Any) -> NDArray[np.bool_]:
    """Tell who bought in his window, whose edges are whole days as `rules.windows.window` rounds them."""
    least = np.maximum(np.floor(low * gap + 0.5), 1)
    most = np.maximum(np.floor(high * gap + 0.5), least + 1)
    return np.asarray((until >= least) & (until <= most))


def tried(standing: Standing, calibration: dict[str, list[float] | None], *, ahead: int) -> dict[str, Any]:
    """Return how a calibration did on a later day: the share inside the window of those who came within `ahead`
    days, and the share of all beside the chance that was promised."""
    numbers = standing.buckets()
    edges = np.full((len(numbers), 3), np.nan)
    for number in np.unique(numbers).tolist():
        names = wider(f"{number // 10}.{number % 10}")
        values = next((calibration[name] for name in names if name in calibration), None)
        if values is not None:
            edges[numbers == number] = values
    has = ~np.isnan(edges[:, 0])
    came = has & (standing.until > 0) & (standing.until <= ahead)
    inside = came & _inside(standing.until, standing.gap, edges[:, 0], edges[:, 1])
    total = int(has.sum())
    return {
        "people": total,
        "returned": int(came.sum()),
        "nominal": NOMINAL,
        "covered": round(float(inside.sum() / came.sum()), 4) if came.any() else None,
        "promised": round(float(edges[has, 2].mean()), 4) if total else None,
        "happened": round(float(inside.sum() / total), 4) if total else None,
    }


def windows_of(spans: Spans, *, today: int, least: int) -> dict[str, Any]:
    """Return the calibration for today and how the same way did on an earlier day; {} where the past is too short."""
    if not len(spans.day):
        return {}
    ahead = min(LONGEST_AHEAD, int(today - spans.day.min()) // 4)
    usual = usual_gap(spans, at=today)
    if ahead < SHORTEST_AHEAD or usual is None:
        return {}
    days = [today - ahead * back for back in range(1, MOST_DAYS_BACK + 2)]
    days = [day for day in days if day - spans.day.min() >= ahead]
    then = [(day, usual_gap(spans, at=day)) for day in days]
    standings = [stood(spans, at=day, usual=gap, least=least) for day, gap in then if gap is not None]
    if len(standings) < 2:
        return {}
    test = tried(standings[0], calibrate(standings[1:], ahead=ahead), ahead=ahead)
    calibration = calibrate(standings[:MOST_DAYS_BACK], ahead=ahead)
    return {"ahead": ahead, "gap": round(usual, 2), "calibration": calibration, "tried": test}
