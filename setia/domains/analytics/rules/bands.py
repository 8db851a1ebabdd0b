"""What is good: benchmark bands by industry, as the shop's own sources give them (blueprint B3)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """A range of a share, from `low` (included) up to the next band's; `tone` is bad, warn, good or great."""

    low: float
    name: str
    tone: str


def band_of(value: float | None, bands: tuple[Band, ...]) -> Band | None:
    """Return the band a value lies in; bands rise, and the first reaches down without end."""
    if value is None or not bands:
        return None
    found = bands[0]
    for band in bands:
        if value >= band.low:
            found = band
    return found


def _three(healthy: float, great: float) -> tuple[Band, ...]:
    return (Band(0.0, "low", "bad"), Band(healthy, "usual", "warn"), Band(great, "good", "good"))


# CRR over a year, by industry: good / great / exceptional; the last where the source gives none.
RETENTION: dict[str, tuple[Band, ...]] = {
    "general": (
        Band(0.0, "poor", "bad"), Band(0.60, "average", "warn"),
        Band(0.75, "good", "good"), Band(0.85, "great", "great"),
    ),
    "retail": (Band(0.0, "low", "bad"), Band(0.60, "usual", "warn"), Band(0.70, "good", "good")),
    "ecommerce": (
        Band(0.0, "low", "bad"), Band(0.20, "good", "warn"), Band(0.30, "great", "good"), Band(0.40, "top", "great"),
    ),
}  # fmt: skip
# Share of customers with more than one purchase: the range that is usual in an industry.
REPEAT: dict[str, tuple[Band, ...]] = {
    "general": _three(0.20, 0.30),
    "retail": _three(0.25, 0.30),
    "ecommerce": _three(0.25, 0.30),
    "food": _three(0.30, 0.40),
    "fashion": _three(0.25, 0.30),
    "cosmetics": _three(0.30, 0.35),
    "electronics": _three(0.10, 0.15),
}
# Share of what was sold that came back: healthy below 5 %, a red flag above 15 %.
RETURNS = (Band(0.0, "healthy", "good"), Band(0.05, "watch", "warn"), Band(0.15, "red_flag", "bad"))
SCORE = (
    Band(-100.0, "crisis", "bad"), Band(0.0, "needs_work", "warn"), Band(30.0, "good", "good"),
    Band(50.0, "great", "great"), Band(70.0, "world_class", "great"),
)  # fmt: skip
