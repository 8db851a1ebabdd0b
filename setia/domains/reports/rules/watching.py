"""When a figure has left its own normal: by so much that it matters, and by more than chance explains.

Both are asked. A shop of 200 regulars sees rises of 20 % every other week by chance, and a chain of millions sees
rises of 1 % that are certain and that nobody can act upon.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

RECENT_DAYS = 7
NORMAL_DAYS = 56
# Blueprint B11: a spike is 20 % above normal.
SPIKE = 0.20
FEWEST = 30
# One-sided 1 %: watched every day, chance alone raises an alert about once in a quarter of a year, and not weekly.
_Z = 2.326347874040841


@dataclass(frozen=True, slots=True)
class Departure:
    """A recent share beside the normal one: counts and totals of both."""

    recent: int
    recent_of: int
    normal: int
    normal_of: int

    @property
    def share(self) -> float:
        return self.recent / self.recent_of

    @property
    def normal_share(self) -> float:
        return self.normal / self.normal_of

    @property
    def change(self) -> float:
        """Return the relative change against normal: 0.25 is a quarter more."""
        return self.share / self.normal_share - 1


def risen(counts: Sequence[int], totals: Sequence[int], *, spike: float = SPIKE) -> Departure | None:
    """Return how the share of the last 7 days has left that of the 56 before, or None where it has not.

    `counts` of `totals`, one of each a day, oldest first. None too where fewer than 30 stand behind either, and where
    the share was 0 before. The test is that of two proportions with a pooled variance.
    """
    recent, recent_of = sum(counts[-RECENT_DAYS:]), sum(totals[-RECENT_DAYS:])
    low = -(RECENT_DAYS + NORMAL_DAYS)
    normal, normal_of = sum(counts[low:-RECENT_DAYS]), sum(totals[low:-RECENT_DAYS])
    if min(recent_of, normal_of) < FEWEST or not normal:
        return None
    found = Departure(recent, recent_of, normal, normal_of)
    pooled = (recent + normal) / (recent_of + normal_of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / recent_of + 1 / normal_of))
    if not spread or found.change <= spike:
        return None
    return found if (found.share - found.normal_share) / spread > _Z else None


def fallen_sales(net: Sequence[int], *, drop: float = 0.30) -> tuple[int, int] | None:
    """Return (sales of the last 7 days, middle of the 8 weeks before), or None where they have not fallen by `drop`.

    `net` is one sum a day in smallest units, oldest first. At least 6 of those weeks must have had sales, and the last
    7 days must be below all 8 of them: a shop whose weeks swing widely is not woken by one of them.
    """
    weeks = [sum(net[len(net) - 7 * (n + 1) : len(net) - 7 * n or None]) for n in range(9) if len(net) >= 7 * (n + 1)]
    if len(weeks) < 9 or sum(week > 0 for week in weeks[1:]) < 6:
        return None
    last, *others = weeks
    middle = sorted(others)[len(others) // 2]
    if middle <= 0 or last >= (1 - drop) * middle or last >= min(others):
        return None
    return last, middle
