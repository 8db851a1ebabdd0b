"""Sales of each day as level x weekday x occasions: a regression whose every factor can be read.

A quasi-Poisson regression with a log link, by penalized iteratively reweighted least squares (Wedderburn, Biometrika
61, 1974; Wood, Generalized Additive Models, 2017, ch. 4). The level is a line with a knot every four weeks whose bends
are held small; effects are drawn toward none, so what a shop has not seen yet is not guessed. Counts scatter more than
chance says: all errors are widened by that (`dispersion`), measured on whole weeks.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.seasons.occasions import KINDS, occasions

Numbers = NDArray[np.float64]

KNOT_DAYS = 28
_BEND = 0.06  # how much the level's slope may change at a knot, in log units: about six percent
_SPREADS = {"weekday": 1.5, "occasion": 0.7, "year": 0.3}  # how far effects may lie from none, in log units
_ROUNDS = 25
_YEAR_DAYS = 365.25
_DAMP = 0.98  # a trend loses half its force in five weeks


@dataclass(frozen=True, slots=True)
class Calendar:
    """Flags of consecutive days: `flags` has a column for each kind of occasion."""

    first: date
    weekday: NDArray[np.int64]
    flags: Numbers

    @classmethod
    def of(cls, first: date, count: int) -> "Calendar":
        """Return the calendar of so many days from the first on."""
        start = first.toordinal()
        flags = np.zeros((count, len(KINDS)))
        for each in occasions(first, date.fromordinal(start + max(count - 1, 0))):
            low, high = each.start.toordinal() - start, each.end.toordinal() - start
            flags[max(low, 0) : max(high, 0), KINDS.index(each.kind)] = 1.0
        return cls(first, (np.arange(count) + first.weekday()) % 7, flags)


@dataclass(frozen=True, slots=True)
class DailyFit:
    """What was learned of `count` days: columns of the design, their coefficients and covariance.

    `seen` tells for each kind of occasion on how many days it was there.
    """

    calendar: Calendar
    count: int
    with_occasions: bool
    with_year: bool
    beta: Numbers
    covariance: Numbers
    dispersion: float
    seen: NDArray[np.int64]

    @property
    def knots(self) -> int:
        return _knot_count(self.count)

    def design(self, count: int) -> Numbers:
        """Return the columns of the first `count` days; the level stays where it stands after the last known day."""
        return _design(self.calendar, self.count, count, self.with_occasions, self.with_year)

    @property
    def slope(self) -> float:
        """Return by how much the log of the level rose a day at the end."""
        if self.knots < 2:
            return 0.0
        return float(self.beta[self.knots - 1] - self.beta[self.knots - 2]) / KNOT_DAYS

    def expected(self, count: int, *, damped: bool = False, without: tuple[str, ...] = ()) -> Numbers:
        """Return what is expected of the first `count` days, as if the occasions of `without` were none."""
        columns = self.design(count)
        for kind in without:
            if self.with_occasions:
                columns[:, self.knots + 7 + KINDS.index(kind)] = 0.0
        eta = columns @ self.beta
        if damped and count > self.count:
            ahead = np.arange(1, count - self.count + 1)
            slope = float(np.clip(self.slope, -0.03, 0.03))
            eta[self.count :] += slope * (1 - _DAMP**ahead) / (1 - _DAMP)
        return np.exp(np.clip(eta, -30, 30))

    def effect(self, kind: str) -> tuple[float, float, float] | None:
        """Return by what factor an occasion changes a day, with its 95 % interval; None if it was never seen."""
        number = KINDS.index(kind)
        if not self.with_occasions or not self.seen[number]:
            return None
        at = self.knots + 7 + number
        middle, error = float(self.beta[at]), float(np.sqrt(self.covariance[at, at]))
        return tuple(float(np.exp(middle + step * error)) for step in (0.0, -1.96, 1.96))  # type: ignore[return-value]

    def weekdays(self) -> list[float]:
        """Return the factor of each weekday against the mean of a week, Monday first."""
        raw = np.exp(self.beta[self.knots : self.knots + 7])
        return [float(each) for each in raw / raw.mean()]

    def against_ordinary(
        self, sold: Numbers, low: int, high: int, *, without: tuple[str, ...]
    ) -> tuple[float, float, float] | None:
        """Return what days low <= day < high sold against the same days without occasions, with its 95 % interval."""
        rows = self.design(self.count)[low:high]
        rows[:, [self.knots + 7 + KINDS.index(kind) for kind in without]] = 0.0
        each = np.exp(np.clip(rows @ self.beta, -30, 30))
        base, total = float(each.sum()), float(sold[low:high].sum())
        if base <= 0 or total <= 0:
            return None
        gradient = (each[:, None] * rows).sum(axis=0) / base
        variance = float(gradient @ self.covariance @ gradient) + self.dispersion / total
        middle, error = np.log(total / base), np.sqrt(variance)
        return tuple(float(np.exp(middle + step * error)) for step in (0.0, -1.96, 1.96))  # type: ignore[return-value]


def _knot_count(count: int) -> int:
    return max(1, (count - 1) // KNOT_DAYS + 1)


def _design(calendar: Calendar, known: int, count: int, with_occasions: bool, with_year: bool) -> Numbers:
    """Return columns: the level at each knot, seven weekdays, the kinds of occasions, a yearly wave."""
    knots = _knot_count(known)
    place = knots - 1 - (known - 1 - np.minimum(np.arange(count), known - 1)) / KNOT_DAYS  # the last day is a knot
    place = np.maximum(place, 0.0)
    level = np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(knots)[None, :]))
    parts = [level, np.eye(7)[calendar.weekday[:count]]]
    if with_occasions:
        parts.append(calendar.flags[:count].copy())
    if with_year:
        turn = 2 * np.pi * (np.arange(count) + calendar.first.timetuple().tm_yday) / _YEAR_DAYS
        parts.append(np.stack([np.sin(turn), np.cos(turn)], axis=1))
    return np.concatenate(parts, axis=1)


def _penalty(knots: int, with_occasions: bool, with_year: bool) -> Numbers:
    """Return the precision matrix of what is believed before any day was seen."""
    held = [_SPREADS["weekday"]] * 7
    held += [_SPREADS["occasion"]] * (len(KINDS) if with_occasions else 0)
    held += [_SPREADS["year"]] * (2 if with_year else 0)
    found = np.zeros((knots + len(held), knots + len(held)))
    bends = np.zeros((max(knots - 2, 0), knots))
    for number in range(len(bends)):
        bends[number, number : number + 3] = (1.0, -2.0, 1.0)
    found[:knots, :knots] = bends.T @ bends / _BEND**2
    if knots > 1:  # a slope, too, is not believed to be steep
        steps = np.diff(np.eye(knots), axis=0)
        found[:knots, :knots] += steps.T @ steps / 0.3**2
    found[:knots, :knots] += 1e-3 * np.eye(knots)  # too weak to move anything, and keeps an empty shop solvable
    found[knots:, knots:] = np.diag(1.0 / np.square(held))
    return found


def fit_days(
    sold: Numbers, calendar: Calendar, *, with_occasions: bool = True, closed: NDArray[np.bool_] | None = None
) -> DailyFit:
    """Learn from what was sold on consecutive days; days of `closed` are not looked at.

    `sold` has shape (n,), at least 14 days, in units of about one order each (the penalties are meant for such).
    """
    count = len(sold)
    with_year = with_occasions and count >= 2 * _YEAR_DAYS
    columns = _design(calendar, count, count, with_occasions, with_year)
    penalty = _penalty(_knot_count(count), with_occasions, with_year)
    weight = np.ones(count) if closed is None else (~closed).astype(float)
    beta = np.zeros(columns.shape[1])
    beta[: _knot_count(count)] = np.log(max(float((sold * weight).sum() / max(weight.sum(), 1.0)), 1e-3))
    dispersion = 1.0
    covariance = np.zeros_like(penalty)
    for number in range(2):
        beta, covariance = _solve(sold, columns, weight, penalty, beta, dispersion)
        if number == 0:
            dispersion = _dispersion(sold, np.exp(np.clip(columns @ beta, -30, 30)), weight, columns.shape[1])
    seen = (calendar.flags[:count] * weight[:, None]).sum(axis=0).astype(np.int64)
    return DailyFit(calendar, count, with_occasions, with_year, beta, covariance, dispersion, seen)


def _solve(
    sold: Numbers, columns: Numbers, weight: Numbers, penalty: Numbers, beta: Numbers, dispersion: float
) -> tuple[Numbers, Numbers]:
    precision = penalty
    for _ in range(_ROUNDS):
        eta = np.clip(columns @ beta, -12, 25)
        mean = np.exp(eta)
        heavy = weight * mean / dispersion
        precision = (columns * heavy[:, None]).T @ columns + penalty
        following = np.linalg.solve(precision, columns.T @ (heavy * eta + weight * (sold - mean) / dispersion))
        step = float(np.abs(following - beta).max())
        # The first steps of so steep a curve may overshoot.
        beta = beta + (following - beta) * min(1.0, 2.0 / max(step, 1e-12))
        if step < 1e-6:
            break
    return beta, np.linalg.inv(precision).astype(np.float64)


def _dispersion(sold: Numbers, mean: Numbers, weight: Numbers, columns: int) -> float:
    """Return how much more weeks scatter than Poisson counts would; days of a week go up and down together."""
    weeks = len(sold) // 7
    start = len(sold) - 7 * weeks
    got, meant = ((each * weight)[start:].reshape(weeks, 7).sum(axis=1) for each in (sold, mean))
    meant = np.maximum(meant, 1e-9)
    free = max(weeks - columns / 4, weeks / 2, 1.0)  # penalties leave about a quarter of the columns free
    return float(max(1.0, ((got - meant) ** 2 / meant).sum() / free))
