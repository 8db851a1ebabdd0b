"""Seasons: what the calendar does to sales, the weeks to come, and what rises and falls."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, measure_words, season_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Point, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.domains.analytics import queries
from setia.domains.commerce.queries.product_lists import product_names
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability

_WEEKS_SHOWN = 26
_PEAKS_SHOWN = 14
_MOVES_SHOWN = 12


@staff_only(Capability.VIEW_MEASURES)
def seasons(request: StaffRequest) -> HttpResponse:
    """The forecast with its errors, peaks in words, the calendar ahead, and what rises and falls."""
    require_all_outlets(request.user)
    row = queries.finding("seasons")
    found: dict[str, Any] = row.found if row else {}
    shown = "revenue" if request.GET.get("show") == "revenue" else "orders"
    unit = "money" if shown == "revenue" else "count"
    shop, language = the_shop(), request.user.language
    write = measure_words.writer(unit, shop.currency, language)
    short = measure_words.writer(unit, shop.currency, language, short=True)
    axis = charts.Axis(name=_("Revenue") if shown == "revenue" else _("Orders"), text=write, tick=short)
    measure = found.get("measures", {}).get(shown)
    context: dict[str, Any] = {
        **freshness(),
        "has": bool(found.get("months")),
        "shown": shown,
        "weeks": found.get("weeks", 0),
        "loyal_days": found.get("loyal_days"),
    }
    if context["has"]:
        context |= _past(found, measure, shown, axis) | _moved(found)
        context |= _ahead(measure, axis) if measure and measure["forecast"] else {}
        context["coming"] = [_occasion_ahead(each, measure) for each in found["coming"]]
    return render(request, "console/seasons.html", context)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _past(found: dict[str, Any], measure: dict[str, Any] | None, shown: str, axis: charts.Axis) -> dict[str, Any]:
    """Return the months with the part of loyal customers, the weekdays, and every peak in a sentence."""
    months = [each for each in found["months"] if not each["is_running"]]
    context: dict[str, Any] = {
        "months": charts.multi_line(
            chart_frame("months", _("Purchases by month"), _("of everybody, and of loyal customers among them")),
            [date_format(_day(each["month"]), "M y") for each in months],
            [
                Series(_("All"), [each.get(shown, 0) for each in months]),
                Series(_("Loyal customers"), [each.get(f"loyal_{shown}", 0) for each in months]),
            ],
            across=_("Month"),
            up=axis,
        )
    }
    if measure is None or not measure["weekdays"]:
        return context
    context["weekdays"] = charts.bars(
        chart_frame("weekdays", _("Weekdays"), _("against the mean of a week")),
        [Point(str(name), factor) for name, factor in zip(season_words.WEEKDAYS, measure["weekdays"], strict=True)],
        across=_("Weekday"),
        up=charts.Axis(name=_("Against the mean"), text=charts.whole_percent),
    )
    context["peaks"] = [
        {
            "words": season_words.peak(season_words.occasion(each["kind"], _day(each["start"])), each["year"], each),
            "start": _day(each["start"]),
            "end": _day(each["end"]) - timedelta(days=1),
            "is_up": each["low"] > 1,
            "is_down": each["high"] < 1,
        }
        for each in measure["peaks"][:_PEAKS_SHOWN]
    ]
    context["effects"] = [
        {
            "name": season_words.OCCASIONS[each["kind"]],
            "change": season_words.signed_percent(each["factor"]),
            "low": season_words.signed_percent(each["low"]),
            "high": season_words.signed_percent(each["high"]),
            "is_clear": not each["low"] <= 1 <= each["high"],
            "days": each["days"],
        }
        for each in measure["effects"]
    ]
    context["closed_weeks"] = measure["closed_weeks"]
    return context


def _ahead(measure: dict[str, Any], axis: charts.Axis) -> dict[str, Any]:
    """Return the weeks to come as a chart and a table, and how far each model was off."""
    said, past = measure["forecast"], measure["weeks"][-_WEEKS_SHOWN:]
    weeks = [*past, *said["weeks"]]
    gap: list[float | None] = [None] * (len(past) - 1)
    last = [past[-1]["value"]] if past else []
    chart = charts.multi_line(
        chart_frame("ahead", _("The weeks to come"), _("what was sold each week, and what is expected")),
        [date_format(_day(week["start"]), "j M") for week in weeks],
        [
            Series(_("Sold"), [week["value"] for week in past]),
            Series(_("Expected"), [*gap, *last, *(week["value"] for week in said["weeks"])]),
            Series(_("At least"), [*gap, *last, *(week["low"] for week in said["weeks"])]),
            Series(_("At most"), [*gap, *last, *(week["high"] for week in said["weeks"])]),
        ],
        across=_("Week from"),
        up=axis,
    )
    table = [
        {
            "start": _day(week["start"]),
            "end": _day(week["start"]) + timedelta(days=6),
            "value": axis.text(week["value"]),
            "low": axis.text(week["low"]),
            "high": axis.text(week["high"]),
            "occasions": [season_words.OCCASIONS[kind] for kind in week["occasions"]],
        }
        for week in said["weeks"]
    ]
    judged = [
        {
            "name": season_words.FORECASTS[each["name"]],
            "mae": None if each["mae"] is None else axis.text(each["mae"]),
            "mase": None if each["mase"] is None else charts.thousands(round(each["mase"], 2)),
            "smape": None if each["smape"] is None else charts.percent(each["smape"]),
            "is_shown": each["name"] == ("chosen" if said["beats_naive"] else said["shown"]),
        }
        for each in said["judged"]
        if each["name"] in ("chosen", "naive", "year_ago")
    ]
    return {
        "said": said,
        "ahead": chart,
        "ahead_weeks": table,
        "judged": judged,
        "shown_name": season_words.FORECASTS[said["shown"]],
        "coverage": None if said["coverage"] is None else charts.whole_percent(said["coverage"]),
        "interval": charts.whole_percent(said["interval"]),
    }


def _occasion_ahead(each: dict[str, Any], measure: dict[str, Any] | None) -> dict[str, Any]:
    """Return an occasion to come with what the last ones of its kind did."""
    start, kind = _day(each["start"]), each["kind"]
    peaks = measure["peaks"] if measure else []
    same = [peak for peak in peaks if peak["kind"] == kind and _is_same(kind, start, _day(peak["start"]))]
    return {
        "name": season_words.occasion(kind, start),
        "start": start,
        "end": _day(each["end"]) - timedelta(days=1),
        "is_exact": each["is_exact"],
        "advice": season_words.advice(kind),
        "last": season_words.signed_percent(same[0]["factor"]) if same else "",
        "year": same[0]["year"] if same else None,
    }


def _is_same(kind: str, one: date, other: date) -> bool:
    return kind != "twin_date" or one.month == other.month


def _moved(found: dict[str, Any]) -> dict[str, Any]:
    """Return what rises and falls by category and product, told apart from chance, and the gaps."""
    products = [each for each in found["moves"].get("product", []) if each["verdict"] != "steady"]
    names = product_names([int(each["key"]) for each in products])
    tables = []
    for level, title in (("category", _("Categories")), ("product", _("Products"))):
        rows = found["moves"].get(level, [])
        clear = [each for each in rows if each["verdict"] != "steady"]
        shown = clear if len(clear) <= 2 * _MOVES_SHOWN else [*clear[:_MOVES_SHOWN], *clear[-_MOVES_SHOWN:]]
        tables.append(
            {
                "title": title,
                "compared": len(rows),
                "rows": [
                    {
                        "name": each["key"] if level == "category" else names.get(int(each["key"]), ""),
                        "product_id": int(each["key"]) if level == "product" else None,
                        "before": each["before"],
                        "after": each["after"],
                        "change": season_words.signed_percent(1 + each["change"]),
                        "low": season_words.signed_percent(1 + each["low"]),
                        "high": season_words.signed_percent(1 + each["high"]),
                        "verdict": season_words.MOVES[each["verdict"]],
                        "is_rising": each["verdict"] == "rising",
                    }
                    for each in shown
                    if level == "category" or int(each["key"]) in names
                ],
            }
        )
    gaps = [
        {
            **each,
            "revenue_share": charts.percent(each["revenue_share"]),
            "product_share": charts.percent(each["product_share"]),
        }
        for each in found["gaps"]
    ]
    return {"tables": tables, "against": found["against"], "gaps": gaps, "wishes": found["wishes"]}
