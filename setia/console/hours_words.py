"""Opening hours as people read and type them."""

from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.domains.shop.models import Outlet
from setia.domains.shop.rules import Span, day_groups, from_json, written

_MONDAY = date(2024, 1, 1)
# The field is typed in the words the parser knows in both languages; what is shown again is Indonesian.
_TYPED_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def _day_name(day: int) -> str:
    return date_format(_MONDAY + timedelta(days=day), "l")


def _spans(spans: tuple[Span, ...]) -> str:
    if spans == ((0, 24 * 60),):
        return _("open round the clock")
    return written(spans) or _("closed")


def week_words(outlet: Outlet) -> list[tuple[str, str]]:
    """Return the week in few lines: days and times."""
    return [
        (_day_name(first) if first == last else f"{_day_name(first)}–{_day_name(last)}", _spans(spans))
        for first, last, spans in day_groups(from_json(outlet.hours))
    ]


def date_words(outlet: Outlet, at: datetime) -> list[tuple[str, str]]:
    """Return the special dates that are still to come."""
    today = at.astimezone(outlet.zone).date()
    dates = from_json(outlet.hours).dates
    return [(date_format(day, "j M Y"), _spans(dates[day])) for day in sorted(dates) if day >= today]


def as_typed(outlet: Outlet) -> str:
    """Return hours as somebody would have typed them, for the form."""
    hours = from_json(outlet.hours)
    lines = [
        f"{_TYPED_DAYS[first] if first == last else f'{_TYPED_DAYS[first]}-{_TYPED_DAYS[last]}'} "
        f"{written(spans) or 'tutup'}"
        for first, last, spans in day_groups(hours)
    ]
    lines += [f"{day.isoformat()} {written(hours.dates[day]) or 'tutup'}" for day in sorted(hours.dates)]
    return "\n".join(lines)
