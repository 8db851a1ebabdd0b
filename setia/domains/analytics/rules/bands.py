"""What is good: benchmark bands as the shop's own sources give them (blueprint B3), in named sets.

The sources give three kinds of figures for retention that do not agree, because they speak of different shops and
partly of no period at all. None is hidden: each is a set with its name and what it says of itself, and the shop picks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

INDUSTRIES = (
    *("general", "food", "retail", "ecommerce", "fashion", "cosmetics", "electronics", "subscription", "saas"),
    *("banking", "insurance", "finance", "telecom", "media", "healthcare"),
)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of a value, from `low` (included) up to the next band's; `tone` is bad, warn, good or great."""

    low: float
    name: str
    tone: str


Bands = tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class BandSet:
    """Bands of one source: by trade, `general` for any other. `period` is what the source says they speak of."""

    source: str
    period: str
    by_industry: Mapping[str, Bands]

    def of(self, industry: str) -> Bands:
        """Return the bands of a trade, those for any trade where there are none of it; empty where neither is."""
        return self.by_industry.get(industry) or self.by_industry.get("general", ())


def band_of(value: float | None, bands: Bands) -> Band | None:
    """Return the band a value lies in; bands rise, and the first reaches down without end."""
    if value is None or not bands:
        return None
    found = bands[0]
    for band in bands:
        if value >= band.low:
            found = band
    return found


def _usual(healthy: float, great: float) -> Bands:
    return (Band(0.0, "low", "bad"), Band(healthy, "usual", "warn"), Band(great, "good", "good"))


def _average(average: float) -> Bands:
    return (Band(0.0, "below_average", "warn"), Band(average, "above_average", "good"))


def _yearly(good: float, great: float, exceptional: float) -> Bands:
    return (
        Band(0.0, "low", "bad"), Band(good, "good", "warn"), Band(great, "great", "good"),
        Band(exceptional, "top", "great"),
    )  # fmt: skip


def _range(danger: float, low: float, high: float) -> Bands:
    return (
        Band(0.0, "danger", "bad"), Band(danger, "low", "warn"), Band(low, "healthy", "good"),
        Band(high, "top", "great"),
    )  # fmt: skip


_OVERALL: Bands = (
    Band(0.0, "poor", "bad"), Band(0.60, "average", "warn"), Band(0.75, "good", "good"), Band(0.85, "great", "great"),
)  # fmt: skip
_NINETY: Bands = (
    Band(0.0, "poor", "bad"), Band(0.70, "average", "warn"), Band(0.80, "good", "good"), Band(0.90, "great", "great"),
)  # fmt: skip

# CRR. What lies between two levels of ministers (70-80, 85-90) counts for the lower one.
RETENTION: dict[str, BandSet] = {
    "overall": BandSet("B3, CRR overall", "year", {"general": _OVERALL}),
    "ninety": BandSet("B3, CRR overall, the stricter table", "year", {"general": _NINETY}),
    "ministers": BandSet(
        "B3, minister levels",
        "none",
        {
            "general": (
                Band(0.0, "level_1", "bad"), Band(0.60, "level_2", "warn"), Band(0.80, "level_3", "good"),
                Band(0.90, "level_best", "great"),
            )
        },
    ),
    "averages": BandSet(
        "B3, average retention by industry",
        "none",
        {
            "media": _average(0.84), "banking": _average(0.75), "finance": _average(0.75), "insurance": _average(0.83),
            "ecommerce": _average(0.38), "saas": _average(0.35), "retail": _average(0.63), "telecom": _average(0.78),
            "healthcare": _average(0.55), "general": _OVERALL,
        },
    ),
    "yearly": BandSet(
        "B3, yearly bands good / great / exceptional",
        "year",
        {
            "ecommerce": _yearly(0.20, 0.30, 0.40), "saas": _yearly(0.85, 0.90, 0.95),
            "subscription": _yearly(0.60, 0.70, 0.80), "finance": _yearly(0.70, 0.80, 0.85),
            "banking": _yearly(0.70, 0.80, 0.85), "insurance": _yearly(0.70, 0.80, 0.85),
            "telecom": _yearly(0.70, 0.75, 0.80), "general": _OVERALL,
        },
    ),
    "ranges": BandSet(
        "B3, the third table",
        "none",
        {
            "ecommerce": _range(0.20, 0.30, 0.40), "saas": _range(0.85, 0.90, 0.95),
            "retail": (Band(0.0, "low", "bad"), Band(0.60, "usual", "warn"), Band(0.70, "good", "good")),
            "banking": (Band(0.0, "low", "bad"), Band(0.75, "usual", "warn"), Band(0.85, "good", "good")),
            "general": _OVERALL,
        },
    ),
}  # fmt: skip
# Share of customers with more than one purchase: the range that is usual in an industry.
REPEAT = BandSet(
    "B3, RPR by industry",
    "year",
    {
        "general": _usual(0.20, 0.30), "retail": _usual(0.25, 0.30), "ecommerce": _usual(0.25, 0.30),
        "food": _usual(0.30, 0.40), "fashion": _usual(0.25, 0.30), "cosmetics": _usual(0.30, 0.35),
        "electronics": _usual(0.10, 0.15), "subscription": _usual(0.60, 0.80), "saas": _usual(0.70, 0.90),
    },
)  # fmt: skip


def _lost(usual: float, much: float) -> Bands:
    return (Band(0.0, "below_usual", "good"), Band(usual, "usual", "warn"), Band(much, "much", "bad"))


CHURN_YEAR = BandSet(
    "B3, churn per year by industry; worldwide 10-25 %",
    "year",
    {
        "general": _lost(0.10, 0.25), "saas": _lost(0.05, 0.07), "ecommerce": _lost(0.20, 0.30),
        "subscription": _lost(0.10, 0.15), "telecom": _lost(0.20, 0.40),
    },
)  # fmt: skip
CHURN_MONTH = BandSet(
    "B3, target below 5 % a month", "month", {"general": (Band(0.0, "target", "good"), Band(0.05, "above", "warn"))}
)
# Share of what was sold that came back: healthy below 5 %, a red flag above 15 %.
RETURNS = BandSet(
    "B1, product return rate",
    "month",
    {"general": (Band(0.0, "healthy", "good"), Band(0.05, "watch", "warn"), Band(0.15, "red_flag", "bad"))},
)
# The valley of death: 70 % never return.
ONCE = BandSet(
    "B8, valley of death", "none", {"general": (Band(0.0, "below_usual", "good"), Band(0.70, "usual", "warn"))}
)
VALUE_TO_COST = BandSet(
    "B9, CLV:CAC of 3 or more",
    "year",
    {"general": (Band(0.0, "loss", "bad"), Band(1.0, "below_target", "warn"), Band(3.0, "target", "good"))},
)
# NPS has no data yet; its bands stand ready with its formula.
SCORE: Bands = (
    Band(-100.0, "crisis", "bad"), Band(0.0, "needs_work", "warn"), Band(30.0, "good", "good"),
    Band(50.0, "great", "great"), Band(70.0, "world_class", "great"),
)  # fmt: skip

# The bands a measure is judged by, by the name it gives. Only those of retention have sets to pick from.
FAMILIES: dict[str, BandSet] = {
    "repeat": REPEAT,
    "churn_year": CHURN_YEAR,
    "churn_month": CHURN_MONTH,
    "returns": RETURNS,
    "once": ONCE,
    "value_to_cost": VALUE_TO_COST,
}


def band_set(family: str, *, chosen: str) -> BandSet | None:
    """Return the set a family of bands is judged by, None for no bands; `chosen` is the shop's pick for retention."""
    if family == "retention":
        return RETENTION.get(chosen, RETENTION["overall"])
    return FAMILIES.get(family)
