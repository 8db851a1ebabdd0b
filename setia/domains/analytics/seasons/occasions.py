"""Days that move sales in Indonesia: Ramadan and Lebaran by the moon, payday, twin dates, the year's end, holidays.

The beginning of a Hijri month is announced after the moon was sighted. Until 2026 the days are those the Ministry of
Religious Affairs announced (Sidang Isbat); later ones are those of the Umm al-Qura calendar (hijridate), which lie
within a day of them. Collective leave (cuti bersama) is decided each year anew and lies around Lebaran and Christmas:
those days count as part of them. Nyepi and Waisak, of other calendars, are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from hijridate import Hijri

_DAY = timedelta(days=1)
RAMADAN, SHAWWAL, ZULHIJJAH = 9, 10, 12

# 1 Ramadan and 1 Shawwal as announced.
_ANNOUNCED = {
    1436: (date(2015, 6, 18), date(2015, 7, 17)),
    1437: (date(2016, 6, 6), date(2016, 7, 6)),
    1438: (date(2017, 5, 27), date(2017, 6, 25)),
    1439: (date(2018, 5, 17), date(2018, 6, 15)),
    1440: (date(2019, 5, 6), date(2019, 6, 5)),
    1441: (date(2020, 4, 24), date(2020, 5, 24)),
    1442: (date(2021, 4, 13), date(2021, 5, 13)),
    1443: (date(2022, 4, 3), date(2022, 5, 2)),
    1444: (date(2023, 3, 23), date(2023, 4, 22)),
    1445: (date(2024, 3, 12), date(2024, 4, 10)),
    1446: (date(2025, 3, 1), date(2025, 3, 31)),
    1447: (date(2026, 2, 19), date(2026, 3, 21)),
}
_LAST_ANNOUNCED = max(_ANNOUNCED)
# Imlek, the first day of the Chinese year.
_IMLEK = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (6, 1), (8, 17), (12, 25))
_HIJRI_HOLIDAYS = ((1, 1), (3, 12), (7, 27), (12, 10))

# Kinds whose every occurrence is told apart; the others come so often that only their effect is.
MOVING = ("ramadan", "before_lebaran", "lebaran", "twin_date", "year_end")
KINDS = (*MOVING, "payday", "holiday")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Days from `start` to before `end` that are busier or quieter than others; `is_exact` unless a sighting decides.

    `year` is that of the Gregorian calendar in which it begins.
    """

    kind: str
    start: date
    end: date
    is_exact: bool = True

    @property
    def year(self) -> int:
        return self.start.year

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@cache
def fasting(hijri_year: int) -> tuple[date, date]:
    """Return the first day of Ramadan and the first of Shawwal (Lebaran) of a Hijri year, 1343-1500."""
    if hijri_year in _ANNOUNCED:
        return _ANNOUNCED[hijri_year]
    return _moon_day(hijri_year, RAMADAN, 1), _moon_day(hijri_year, SHAWWAL, 1)


def _moon_day(year: int, month: int, day: int) -> date:
    found = Hijri(year, month, day).to_gregorian()
    return date(found.year, found.month, found.day)


def _hijri_years(first: date, last: date) -> range:
    """Return the Hijri years that may touch some days; one year is 354 or 355 days."""
    low, high = (int((day.year - 622) * 33 / 32) for day in (first, last))
    return range(max(1343, low - 1), min(1500, high + 3))


def _easter(year: int) -> date:
    """Return Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    moon = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * moon) // 451
    month, day = divmod(h + moon - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _holidays(year: int) -> Iterator[date]:
    for month, day in _FIXED_HOLIDAYS:
        yield date(year, month, day)
    if year in _IMLEK:
        yield date(year, *_IMLEK[year])
    yield _easter(year) - 2 * _DAY
    yield _easter(year) + 39 * _DAY


def occasions(first: date, last: date) -> list[Occasion]:
    """Return all occasions that touch the days from `first` to `last` (both included), by their beginning."""
    found: list[Occasion] = []
    for hijri_year in _hijri_years(first, last):
        begin, feast = fasting(hijri_year)
        exact = hijri_year <= _LAST_ANNOUNCED
        found += [
            Occasion("ramadan", begin, feast, exact),
            Occasion("before_lebaran", feast - 14 * _DAY, feast, exact),
            Occasion("lebaran", feast - _DAY, feast + 7 * _DAY, exact),
        ]
        found += [
            Occasion("holiday", day, day + _DAY, is_exact=False)
            for day in (_moon_day(hijri_year, month, number) for month, number in _HIJRI_HOLIDAYS)
        ]
    for year in range(first.year - 1, last.year + 1):
        found += [Occasion("twin_date", date(year, m, m), date(year, m, m) + _DAY) for m in (11, 12)]
        found.append(Occasion("year_end", date(year, 12, 20), date(year + 1, 1, 2)))
        found += [Occasion("payday", date(year, m, 25), _sixth_after(year, m)) for m in range(1, 13)]
        found += [Occasion("holiday", day, day + _DAY) for day in _holidays(year)]
    found = [each for each in found if each.start <= last and each.end > first]
    return sorted(found, key=lambda each: (each.start, KINDS.index(each.kind)))


def _sixth_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 6)
