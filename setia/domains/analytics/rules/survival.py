"""How long customers stay: the share still there after so many days (Kaplan and Meier, JASA 53, 1958), and the phases
of a relationship with the churn that is expected in each (blueprint B4)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """Days of a relationship from `start` to before `end` (None: without end) and the share expected to leave in it.

    `low` and `high` bound what the source calls usual; of the last two it gives a year's share, so they last a year.
    """

    name: str
    start: int
    end: int
    low: float
    high: float


PHASES = (
    Phase("honeymoon", 0, 90, 0.40, 0.60),
    Phase("reality_check", 90, 180, 0.20, 0.30),
    Phase("stabilization", 180, 365, 0.10, 0.15),
    Phase("loyalty", 365, 730, 0.05, 0.08),
    Phase("ambassador", 730, 1095, 0.0, 0.03),
)
EARLY_DAYS = 90
SURVIVOR_DAYS = 182
# Source: 80 % of those who leave do so within 90 days; 80 % of those who stay six months stay five years.
EXPECTED_EARLY = 0.80
EXPECTED_SURVIVORS = 0.80


@dataclass(frozen=True, slots=True)
class Curve:
    """Survival by days: after `days[i]` the share `shares[i]` is still there; `at_risk` were seen that long."""

    days: tuple[int, ...]
    shares: tuple[float, ...]
    at_risk: tuple[int, ...]
    people: int
    last_day: int

    def at(self, day: int) -> float | None:
        """Return the share still there after so many days; None beyond what anybody was seen for, unless all left."""
        if day > self.last_day:
            return 0.0 if self.shares and self.shares[-1] == 0 else None
        share = 1.0
        for when, value in zip(self.days, self.shares, strict=True):
            if when > day:
                break
            share = value
        return share

    def seen(self, day: int) -> int:
        """Return how many were seen for at least so many days."""
        return next((count for when, count in zip(self.days, self.at_risk, strict=True) if when >= day), 0)


def survival(lives: Iterable[tuple[int, bool, int]]) -> Curve:
    """Return the curve of lives: days, whether they ended there (or were only seen so long), how many people."""
    ended: dict[int, int] = {}
    seen: dict[int, int] = {}
    for days, is_over, people in lives:
        seen[days] = seen.get(days, 0) + people
        if is_over:
            ended[days] = ended.get(days, 0) + people
    at_risk = total = sum(seen.values())
    share, days_, shares, risks = 1.0, [], [], []
    for day in sorted(seen):
        share *= 1.0 - ended.get(day, 0) / at_risk
        days_.append(day)
        shares.append(share)
        risks.append(at_risk)
        at_risk -= seen[day]
    return Curve(tuple(days_), tuple(shares), tuple(risks), total, days_[-1] if days_ else -1)


def phase_churn(curve: Curve, phase: Phase) -> float | None:
    """Return the share of those there when a phase began that left in it; None where nobody was seen to its end."""
    # Who left on the phase's first day belongs to it: the share before that day is the one that began it.
    before = 1.0 if phase.start == 0 else curve.at(phase.start - 1)
    after = curve.at(phase.end - 1)
    return None if not before or after is None else 1.0 - after / before
