"""Reports and alerts in words: what each is called, what it rests on, what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from setia.console import measure_words
from setia.console.charts.formats import thousands, whole_percent
from setia.domains.analytics.actions import choices
from setia.domains.analytics.measuring import Choices, Measure, Period, Value, bands_of, measure_by_name
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.reports.models import AlertKind, Report, ReportKind
from setia.foundation.money import Currency, format_money

REPORTS: dict[str, Any] = {ReportKind.WEEKLY: _("Weekly report"), ReportKind.MONTHLY: _("Monthly report")}
ALERTS: dict[str, Any] = {
    AlertKind.CHURN_SPIKE: _("More customers go silent than usual"),
    AlertKind.CRITICAL: _("Valued customers are drifting away"),
    AlertKind.SALES_FALLEN: _("Sales have fallen"),
    AlertKind.STALE: _("The figures are old"),
}
# What to do about it, in one sentence each.
STEPS: dict[str, Any] = {
    AlertKind.CHURN_SPIKE: _("Ask five of them what changed. Look at what happened in the shop about that time."),
    AlertKind.CRITICAL: _("Call them yourself, today rather than tomorrow; a discount comes last."),
    AlertKind.SALES_FALLEN: _(
        "Was an outlet closed, a file not brought in, a till not connected? If not, ask customers."
    ),
    AlertKind.STALE: _("See whether the worker runs, and measure now."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One measure as a report says it: all in words, with the raw values for a chart."""

    measure: Measure
    name: str
    value: str
    before: str
    change: str
    is_good: bool | None
    year_before: str
    band: str
    tone: str
    why: str
    trend: list[float | None]


def report_title(report: Report) -> str:
    """Return what a report is called: its kind and its days."""
    return f"{REPORTS[ReportKind(report.kind)]}: {period_words(report.kind, report.start, report.end)}"


def period_words(kind: str, start: date, end: date) -> str:
    """Return the days of a period in words: a month by its name, a week by its first and last day."""
    if kind == ReportKind.MONTHLY:
        return date_format(start, "F Y")
    return f"{date_format(start, 'j M')} – {date_format(end - timedelta(days=1), 'j M Y')}"


def lines(report: Report, *, currency: Currency, language: str, industry: str) -> list[Line]:
    """Return the measures of a report; of a measure that is no more nothing is said."""
    found, chosen = [], replace(choices(), industry=industry)
    for figure in report.content.get("figures", []):
        try:
            measure = measure_by_name(figure["measure"])
        except KeyError:
            continue
        found.append(_line(report, measure, figure, currency=currency, language=language, chosen=chosen))
    return found


def _line(
    report: Report, measure: Measure, figure: Mapping[str, Any], *, currency: Currency, language: str, chosen: Choices
) -> Line:
    write = measure_words.writer(measure.unit, currency, language)
    value, was, year = figure["value"], figure["before"], figure["year_before"]
    whole = Value(
        measure.name, Period(report.start, report.end), value, figure["numerator"], figure["denominator"],
        figure["population"], figure["why"], False, measure.unit,
    )  # fmt: skip
    band = whole.band(bands_of(measure, chosen)) if report.kind == ReportKind.MONTHLY else None
    change, is_good = _change(measure, value, was)
    return Line(
        measure=measure,
        name=str(measure_words.MEASURES[measure.name].name),
        value="" if value is None else write(value),
        before="" if was is None else write(was),
        change=change,
        is_good=is_good,
        year_before="" if year is None else write(year),
        band=str(measure_words.BANDS[band.name]) if band else "",
        tone=band.tone if band else "",
        why=str(measure_words.WHY.get(figure["why"], "")),
        trend=figure["trend"],
    )


def _change(measure: Measure, value: float | None, was: float | None) -> tuple[str, bool | None]:
    if value is None or was is None:
        return "", None
    if measure.unit == "share":
        change, unit = 100 * (value - was), " " + _now("points")
    elif was:
        change, unit = 100 * (value - was) / was, " %"
    else:
        return "", None
    sign = "+" if change >= 0 else "−"
    good = None if measure.more_is_better is None or not round(change, 1) else (change > 0) == measure.more_is_better
    return f"{sign}{thousands(abs(round(change, 1)))}{unit}", good


def segment_rows(report: Report) -> list[dict[str, Any]]:
    """Return the segments of a report in their order, with the change since the one before."""
    by_name = {row["name"]: row for row in report.content.get("segments", [])}
    total = sum(row["people"] for row in by_name.values())
    return [
        {
            "name": str(measure_words.SEGMENTS[name].name),
            "people": row["people"],
            "share": whole_percent(row["people"] / total) if total else "",
            "part": row["people"] / total if total else 0.0,
            "change": None if row.get("before") is None else row["people"] - row["before"],
        }
        for name in SEGMENTS
        if (row := by_name.get(name))
    ]


def alert_sentence(kind: str, figures: Mapping[str, Any], *, currency: Currency, language: str) -> str:
    """Return what an alert rests on, in one sentence."""
    if kind == AlertKind.CHURN_SPIKE:
        return _now(
            "Of %(of)s people who bought %(days)s days ago, %(share)s have not been back; usually it is %(normal)s."
        ) % {
            "of": thousands(figures["of"]), "days": figures["active_days"],
            "share": whole_percent(figures["share"]), "normal": whole_percent(figures["normal"]),
        }  # fmt: skip
    if kind == AlertKind.CRITICAL:
        count = len(figures.get("people", []))
        return ngettext(
            "%(count)s customer who used to spend much has stayed away for long.",
            "%(count)s customers who used to spend much have stayed away for long.",
            count,
        ) % {"count": thousands(count)}
    if kind == AlertKind.SALES_FALLEN:
        return _now("The last seven days brought %(sales)s; a usual week brings %(normal)s.") % {
            "sales": format_money(figures["sales"], currency, language),
            "normal": format_money(figures["normal"], currency, language),
        }
    if kind == AlertKind.STALE:
        return _now("Nothing was measured for %(hours)s hours.") % {"hours": thousands(figures["hours"])}
    return ""


def win_sentences(report: Report) -> list[str]:
    """Return who could be won with little, in sentences."""
    return [_win(win["code"], win["people"]) for win in report.content.get("wins", []) if win["people"]]


def _win(code: str, people: int) -> str:
    if code == "second_purchase":
        text = ngettext(
            "%(people)s new customer has bought once. A greeting now leads to the second purchase.",
            "%(people)s new customers have bought once. A greeting now leads to the second purchase.",
            people,
        )
    elif code == "wake_up":
        text = ngettext(
            "%(people)s customer is about to fall asleep. A reminder costs little.",
            "%(people)s customers are about to fall asleep. A reminder costs little.",
            people,
        )
    elif code == "call_back":
        text = ngettext(
            "%(people)s of the best customers stays away. A call may bring them back.",
            "%(people)s of the best customers stay away. A call may bring them back.",
            people,
        )
    else:
        text = ngettext(
            "%(people)s champion can be thanked in person.", "%(people)s champions can be thanked in person.", people
        )
    return text % {"people": thousands(people)}
