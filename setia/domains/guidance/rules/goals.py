"""How far goals are, when the next check-in is due, and ready-made goals from a shop's own baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_STEPS = {"weekly": 7, "biweekly": 14, "monthly": 30, "quarterly": 90}


def quarter_of(day: date) -> date:
    """Return the first day of the quarter a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_end(quarter: date) -> date:
    """Return the first day after a quarter."""
    return quarter_of(quarter + timedelta(days=100))


def progress(*, start: float, target: float, now: float | None) -> float | None:
    """Return which share of the way is gone, from 0 to 1: (now - start) / (target - start); None if not known.

    Both directions count alike; what lies behind the start is 0, beyond the target 1.
    """
    if now is None or start == target:
        return None
    return min(1.0, max(0.0, (now - start) / (target - start)))


def expected_progress(quarter: date, today: date) -> float:
    """Return which share of a quarter is over by the end of a day, from 0 to 1: where a goal should be."""
    length = (quarter_end(quarter) - quarter).days
    return min(1.0, max(0.0, ((today - quarter).days + 1) / length))


def judgment(gone: float | None, expected: float) -> str:
    """Return `unknown`, `reached`, `on_track` (at most a tenth behind the calendar), `behind` or `far_behind`."""
    if gone is None:
        return "unknown"
    if gone >= 1:
        return "reached"
    if gone >= expected - 0.1:
        return "on_track"
    return "behind" if gone >= expected - 0.35 else "far_behind"


def mean_progress(parts: list[float | None]) -> float | None:
    """Return the mean over the key results that are known, or None where none is."""
    known = [part for part in parts if part is not None]
    return sum(known) / len(known) if known else None


def due_since(rhythm: str, quarter: date, today: date) -> date | None:
    """Return the day on which the last check-in fell due, or None before the first and after the quarter."""
    days = _STEPS[rhythm]
    gone = (today - quarter).days
    if gone < days or today >= quarter_end(quarter) + timedelta(days=days):
        return None
    return quarter + timedelta(days=gone // days * days)


@dataclass(frozen=True, slots=True)
class Wish:
    """A ready-made key result: the source's own start and target; `measure` is empty for one by hand."""

    name: str
    measure: str
    unit: str
    start: float
    target: float


# Blueprint B10. CRR is the one over a year; NPS is entered by hand until there are surveys.
READY_MADE = (
    Wish("retention", "retention_year", "share", 0.70, 0.80),
    Wish("churn", "churn", "share", 0.08, 0.05),
    Wish("repeat", "repeat_rate", "share", 0.30, 0.35),
    Wish("nps", "", "number", 42, 55),
)


def from_baseline(wish: Wish, baseline: Mapping[str, float | None]) -> Wish:
    """Return a ready-made key result that starts where the shop stands.

    The source's target holds while it is still ahead; a shop that is beyond it aims as much higher as the source does,
    in parts of its own value, and a share never above 95 % or below 1 %.
    """
    now = baseline.get(wish.measure) if wish.measure else None
    if now is None:
        return wish
    rises = wish.target > wish.start
    target = wish.target
    if (now >= target) if rises else (now <= target):
        target = now * wish.target / wish.start
        if wish.unit == "share":
            target = min(target, 0.95) if rises else max(target, 0.01)
    if target == now or (target > now) != rises:
        target = now + (0.01 if rises else -0.01)
    return Wish(wish.name, wish.measure, wish.unit, now, target)
