"""One measure: its line by month or week, its formula and bands, its outlets beside each other, and its file."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, measure_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Point, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.list_files import csv_answer
from setia.console.views.measures import change_of, shown_band, value_of
from setia.domains.analytics import actions, queries
from setia.domains.analytics.measuring import (
    WEEKLY_MEASURES,
    Choices,
    Grain,
    Measure,
    bands_of,
    measure_by_name,
    set_of,
)
from setia.domains.analytics.models import MeasureValue
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import outlets, the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_OUTLETS_DRAWN = 5


def measure_named(name: str) -> Measure:
    """Return a measure; raises Http404 for an unknown one."""
    try:
        return measure_by_name(name)
    except KeyError:
        raise Http404 from None


def asked_for(request: StaffRequest, measure: Measure) -> tuple[Grain, int]:
    """Return the grain and the outlet (0: the whole shop) an address asks for; what there is not is the usual."""
    outlet = request.GET.get("outlet", "")
    outlet_id = int(outlet) if outlet.isascii() and outlet.isdigit() and len(outlet) < 19 else 0
    if request.GET.get("by") == "week" and measure in WEEKLY_MEASURES:
        return "week", 0
    return "month", outlet_id


@staff_only(Capability.VIEW_MEASURES)
def measure(request: StaffRequest, measure_name: str) -> HttpResponse:
    """One measure: its line, its formula, and for each period what was divided by what."""
    require_all_outlets(request.user)
    found = measure_named(measure_name)
    grain, outlet_id = asked_for(request, found)
    rows = queries.measure_history([found.name], grain=grain, outlet_id=outlet_id)[found.name]
    shop, chosen, words = the_shop(), actions.choices(), measure_words.MEASURES[found.name]
    names = {outlet.id: outlet.name for outlet in outlets()}
    by_outlet = queries.outlet_history(found.name) if grain == "month" else {}
    context = {
        **freshness(),
        "measure": found,
        "words": words,
        "choices": chosen,
        "margin": None if chosen.margin is None else charts.whole_percent(chosen.margin),
        "by": grain,
        "outlet": outlet_id,
        "outlet_name": names.get(outlet_id, ""),
        "outlets": [(each, names.get(each, str(each))) for each in by_outlet],
        "has_weeks": found in WEEKLY_MEASURES,
        "chart": _line(request, found, rows, shop=shop, grain=grain),
        "rows": _shown_rows(request, found, rows, shop=shop, chosen=chosen),
        "bands": _bands_in_words(found, chosen),
        "compared": _compared(request, found, by_outlet, names, shop=shop, chosen=chosen) if not outlet_id else None,
        "sources": _sources(request, shop) if found.name == "acquisition_cost" else None,
    }
    return render(request, "console/measure.html", context)


def _line(request: StaffRequest, found: Measure, rows: Sequence[MeasureValue], *, shop: Shop, grain: Grain) -> Any:
    words = measure_words.MEASURES[found.name]
    form = "j M" if grain == "week" else "M y"
    return charts.line(
        chart_frame("measure", str(words.name), str(words.formula)),
        [Point(date_format(row.start, form), row.value) for row in rows if not row.is_running],
        across=_("Week of") if grain == "week" else _("Month"),
        up=_axis(request, found, shop),
    )


def _axis(request: StaffRequest, found: Measure, shop: Shop) -> charts.Axis:
    write = measure_words.writer(found.unit, shop.currency, request.user.language)
    short = measure_words.writer(found.unit, shop.currency, request.user.language, short=True)
    name = str(measure_words.MEASURES[found.name].name)
    return charts.Axis(name=name, text=write, tick=short, zero=found.unit != "days")


def _shown_rows(
    request: StaffRequest, found: Measure, rows: Sequence[MeasureValue], *, shop: Shop, chosen: Choices
) -> list[dict[str, Any]]:
    """Return the periods, latest first, each with what it was divided by and how it moved against the one before."""
    write = measure_words.writer(found.unit, shop.currency, request.user.language)
    bands = bands_of(found, chosen)
    shown = []
    for number, row in enumerate(rows):
        value = value_of(found, row)
        shown.append(
            {
                "row": row,
                "last_day": row.end - timedelta(days=1),
                "text": write(row.value) if row.value is not None else "",
                "why": measure_words.WHY.get(row.why, ""),
                "band": shown_band(value.band(bands)),
                "interval": [write(edge) for edge in value.interval] if value.interval else None,
                "change": None if row.is_running or not number else change_of(found, row, rows[number - 1]),
            }
        )
    return shown[::-1]


def _bands_in_words(found: Measure, chosen: Choices) -> dict[str, Any] | None:
    """Return what the measure is judged by: the set's source, and where each band begins."""
    judged_by = set_of(found, chosen)
    if judged_by is None:
        return None
    write = charts.percent if found.unit == "share" else charts.thousands
    bands = judged_by.of(chosen.industry)
    return {
        "source": judged_by.source,
        "period": measure_words.BAND_PERIODS[judged_by.period],
        "industry": measure_words.INDUSTRIES[chosen.industry] if chosen.industry in judged_by.by_industry else "",
        "bands": [
            {
                "name": measure_words.BANDS[band.name],
                "tone": band.tone,
                "from": write(band.low),
                "below": write(bands[number + 1].low) if number + 1 < len(bands) else "",
                "is_first": number == 0,
            }
            for number, band in enumerate(bands)
        ],
    }


def _compared(
    request: StaffRequest, found: Measure, by_outlet: dict[int, list[MeasureValue]], names: dict[int, str],
    *, shop: Shop, chosen: Choices,
) -> dict[str, Any] | None:  # fmt: skip
    """Return the outlets beside each other in the last whole month, and the lines of the largest ones."""
    if len(by_outlet) < 2:
        return None
    write = measure_words.writer(found.unit, shop.currency, request.user.language)
    bands = bands_of(found, chosen)
    table: list[dict[str, Any]] = []
    for outlet_id, rows in by_outlet.items():
        whole = [row for row in rows if not row.is_running and row.why != "early"]
        if not whole:
            continue
        last = whole[-1]
        table.append(
            {
                "id": outlet_id,
                "name": names.get(outlet_id, str(outlet_id)),
                "row": last,
                "text": write(last.value) if last.value is not None else "",
                "why": measure_words.WHY.get(last.why, ""),
                "band": shown_band(value_of(found, last).band(bands)),
                "change": change_of(found, last, whole[-2] if len(whole) > 1 else None),
            }
        )
    largest = sorted(table, key=lambda row: -row["row"].population)[:_OUTLETS_DRAWN]
    months = sorted({row.start for rows in by_outlet.values() for row in rows if not row.is_running})
    series = [
        Series(line["name"], [values.get(month) for month in months])
        for line in largest
        for values in [{row.start: row.value for row in by_outlet[line["id"]]}]
    ]
    chart = charts.multi_line(
        chart_frame("outlets", _("Outlets"), _("the outlets with most behind the figure")),
        [date_format(month, "M y") for month in months],
        series,
        across=_("Month"),
        up=_axis(request, found, shop),
    )
    return {"table": sorted(table, key=lambda row: row["name"]), "chart": chart}


def _sources(request: StaffRequest, shop: Shop) -> list[dict[str, Any]] | None:
    finding = queries.finding("sources")
    if finding is None:
        return None
    write = measure_words.writer("money", shop.currency, request.user.language)
    return [
        {
            **row,
            "cost": "" if row["cost"] is None else write(row["cost"]),
            "worth": "" if row["worth"] is None else write(row["worth"]),
        }
        for row in finding.found["rows"]
    ]


@staff_only(Capability.VIEW_MEASURES)
def measure_file(request: StaffRequest, measure_name: str) -> HttpResponse:
    """All periods of a measure as a file: figures of the shop, of nobody in particular."""
    require_all_outlets(request.user)
    found = measure_named(measure_name)
    grain, outlet_id = asked_for(request, found)
    rows = queries.measure_history([found.name], grain=grain, outlet_id=outlet_id)[found.name]
    bands = bands_of(found, actions.choices())
    heads = (_("First day"), _("Last day"), _("Value"), _("Numerator"), _("Denominator"), _("Counted"), _("Judgment"))
    cells = (
        [
            row.start.isoformat(), (row.end - timedelta(days=1)).isoformat(), row.value, row.numerator,
            row.denominator, row.population,
            str((shown_band(value_of(found, row).band(bands)) or {}).get("name", measure_words.WHY.get(row.why, ""))),
        ]
        for row in rows
    )  # fmt: skip
    answer = csv_answer(f"setia-{found.name}", heads, cells, at=clock.now())
    return HttpResponse(answer.getvalue(), headers=dict(answer.headers))
