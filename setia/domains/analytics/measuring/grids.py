"""Periods laid on one line of moments, so that all of them are answered in one pass over the days of purchase.

The moments are the first days of periods, the days after their last ones, and where a measure looks back over a year
the same days a year before. They cut the history into slices: slice 0 lies before the first moment, slice n from the
last one on. What a person did in a slice is one row, however many periods look at it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from setia.domains.analytics.measuring.measure import Period

# Whether a person counted as active at each moment stands in the bits of one whole number, so there are not more.
MOST_MOMENTS = 60
_FIRST_MONDAY = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A period as numbers of moments: from `start` to before `end`, and the moment a year before the end."""

    number: int
    start: int
    end: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Some periods and the moments between them; `cuts` in the order of `periods`."""

    periods: tuple[Period, ...]
    moments: tuple[date, ...]
    cuts: tuple[Cut, ...]


def year_before(day: date) -> date:
    """Return the same day a year before; of 29 February the 28th."""
    year = max(day.year - 1, 1)
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def grids(periods: Sequence[Period], *, with_year: bool = True) -> Iterator[Grid]:
    """Yield grids that hold all periods in their order, each with no more moments than fit."""
    some: list[Period] = []
    for period in periods:
        if some and len(_moments([*some, period], with_year)) > MOST_MOMENTS:
            yield _grid(some, with_year)
            some = []
        some.append(period)
    if some:
        yield _grid(some, with_year)


def month_periods(first: date, last: date) -> list[Period]:
    """Return the calendar months from that of `first` to that of `last`."""
    found, start = [], first.replace(day=1)
    while start <= last:
        end = (start + timedelta(days=32)).replace(day=1)
        found.append(Period(start, end))
        start = end
    return found


def week_periods(first: date, last: date) -> list[Period]:
    """Return the weeks, Monday to Sunday, from that of `first` to that of `last`."""
    found, start = [], first - timedelta(days=(first - _FIRST_MONDAY).days % 7)
    while start <= last:
        found.append(Period(start, start + timedelta(days=7)))
        start += timedelta(days=7)
    return found


def _moments(periods: Sequence[Period], with_year: bool) -> list[date]:
    days = {day for period in periods for day in (period.start, period.end)}
    if with_year:
        days |= {year_before(period.end) for period in periods}
    return sorted(days)


def _grid(periods: Sequence[Period], with_year: bool) -> Grid:
    moments = _moments(periods, with_year)
    place = {day: number for number, day in enumerate(moments)}
    cuts = tuple(
        Cut(number, place[period.start], place[period.end], place[year_before(period.end)] if with_year else None)
        for number, period in enumerate(periods)
    )
    return Grid(tuple(periods), tuple(moments), cuts)
