"""When somebody is likely to buy again: a window with its chance, never one date.

The distribution is the shop's own: what people who had been silent as long, for their own usual gap, did next.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Gaps so many times as long as all gaps of the product (or of the shop) together weigh in one's own mean gap.
PRIOR_GAPS = 2.0
# The silence so far, in one's own usual gaps.
SILENCE_EDGES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
NOMINAL = 0.8


@dataclass(frozen=True, slots=True)
class Window:
    """In `low` to `high` days from now; `chance` is the probability of a purchase in just these days."""

    low: int
    high: int
    chance: float


def mean_gap(moments: int, first: int, last: int, usual: float) -> float:
    """Return somebody's mean gap in days, drawn to the usual one as if that had been seen `PRIOR_GAPS` times."""
    return (PRIOR_GAPS * usual + (last - first)) / (PRIOR_GAPS + max(moments - 1, 0))


def bucket(moments: int, silent: float, gap: float) -> str:
    """Return whose past says what somebody will do: as many purchases, as long silent for the own gap."""
    known = 0 if moments < 2 else 1 if moments < 5 else 2
    return f"{known}.{bisect_right(SILENCE_EDGES, silent / max(gap, 0.5))}"


def wider(name: str) -> tuple[str, str, str]:
    """Return a bucket, that of the same silence whatever the purchases, and that of everybody."""
    return name, f"*.{name.partition('.')[2]}", "*"


def window(
    calibration: Mapping[str, Sequence[float] | None], *, moments: int, silent: float, gap: float
) -> Window | None:
    """Return the window of somebody silent for so many days; None where the shop's past says too little.

    `calibration` holds for each bucket the lower and the upper edge in usual gaps and the chance, or None where too few
    of many came; where few stood in a bucket at all, a wider one speaks for it.
    """
    name = bucket(moments, silent, gap)
    found = next((calibration[each] for each in wider(name) if each in calibration), None)
    if found is None:
        return None
    low, high, chance = found
    first = max(int(low * gap + 0.5), 1)
    return Window(first, max(int(high * gap + 0.5), first + 1), chance)
