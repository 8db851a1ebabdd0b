"""Dates and times as Indonesian and English tills and spreadsheets write them, as moments in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from setia.domains.imports.reading.cells import Cell, is_blank
from setia.domains.imports.reading.codes import unwrapped
from setia.domains.imports.reading.reasons import BadValue, Reason, shown

FIRST_YEAR = 1990
FIRST_BIRTH_YEAR = 1900
LAST_YEAR = 2199
_TWO_DIGIT_YEARS = 80
_MAX_CHARACTERS = 80

# Excel counts days from here; its 1900 has a 29 February that never was, which matters only before March 1900.
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a local time, like everything a till writes
_SERIALS = (20_000, 80_000)

_MONTH_NAMES = (
    "januari january jan",
    "februari february pebruari feb peb",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august agu agt ags agst aug",
    "september sept sep",
    "oktober october okt oct",
    "november nopember nov nop",
    "desember december des dec",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_OFFSETS = {"z": 0, "utc": 0, "gmt": 0, "wib": 7, "wita": 8, "wit": 9}

_DAY_NAME = (
    r"(?:(?:senin|selasa|rabu|kamis|jum['’`]?at|sabtu|minggu|ahad|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|sen|sel|rab|kam|jum|sab|min|mgg|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\.?\s*,?\s+|[a-z]{3,9},\s*)?"
)
_NAME = "(?P<name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_NUMERIC = re.compile(
    _DAY_NAME + r"(?P<a>[0-9]{1,4})\s?(?P<mark>[/.-])\s?(?P<b>[0-9]{1,2})\s?(?P=mark)\s?(?P<c>[0-9]{1,4})(?![0-9])"
)
_DAY_FIRST = re.compile(
    _DAY_NAME + r"(?P<day>[0-9]{1,2})[\s./-]*" + _NAME + r"[\s,./-]*(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_MONTH_FIRST = re.compile(
    _DAY_NAME + _NAME + r"\s*(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[\s,]\s*(?P<year>[0-9]{4})(?![0-9])"
)
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[\s/-]" + _NAME + r"[\s/-](?P<day>[0-9]{1,2})(?![0-9])")
_COMPACT = re.compile(r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?=\Z|[t ]|[0-9]{4}(?:[0-9]{2})?\Z)")
_SERIAL = re.compile(r"[0-9]{5}(?:[.,][0-9]*)?")
_BETWEEN = re.compile(r"(?:[\s,;|@·•-]|t(?=[0-9])|at\b|pukul\b|pkl\b\.?|jam\b)+")
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"\s*(?P<half>[ap])?(?(half)\.?m\.?)"
    r"\s*(?P<zone>wib|wita|wit|z|utc|gmt)?\s*(?:(?P<sign>[+-])(?P<away>[0-9]{1,2})(?::?(?P<apart>[0-9]{2}))?)?(?:\s*\([^()]*\))?"
)
_COMPACT_CLOCK = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?")
_DAY_SHARE = re.compile(r"0?[.,](?P<share>[0-9]{3,})|[01](?:[.,]0+)?")


class DateOrder(StrEnum):
    """The order of year, month and day in dates written with digits."""

    # StrEnum, because a member is hashed for each cell and text hashes fastest.
    YMD = "YMD"
    DMY = "DMY"
    MDY = "MDY"


class DateProbe:
    """This will find out the order of day and month from a column's cells, given one by one to `see()`."""

    def __init__(self) -> None:
        self._year_first = 0
        self._day_first = 0
        self._month_first = 0
        self._either = 0
        self._plain = 0

    def see(self, cell: Cell) -> None:
        """This will take one cell into account; what is no date is passed over."""
        if not isinstance(cell, str):
            self._plain += isinstance(cell, date) or (isinstance(cell, (int, float)) and _is_serial(cell))
            return
        if is_blank(cell) or len(cell) > _MAX_CHARACTERS:
            return
        text = _tidy(cell)
        match = _NUMERIC.match(text)
        if match is None:
            self._plain += any(p.match(text) for p in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST, _COMPACT, _SERIAL))
            return
        first, second = match["a"], match["b"]
        if len(first) > 2:
            self._year_first += 1
        elif int(first) > 12:
            self._day_first += 1
        elif int(second) > 12:
            self._month_first += 1
        elif first.zfill(2) == second.zfill(2):
            # 05/05/2025 is the same day in either order.
            self._plain += 1
        else:
            self._either += 1

    def verdict(self) -> DateOrder | None:
        """This will return the order, None when nothing told it.

        Where cells contradict each other it is DMY, the order of Indonesia; see `contradiction_count`.
        """
        if self._day_first:
            return DateOrder.DMY
        if self._month_first:
            return DateOrder.MDY
        if self._either or not (self._year_first or self._plain):
            return None
        return DateOrder.YMD

    @property
    def is_ambiguous(self) -> bool:
        """Whether a person must be asked: there are dates such as 05/06/2025 and nothing tells their order."""
        return self._either > 0 and self.verdict() is None

    @property
    def contradiction_count(self) -> int:
        """How many of the cells seen cannot be read in the order of the verdict."""
        return self._month_first if self._day_first else 0


def parse_moment(cell: Cell, *, order: DateOrder, zone: ZoneInfo, time_cell: Cell = None) -> datetime:
    """This will return the moment that `cell` names, aware, in UTC. Raises BadValue.

    A time without an offset is local to `zone`; WIB, WITA and WIT count as offsets. A date without a time is its
    midnight. `time_cell`, when not blank, replaces the time of `cell`. A local time that does not exist, because clocks
    were put forward, is shifted forward by the gap (01:30 becomes 02:30); of one that exists twice, the first is taken.
    A date that starts with a four-digit year is read in any order; else only `order` counts, nothing is guessed.
    """
    if type(cell) is str and (time_cell is None or type(time_cell) is str):
        if len(cell) > _MAX_CHARACTERS or (time_cell is not None and len(time_cell) > _MAX_CHARACTERS):
            raise BadValue(Reason("bad_date", value=shown(cell)))
        return _text_moment(cell, order, zone, time_cell)
    return _moment(cell, order, zone, time_cell)


def parse_day(cell: Cell, *, order: DateOrder) -> date:
    """This will return the day that `cell` names, such as a birthday; a time in it is dropped. Raises BadValue."""
    if isinstance(cell, str) and len(cell) > _MAX_CHARACTERS:
        raise BadValue(Reason("bad_date", value=shown(cell)))
    local = _local(cell, order)
    if not FIRST_BIRTH_YEAR <= local.year <= LAST_YEAR:
        raise BadValue(Reason("date_out_of_range", value=shown(cell)))
    return local.date()


def _moment(cell: Cell, order: DateOrder, zone: ZoneInfo, time_cell: Cell) -> datetime:
    local = _local(cell, order)
    if not is_blank(time_cell):
        local = _with_clock(local, time_cell)
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise BadValue(Reason("date_out_of_range", value=shown(cell)))
    # Of a local time in a gap zoneinfo takes the offset from before it, which is the shift promised above.
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


_text_moment = lru_cache(maxsize=65_536)(_moment)


def _tidy(text: str) -> str:
    return " ".join(unwrapped(text).lower().split())


def _is_serial(value: float) -> bool:
    return not isinstance(value, bool) and _SERIALS[0] <= value <= _SERIALS[1]


def _from_serial(value: float) -> datetime:
    # To the second: a binary fraction of a day is never exactly the minute that was typed.
    return _EXCEL_ZERO + timedelta(seconds=round(value * 86_400))


def _local(cell: Cell, order: DateOrder) -> datetime:
    """The date and time in `cell`, naive unless it says its offset."""
    if is_blank(cell):
        raise BadValue(Reason("date_missing"))
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, (int, float)):
        if not _is_serial(cell):
            raise BadValue(Reason("bad_date", value=shown(cell)))
        return _from_serial(cell)
    if not isinstance(cell, str):
        raise BadValue(Reason("bad_date", value=shown(cell)))
    text = _tidy(cell)
    if _SERIAL.fullmatch(text) and _is_serial(serial := float(text.replace(",", "."))):
        return _from_serial(serial)
    year, month, day, end = _calendar(text, order, cell)
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001 - local, the zone comes later
    except ValueError as error:
        code = "date_order" if month > 12 and day <= 12 else "no_such_date"
        raise BadValue(Reason(code, value=shown(cell))) from error
    rest = text[end:]
    if not rest:
        return midnight
    clock = _COMPACT_CLOCK.fullmatch(rest)
    if clock is None and (between := _BETWEEN.match(rest)):
        rest = rest[between.end() :]
        clock = _CLOCK.fullmatch(rest) or _COMPACT_CLOCK.fullmatch(rest)
        if not rest:
            return midnight
    if clock is None:
        raise BadValue(Reason("bad_date", value=shown(cell)))
    return _on_clock(midnight, clock, "no_such_date", cell)


def _calendar(text: str, order: DateOrder, cell: str) -> tuple[int, int, int, int]:
    """Year, month, day, and where in `text` the date ends."""
    if match := _NUMERIC.match(text):
        return (*_in_order(match, order, cell), match.end())
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        if match := pattern.match(text):
            return _full_year(match["year"], cell), _MONTHS[match["name"]], int(match["day"]), match.end()
    if match := _COMPACT.match(text):
        return int(match["year"]), int(match["month"]), int(match["day"]), match.end()
    raise BadValue(Reason("bad_date", value=shown(cell)))


def _in_order(match: re.Match[str], order: DateOrder, cell: str) -> tuple[int, int, int]:
    first, second, third = match["a"], match["b"], match["c"]
    if len(first) == 4 and len(third) <= 2:
        return int(first), int(second), int(third)
    if len(first) > 2 or len(third) not in (2, 4):
        raise BadValue(Reason("bad_date", value=shown(cell)))
    if order is DateOrder.YMD:
        if len(third) == 4 or len(first) != 2:
            raise BadValue(Reason("date_order", value=shown(cell)))
        return _full_year(first, cell), int(second), int(third)
    if order is DateOrder.MDY:
        first, second = second, first
    return _full_year(third, cell), int(second), int(first)


def _full_year(digits: str, cell: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if int(digits) >= _TWO_DIGIT_YEARS:
        raise BadValue(Reason("date_out_of_range", value=shown(cell)))
    return 2000 + int(digits)


def _on_clock(midnight: datetime, clock: re.Match[str], code: str, cell: Cell) -> datetime:
    """`midnight`'s day at the time of a _CLOCK or _COMPACT_CLOCK match."""
    parts = clock.groupdict()
    hour, half = int(parts["hour"]), parts.get("half")
    # An hour alone is a time only with AM or PM; 24:00 and 13:05 PM are not times at all, 00:05 AM is written by some.
    if parts["minute"] is None and half is None:
        raise BadValue(Reason("bad_time" if code == "bad_time" else "bad_date", value=shown(cell)))
    if half is not None:
        if hour > 12:
            raise BadValue(Reason(code, value=shown(cell)))
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (parts.get("fraction") or "0").ljust(6, "0")[:6]
    try:
        return midnight.replace(
            hour=hour,
            minute=int(parts["minute"] or 0),
            second=int(parts["second"] or 0),
            microsecond=int(fraction),
            tzinfo=_offset(parts),
        )
    except ValueError as error:
        raise BadValue(Reason(code, value=shown(cell))) from error


def _offset(parts: dict[str, str | None]) -> timezone | None:
    hours, minutes, zone = parts.get("away"), parts.get("apart"), parts.get("zone")
    if hours is None:
        return None if zone is None else timezone(timedelta(hours=_OFFSETS[zone]))
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-distance if parts["sign"] == "-" else distance)


def _with_clock(local: datetime, cell: Cell) -> datetime:
    """`local`'s day at the time of a separate column."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if isinstance(cell, datetime):
        cell = cell.timetz()
    if isinstance(cell, time):
        return datetime.combine(midnight, cell, tzinfo=cell.tzinfo or local.tzinfo)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if 0 <= cell < 1 or _is_serial(cell):
            return midnight + timedelta(seconds=round(cell % 1 * 86_400))
        # 14.05 typed into Excel became a number.
        cell = f"{cell:.2f}"
    if not isinstance(cell, str):
        raise BadValue(Reason("bad_time", value=shown(cell)))
    text = _tidy(cell)
    if _DAY_SHARE.fullmatch(text) and float(text.replace(",", ".")) < 1:
        return midnight + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))
    if between := _BETWEEN.match(text):
        text = text[between.end() :]
    clock = _CLOCK.fullmatch(text) or _COMPACT_CLOCK.fullmatch(text)
    if clock is None and (dated := _NUMERIC.match(text) or _DAY_FIRST.match(text)):
        # Some tills repeat the date in the time's column.
        rest = text[dated.end() :]
        between = _BETWEEN.match(rest)
        clock = _CLOCK.fullmatch(rest[between.end() :]) if between else None
    if clock is None:
        raise BadValue(Reason("bad_time", value=shown(cell)))
    moment = _on_clock(midnight.replace(tzinfo=None), clock, "bad_time", cell)
    return moment if moment.tzinfo else moment.replace(tzinfo=local.tzinfo)
