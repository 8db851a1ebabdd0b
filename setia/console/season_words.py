"""Seasons in words: what occasions and forecasts are called, and what a peak says."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from setia.console.charts.formats import whole_percent

OCCASIONS = {
    "ramadan": _("Ramadan"),
    "before_lebaran": _("Two weeks before Lebaran"),
    "lebaran": _("Lebaran and the week after"),
    "twin_date": _("11.11 and 12.12"),
    "year_end": _("Christmas and New Year"),
    "payday": _("Payday (25th to 5th)"),
    "holiday": _("Public holidays"),
}
FORECASTS = {
    "chosen": _("Setia's forecast"),
    "calendar_damped": _("Level, weekdays and calendar, trend fading out"),
    "calendar_flat": _("Level, weekdays and calendar"),
    "weekday_damped": _("Level and weekdays, trend fading out"),
    "weekday_flat": _("Level and weekdays"),
    "naive": _("Last week again"),
    "year_ago": _("The same week a year ago"),
}
WEEKDAYS = (*(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),)
MOVES = {"rising": _("rising"), "falling": _("falling"), "steady": _("steady")}
# What to do in time before an occasion that brings more, and before one that brings less.
_ADVICE = {
    "ramadan": _("Plan hours, parcels and greetings now; people buy in the evening and for others."),
    "before_lebaran": _("Order stock for parcels and gifts early: suppliers and couriers close before the feast."),
    "lebaran": _("Tell customers when you are open, and plan the team's leave."),
    "twin_date": _("Have an offer ready, and enough stock for one very busy day."),
    "year_end": _("Plan gifts and opening hours over the holidays."),
}


def occasion(kind: str, day: Any) -> str:
    """Return the name of an occasion: of the twin dates, the very one."""
    if kind == "twin_date":
        return "11.11" if day.month == 11 else "12.12"
    return str(OCCASIONS[kind])


def advice(kind: str) -> Any:
    """Return what to prepare for an occasion."""
    return _ADVICE[kind]


def signed_percent(factor: float) -> str:
    """Return a factor as the change it is: 1.38 is +38%."""
    text = whole_percent(abs(factor - 1))
    return f"−{text}" if factor < 1 else f"+{text}"


def peak(name: str, year: int, each: dict[str, Any]) -> str:
    """Return what an occasion did to sales, in a sentence; one whose interval holds "nothing" says so."""
    words = {
        "name": name, "year": year, "change": signed_percent(each["factor"]), "low": signed_percent(each["low"]),
        "high": signed_percent(each["high"]),
    }  # fmt: skip
    if each["low"] <= 1 <= each["high"]:
        return _now("%(name)s %(year)s: no clear difference from ordinary days (%(low)s to %(high)s).") % words
    return _now("%(name)s %(year)s: %(change)s against ordinary days (%(low)s to %(high)s).") % words
