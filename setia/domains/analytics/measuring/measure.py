"""What a measure is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from setia.domains.analytics.rules.bands import Band, band_of
from setia.domains.analytics.rules.formulas import FEWEST, interval, share

Grain = Literal["month", "week"]
GRAINS: tuple[Grain, ...] = ("month", "week")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the shop decides: how long a customer counts as active and after how long as lost, in days.

    `bands` names the set of benchmarks it is judged by; `margin` is the share of revenue that is left after the goods,
    None where the shop has not said.
    """

    active_days: int = 90
    lost_days: int = 180
    industry: str = "general"
    bands: str = "overall"
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the shop from `start` to before `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


class Parts(dict[str, float]):
    """What was counted of a period, by name; what nobody did was done 0 times."""

    def __missing__(self, name: str) -> float:
        return 0.0


Part = str | Callable[[Parts], float | None]
Formula = Callable[[Parts], float | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its name, its unit, the parts it is reckoned from and the formula that reckons it.

    `asks` names the questions (`measuring.parts.QUESTIONS`) whose answers hold its parts. `up` and `down` are what is
    divided by what, a part or a reckoning of parts; without a `formula` the value is `up` / `down`, and `up` itself
    where there is no `down` (`is_sum`). `population` is how many people or orders it speaks of; `groups` are the people
    behind it (`measuring.groups.GROUPS`), those counted first.

    `is_yearly` says that it looks at the year until the end of the period, which weeks are too short for.
    `matures_after` is how many days after its end a period is judged: before that what people will still do is not
    known, which is no 0. `why` says which code stands for a value that is not known although somebody was there.
    """

    name: str
    unit: str  # share, money, count, number, days, years, times
    asks: tuple[str, ...]
    up: Part
    down: Part | None = None
    population: str = ""
    formula: Formula | None = None
    groups: tuple[str, ...] = ()
    is_yearly: bool = False
    matures_after: int = 0
    bands: str = ""
    more_is_better: bool | None = True
    source: str = ""
    why: Callable[[Parts], str] = lambda parts: "nobody"

    @property
    def is_sum(self) -> bool:
        return self.down is None

    def count(self, parts: Parts) -> tuple[float | None, float | None, float | None]:
        """Return value, numerator and denominator of what was counted."""
        up = _taken(self.up, parts)
        if self.down is None:
            return (self.formula(parts) if self.formula else up), up, None
        down = _taken(self.down, parts)
        return (self.formula(parts) if self.formula else share(up, down)), up, down


def _taken(part: Part, parts: Parts) -> float | None:
    return parts[part] if isinstance(part, str) else part(parts)


@dataclass(frozen=True, slots=True)
class Value:
    """What a measure was in a period. `value` is None where it is not known; `why` is then a code.

    The codes are `nobody` (nothing to divide by), `early` (too soon to know), `no_data` (the period lies before the
    first or after the last day of the shop's sales), `no_loss` (nobody left, so there is no end to reckon with) and
    `no_cost` (nobody's acquisition cost is known). `place` is the outlet it speaks of, 0 the whole shop.
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
    place: int = 0

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

    def band(self, bands: tuple[Band, ...]) -> Band | None:
        """Return the band the value lies in, or None where there is none or too few are behind it."""
        return None if self.is_small else band_of(self.value, bands)


def plain(values: Mapping[str, Any]) -> Parts:
    """Return what an engine counted as parts; what is NULL was not counted."""
    return Parts({name: float(value) for name, value in values.items() if value is not None})
