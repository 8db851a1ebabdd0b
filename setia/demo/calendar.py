"""When Kopi Senja is busy: day weights by kind of customer, hours by channel, payday, Ramadan, Lebaran, 11.11.

Pure and deterministic: the last moment is an argument, the "weather" of a day depends on the seed and the date alone.

Shapes: a curve is the running sum of day weights with mean 1, so a person's time can be counted in *operational* days
(a non-homogeneous process is a homogeneous one on a warped clock; Cinlar 1975, "Introduction to Stochastic Processes",
ch. 4). Days are numbered from 0; seconds of a day are of the outlet's own clock; moments are Unix seconds.

Ramadan and Lebaran follow the Umm al-Qura calendar. The Indonesian government's own sighting can fall a day later
(in 2026: 21 March instead of 20), so the dip of Lebaran spans both.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from math import exp
from typing import Final

from hijridate import Gregorian, Hijri

WIB: Final = timezone(timedelta(hours=7), "WIB")  # western Indonesia; none of the zones knows summer time
DAY: Final = 86_400
_WEATHER: Final = 7  # a stream of randomness of its own
WITA_AHEAD: Final = 3_600  # Makassar's clock is one hour ahead of Bandung's

DAILY, WEEKEND, RESTOCK, GIFT, BARGAIN = range(5)
_KINDS: Final = (DAILY, WEEKEND, RESTOCK, GIFT, BARGAIN)

POS, WEB, MARKETPLACE, WHATSAPP = range(4)

_WEEKDAYS: Final = {  # Monday first
    DAILY: (1.06, 1.08, 1.08, 1.08, 1.12, 0.92, 0.66),
    WEEKEND: (0.60, 0.60, 0.64, 0.72, 1.02, 1.78, 1.64),
    RESTOCK: (1.12, 1.06, 1.04, 1.02, 0.96, 0.86, 0.94),
    GIFT: (1.10, 1.06, 1.02, 1.00, 1.00, 0.94, 0.88),
    BARGAIN: (1.06, 1.02, 1.00, 1.00, 1.02, 0.96, 0.94),
}
_PAYDAY: Final = {DAILY: 1.24, WEEKEND: 1.36, RESTOCK: 1.40, GIFT: 1.15, BARGAIN: 1.45}
_RAMADAN: Final = {DAILY: 0.80, WEEKEND: 0.95, RESTOCK: 1.12, GIFT: 1.60, BARGAIN: 1.10}
_TWIN_DAY: Final = {DAILY: 1.10, WEEKEND: 1.10, RESTOCK: 2.40, GIFT: 1.20, BARGAIN: 11.0}
_YEAR_END: Final = {DAILY: 0.98, WEEKEND: 1.30, RESTOCK: 1.10, GIFT: 1.20, BARGAIN: 1.15}

# Weight of each hour 0-23 on the outlet's clock.
_WORKDAY_POS: Final = (0,) * 7 + (10, 13, 9, 6, 5, 9, 8, 6, 8, 9, 8, 6, 5, 4, 2) + (0, 0)
_WEEKEND_POS: Final = (0,) * 7 + (3, 5, 8, 10, 9, 7, 7, 8, 10, 11, 10, 9, 9, 7, 4) + (0, 0)
_FASTING_POS: Final = (0,) * 9 + (0.4, 0.6, 0.8, 0.9, 1, 1.6, 4, 9, 17, 13, 14, 15, 10) + (4, 0)
_WEB: Final = (2, 1, 0.5, 0.3, 0.4, 0.8, 2, 3, 5, 7, 8, 7, 7, 6, 5, 5, 5, 5, 6, 9, 11, 11, 8, 4)
_FASTING_WEB: Final = (3, 2, 4, 7, 8, 4, 2, 2, 4, 6, 7, 6, 5, 5, 5, 5, 4, 2, 3, 6, 10, 12, 10, 6)
_TWIN_WEB: Final = (20, 9, 3, 1, 1, 1, 2, 3, 4, 5, 6, 5, 7, 5, 4, 4, 4, 4, 5, 7, 9, 10, 9, 8)
_CHAT: Final = (0,) * 8 + (6, 10, 11, 9, 6, 8, 8, 8, 7, 5, 4, 5, 4, 1) + (0, 0)


def new_dice(*key: int) -> random.Random:
    """Return a generator whose stream depends on `key` alone; no secret ever comes from it."""
    return random.Random(seed_of(*key))  # noqa: S311 - made-up shoppers, nothing to guess


def seed_of(*key: int) -> int:
    """Fold several integers into one seed without two keys meeting (each takes 64 bits of its own)."""
    folded = 0
    for part in key:
        folded = folded << 64 | (part & 0xFFFF_FFFF_FFFF_FFFF)
    return folded


def _slots(weights: tuple[float, ...]) -> tuple[int, ...]:
    """Return the first second of each hour, as often as its weight in half percents: uniform draws become weighted."""
    whole = sum(weights)
    return tuple(hour * 3_600 for hour, weight in enumerate(weights) for _ in range(round(weight / whole * 400)))


POS_HOURS: Final = _slots(_WORKDAY_POS)
_ORDINARY_WEEKEND, _RAMADAN_POS = _slots(_WEEKEND_POS), _slots(_FASTING_POS)
_ORDINARY_WEB, _RAMADAN_WEB, _TWIN_HOURS, _CHAT_HOURS = (
    _slots(_WEB),
    _slots(_FASTING_WEB),
    _slots(_TWIN_WEB),
    _slots(_CHAT),
)

Hours = tuple[tuple[int, ...], ...]  # by channel: POS, WEB, MARKETPLACE, WHATSAPP


@dataclass(frozen=True, slots=True)
class Days:
    """The window as arrays by day number; the last day is the one `until` lies in, on Bandung's clock.

    `midnight` is Unix seconds of day 0 at 00:00 WIB; `end` is `until` in Unix seconds. `curves[kind]` has one entry
    more than there are days and begins with 0. `hampers` is 1 in the weeks before Lebaran, 2 before Christmas, else 0.
    """

    count: int
    first: date
    midnight: int
    end: int
    codes: tuple[str, ...]
    weekend: tuple[bool, ...]
    fasting: tuple[bool, ...]
    payday: tuple[bool, ...]
    twin: tuple[bool, ...]
    hampers: tuple[int, ...]
    hours: tuple[Hours, ...]
    curves: tuple[tuple[float, ...], ...]
    arrivals: tuple[tuple[float, ...], ...]

    @property
    def last_second(self) -> int:
        """Return the second of the last day at which the window ends, on Bandung's clock."""
        return self.end - self.midnight - (self.count - 1) * DAY

    def day_at(self, kind: int, clock: float) -> int:
        """Return the day number on which operational time `clock` falls."""
        return min(bisect_right(self.curves[kind], clock) - 1, self.count - 1)


@dataclass(frozen=True, slots=True)
class _Feasts:
    """Day ordinals of the moving feasts in the window's years."""

    fasting: frozenset[int]
    lebaran: tuple[int, ...]

    def days_to_lebaran(self, ordinal: int) -> int:
        """Return days until the nearest Lebaran: positive before it, 0 on the day, negative after."""
        return min((feast - ordinal for feast in self.lebaran), key=abs)


def _feasts(first: date, last: date) -> _Feasts:
    fasting: set[int] = set()
    lebaran: list[int] = []
    early, late = (Gregorian(day.year, day.month, day.day).to_hijri().year for day in (first, last))
    for year in range(early - 1, late + 2):
        begin = Hijri(year, 9, 1).to_gregorian().toordinal()
        feast = Hijri(year, 10, 1).to_gregorian().toordinal()
        fasting.update(range(begin, feast))
        lebaran.append(feast)
    return _Feasts(frozenset(fasting), tuple(lebaran))


def is_payday(day: date) -> bool:
    """Tell whether wages have just come in: most Indonesian employers pay between the 25th and the 1st."""
    return day.day >= 25 or day.day == 1


def is_twin(day: date) -> bool:
    """Tell whether the day is one of the marketplaces' two great sales, 11.11 or 12.12."""
    return (day.month, day.day) in {(11, 11), (12, 12)}


def _hampers(day: date, to_lebaran: int) -> int:
    if 1 <= to_lebaran <= 24:
        return 1
    return 2 if day.month == 12 and 5 <= day.day <= 24 else 0


def _lebaran_dip(kind: int, to_lebaran: int) -> float:
    """Outlets stand nearly empty on the feast; couriers rest from two days before until four days after."""
    if kind in {RESTOCK, BARGAIN, GIFT}:
        return 0.3 if -4 <= to_lebaran <= 2 else 1.0
    return {1: 0.55, 0: 0.18, -1: 0.18, -2: 0.40}.get(to_lebaran, 1.0)


def _weight(kind: int, day: date, feasts: _Feasts) -> float:
    """Return how busy a day is for one kind of customer, before the weather; about 1 on an ordinary day."""
    to_lebaran = feasts.days_to_lebaran(day.toordinal())
    weight = _WEEKDAYS[kind][day.weekday()] * _lebaran_dip(kind, to_lebaran)
    if is_payday(day):
        weight *= _PAYDAY[kind]
    if day.toordinal() in feasts.fasting:
        weight *= _RAMADAN[kind]
    if is_twin(day):
        weight *= _TWIN_DAY[kind]
    elif kind == BARGAIN and day.month == day.day:
        weight *= 1.8
    if day.month == 12 and day.day >= 20:
        weight *= _YEAR_END[kind]
    if kind == GIFT:
        weight *= 4.5 if _hampers(day, to_lebaran) else 0.45
    return weight * (0.55 if (day.month, day.day) == (1, 1) else 1.0)


def _hours_of(weekend: bool, fasting: bool, twin: bool) -> Hours:
    web = _TWIN_HOURS if twin else _RAMADAN_WEB if fasting else _ORDINARY_WEB
    pos = _RAMADAN_POS if fasting else _ORDINARY_WEEKEND if weekend else POS_HOURS
    return (pos, web, web, _CHAT_HOURS)


def _second_of(moment: datetime) -> int:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second


def _until(hours: Hours, second: int) -> Hours:
    """Keep the hours that have begun by `second`; a channel that has not opened yet keeps none."""
    return tuple(tuple(slot for slot in slots if slot <= second) for slots in hours)


def _elapsed(kind: int, second: int) -> float:
    """Return the share of a day's trade that is over by `second`, by the hours of an ordinary day."""
    slots = _ORDINARY_WEEKEND if kind in {DAILY, WEEKEND} else _ORDINARY_WEB
    return max(1e-6, sum(min(1.0, max(0.0, (second - slot) / 3_600)) for slot in slots) / len(slots))


def _running(weights: list[float], mean: float) -> tuple[float, ...]:
    scale = mean / sum(weights)
    return (0.0, *accumulate(weight * scale for weight in weights))


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the 28th where the month may be too short for it."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, min(day.day, 28))


@lru_cache(maxsize=4)
def days_of(months: int, seed: int, until: datetime) -> Days:
    """Build the calendar of the `months` before `until` (timezone-aware), ready for lookups by day number.

    Acquisition grows 3.5 % a month, as a young chain's does; `arrivals[kind]` is its running share, from 0 to 1.
    """
    local = until.astimezone(WIB)
    first, last = months_before(local.date(), months), local.date()
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    feasts = _feasts(first, last)
    weather = [exp(new_dice(seed, _WEATHER, day.toordinal()).gauss(0.0, 0.07)) for day in dates]
    curves, arrivals = [], []
    for kind in _KINDS:
        weights = [_weight(kind, day, feasts) * sky for day, sky in zip(dates, weather, strict=True)]
        weights[-1] *= _elapsed(kind, _second_of(local))
        curves.append(_running(weights, float(len(dates))))
        arrivals.append(_running([w * 1.035 ** (n / 30.4) for n, w in enumerate(weights)], 1.0))
    flags = [(day.weekday() >= 5, day.toordinal() in feasts.fasting, is_twin(day)) for day in dates]
    hours = [_hours_of(*flag) for flag in flags]
    hours[-1] = _until(hours[-1], _second_of(local))
    return Days(
        count=len(dates),
        first=first,
        midnight=int(datetime(first.year, first.month, first.day, tzinfo=WIB).timestamp()),
        end=int(until.astimezone(UTC).timestamp()),
        codes=tuple(day.strftime("%y%m%d") for day in dates),
        weekend=tuple(weekend for weekend, _, _ in flags),
        fasting=tuple(fasting for _, fasting, _ in flags),
        payday=tuple(is_payday(day) for day in dates),
        twin=tuple(twin for _, _, twin in flags),
        hampers=tuple(_hampers(day, feasts.days_to_lebaran(day.toordinal())) for day in dates),
        hours=tuple(hours),
        curves=tuple(curves),
        arrivals=tuple(arrivals),
    )
