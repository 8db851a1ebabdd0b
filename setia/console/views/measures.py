"""The index of customers: measures with their trends, cohorts, segments; and what the shop decides about them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, measure_words, score_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import HeatRow, Point, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.people import shown_people
from setia.console.views.measure_choices import ChoicesForm
from setia.console.views.relationship import shown_phases
from setia.domains.analytics import actions, queries, tasks
from setia.domains.analytics.measuring import MEASURES, Choices, Grain, Measure, Value, bands_of
from setia.domains.analytics.measuring.measure import Period
from setia.domains.analytics.models import CohortCell, MeasureValue
from setia.domains.analytics.rules.bands import Band
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import PYRAMID
from setia.domains.commerce.queries import counters_of_people
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put

PAGE_SIZE = 50
_COHORT_MONTHS = 13
_COHORTS_SHOWN = 18
_CURVES = 4


@staff_only(Capability.VIEW_MEASURES)
def index(request: StaffRequest) -> HttpResponse:
    """All measures of the last whole month, each with its trend and what it means."""
    require_all_outlets(request.user)
    history = queries.measure_history([measure.name for measure in MEASURES])
    shop, chosen = the_shop(), actions.choices()
    cards = [
        _card(measure, history[measure.name], shop=shop, chosen=chosen, language=request.user.language)
        for measure in MEASURES
        if history[measure.name]
    ]
    return render(request, "console/measures.html", {**freshness(), "cards": cards})


def _card(
    measure: Measure, rows: Sequence[MeasureValue], *, shop: Shop, chosen: Choices, language: str
) -> dict[str, Any]:
    """Return one measure: its last whole month, the one before, and a line of all."""
    write = measure_words.writer(measure.unit, shop.currency, language, short=True)
    whole = [row for row in rows if not row.is_running]
    judged = [row for row in whole if row.why != "early"] or whole
    last = judged[-1] if judged else rows[-1]
    before = judged[-2] if len(judged) > 1 else None
    value = value_of(measure, last)
    title = str(measure_words.MEASURES[measure.name].name)
    return {
        "measure": measure,
        "words": measure_words.MEASURES[measure.name],
        "month": last.start,
        "text": write(last.value) if last.value is not None else "",
        "why": measure_words.WHY.get(last.why, ""),
        "band": shown_band(value.band(bands_of(measure, chosen))),
        "change": change_of(measure, last, before),
        "interval": [write(edge) for edge in value.interval] if value.is_small and value.interval else None,
        "population": last.population,
        "spark": charts.spark_line(
            chart_frame(f"spark-{measure.name}", title, _("by month")), [row.value for row in whole[-12:]]
        ),
    }


def value_of(measure: Measure, row: MeasureValue) -> Value:
    """Return a stored figure as a value."""
    period = Period(row.start, row.end)
    parts = (row.value, row.numerator, row.denominator, row.population, row.why, row.is_running)
    return Value(measure.name, period, *parts, measure.unit)


def shown_band(band: Band | None) -> dict[str, Any] | None:
    """Return a band in words."""
    return {"name": measure_words.BANDS[band.name], "tone": band.tone} if band else None


def change_of(measure: Measure, last: MeasureValue, before: MeasureValue | None) -> dict[str, Any] | None:
    """Return the change against the period before: points of a share, percent of anything else."""
    if before is None or last.value is None or before.value is None:
        return None
    if measure.unit == "share":
        change, unit = 100 * (last.value - before.value), _("points")
    elif before.value:
        change, unit = 100 * (last.value - before.value) / before.value, "%"
    else:
        return None
    is_up = change >= 0
    good = None if measure.more_is_better is None else is_up == measure.more_is_better
    return {"text": charts.thousands(abs(round(change, 1))), "unit": unit, "is_up": is_up, "is_good": good}


@staff_only(Capability.VIEW_MEASURES)
def cohorts(request: StaffRequest) -> HttpResponse:
    """Those who first bought in one month, and how many of them bought in each month since."""
    require_all_outlets(request.user)
    base = freshness()
    grain: Grain = "week" if request.GET.get("by") == "week" else "month"
    cells, analysis = queries.cohorts(grain=grain), base["analysis"]
    shown = request.GET.get("show", "people")
    shown = shown if shown in ("people", "orders", "revenue", "worth") else "people"
    chosen = dict(list(cells.items())[-_COHORTS_SHOWN:])
    today: date | None = analysis.today if analysis else None
    rows = [_cohort_row(cohort, row, shown, today, grain) for cohort, row in chosen.items()]
    shop, language = the_shop(), request.user.language
    short = _("W%(number)s") if grain == "week" else _("M%(number)s")
    columns = [short % {"number": number} for number in range(_COHORT_MONTHS)]
    text: Callable[[float], str] = charts.percent if shown == "people" else charts.thousands
    if shown in ("revenue", "worth"):
        text = measure_words.writer("money", shop.currency, language, short=True)
    rates, people = _mean_rates(cells, today, grain)
    table = charts.heat_table(
        chart_frame(
            "cohorts",
            _("Cohorts by week of the first purchase")
            if grain == "week"
            else _("Cohorts by month of the first purchase"),
            _("darker is more"),
        ),
        columns,
        rows,
        head=_("First bought in"),
        size_head=_("People"),
        text=text,
        top=1.0 if shown == "people" else None,
    )
    curves = charts.multi_line(
        chart_frame("curves", _("Retention curves"), _("share of a cohort that bought in each one after the first")),
        columns,
        [Series(row.label, row.cells) for row in _cohort_rows_for_curves(chosen, today, grain)],
        across=_("Week") if grain == "week" else _("Month"),
        up=charts.Axis(name=_("Share"), text=charts.percent),
    )
    readings = measure_words.cohort_readings(rates, people=people) if grain == "month" else []
    context = {**base, "table": table, "curves": curves, "shown": shown, "readings": readings, "has": bool(rows)}
    context |= {"by": grain, "relationship": shown_phases(queries.finding("phases"))}
    return render(request, "console/cohorts.html", context)


def _cohort_row(cohort: date, row: dict[int, CohortCell], shown: str, today: date | None, grain: Grain) -> HeatRow:
    """Return a row of the table; periods that are not over yet are not known, and one without anybody is 0.

    Worth is what the cohort has spent up to then, by each who began in it.
    """
    size, so_far = row[0].people if 0 in row else 0, 0
    values: list[float | None] = []
    for offset in range(_COHORT_MONTHS):
        if today is None or not _is_over(cohort, offset, today, grain):
            break
        cell = row.get(offset)
        so_far += cell.revenue if cell else 0
        amount = so_far if shown == "worth" else getattr(cell, shown) if cell else 0
        values.append(amount / size if shown in ("people", "worth") and size else amount)
    return HeatRow(date_format(cohort, "j M Y" if grain == "week" else "M Y"), size, values)


def _cohort_rows_for_curves(
    chosen: dict[date, dict[int, CohortCell]], today: date | None, grain: Grain
) -> list[HeatRow]:
    rows = [_cohort_row(cohort, row, "people", today, grain) for cohort, row in chosen.items()]
    old_enough = [row for row in rows if len(row.cells) >= 3]
    return old_enough[-_CURVES:]


def _is_over(cohort: date, offset: int, today: date, grain: Grain) -> bool:
    if grain == "week":
        return cohort + timedelta(days=7 * (offset + 1)) <= today
    months = cohort.year * 12 + cohort.month - 1 + offset
    return months < today.year * 12 + today.month - 1


def _mean_rates(
    cells: dict[date, dict[int, CohortCell]], today: date | None, grain: Grain
) -> tuple[dict[int, float], int]:
    """Return the share that bought in each period, over all cohorts whose one is over, and how many people that is."""
    found, people = {}, sum(row[0].people for row in cells.values() if 0 in row)
    for offset in range(_COHORT_MONTHS):
        ripe = [row for cohort, row in cells.items() if today and 0 in row and _is_over(cohort, offset, today, grain)]
        size = sum(row[0].people for row in ripe)
        if size:
            found[offset] = sum(row[offset].people for row in ripe if offset in row) / size
    return found, people


@staff_only(Capability.VIEW_MEASURES)
def rfm(request: StaffRequest) -> HttpResponse:
    """How many stand in each RFM segment, what they are expected to spend, and what to do with them."""
    require_all_outlets(request.user)
    sizes, shop, language = queries.group_sizes("segment"), the_shop(), request.user.language
    total = sum(people for people, _worth, _revenue in sizes.values())
    rows: list[dict[str, Any]] = []
    for name in SEGMENTS:
        people, worth, _revenue = sizes.get(name, (0, 0, 0))
        share = charts.whole_percent(people / total) if total else ""
        words = measure_words.SEGMENTS[name]
        rows.append({"name": name, "words": words, "people": people, "worth": worth, "share": share})
    levels = queries.group_sizes("level")
    pyramid = charts.bar_list(
        chart_frame("pyramid", _("Loyalty pyramid"), _("customers by number of purchases")),
        [Point(str(label), levels.get(name, (0, 0, 0))[0]) for name, label in reversed(_levels())],
        across=_("Level"),
        up=charts.Axis(name=_("Customers")),
    )
    chart = charts.bar_list(
        chart_frame("segments", _("Customers by segment"), _("RFM: how lately, how often and how much they bought")),
        [Point(str(row["words"].name), row["people"]) for row in rows],
        across=_("Segment"),
        up=charts.Axis(name=_("Customers")),
    )
    context = {**freshness(), "rows": rows, "chart": chart, "pyramid": pyramid, "total": total}
    context["money"] = measure_words.writer("money", shop.currency, language)
    return render(request, "console/rfm.html", context)


def _levels() -> list[tuple[str, Any]]:
    return [(name, words.name) for name, words in score_words.LEVELS.items() if name in PYRAMID[2:]]


@staff_only(Capability.VIEW_MEASURES)
def rfm_segment(request: StaffRequest, segment_name: str) -> HttpResponse:
    """The people of a segment, those first who are expected to spend most."""
    require_all_outlets(request.user)
    if segment_name not in SEGMENTS:
        raise Http404
    page = queries.segment_page(segment_name, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    counters = {row.customer_id: row for row in counters_of_people([row.customer_id for row in page.rows])}
    known = [row for row in page.rows if row.customer_id in counters]
    people = shown_people(request.user, [counters[row.customer_id] for row in known], page="rfm_segment")
    rows = list(zip(people, known, strict=True))
    context = {**freshness(), "words": measure_words.SEGMENTS[segment_name], "rows": rows, "page": page}
    return render(request, "console/rfm_segment.html", context)


@staff_only(Capability.VIEW_MEASURES)
def state(request: StaffRequest) -> HttpResponse:
    """How far the measuring is, asked for every two seconds; when it is over the page is asked for anew."""
    require_all_outlets(request.user)
    context = freshness()
    response = render(request, "console/parts/measure_state.html", context)
    if not context["running"]:
        response.headers["HX-Refresh"] = "true"
    return response


@staff_only(Capability.VIEW_MEASURES, "POST")
def refresh(request: StaffRequest) -> HttpResponse:
    """Measure now; once in the queue it is not asked for twice."""
    require_all_outlets(request.user)
    put(tasks.analyze, unique_key="analyze")
    messages.success(request, _("The figures are being brought up to date."))
    return redirect("console:measures")


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def choices(request: StaffRequest) -> HttpResponse:
    """What counts as active and as lost, the trade, and where RFM scores change."""
    row = actions.choices_row()
    form = ChoicesForm(request.POST or None, initial=ChoicesForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        actions.save_choices(**form.cleaned_data, by=request.user.actor, at=clock.now())
        put(tasks.analyze, unique_key="analyze")
        messages.success(request, _("Saved. The figures are being brought up to date."))
        return redirect("console:measures")
    status = 422 if request.method == "POST" else 200
    return render(request, "console/measure_choices.html", {**freshness(), "form": form}, status=status)
