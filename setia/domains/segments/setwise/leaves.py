"""Conditions over a crowd. Each answers for any of its people on any day: true or false, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from setia.domains.segments.rules.judging import NEVER

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Answer = tuple[Bools, Ints]

_SHIFT = 21  # days since the year 1 fit into 20 bits
_EPOCH = 719_163  # the ordinal of 1970-01-01


class Leaf(Protocol):
    """One condition over a crowd; `where` are places of people, `day` an ordinal for each of them."""

    def at(self, where: Ints, day: Ints) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """What no day changes."""

    truth: Bools

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return the truth, for ever."""
        return self.truth[where], np.full(len(where), NEVER, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Span:
    """The span [low, high) in which a comparison holds, None being open; without both, that a value is known."""

    low: int | None = None
    high: int | None = None
    is_known: bool | None = None

    def holds(self, value: Ints, known: Bools) -> Bools:
        """Return where the comparison holds."""
        if self.is_known is not None:
            return known if self.is_known else ~known
        found = known.copy()
        if self.low is not None:
            found &= value >= self.low
        if self.high is not None:
            found &= value < self.high
        return found

    @property
    def edges(self) -> list[int]:
        return sorted(edge for edge in (self.low, self.high) if edge is not None)

    def above(self, value: Ints) -> Ints:
        """Return the least edge above each value, NEVER where there is none."""
        found = np.full(len(value), NEVER, dtype=np.int64)
        for edge in reversed(self.edges):
            found = np.where(edge > value, edge, found)
        return found

    def up_to(self, value: Ints) -> Ints:
        """Return the greatest edge up to each value, 0 where there is none above 0."""
        found = np.zeros(len(value), dtype=np.int64)
        for edge in self.edges:
            found = np.where((edge <= value) & (edge > 0), edge, found)
        return found


def _until(base: Ints, add: Ints) -> Ints:
    return np.minimum(base + np.minimum(add, NEVER), NEVER)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to people, sorted by person and day: how often and how much on each day."""

    place: Ints
    day: Ints
    counts: Ints  # running sums with a 0 before them
    values: Ints
    starts: Ints  # where each person begins, and the end
    keys: Ints

    @classmethod
    def of(cls, place: Ints, day: Ints, count: Ints, value: Ints, size: int) -> "Happened":
        """Sort happenings; those at place -1 are of nobody in the crowd."""
        there = place >= 0
        place, day, count, value = place[there], day[there], count[there], value[there]
        keys = (place << _SHIFT) | day
        order = np.argsort(keys, kind="stable")
        counts, values = (np.concatenate(([0], np.cumsum(part[order]))).astype(np.int64) for part in (count, value))
        place = place[order]
        starts = np.searchsorted(place, np.arange(size + 1))
        return cls(place, day[order], counts, values, starts.astype(np.int64), keys[order])

    def until(self, where: Ints, day: Ints) -> Ints:
        """Return how many happenings of each person lie before the end of a day, counted from the first of all."""
        return np.searchsorted(self.keys, (where << _SHIFT) | day, side="right").astype(np.int64)

    def day_at(self, position: Ints, valid: Bools) -> Ints:
        """Return the days of some happenings, NEVER where there is none."""
        if not len(self.day):
            return np.full(len(position), NEVER, dtype=np.int64)
        found = self.day[np.minimum(position, len(self.day) - 1)]
        return np.where(valid, found, NEVER)


@dataclass(frozen=True, slots=True)
class Window:
    """How often or how much within some days: `what` is count, value or mean."""

    happened: Happened
    within: int | None
    what: str
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the sum is in the span, and when a day enters or leaves the window."""
        this = self.happened
        high = this.until(where, day)
        low = this.starts[where] if self.within is None else this.until(where, day - self.within)
        low = np.maximum(low, this.starts[where])
        coming = this.day_at(high, high < this.starts[where + 1])
        count, value = this.counts[high] - this.counts[low], this.values[high] - this.values[low]
        if self.what == "count":
            leaving = self._drops(high, count)
            return self.span.holds(count, np.ones(len(where), dtype=bool)), np.minimum(coming, leaving)
        leaving = self._later(this.day_at(low, low < high))
        if self.what == "value":
            return self.span.holds(value, np.ones(len(where), dtype=bool)), np.minimum(coming, leaving)
        mean = value // np.maximum(count, 1)
        return self.span.holds(mean, count > 0), np.minimum(coming, leaving)

    def _later(self, day: Ints) -> Ints:
        return np.minimum(day + (NEVER if self.within is None else self.within), NEVER)

    def _drops(self, high: Ints, count: Ints) -> Ints:
        """Return when the count falls below the greatest edge it has reached."""
        most = self.span.up_to(count)
        position = np.searchsorted(self.happened.counts[1:], self.happened.counts[high] - most, side="right")
        return self._later(self.happened.day_at(position.astype(np.int64), (most > 0) & (most <= count)))


@dataclass(frozen=True, slots=True)
class SinceLast:
    """Days since it last happened."""

    happened: Happened
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the days are in the span; they grow from day to day and begin anew with what is to come."""
        this = self.happened
        high = this.until(where, day)
        known = high > this.starts[where]
        coming = this.day_at(high, high < this.starts[where + 1])
        last = this.day_at(np.maximum(high - 1, 0), known)
        value = np.where(known, day - last, 0)
        grows = np.where(known, _until(last, self.span.above(value)), NEVER)
        return self.span.holds(value, known), np.minimum(coming, grows)


@dataclass(frozen=True, slots=True)
class SinceFirst:
    """Days since a first day; NEVER where there was none."""

    first: Ints
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the days are in the span; a day to come is not known before."""
        first = self.first[where]
        known = first <= day
        value = np.where(known, day - first, 0)
        return self.span.holds(value, known), np.where(known, _until(first, self.span.above(value)), first)


@dataclass(frozen=True, slots=True)
class Valued:
    """A number that no day changes."""

    value: Ints
    known: Bools
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the number is in the span, for ever."""
        truth = self.span.holds(self.value[where], self.known[where])
        return truth, np.full(len(where), NEVER, dtype=np.int64)


def months_and_days(ordinals: Ints) -> tuple[Ints, Ints, Ints]:
    """Return year, month and day of the month of ordinals."""
    days = (ordinals - _EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    return (
        years.astype(np.int64) + 1970,
        (months - years.astype("datetime64[M]")).astype(np.int64) + 1,
        (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
    )


def _leap(year: Ints) -> Bools:
    found: Bools = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return found


def ordinal_of(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return the ordinals of dates; a day beyond the end of its month runs into the next."""
    months = (year - 1970) * 12 + month - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _EPOCH + day - 1


def _anniversary(month: Ints, day: Ints, year: Ints) -> Ints:
    return ordinal_of(year, month, np.where((month == 2) & (day == 29) & ~_leap(year), 28, day))


@dataclass(frozen=True, slots=True)
class Yearly:
    """Days to the next, or since the last, of some days of the year; `starts` says where each person's begin."""

    month: Ints
    day_of_month: Ints
    starts: Ints
    is_ahead: bool
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the days are in the span."""
        begin, end = self.starts[where], self.starts[where + 1]
        known = end > begin
        value, until = np.zeros(len(where), dtype=np.int64), np.full(len(where), NEVER, dtype=np.int64)
        if not known.any():
            return self.span.holds(value, known), until
        some, today = (end - begin)[known], day[known]
        offsets = np.concatenate(([0], np.cumsum(some)[:-1]))
        each = np.repeat(begin[known] - offsets, some) + np.arange(int(some.sum()))
        on = np.repeat(today, some)
        month, of_month = self.month[each], self.day_of_month[each]
        if self.is_ahead:
            found = np.minimum.reduceat(self._next(month, of_month, on) - on, offsets)
            crossed = self.span.up_to(found)
            falls = np.where(crossed > 0, today + found - crossed + 1, NEVER)
            turns = np.minimum(falls, today + found + 1)
        else:
            last = np.maximum.reduceat(self._last(month, of_month, on), offsets)
            found = today - last
            following = np.minimum.reduceat(self._next(month, of_month, on + 1), offsets)
            turns = np.minimum(following, _until(last, self.span.above(found)))
        value[known], until[known] = found, turns
        return self.span.holds(value, known), until

    @staticmethod
    def _next(month: Ints, day: Ints, on: Ints) -> Ints:
        year, _, _ = months_and_days(on)
        this = _anniversary(month, day, year)
        return np.where(this >= on, this, _anniversary(month, day, year + 1))

    @staticmethod
    def _last(month: Ints, day: Ints, on: Ints) -> Ints:
        year, _, _ = months_and_days(on)
        this = _anniversary(month, day, year)
        return np.where(this <= on, this, _anniversary(month, day, year - 1))


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years since a birthday; NEVER where none is known."""

    born: Ints
    span: Span

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return where the age is in the span, and the birthday on which it leaves or enters it."""
        born = self.born[where]
        known = born <= day
        safe = np.where(born >= NEVER, 1, born)
        year, month, of_month = months_and_days(safe)
        y, m, d = months_and_days(day)
        years = np.where(known, y - year - ((m < month) | ((m == month) & (d < of_month))), 0)
        following = self.span.above(years)
        then = year + np.where(following > 200, 0, following)
        turns = ordinal_of(then, month, of_month)  # the 29th of February runs into the 1st of March
        return self.span.holds(years, known), np.where(known, np.where(following > 200, NEVER, turns), born)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether data may be used: one way from coming of age on, another before."""

    grown: Bools
    child: Bools
    adult_on: Ints

    def at(self, where: Ints, day: Ints) -> Answer:
        """Return the truth, which changes on the day of coming of age."""
        adult_on = self.adult_on[where]
        is_adult = day >= adult_on
        return np.where(is_adult, self.grown[where], self.child[where]), np.where(is_adult, NEVER, adult_on)


def negated(answer: Answer) -> Answer:
    """Return the opposite."""
    return ~answer[0], answer[1]


def all_of(answers: Sequence[Answer]) -> Answer:
    """Return the truth of all; false until the last of the false ones may have turned."""
    truth = np.logical_and.reduce([each for each, _ in answers])
    waits = np.max([np.where(each, 0, until) for each, until in answers], axis=0)
    holds = np.min([until for _, until in answers], axis=0)
    return truth, np.where(truth, holds, waits)
