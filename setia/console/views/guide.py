"""The guide: seven mistakes judged by the shop's own figures, why customers leave, and whom nobody talks to."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console import charts, guide_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Point
from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.freshness import freshness
from setia.console.goal_forms import LeavingForm
from setia.console.once import only_once
from setia.console.people import display_name, shown_people
from setia.domains.analytics import queries as analytics
from setia.domains.commerce.queries import counters_of_people
from setia.domains.customers.queries import access_customer
from setia.domains.guidance import actions, queries
from setia.domains.guidance.rules import mistakes as rules
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50
_NEGLECTED_DAYS = (30, 60, 90, 180)
_YEAR = timedelta(days=365)


@staff_only(Capability.VIEW_MEASURES)
def guide(request: StaffRequest) -> HttpResponse:
    """The seven fatal mistakes and the three foundations, each with the figures behind its verdict."""
    require_all_outlets(request.user)
    row = analytics.finding("evidence")
    context: dict[str, Any] = {**freshness(), "has": row is not None}
    if row is not None:
        history = analytics.measure_history(["return_rate"])["return_rate"]
        whole = [each for each in history if not each.is_running and each.value is not None]
        rate, orders = (whole[-1].value, whole[-1].population) if whole else (None, 0)
        context["mistakes"] = [_shown(each) for each in rules.mistakes(row.found)]
        context["foundations"] = [
            _shown(each) for each in rules.foundations(row.found, return_rate=rate, orders=orders)
        ]
        context["faults"] = sum(each["verdict"] == rules.FAULT for each in context["mistakes"])
        context["goods"] = sum(each["verdict"] == rules.GOOD for each in context["mistakes"])
        context["unknowns"] = sum(each["verdict"] == rules.UNKNOWN for each in context["mistakes"])
    return render(request, "console/guide.html", context)


def _shown(verdict: rules.Verdict) -> dict[str, Any]:
    words = guide_words.MISTAKES[verdict.name]
    return {
        "words": words,
        "verdict": verdict.verdict,
        "lacks": guide_words.LACKS[verdict.lacks] if verdict.lacks else "",
        "figures": [
            {
                "share": charts.percent(figure.share),
                "words": guide_words.FIGURES[figure.name],
                "part": round(figure.part),
                "whole": round(figure.whole),
                "has_count": figure.name not in ("return_rate", "spend_new"),
            }
            for figure in verdict.figures
            if figure.share is not None
        ],
    }


@staff_only(Capability.VIEW_MEASURES)
def leaving(request: StaffRequest) -> HttpResponse:
    """Why customers leave: what they said, what they gave as reasons for returns, and how their last visit was."""
    require_all_outlets(request.user)
    row = analytics.finding("evidence")
    found: dict[str, Any] = row.found if row else {}
    causes = queries.leaving_causes(since=clock.now() - _YEAR)
    context: dict[str, Any] = {"has": bool(found), "total": sum(causes.values())}
    context["causes"] = charts.bar_list(
        chart_frame("causes", _("Why they left"), _("as noted by the team in the last 365 days")),
        [Point(str(guide_words.CAUSES[name]), count) for name, count in causes.most_common()],
        across=_("Why"),
        up=charts.Axis(name=_("Customers")),
    )
    returns = found.get("returns", {"count": 0, "told": 0, "reasons": []})
    context["returns"] = returns
    context["reasons"] = charts.bar_list(
        chart_frame("reasons", _("Reasons for returns"), _("those given most in the last 365 days")),
        [Point(reason, count) for reason, count in returns["reasons"]],
        across=_("Reason"),
        up=charts.Axis(name=_("Returns")),
    )
    context["experience"] = _experience(found.get("experience", {}))
    return render(request, "console/leaving.html", context)


def _experience(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return how the last visit of those who left was, beside that of those who stay."""
    names = {
        "came_back": _("brought something back from their last purchase"),
        "cancelled": _("had an order cancelled afterwards"),
        "once": _("bought on one day only"),
    }
    lost, active = found.get("lost", {}), found.get("active", {})
    if not lost.get("people"):
        return []
    return [
        {
            "words": words,
            "lost": charts.percent(lost[name] / lost["people"]),
            "active": charts.percent(active[name] / active["people"]) if active.get("people") else "",
            "people": lost["people"],
        }
        for name, words in names.items()
    ]


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def leaving_note(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Note why a customer left."""
    customer = access_customer(request.user, customer_id)
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def work() -> int:
            row = actions.note_leaving(customer=customer, **given, by=request.user, at=clock.now())
            return int(row.id)

        only_once(request, "leaving", work)
        messages.success(request, _("Noted."))
        return redirect("console:customer", customer_id=customer.id)
    context = {"form": form, "customer": customer, "name": display_name(customer)}
    return render(request, "console/leaving_form.html", context, status=422 if request.method == "POST" else 200)


@staff_only(Capability.VIEW_MEASURES)
def neglected(request: StaffRequest) -> HttpResponse:
    """Customers of value with whom nobody was in touch for so many days, best first."""
    require_all_outlets(request.user)
    asked = id_or_none(request.GET.get("days", ""))
    days = asked if asked in _NEGLECTED_DAYS else 90
    money = analytics.finding("money")
    least = (money.found.get("top_fifth_from") or 0) if money else 0
    who = "all" if request.GET.get("who") == "all" else "best"
    page = queries.neglected_page(
        since=clock.now() - timedelta(days=days), worth_from=0 if who == "all" else least,
        cursor=request.GET.get("cursor", ""), size=PAGE_SIZE,
    )  # fmt: skip
    counters = {row.customer_id: row for row in counters_of_people([row.customer_id for row in page.rows])}
    known = [row for row in page.rows if row.customer_id in counters]
    people = shown_people(request.user, [counters[row.customer_id] for row in known], page="neglected")
    context = {
        "rows": list(zip(people, known, strict=True)), "page": page, "days": days, "choices": _NEGLECTED_DAYS,
        "who": who, "least": least, "analysis": analytics.latest_analysis(),
    }  # fmt: skip
    return render(request, "console/neglected.html", context)
