"""Decisions about opening hours: what a person wrote, whether a place is open, when it opens next.

Pure: no database, no clock. Times are local to the outlet; the caller brings the moment in the outlet's zone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

DAY_MINUTES = 24 * 60
_LOOK_AHEAD_DAYS = 366

Span = tuple[int, int]  # minutes from midnight; an end beyond 1440 reaches into the next day

_WEEKDAYS = (
    ("senin", "sen", "monday", "mon"),
    ("selasa", "sel", "tuesday", "tue"),
    ("rabu", "rab", "wednesday", "wed"),
    ("kamis", "kam", "thursday", "thu"),
    ("jumat", "jum'at", "jum", "friday", "fri"),
    ("sabtu", "sab", "saturday", "sat"),
    ("minggu", "ahad", "min", "sunday", "sun"),
)
_DAY_OF = {word: day for day, words in enumerate(_WEEKDAYS) for word in words}
_EVERY_DAY = ("setiap hari", "tiap hari", "every day", "daily")
_CLOSED = ("tutup", "libur", "closed")
_ALL_DAY = ("24 jam", "24 hours")
_MONTHS = {
    word: month
    for month, words in enumerate(
        (
            ("jan", "januari", "january"),
            ("feb", "februari", "february"),
            ("mar", "maret", "march"),
            ("apr", "april"),
            ("mei", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("agu", "agt", "agustus", "aug", "august"),
            ("sep", "september"),
            ("okt", "oktober", "oct", "october"),
            ("nov", "november"),
            ("des", "desember", "dec", "december"),
        ),
        1,
    )
    for word in words
}
_DATE = re.compile(r"(\d{1,2})[ /.-]([a-z]+|\d{1,2})[ /.-](\d{4})\b|(\d{4})-(\d{2})-(\d{2})\b")
_SPAN = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?\s*-\s*(\d{1,2})(?:[.:](\d{2}))?")


class UnreadableHours(ValueError):
    """Raised for a line nobody can make out; `line` is that line and `code` why: day, time, overlap, twice."""

    def __init__(self, line: str, code: str) -> None:
        super().__init__(f"{code}: {line}")
        self.line = line
        self.code = code


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open: spans of each weekday (Monday is 0), and of special dates, which stand above weekdays.

    A weekday without an entry is closed; hours without any entry at all are not known.
    """

    week: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    dates: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Tell whether anybody wrote down when the place opens."""
        return bool(self.week)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Return the spans that begin on a day."""
        return self.dates[day] if day in self.dates else self.week.get(day.weekday(), ())


def parse_hours(text: str) -> Hours:
    """Read hours as people write them, a line for some days: "Senin-Jumat 07.00-22.00", "Minggu tutup",
    "25/12/2026 08.00-12.00". Raises UnreadableHours."""
    week: dict[int, tuple[Span, ...]] = {}
    dates: dict[date, tuple[Span, ...]] = {}
    for line in (" ".join(raw.split()) for raw in text.splitlines()):
        if not line:
            continue
        plain = line.casefold().replace("–", "-").replace("—", "-").replace("s/d", "-").replace(" sampai ", "-")
        day, rest = _special_date(plain, line)
        if day is not None:
            if day in dates:
                raise UnreadableHours(line, "twice")
            dates[day] = _spans(rest, line)
            continue
        days, rest = _days(plain, line)
        if set(days) & set(week):
            raise UnreadableHours(line, "twice")
        spans = _spans(rest, line)
        week |= dict.fromkeys(days, spans)
    _refuse_overlap(week)
    return Hours(week, dates)


def _special_date(plain: str, line: str) -> tuple[date | None, str]:
    match = _DATE.match(plain)
    if match is None:
        return None, plain
    day, month, year, iso_year, iso_month, iso_day = match.groups()
    try:
        if iso_year:
            found = date(int(iso_year), int(iso_month), int(iso_day))
        else:
            found = date(int(year), int(month) if month.isdecimal() else _MONTHS.get(month, 0), int(day))
    except ValueError:
        raise UnreadableHours(line, "day") from None
    return found, plain[match.end() :]


def _days(plain: str, line: str) -> tuple[list[int], str]:
    """Return the weekdays a line begins with, and what follows them."""
    for words in _EVERY_DAY:
        if plain.startswith(words):
            return list(range(7)), plain[len(words) :]
    head = re.match(r"[a-z'&, -]+?(?=\s*(?:\d|:|tutup|libur|closed|$))", plain)
    days: list[int] = []
    for part in re.split(r",|&| dan | and ", head.group() if head else ""):
        ends = [word.strip() for word in part.split("-") if word.strip()]
        if not 1 <= len(ends) <= 2 or any(word not in _DAY_OF for word in ends):
            raise UnreadableHours(line, "day")
        first, last = _DAY_OF[ends[0]], _DAY_OF[ends[-1]]
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    if len(set(days)) != len(days):
        raise UnreadableHours(line, "twice")
    return days, plain[head.end() :] if head else plain


def _spans(rest: str, line: str) -> tuple[Span, ...]:
    rest = rest.strip(" :,")
    if rest in _CLOSED:
        return ()
    if rest in _ALL_DAY:
        return ((0, DAY_MINUTES),)
    spans = []
    for part in re.split(r",|&| dan | and ", rest):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise UnreadableHours(line, "time")
        start = _minute(match[1], match[2], line)
        end = _minute(match[3], match[4], line)
        if start == DAY_MINUTES:
            raise UnreadableHours(line, "time")
        # "18.00-02.00" closes in the night, "07.00-00.00" at midnight.
        spans.append((start, end if end > start else end + DAY_MINUTES))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise UnreadableHours(line, "overlap")
    return tuple(spans)


def _minute(hour: str, minute: str | None, line: str) -> int:
    total = int(hour) * 60 + int(minute or 0)
    if total > DAY_MINUTES or int(minute or 0) > 59:
        raise UnreadableHours(line, "time")
    return total


def _refuse_overlap(week: Mapping[int, tuple[Span, ...]]) -> None:
    for day, spans in week.items():
        night = max((end - DAY_MINUTES for _, end in spans), default=0)
        if any(start < night for start, _ in week.get((day + 1) % 7, ())):
            raise UnreadableHours(written(spans), "overlap")


def as_json(hours: Hours) -> dict[str, Any]:
    """Return hours as they are kept: weekdays and dates as text, spans as pairs of minutes."""
    week = {str(day): [list(span) for span in hours.week[day]] for day in sorted(hours.week)}
    dates = {day.isoformat(): [list(span) for span in hours.dates[day]] for day in sorted(hours.dates)}
    return {"week": week, "dates": dates} if week or dates else {}


def from_json(kept: Mapping[str, Any]) -> Hours:
    """Return hours from what is kept; nothing kept is nothing known."""
    week = {int(day): tuple((a, b) for a, b in spans) for day, spans in kept.get("week", {}).items()}
    dates = {date.fromisoformat(day): tuple((a, b) for a, b in spans) for day, spans in kept.get("dates", {}).items()}
    return Hours(week, dates)


def written(spans: tuple[Span, ...]) -> str:
    """Return spans as people write them: 07.00-12.00, 13.00-22.00; nothing for none."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    if minute == DAY_MINUTES:
        return "24.00"
    return f"{minute % DAY_MINUTES // 60:02}.{minute % 60:02}"


def day_groups(hours: Hours) -> list[tuple[int, int, tuple[Span, ...]]]:
    """Return the week in runs of days with equal spans: first day, last day, spans; closed days too."""
    groups: list[tuple[int, int, tuple[Span, ...]]] = []
    for day in range(7) if hours.week else ():
        spans = hours.week.get(day, ())
        if groups and groups[-1][2] == spans:
            groups[-1] = (groups[-1][0], day, spans)
        else:
            groups.append((day, day, spans))
    return groups


def closing_time(hours: Hours, local: datetime) -> datetime | None:
    """Return when a place that is open closes, or None when it is closed at this local time.

    Spans that meet are one: who is open round the clock closes only where a day says so, or after a week's look.
    """
    found = _end_of_span(hours, local)
    for _ in range(7):
        later = _end_of_span(hours, found) if found is not None else None
        if later is None:
            break
        found = later
    return found


def _end_of_span(hours: Hours, local: datetime) -> datetime | None:
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        for start, end in hours.spans_on(day):
            begins, ends = _at(day, start, local), _at(day, end, local)
            if begins <= local < ends:
                return ends
    return None


def is_open(hours: Hours, local: datetime) -> bool:
    """Tell whether a place is open at this local time; a night that began yesterday counts."""
    return closing_time(hours, local) is not None


def next_opening(hours: Hours, local: datetime) -> datetime | None:
    """Return when a place opens next after this local time, or None if not within a year."""
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        for start, _ in hours.spans_on(day):
            begins = _at(day, start, local)
            if begins > local:
                return begins
    return None


def _at(day: date, minute: int, like: datetime) -> datetime:
    # Wall time: Indonesia's zones have no summer time, and elsewhere a clock on the wall is what a shop goes by.
    midnight = datetime.combine(day, time(0), tzinfo=like.tzinfo)
    return midnight + timedelta(minutes=minute)
