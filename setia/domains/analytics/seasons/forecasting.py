"""A forecast of the next weeks, judged by the past: what each model would have said then, against what came.

From many past weeks on (rolling origins) every model saw only what was known by then. The model shown is the one that
had erred least; its own error is reckoned as it would have been chosen at each of those weeks, so that choosing the
luckiest one does not flatter it. Beside it stand the two forecasts that cost nothing: last week again, and the same
week a year ago. Errors: MAE; MASE (Hyndman & Koehler, Int. J. Forecasting 22, 2006), against the mean change from week
to week by then; sMAPE as 2|F - A| / (F + A).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from setia.domains.analytics.seasons.daily_model import Calendar, DailyFit, Numbers, fit_days

FEWEST_WEEKS = 8
HORIZON = 13
INTERVAL = 0.80
_LEAST_TRAINING = 5
_MOST_ORIGINS = 12
_CLOSED_RUN = 3
_YEAR_WEEKS = 52

CANDIDATES = ("calendar_damped", "calendar_flat", "weekday_damped", "weekday_flat")
NAIVE = ("naive", "year_ago")


@dataclass(frozen=True, slots=True)
class Days:
    """What was sold on the days of whole weeks, Monday to Sunday; `closed` marks those the shop was shut."""

    first: date
    sold: Numbers
    closed: NDArray[np.bool_]
    calendar: Calendar  # reaches HORIZON weeks beyond the last day

    @classmethod
    def of(cls, first: date, sold: Numbers) -> "Days":
        """Return days from their sales; `first` is a Monday and the number of days a multiple of seven."""
        calendar = Calendar.of(first, len(sold) + 7 * HORIZON)
        return cls(first, sold, closed_days(sold, calendar), calendar)

    @property
    def weeks(self) -> int:
        return len(self.sold) // 7

    def week_totals(self) -> Numbers:
        """Return what each week sold, NaN for one the shop was shut in."""
        totals: Numbers = self.sold.reshape(-1, 7).sum(axis=1)
        totals[self.closed.reshape(-1, 7).any(axis=1)] = np.nan
        return totals


def closed_days(sold: Numbers, calendar: Calendar) -> NDArray[np.bool_]:
    """Return which days the shop was shut though the calendar does not say why: three or more empty days in a row.

    Only where days usually sell three or more; the empty days of Lebaran say what Lebaran does.
    """
    from setia.domains.analytics.seasons.occasions import KINDS

    closed = np.zeros(len(sold), dtype=np.bool_)
    busy = sold[sold > 0]
    if not len(busy) or float(np.median(busy)) < 3:
        return closed
    empty = np.concatenate([[False], sold == 0, [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        if high - low >= _CLOSED_RUN and not calendar.flags[low:high, KINDS.index("lebaran")].any():
            closed[low:high] = True
    return closed


@dataclass(frozen=True, slots=True)
class Judged:
    """How far a model was off over all origins and weeks; None where it could not say anything (no year ago yet)."""

    name: str
    mae: float | None
    mase: float | None
    smape: float | None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "mae": self.mae, "mase": self.mase, "smape": self.smape}


@dataclass(frozen=True, slots=True)
class Forecast:
    """The weeks to come. `shown` names the model; `middle`, `low`, `high` are of each week, in the unit of what was
    sold; `coverage` is the share of past weeks that lay within an interval made without their own origin.
    """

    shown: str
    beats_naive: bool
    middle: list[float]
    low: list[float]
    high: list[float]
    judged: tuple[Judged, ...]
    origins: int
    weeks_ahead: int
    coverage: float | None


def forecast(days: Days) -> Forecast | None:
    """Return the forecast of the next HORIZON weeks, or None with fewer than FEWEST_WEEKS weeks that were open.

    None, too, where nothing was sold at all: amounts can all have come back.
    """
    totals = days.week_totals()
    if np.isfinite(totals).sum() < FEWEST_WEEKS or not np.nansum(totals):
        return None
    ahead = min(HORIZON, max(2, (days.weeks - _LEAST_TRAINING) // 2))
    origins = _origins(days.weeks, ahead)
    said = {name: np.full((len(origins), ahead), np.nan) for name in (*CANDIDATES, *NAIVE)}
    for row, origin in enumerate(origins):
        for name, weeks in _say(days, totals, origin, ahead).items():
            said[name][row] = weeks
    came = np.stack([totals[origin : origin + ahead] for origin in origins])
    scale = np.array([_mean_change(totals[:origin]) for origin in origins])
    said["chosen"] = _chosen_then(said, came, origins, ahead)
    judged = tuple(_judge(name, said[name], came, scale) for name in ("chosen", *CANDIDATES, *NAIVE))
    by_name = {each.name: each for each in judged}
    cheap = min((by_name[name] for name in NAIVE if by_name[name].mae is not None), key=_mae, default=None)
    beats = by_name["chosen"].mae is not None and (cheap is None or _mae(by_name["chosen"]) < _mae(cheap))
    best = min((by_name[name] for name in CANDIDATES), key=_mae).name
    shown = best if beats or cheap is None else cheap.name
    now = _say(days, totals, days.weeks, HORIZON)[shown]
    spread = _spread(said["chosen" if beats else shown], came)
    steps = np.array([spread[min(week, ahead - 1)] * np.sqrt(max(1.0, (week + 1) / ahead)) for week in range(HORIZON)])
    reach = np.exp(_quantile(len(origins)) * steps)
    return Forecast(
        shown=shown,
        beats_naive=beats,
        middle=now.tolist(),
        low=(now / reach).tolist(),
        high=(now * reach).tolist(),
        judged=judged,
        origins=len(origins),
        weeks_ahead=ahead,
        coverage=_coverage(said["chosen" if beats else shown], came),
    )


def _mae(judged: Judged) -> float:
    return np.inf if judged.mae is None else judged.mae


def _origins(weeks: int, ahead: int) -> list[int]:
    """Return the weeks from which the past is forecast, oldest first: a number of whole weeks known by then."""
    step = 4 if weeks >= 60 else 2 if weeks >= 26 else 1
    found = list(range(weeks - ahead, _LEAST_TRAINING - 1, -step))[:_MOST_ORIGINS]
    return found[::-1]


def _say(days: Days, totals: Numbers, origin: int, ahead: int) -> dict[str, Numbers]:
    """Return what each model says of the weeks after the first `origin` ones, of which alone it knows."""
    known, until = 7 * origin, 7 * (origin + ahead)
    found: dict[str, Numbers] = {}
    for kind, with_occasions in (("calendar", True), ("weekday", False)):
        fit = fit_days(days.sold[:known], days.calendar, with_occasions=with_occasions, closed=days.closed[:known])
        for how, damped in (("damped", True), ("flat", False)):
            expected = fit.expected(until, damped=damped)[known:]
            found[f"{kind}_{how}"] = expected.reshape(ahead, 7).sum(axis=1)
    open_weeks = totals[:origin][np.isfinite(totals[:origin])]
    found["naive"] = np.full(ahead, open_weeks[-1] if len(open_weeks) else np.nan)
    ago = [origin + week - _YEAR_WEEKS for week in range(ahead)]
    found["year_ago"] = np.array([totals[week] if 0 <= week < origin else np.nan for week in ago])
    return found


def _mean_change(totals: Numbers) -> float:
    known = totals[np.isfinite(totals)]
    return float(np.abs(np.diff(known)).mean()) if len(known) > 1 else np.nan


def _chosen_then(said: dict[str, Numbers], came: Numbers, origins: list[int], ahead: int) -> Numbers:
    """Return at each origin the words of the model that had erred least by then, of what had come by then."""
    found = np.full(came.shape, np.nan)
    for row, origin in enumerate(origins):
        errors = {}
        for name in CANDIDATES:
            past = [
                np.abs(said[name][before] - came[before])[: max(0, origin - origins[before])] for before in range(row)
            ]
            seen = np.concatenate(past) if past else np.array([])
            seen = seen[np.isfinite(seen)]
            errors[name] = float(seen.mean()) if len(seen) else 0.0
        found[row] = said[min(CANDIDATES, key=lambda name: errors[name])][row]
    return found


def _judge(name: str, said: Numbers, came: Numbers, scale: Numbers) -> Judged:
    off = np.abs(said - came)
    known = np.isfinite(off)
    # A forecast that is silent about some weeks is not compared on the others: they may be the easy ones.
    if not known.any() or (np.isfinite(came) & ~known).any():
        return Judged(name, None, None, None)
    mae = float(off[known].mean())
    parts = off / np.where(scale > 0, scale, np.nan)[:, None]
    parts = parts[np.isfinite(parts)]
    both = (said + came)[known]
    shares = np.where(both > 0, 2 * off[known] / np.where(both > 0, both, 1.0), 0.0)
    return Judged(name, mae, float(parts.mean()) if len(parts) else None, float(shares.mean()))


def _log_errors(said: Numbers, came: Numbers) -> Numbers:
    # Half an order keeps an empty week from being infinitely far away.
    return np.log((came + 0.5) / (said + 0.5))


def _spread(said: Numbers, came: Numbers) -> Numbers:
    """Return how far weeks 1, 2 … ahead were off, in log units; it never shrinks with the distance."""
    errors = _log_errors(said, came) ** 2
    counts = np.isfinite(errors).sum(axis=0)
    sums = np.nansum(errors, axis=0)
    smooth = [
        sums[max(0, week - 1) : week + 2].sum() / max(counts[max(0, week - 1) : week + 2].sum(), 1)
        for week in range(errors.shape[1])
    ]
    found: Numbers = np.sqrt(np.maximum.accumulate(np.array(smooth)))
    return found


def _quantile(origins: int) -> float:
    """Return how many spreads an interval reaches; weeks of one origin are wrong together, so origins are counted."""
    return float(stats.t.ppf(0.5 + INTERVAL / 2, df=max(origins - 1, 1)))


def _coverage(said: Numbers, came: Numbers) -> float | None:
    if len(said) < 4:
        return None
    inside = total = 0
    for row in range(len(said)):
        others = np.arange(len(said)) != row
        reach = _quantile(len(said) - 1) * _spread(said[others], came[others])
        errors = np.abs(_log_errors(said[row], came[row]))
        known = np.isfinite(errors)
        inside += int((errors[known] <= reach[known]).sum())
        total += int(known.sum())
    return inside / total if total else None


def whole_weeks(by_day: dict[date, float], *, today: date, most_weeks: int = 260) -> tuple[date, Numbers] | None:
    """Return the first Monday and the sales of each day of the whole weeks before today, or None without one.

    The history begins with the first whole week after the last gap of a quarter without a sale: a single order of 1970
    is no season. At most five years.
    """
    end = today - timedelta(days=today.weekday())
    known = sorted(day for day in by_day if day < end and by_day[day])
    if not known:
        return None
    first = known[-1]
    for day in reversed(known):
        if (first - day).days > 91 or (end - day).days > 7 * most_weeks:
            break
        first = day
    monday = first + timedelta(days=-first.weekday() % 7)
    count = (end - monday).days
    if count < 7:
        return None
    return monday, np.array([float(by_day.get(monday + timedelta(days=number), 0.0)) for number in range(count)])


def final_fit(days: Days) -> DailyFit:
    """Return what all days together say about the level, weekdays and occasions."""
    return fit_days(days.sold, days.calendar, closed=days.closed)
