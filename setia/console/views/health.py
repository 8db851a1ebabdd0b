"""Health of the relationships: how scores are spread, who is in which zone, who changed it, and what to do."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from setia.console import charts, score_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Bin
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.views.scored import PAGE_SIZE, people_rows, share_text
from setia.domains.analytics import actions, queries
from setia.domains.analytics.rules.engagement import PARTS as TOUCHES
from setia.domains.analytics.rules.health import PRESETS, ZONES
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability

WEEK = timedelta(days=7)


@staff_only(Capability.VIEW_MEASURES)
def index(request: StaffRequest) -> HttpResponse:
    """How healthy the relationships are, which zones hold how many and how much, and who changed this week."""
    require_all_outlets(request.user)
    base, sizes, kept = freshness(), queries.group_sizes("zone"), queries.finding("people")
    total = sum(people for people, _worth, _revenue in sizes.values())
    bins = kept.found.get("health", []) if kept else []
    step = 100 // len(bins) if bins else 10
    chart = charts.histogram(
        chart_frame("health", _("Customers by health"), _("how many have which score of 0 to 100")),
        [Bin(number * step, (number + 1) * step, count) for number, count in enumerate(bins)] if total else [],
        across=charts.Axis(name=_("Health")),
        up=charts.Axis(name=_("Customers")),
    )
    zones = [
        {
            "name": name, "words": score_words.ZONES[name], "tone": _TONES[name], "people": sizes[name][0],
            "share": share_text(sizes[name][0], total), "worth": sizes[name][1],
        }
        for name in ZONES if name in sizes
    ]  # fmt: skip
    since = base["analysis"].today - WEEK if base["analysis"] else None
    changed = queries.zone_change_counts(since=since + timedelta(days=1)) if since else {}
    ways = [
        {"source": score_words.ZONES[source], "target": score_words.ZONES[target], "to": target, "people": people}
        for (source, target), people in sorted(changed.items(), key=lambda each: -each[1])
    ]
    row = actions.choices_row()
    notes = base["analysis"].notes if base["analysis"] else {}
    context = {**base, "chart": chart, "zones": zones, "ways": ways, "total": total, "choices": row}
    context |= {
        "parts": _parts(row.health_preset, notes),
        "touches": _touches(notes),
        "engaged": bool(notes.get("engagement", [])[1:]),
    }
    return render(request, "console/health.html", context)


_TONES = {"green": "good", "yellow": "warn", "red": "bad"}


def _parts(preset: str, notes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a preset with their weights, and whether they are measured at all."""
    has_touches = len(notes.get("engagement", [])) > 1
    return [
        {
            "name": score_words.PARTS[part.name], "weight": part.weight,
            "is_known": bool(part.knots) and (part.name != "engagement" or has_touches),
        }
        for part in PRESETS[preset]
    ]  # fmt: skip


def _touches(notes: dict[str, Any]) -> list[dict[str, Any]]:
    known = notes.get("engagement", [])
    return [
        {"name": score_words.PARTS[part.name], "weight": part.weight, "is_known": part.name in known}
        for part in TOUCHES
    ]


@staff_only(Capability.VIEW_MEASURES)
def zone(request: StaffRequest, zone: str) -> HttpResponse:
    """The people of a zone, those first who are worth most, and what to do about them."""
    require_all_outlets(request.user)
    if zone not in ZONES:
        raise Http404
    page = queries.zone_page(zone, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    words = score_words.ZONES[zone]
    context = {
        **freshness(), "words": words, "rows": people_rows(request, page.rows, page="health_zone"), "page": page,
        "back": "console:health_scores", "back_name": _("Health"),
    }  # fmt: skip
    return render(request, "console/score_people.html", context)


@staff_only(Capability.VIEW_MEASURES)
def changes(request: StaffRequest) -> HttpResponse:
    """Who moved to another zone in the last seven days, youngest first; into one zone only where it is named."""
    require_all_outlets(request.user)
    base = freshness()
    target = request.GET.get("to", "")
    target = target if target in ZONES else ""
    rows: list[Any] = []
    page = None
    if base["analysis"]:
        since = base["analysis"].today - WEEK + timedelta(days=1)
        page = queries.zone_changes(since=since, target=target, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
        rows = people_rows(request, page.rows, page="health_changes")
    zones = [(name, words.name) for name, words in score_words.ZONES.items()]
    context = {**base, "rows": rows, "page": page, "zones": zones, "target": target, "words": score_words.ZONES}
    return render(request, "console/health_changes.html", context)
