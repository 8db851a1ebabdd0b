"""Stages of the relationships, and who moved between segments from month to month."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, measure_words, score_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import HeatRow, Point, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.views.scored import PAGE_SIZE, people_rows, share_text
from setia.domains.analytics import actions, queries
from setia.domains.analytics.rules.formulas import FEWEST
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES, PYRAMID
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability

_MIDDLE, _TOP = ("customer", "client"), ("advocate", "partner")
_WAYS_SHOWN = 30


@staff_only(Capability.VIEW_MEASURES)
def index(request: StaffRequest) -> HttpResponse:
    """The pyramid with what each level brings, who is how active, and the valley after the first purchase."""
    require_all_outlets(request.user)
    kept, history = queries.finding("people"), queries.finding("history")
    found: dict[str, Any] = kept.found if kept else {}
    levels = _groups(found.get("level", {}), score_words.LEVELS, PYRAMID[2:])
    months = history.found.get("months", []) if history else []
    pyramid = charts.bar_list(
        chart_frame("pyramid", _("Loyalty pyramid"), _("customers by number of purchases")),
        [Point(str(each["words"].name), each["people"]) for each in reversed(levels)],
        across=_("Level"),
        up=charts.Axis(name=_("Customers")),
    )
    labels = [date_format(date.fromisoformat(month["end"]), "M y") for month in months]
    lines = charts.multi_line(
        chart_frame("stages", _("How active customers were"), _("customers at the end of each month")),
        labels,
        [
            Series(str(score_words.ACTIVITIES[name].name), [month["counts"]["activity"][name] for month in months])
            for name in ACTIVITIES
        ],
        across=_("Month"),
        up=charts.Axis(name=_("Customers")),
    )
    context = {
        **freshness(), "levels": levels, "pyramid": pyramid, "lines": lines, "people": found.get("people", 0),
        "prospects": found.get("prospects", 0), "months": months, "choices": actions.choices_row(),
        "activity": _groups(found.get("activity", {}), score_words.ACTIVITIES, ACTIVITIES),
        "lifecycle": _groups(found.get("lifecycle", {}), score_words.LIFECYCLES, LIFECYCLES),
        "valley": _valley(found.get("valley")), "checks": _checks(levels), "history": _history(months),
    }  # fmt: skip
    return render(request, "console/stages.html", context)


def _groups(found: dict[str, list[int]], words: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    people, revenue = (sum(found[name][place] for name in names if name in found) for place in (0, 2))
    return [
        {
            "name": name, "words": words[name], "people": found[name][0], "revenue": found[name][2],
            "share": share_text(found[name][0], people), "revenue_share": share_text(found[name][2], revenue),
        }
        for name in names if name in found
    ]  # fmt: skip


def _valley(told: dict[str, int] | None) -> dict[str, Any] | None:
    """Return the share that never came back of those who had the time to; None where nobody had."""
    if not told or not told["ripe"]:
        return None
    share = told["never_back"] / told["ripe"]
    return {
        "days": told["days"], "ripe": charts.thousands(told["ripe"]),
        "never_back": charts.thousands(told["never_back"]),
        "share": charts.whole_percent(share), "is_worse": share > 0.70, "is_small": told["ripe"] < FEWEST,
    }  # fmt: skip


def _checks(levels: list[dict[str, Any]]) -> dict[str, str] | None:
    """Return the shares that the sources judge a pyramid by; None where nobody bought."""
    people, revenue = (sum(each[name] for each in levels) for name in ("people", "revenue"))
    if not people:
        return None

    def sum_of(names: tuple[str, ...], what: str) -> int:
        return sum(each[what] for each in levels if each["name"] in names)

    return {
        "middle": share_text(sum_of(_MIDDLE, "people"), people),
        "top": share_text(sum_of(_TOP, "people"), people),
        "top_revenue": share_text(sum_of(_TOP, "revenue"), revenue) or "–",
    }


def _history(months: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each month, youngest first, how many stood on each level of the pyramid."""
    return [
        {
            "end": date.fromisoformat(month["end"]), "people": month["people"],
            "levels": [month["counts"]["level"][name] for name in PYRAMID[2:]],
        }
        for month in reversed(months)
    ]  # fmt: skip


@staff_only(Capability.VIEW_MEASURES)
def level(request: StaffRequest, level: str) -> HttpResponse:
    """The people of a level of the pyramid, those first who are worth most."""
    require_all_outlets(request.user)
    if level not in PYRAMID[2:]:
        raise Http404
    page = queries.level_page(level, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {
        **freshness(), "words": score_words.LEVELS[level], "page": page,
        "rows": people_rows(request, page.rows, page="stage_level"),
        "back": "console:stages", "back_name": _("Stages"),
    }  # fmt: skip
    return render(request, "console/score_people.html", context)


@staff_only(Capability.VIEW_MEASURES)
def moves(request: StaffRequest) -> HttpResponse:
    """From which RFM segment to which people moved in a month: all ways in numbers, the people of the youngest."""
    require_all_outlets(request.user)
    history = queries.finding("history")
    months = [month for month in (history.found.get("months", []) if history else []) if "moved" in month]
    wanted = request.GET.get("month", "")
    chosen = next((month for month in months if month["end"][:7] == wanted), months[-1] if months else None)
    context = {**freshness(), "months": [_month(month) for month in reversed(months)], "chosen": None}
    if chosen is not None:
        matrix = chosen["moved"]["matrix"]
        table = charts.heat_table(
            chart_frame(
                "moves", _("From segment to segment"), _("rows: at the end of the month before; darker is more")
            ),
            [str(measure_words.SEGMENTS[name].name) for name in SEGMENTS],
            [
                HeatRow(str(measure_words.SEGMENTS[name].name), sum(matrix[at]), matrix[at])
                for at, name in enumerate(SEGMENTS)
            ],
            head=_("From"),
            size_head=_("People"),
            text=charts.thousands,
        )
        known = {month["end"][:7] for month in months[-3:]}
        context |= {"chosen": _month(chosen), "table": table, "ways": _ways(matrix)}
        context |= {"has_people": chosen["end"][:7] in known}
    return render(request, "console/moves.html", context)


def _month(month: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a month of moves: the source's target is that more go up than down."""
    moved, end = month["moved"], date.fromisoformat(month["end"])
    stood = moved["up"] + moved["down"] + moved["same"]
    return {
        "key": month["end"][:7], "end": end, "up": moved["up"], "down": moved["down"], "same": moved["same"],
        "new": moved["new"], "up_share": share_text(moved["up"], stood), "down_share": share_text(moved["down"], stood),
        "is_good": moved["up"] >= moved["down"], "year": end.year, "month": end.month,
    }  # fmt: skip


def _ways(matrix: list[list[int]]) -> list[dict[str, Any]]:
    """Return the ways most people went, those who stayed left out."""
    found = [
        {
            "source": source, "target": target, "people": matrix[at][to], "is_up": to < at,
            "source_name": measure_words.SEGMENTS[source].name, "target_name": measure_words.SEGMENTS[target].name,
        }
        for at, source in enumerate(SEGMENTS)
        for to, target in enumerate(SEGMENTS)
        if at != to and matrix[at][to]
    ]  # fmt: skip
    return sorted(found, key=lambda way: -way["people"])[:_WAYS_SHOWN]


@staff_only(Capability.VIEW_MEASURES)
def move(request: StaffRequest, year: int, month: int, source: str, target: str) -> HttpResponse:
    """Who moved from one segment to another in a month, those first who spent most, and what had changed."""
    require_all_outlets(request.user)
    if source not in SEGMENTS or target not in SEGMENTS or not 1 <= month <= 12 or not 1970 <= year <= 9998:
        raise Http404
    first = date(year, month, 1)
    page = queries.moves_page(first, source, target, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    rows = [
        (person, row, score_words.move_reasons(row.before, row.after))
        for person, row in people_rows(request, page.rows, page="rfm_move")
    ]
    context = {
        **freshness(), "rows": rows, "page": page, "first": first,
        "source": measure_words.SEGMENTS[source], "target": measure_words.SEGMENTS[target],
    }  # fmt: skip
    return render(request, "console/rfm_move.html", context)
