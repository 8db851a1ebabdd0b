"""RFM: how lately, how often and how much somebody bought, as scores of 1-5, and the segment each of 125 cells is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.int8]

SEGMENTS = (
    *("champions", "loyal", "potential_loyalist", "new", "promising", "need_attention", "about_to_sleep"),
    *("at_risk", "cant_lose", "hibernating", "lost"),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where scores change, four steps for scores of 1-5 or two for scores of 1-3.

    Days rise: score 5 up to days[0], 4 up to days[1] …, 1 beyond days[3]. Counts and amounts rise too: score 2 from
    counts[0] on, 3 from counts[1] …; amounts are exclusive, in smallest units: 1 up to amounts[0], 5 above amounts[3].
    """

    days: tuple[int, ...]
    counts: tuple[int, ...]
    amounts: tuple[int, ...]

    @property
    def top(self) -> int:
        """The highest score."""
        return len(self.days) + 1


# Blueprint B5: Rp 0.5, 2, 5 and 10 million.
FIVE_LEVELS = Thresholds((7, 30, 60, 90), (2, 4, 6, 11), (500_000, 2_000_000, 5_000_000, 10_000_000))


# Blueprint B5, the preset of three levels; its amounts part the best 20 % and the last 20 % of a shop's own customers.
THREE_DAYS, THREE_COUNTS, THREE_SHARES = (30, 90), (2, 5), (0.2, 0.8)
PRESETS = ("levels", "fifths", "three")


def thresholds(
    preset: str,
    days: NDArray[np.int64],
    counts: NDArray[np.int64],
    amounts: NDArray[np.int64],
    *,
    steps: dict[str, list[int]] | None = None,
) -> Thresholds:
    """Return the thresholds of a preset for a shop's customers; `steps` are those it chose itself.

    "levels" are fixed, "fifths" part its own customers, "three" has fixed days and counts and its own amounts.
    """
    own = {name: tuple(values) for name, values in (steps or {}).items()}
    if preset == "fifths":
        return quantile_thresholds(days, counts, amounts)
    if preset == "three":
        edges = np.quantile(amounts, THREE_SHARES, method="inverted_cdf") if len(amounts) else (0, 0)
        return Thresholds(own.get("days", THREE_DAYS), own.get("counts", THREE_COUNTS), (int(edges[0]), int(edges[1])))
    fixed = FIVE_LEVELS
    return Thresholds(own.get("days", fixed.days), own.get("counts", fixed.counts), own.get("amounts", fixed.amounts))


def quantile_thresholds(days: NDArray[np.int64], counts: NDArray[np.int64], amounts: NDArray[np.int64]) -> Thresholds:
    """Return thresholds that part a shop's own customers into fifths, for shops of another price level.

    Equal values never fall apart: a fifth ends where a value ends, so small shops may have empty scores.
    """

    def fifths(column: NDArray[np.int64]) -> tuple[int, int, int, int]:
        if not len(column):
            return (0, 0, 0, 0)
        one, two, three, four = np.quantile(column, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
        return int(one), int(two), int(three), int(four)

    one, two, three, four = fifths(counts)
    return Thresholds(fifths(days), (one + 1, two + 1, three + 1, four + 1), fifths(amounts))


def score(
    days: NDArray[np.int64], counts: NDArray[np.int64], amounts: NDArray[np.int64], by: Thresholds
) -> tuple[Scores, Scores, Scores]:
    """Return three scores, 1 to the highest, for each customer, arrays of shape (n,)."""
    recency = by.top - np.searchsorted(by.days, days, side="left")
    frequency = 1 + np.searchsorted(by.counts, counts, side="right")
    money = 1 + np.searchsorted(by.amounts, amounts, side="left")
    return recency.astype(np.int8), frequency.astype(np.int8), money.astype(np.int8)


def segment_of(recency: int, frequency: int, money: int) -> str:
    """Return the segment of a cell, scores 1-5.

    The source names sixteen cells (champions 555, 545; loyal 444, 534; potential loyalist 523, 423; at risk 244, 234;
    can't lose 155, 255; hibernating 122, 222; lost 111); the others follow their neighbors.
    """
    if recency >= 4:
        if frequency == 1:
            return "new" if recency == 5 else "promising"
        if frequency == 2:
            return "potential_loyalist"
        return "champions" if recency == 5 and frequency >= 4 and money >= 4 else "loyal"
    if recency == 3:
        return "need_attention" if frequency >= 3 else "about_to_sleep"
    if (frequency == 5 and money >= 4) or (frequency >= 4 and money == 5):
        return "cant_lose"
    if frequency >= 3 or money >= 4:
        return "at_risk"
    return "lost" if (recency, frequency) == (1, 1) and money <= 2 else "hibernating"


def segment_of_three(recency: int, frequency: int, money: int) -> str:
    """Return the segment of a cell, scores 1-3.

    The source names champions HHH, loyal (F and M high, R middle), potential (R and M high, F low), at risk (R low, F
    and M high), hibernating (R and F low, M high) and lost LLL; the others follow their neighbors.
    """
    if recency == 3:
        if frequency == 1:
            return "potential_loyalist" if money == 3 else "new"
        return "champions" if frequency == 3 and money == 3 else ("loyal" if frequency == 3 else "potential_loyalist")
    if recency == 2:
        if frequency == 3:
            return "loyal" if money >= 2 else "need_attention"
        return "need_attention" if frequency == 2 else "about_to_sleep"
    if frequency == 3:
        return "at_risk"
    if frequency == 2:
        return "at_risk" if money == 3 else "hibernating"
    return "lost" if money == 1 else "hibernating"


# Segment number (index in SEGMENTS) by cell, to look a million customers up at once.
CELLS = np.zeros((6, 6, 6), dtype=np.int8)
for _r in range(1, 6):
    for _f in range(1, 6):
        for _m in range(1, 6):
            CELLS[_r, _f, _m] = SEGMENTS.index(segment_of(_r, _f, _m))
CELLS_OF_THREE = np.zeros((4, 4, 4), dtype=np.int8)
for _r in range(1, 4):
    for _f in range(1, 4):
        for _m in range(1, 4):
            CELLS_OF_THREE[_r, _f, _m] = SEGMENTS.index(segment_of_three(_r, _f, _m))


def segments(recency: Scores, frequency: Scores, money: Scores, by: Thresholds) -> Scores:
    """Return the number of the segment of each customer, shape (n,)."""
    return (CELLS if by.top == 5 else CELLS_OF_THREE)[recency, frequency, money]
