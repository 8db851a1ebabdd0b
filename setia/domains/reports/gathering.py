"""What stands in a report: figures of the period beside those of the one before, and what to look at next.

Everything is read from what the last analysis left in the shop's tables; nothing here asks an engine.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from setia.domains.analytics import queries as analytics
from setia.domains.analytics.measuring import MEASURES, measure_by_name
from setia.domains.analytics.models import MeasureValue
from setia.domains.reports.models import Report
from setia.domains.reports.queries import alerts_between
from setia.domains.reports.rules.periods import MONTHLY, before
from setia.domains.shop.queries import the_shop
from setia.domains.teamwork.queries import tasks_closed_between
from setia.foundation.clock import day_start

# The ten at risk who are expected to spend most are worth a call each; more than ten nobody reads.
TOP = 10
# What moves within a week; figures over a year, and those that ripen for months, stand in the monthly report.
_WEEKLY = (
    *("revenue", "buyers", "new_customers", "order_value", "frequency", "gap", "retention", "churn"),
    *("active_customers", "lost_customers", "win_back", "return_rate"),
)


def gather(kind: str, start: date, end: date) -> dict[str, Any]:
    """Return the content of a report as JSON can hold it: ids of people as texts, and no names."""
    last, sizes = Report.objects.filter(kind=kind, start=before(kind, start)).first(), analytics.segment_sizes()
    return {
        "figures": _figures(kind, start),
        "segments": _segments(sizes, last),
        "at_risk": [str(person_id) for person_id in top_at_risk(TOP)],
        "alerts": [
            {"kind": each.kind, "day": each.day.isoformat(), **each.figures} for each in alerts_between(start, end)
        ],
        "tasks_closed": tasks_closed_between(*_moments(start, end)),
        "wins": _quick_wins(sizes),
    }


def _moments(start: date, end: date) -> tuple[datetime, datetime]:
    shop = the_shop()
    first, last = (day_start(day, zone=shop.zone, cutoff_hour=shop.cutoff_hour) for day in (start, end))
    return first, last


def _figures(kind: str, start: date) -> list[dict[str, Any]]:
    """Return each measure of the period, of the period before, and of the same month a year before."""
    history = _history(kind)
    found = []
    for measure in MEASURES if kind == MONTHLY else map(measure_by_name, _WEEKLY):
        rows = {row.start: row for row in history[measure.name]}
        row = rows.get(start)
        if row is None:
            continue
        was, year = rows.get(before(kind, start)), rows.get(_a_year_before(start)) if kind == MONTHLY else None
        found.append(
            {
                "measure": measure.name, "unit": measure.unit, "value": row.value, "why": row.why,
                "numerator": row.numerator, "denominator": row.denominator, "population": row.population,
                "before": was.value if was else None, "year_before": year.value if year else None,
                "trend": _trend(history[measure.name], start),
            }
        )  # fmt: skip
    return found


def _history(kind: str) -> dict[str, list[MeasureValue]]:
    names = [measure.name for measure in MEASURES]
    return analytics.measure_history(names, grain="month" if kind == MONTHLY else "week")


def _a_year_before(start: date) -> date:
    return start.replace(year=start.year - 1)


def _trend(rows: Sequence[MeasureValue], start: date, count: int = 13) -> list[float | None]:
    return [row.value for row in rows if row.start <= start][-count:]


def _segments(sizes: Mapping[str, tuple[int, int]], last: Report | None) -> list[dict[str, Any]]:
    """Return the RFM segments with how many are in each now and were in the report before."""
    earlier = {row["name"]: row["people"] for row in last.content.get("segments", [])} if last else {}
    return [
        {"name": name, "people": people, "worth": worth, "before": earlier.get(name)}
        for name, (people, worth) in sizes.items()
    ]


def top_at_risk(limit: int) -> list[int]:
    """Return the people at high risk of leaving, as the warning of churn lists them: the dearest first, by id."""
    return [row.customer_id for row in analytics.alarm_page("high", cursor="", size=limit).rows]


def _quick_wins(sizes: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """Return who could be won with little, as a code and how many, the largest first."""
    wins = [
        ("second_purchase", sum(sizes.get(name, (0, 0))[0] for name in ("new", "promising"))),
        ("wake_up", sizes.get("about_to_sleep", (0, 0))[0]),
        ("call_back", sizes.get("cant_lose", (0, 0))[0]),
        ("thank", sizes.get("champions", (0, 0))[0]),
    ]
    return [{"code": code, "people": people} for code, people in sorted(wins, key=lambda win: -win[1]) if people]
