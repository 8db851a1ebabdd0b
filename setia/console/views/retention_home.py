"""The retention home: how many stay, who they are, how healthy, why some leave, what they bring, what to do today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from setia.console import charts, measure_words, score_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.files import as_csv, as_svg
from setia.console.charts.inputs import Bin, Point, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.people import display_name
from setia.console.views.advice import best_of
from setia.domains.advice.queries import advice_for, ranked_page
from setia.domains.analytics import queries
from setia.domains.analytics.measuring import measure_by_name
from setia.domains.analytics.models import CohortCell, MeasureValue
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import PYRAMID
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_CARDS = ("retention", "churn", "repeat_rate", "second_purchase", "win_back", "revenue")
_MONTHS_BACK = {"month": 1, "year": 12}
_CURVES = 4
_CURVE_MONTHS = 13
_ADVICE = 5


@dataclass(frozen=True, slots=True)
class _Kept:
    """All that is shown, read once: findings by name, and whose words and money it is told in."""

    findings: Mapping[str, dict[str, Any]]
    cohorts: Mapping[date, Mapping[int, CohortCell]]
    today: date | None
    shop: Shop
    language: str
    back: int

    def people(self, kind: str) -> dict[str, list[int]]:
        """Return the groups of a kind: [people, worth, revenue] by name."""
        found: dict[str, list[int]] = self.findings.get("people", {}).get(kind, {})
        return found

    @property
    def _month(self) -> dict[str, Any]:
        """Return the month compared with, as the history keeps it; the last of its months is today."""
        months: list[dict[str, Any]] = self.findings.get("history", {}).get("months", [])
        place = len(months) - 1 - self.back
        return months[place] if place >= 0 else {}

    @property
    def then_day(self) -> date | None:
        return date.fromisoformat(self._month["end"]) if self._month else None

    def then(self, kind: str) -> dict[str, int]:
        """Return how many stood in each group at the end of the month compared with; {} where it is not known."""
        counts: dict[str, int] = self._month.get("counts", {}).get(kind, {})
        return counts


def _read(request: StaffRequest) -> _Kept:
    analysis, back = queries.latest_analysis(), request.GET.get("with", "month")
    return _Kept(
        queries.findings(("people", "history", "money")),
        queries.cohorts(),
        analysis.today if analysis else None,
        the_shop(),
        request.user.language,
        _MONTHS_BACK.get(back, 1),
    )


@staff_only(Capability.VIEW_MEASURES)
def home(request: StaffRequest) -> HttpResponse:
    """Everything about staying on one page, beside the month before or the same month a year ago."""
    require_all_outlets(request.user)
    kept, at = _read(request), clock.now()
    page = ranked_page(request.user, kind="", is_all=True, cursor="", size=_ADVICE)
    advised = advice_for([row.customer for row in page.rows], at=at, shop=kept.shop)
    context = {
        **freshness(),
        "with": "year" if kept.back == _MONTHS_BACK["year"] else "month",
        "cards": _cards(kept),
        "then": kept.then_day,
        "charts": [
            {"name": name, "title": title(), "chart": draw(kept), "rows": _compared(kept, name)}
            for name, (title, draw) in CHARTS.items()
        ],
        "has": bool(kept.findings),
        "advice": [
            (one.known.customer, display_name(one.known.customer), told)
            for one in advised
            if (told := best_of(one, request, kept.shop)) is not None
        ],
    }
    return render(request, "console/retention_home.html", context)


@staff_only(Capability.VIEW_MEASURES)
def chart_file(request: StaffRequest, chart_name: str, form: str) -> HttpResponse:
    """One chart as a file: the drawing (svg) or its numbers (csv)."""
    require_all_outlets(request.user)
    if chart_name not in CHARTS or form not in ("svg", "csv"):
        raise Http404
    chart = CHARTS[chart_name][1](_read(request))
    if form == "csv":
        response = HttpResponse("﻿" + as_csv(chart), content_type="text/csv; charset=utf-8")
    else:
        drawing = as_svg(chart)
        if drawing is None:
            raise Http404
        response = HttpResponse(drawing, content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="setia-{chart_name}.{form}"'
    return response


def _cards(kept: _Kept) -> list[dict[str, Any]]:
    """Return the measures at the head: the last whole month that is known, and how it moved."""
    found = []
    for name, rows in queries.measure_history(_CARDS).items():
        measure = measure_by_name(name)
        known = {row.start: row for row in rows if not row.is_running and row.value is not None}
        if not known:
            continue
        last = known[max(known)]
        write = measure_words.writer(measure.unit, kept.shop.currency, kept.language, short=True)
        before = known.get(_months_before(last.start, kept.back))
        found.append(
            {
                "name": name,
                "words": measure_words.MEASURES[name],
                "month": last.start,
                "text": write(last.value or 0.0),
                "before": write(before.value) if before and before.value is not None else "",
                "change": _change(last, before, is_share=measure.unit == "share"),
                "is_good": _is_good(last, before, more_is_better=measure.more_is_better),
            }
        )
    return found


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _change(last: MeasureValue, before: MeasureValue | None, *, is_share: bool) -> str:
    if before is None or before.value is None or last.value is None or not (is_share or before.value):
        return ""
    change = 100 * (last.value - before.value) / (1 if is_share else before.value)
    unit = _("points") if is_share else "%"
    return f"{'+' if change >= 0 else '−'}{charts.thousands(abs(round(change, 1)))} {unit}"


def _is_good(last: MeasureValue, before: MeasureValue | None, *, more_is_better: bool | None) -> bool | None:
    if before is None or before.value is None or last.value is None or more_is_better is None:
        return None
    return (last.value >= before.value) == more_is_better


def _curves(kept: _Kept) -> SafeString:
    series = []
    for cohort, cells in kept.cohorts.items():
        size = cells[0].people if 0 in cells else 0
        months = _whole_months(cohort, kept.today) if kept.today else 0
        shares = [cells[at].people / size if at in cells else 0.0 for at in range(min(months, _CURVE_MONTHS))]
        if size and len(shares) >= 3:
            series.append(Series(date_format(cohort, "M Y"), shares))
    return charts.multi_line(
        chart_frame("curves", _("Retention curves"), _("share of a cohort that bought in each month after the first")),
        [_("M%(number)s") % {"number": number} for number in range(_CURVE_MONTHS)],
        series[-_CURVES:],
        across=_("Month"),
        up=charts.Axis(name=_("Share"), text=charts.percent),
    )


def _whole_months(cohort: date, today: date) -> int:
    """Return how many months of a cohort are over, its first included."""
    return (today.year - cohort.year) * 12 + today.month - cohort.month


def _bars(kept: _Kept, kind: str, title: str, description: str, names: Sequence[tuple[str, str]]) -> SafeString:
    groups = kept.people(kind)
    total = sum(groups[name][0] for name, _label in names if name in groups)
    points = [Point(label, groups.get(name, [0])[0]) for name, label in names] if total else []
    return charts.bar_list(
        chart_frame(kind, title, description), points, across=title, up=charts.Axis(name=_("Customers"))
    )


def _names(kind: str) -> list[tuple[str, str]]:
    if kind == "segment":
        return [(name, str(measure_words.SEGMENTS[name].name)) for name in SEGMENTS]
    return [(name, str(score_words.LEVELS[name].name)) for name in reversed(PYRAMID[2:])]


def _pyramid(kept: _Kept) -> SafeString:
    return _bars(kept, "level", _("Loyalty pyramid"), _("customers by number of purchases"), _names("level"))


def _segments(kept: _Kept) -> SafeString:
    words = _("RFM: how lately, how often and how much they bought")
    return _bars(kept, "segment", _("Customers by segment"), words, _names("segment"))


def _health(kept: _Kept) -> SafeString:
    bins: list[int] = kept.findings.get("people", {}).get("health", [])
    step = 100 // len(bins) if bins else 10
    return charts.histogram(
        chart_frame("health", _("Customers by health"), _("how many have which score of 0 to 100")),
        [Bin(number * step, (number + 1) * step, count) for number, count in enumerate(bins)] if any(bins) else [],
        across=charts.Axis(name=_("Health")),
        up=charts.Axis(name=_("Customers")),
    )


def _reasons(kept: _Kept) -> SafeString:
    found: dict[str, int] = kept.findings.get("people", {}).get("why", {})
    rows = sorted(((count, score_words.risk_reasons(letter)) for letter, count in found.items() if count), reverse=True)
    return charts.bar_list(
        chart_frame("reasons", _("Why customers may leave"), _("signs seen at those with high or medium risk")),
        [Point(words[:1].upper() + words[1:], count) for count, words in rows],
        across=_("Sign"),
        up=charts.Axis(name=_("Customers")),
        share=None,
    )


def _money(kept: _Kept) -> SafeString:
    months = [row for row in kept.findings.get("money", {}).get("months", []) if not row.get("is_running")][-12:]
    writer: Callable[[float], str] = measure_words.writer("money", kept.shop.currency, kept.language)
    short = measure_words.writer("money", kept.shop.currency, kept.language, short=True)
    worth = [_sum(row.get("so_far"), row.get("expected")) for row in months]
    cost = [row.get("cost") for row in months]
    return charts.multi_line(
        chart_frame(
            "money", _("Worth of a customer against the cost of winning one"), _("by the month they first bought")
        ),
        [date_format(date.fromisoformat(row["month"]), "M y") for row in months],
        [Series(_("Worth (CLV)"), worth), Series(_("Cost (CAC)"), cost)] if any(worth) or any(cost) else [],
        across=_("Month"),
        up=charts.Axis(name=_("Amount"), text=writer, tick=short),
    )


def _sum(so_far: float | None, expected: float | None) -> float | None:
    return None if so_far is None or expected is None else so_far + expected


def _compared(kept: _Kept, name: str) -> list[dict[str, Any]]:
    """Return how groups stood then and stand now, where both are known."""
    kind = {"pyramid": "level", "segments": "segment"}.get(name)
    then, now = (kept.then(kind), kept.people(kind)) if kind else ({}, {})
    if not kind or not then:
        return []
    return [
        {"label": label, "now": now.get(one, [0])[0], "then": then.get(one, 0)}
        for one, label in _names(kind)
        if now.get(one, [0])[0] or then.get(one)
    ]


CHARTS: dict[str, tuple[Callable[[], str], Callable[[_Kept], SafeString]]] = {
    "curves": (lambda: _("Retention curves"), _curves),
    "pyramid": (lambda: _("Loyalty pyramid"), _pyramid),
    "segments": (lambda: _("Customers by segment"), _segments),
    "health": (lambda: _("Customers by health"), _health),
    "reasons": (lambda: _("Why customers may leave"), _reasons),
    "money": (lambda: _("Worth of a customer against the cost of winning one"), _money),
}
