"""The warning of churn: who is near to leaving and why, and what a learned model is worth against the open score."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from setia.console import charts, score_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Point
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.views.scored import PAGE_SIZE, people_rows, share_text
from setia.domains.analytics import actions, queries, tasks
from setia.domains.analytics.rules.risk import ALARMS, PARTS
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put

_SHOWN = 10
_TONES = {"high": "bad", "medium": "warn", "low": "good", "lost": ""}


@staff_only(Capability.VIEW_MEASURES)
def index(request: StaffRequest) -> HttpResponse:
    """How many stand on which level, those worth most among the near to leaving, and the back-test of the model."""
    require_all_outlets(request.user)
    sizes, row = queries.group_sizes("alarm"), actions.choices_row()
    total = sum(people for people, _worth, _revenue in sizes.values())
    levels: list[dict[str, Any]] = [
        {
            "name": name, "words": score_words.ALARMS[name], "tone": _TONES[name], "people": sizes[name][0],
            "share": share_text(sizes[name][0], total), "worth": sizes[name][1],
        }
        for name in ALARMS if name in sizes
    ]  # fmt: skip
    chart = charts.bar_list(
        chart_frame("alarm", _("Customers by risk of leaving"), _("levels of the warning")),
        [Point(str(each["words"].name), each["people"]) for each in levels],
        across=_("Risk"),
        up=charts.Axis(name=_("Customers")),
    )
    top = queries.alarm_page("high", cursor="", size=_SHOWN)
    kept = queries.finding("churn")
    context = {
        **freshness(), "levels": levels, "chart": chart, "total": total, "choices": row, "parts": _parts(),
        "rows": people_rows(request, top.rows, page="churn_warning"), "test": _test(kept.found if kept else {}),
    }  # fmt: skip
    return render(request, "console/churn.html", context)


def _parts() -> list[dict[str, Any]]:
    return [
        {"name": score_words.PARTS[part.name], "weight": part.weight, "is_known": bool(part.knots)} for part in PARTS
    ]


def _test(told: dict[str, Any]) -> dict[str, Any]:
    """Return the back-test as the page says it; `why` where there was none."""
    if told.get("state") != "done":
        return {"why": score_words.CHURN_STATES.get(told.get("state", ""), "")}
    rows = [
        {
            "name": score_words.SCORES[each["name"]], "area": _three(each["area"]), "brier": _three(each["brier"]),
            "lift": charts.thousands(round(each["lift"], 2)) if each["lift"] is not None else "–",
            "is_chosen": each["name"] == told["chosen"],
        }
        for each in told["scores"]
    ]  # fmt: skip
    chosen = next(each for each in told["scores"] if each["name"] == told["chosen"])
    gain = told["gain"]
    return {
        "rows": rows, "is_better": told["is_better"], "horizon": told["horizon"],
        "people": charts.thousands(told["people"]),
        "day": parse_date(told["test"]), "first": parse_date(told["learn"][0]), "last": parse_date(told["learn"][-1]),
        "left": charts.percent(told["left"]), "chosen": score_words.SCORES[told["chosen"]],
        "gain": [_signed(part) for part in gain] if gain else None,
        "bins": [
            {"people": people, "said": charts.percent(said), "came": charts.percent(came)}
            for people, said, came in chosen["bins"]
        ],
    }  # fmt: skip


def _three(value: float | None) -> str:
    return "–" if value is None else charts.thousands(round(value, 3))


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "−") + charts.thousands(abs(round(value, 3)))


@staff_only(Capability.VIEW_MEASURES)
def people(request: StaffRequest, alarm: str) -> HttpResponse:
    """The people of a level, those first who are worth most, with what speaks for their leaving."""
    require_all_outlets(request.user)
    if alarm not in ALARMS:
        raise Http404
    page = queries.alarm_page(alarm, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {
        **freshness(), "words": score_words.ALARMS[alarm], "page": page,
        "rows": people_rows(request, page.rows, page="churn_people"),
        "back": "console:churn_warning", "back_name": _("Churn warning"),
    }  # fmt: skip
    return render(request, "console/score_people.html", context)


@staff_only(Capability.MANAGE_SHOP, "POST")
def switch(request: StaffRequest) -> HttpResponse:
    """Let the learned model speak, or silence it; on only where the back-test says that it is better."""
    require_all_outlets(request.user)
    is_on = request.POST.get("on") == "1"
    try:
        actions.switch_churn_model(on=is_on, by=request.user.actor, at=clock.now())
    except actions.UnableToSwitch as refusal:
        said = {
            "not_tried": _("Not switched on: the model could not be tried on your own past yet."),
            "not_better": _("Not switched on: on your own past the model is not surely better than the open score."),
        }
        messages.error(request, said[refusal.code])
        return redirect("console:churn_warning")
    put(tasks.analyze, unique_key="analyze")
    said_now = _("The learned model speaks from the next measuring on.") if is_on else _("The open score speaks again.")
    messages.success(request, said_now)
    return redirect("console:churn_warning")
