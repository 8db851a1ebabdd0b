"""What a measure is."""

from dataclasses import dataclass
from datetime import date, timedelta

from setia.domains.analytics.rules.bands import Band, band_of
from setia.domains.analytics.rules.formulas import FEWEST, interval


@dataclass(frozen=True, slots=True)
class Choices:
    """What the shop decides: how long a customer counts as active and after how long as lost, in days."""

    active_days: int = 90
    lost_days: int = 180
    industry: str = "general"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the shop from `start` to before `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its name, its unit and the question that answers it for many periods at once.

    The question gives rows of `period` (number), `numerator`, `denominator` and `population` (how many people or orders
    it speaks of). Its tables are those of `lay_out`; its parameters `$active_days` and `$lost_days`. The value is
    numerator / denominator; where the denominator is NULL by definition (`is_sum`) it is the numerator.

    `matures_after` is how many days after its end a period is judged: before that what people will still do is not
    known, which is no 0. `window` is for how many days before the end of the period it looks, 0 for the period itself.
    """

    name: str
    unit: str  # share, money, count, number, days
    question: str
    is_sum: bool = False
    matures_after: int = 0
    window: int = 0
    bands: dict[str, tuple[Band, ...]] | None = None
    more_is_better: bool | None = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What a measure was in a period. `value` is None where it is not known; `why` is then a code.

    The codes are `nobody` (nothing to divide by), `early` (too soon to know) and `no_data` (the period lies before
    the first or after the last day of the shop's sales).
    """

    measure: str
    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    population: int
    why: str = ""
    is_running: bool = False
    unit: str = ""

    @property
    def is_small(self) -> bool:
        """Whether so few are behind it that it is shown with its interval and without a judgment."""
        return self.population < FEWEST

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of a share of people; None for what is no such share."""
        if self.unit != "share" or self.denominator is None or self.numerator is None:
            return None
        if self.denominator != self.population:  # a share of money, of which nobody knows how it scatters
            return None
        return interval(self.numerator, self.denominator)

    def band(self, bands: dict[str, tuple[Band, ...]] | None, industry: str) -> Band | None:
        """Return the band the value lies in, or None where there is none or too few are behind it."""
        if bands is None or self.is_small:
            return None
        return band_of(self.value, bands.get(industry, bands.get("general", ())))


def month_periods(first: date, last: date) -> list[Period]:
    """Return the calendar months from that of `first` to that of `last`."""
    found, start = [], first.replace(day=1)
    while start <= last:
        end = (start + timedelta(days=32)).replace(day=1)
        found.append(Period(start, end))
        start = end
    return found
