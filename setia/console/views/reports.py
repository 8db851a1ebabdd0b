"""Reports of weeks and months, alerts, and who gets which of them by e-mail."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console import report_words
from setia.console.doors import StaffRequest, staff_only
from setia.console.list_files import csv_answer
from setia.console.people import ShownPerson, shown_people
from setia.console.toasts import WayBack, say_done
from setia.domains.analytics.actions import choices
from setia.domains.analytics.queries import latest_analysis
from setia.domains.commerce.queries import counters_of_people
from setia.domains.reports import actions, queries
from setia.domains.reports.models import Alert, AlertKind, Report
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 30


@staff_only(Capability.VIEW_MEASURES)
def report_list(request: StaffRequest) -> HttpResponse:
    """All reports, the latest first, and the alerts nobody has looked at."""
    require_all_outlets(request.user)
    page = queries.report_page(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    rows = [
        {
            "report": report,
            "kind": report_words.REPORTS[report.kind],
            "days": report_words.period_words(report.kind, report.start, report.end),
            "alerts": len(report.content.get("alerts", [])),
        }
        for report in page.rows
    ]
    context = {"rows": rows, "page": page, "alerts": _alerts(request, queries.open_alerts())}
    return render(request, "console/reports.html", {**context, "analysis": latest_analysis()})


@staff_only(Capability.VIEW_MEASURES)
def report(request: StaffRequest, report_id: int) -> HttpResponse:
    """One report, with the people at risk it speaks of."""
    require_all_outlets(request.user)
    found = get_object_or_404(Report, id=report_id)
    shop, language = the_shop(), request.user.language
    alerts = [
        {
            "title": report_words.ALERTS[each["kind"]],
            "sentence": report_words.alert_sentence(each["kind"], each, currency=shop.currency, language=language),
            "day": each["day"],
        }
        for each in found.content.get("alerts", [])
    ]
    context = {
        "report": found,
        "title": report_words.report_title(found),
        "lines": report_words.lines(found, currency=shop.currency, language=language, industry=choices().industry),
        "segments": report_words.segment_rows(found),
        "wins": report_words.win_sentences(found),
        "alerts": alerts,
        "people": _people(request, found.content.get("at_risk", []), page="report"),
        "before": queries.report_before(found),
    }
    return render(request, "console/report.html", context)


def _people(request: StaffRequest, ids: Sequence[str], *, page: str) -> list[ShownPerson]:
    """Return the people of these ids in their order; whoever was erased or merged since is left out."""
    wanted = [int(person_id) for person_id in ids]
    counters = {row.customer_id: row for row in counters_of_people(wanted)}
    return shown_people(request.user, [counters[each] for each in wanted if each in counters], page=page)


@staff_only(Capability.VIEW_MEASURES)
def as_pdf(request: StaffRequest, report_id: int) -> HttpResponse:
    """The report as a PDF file; nobody's name stands in it."""
    from setia.console.paper.report_pdf import report_pdf  # with its fonts 20 MB that no other page needs

    require_all_outlets(request.user)
    found, shop = get_object_or_404(Report, id=report_id), the_shop()
    paper = report_pdf(
        found, shop_name=shop.name, currency=shop.currency, language=request.user.language, industry=choices().industry
    )
    response = HttpResponse(paper, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(found)}.pdf"'
    return response


@staff_only(Capability.VIEW_MEASURES)
def as_csv(request: StaffRequest, report_id: int) -> HttpResponseBase:
    """The figures of the report as a CSV file: raw values, so that a spreadsheet can go on with them."""
    require_all_outlets(request.user)
    found = get_object_or_404(Report, id=report_id)
    columns = ("measure", "unit", "value", "before", "year_before", "numerator", "denominator", "population", "why")
    rows = [
        (found.start, found.end, *(figure.get(name) for name in columns)) for figure in found.content.get("figures", [])
    ]
    return csv_answer(_file_name(found), ("from", "until", *columns), rows, at=clock.now())


def _file_name(found: Report) -> str:
    return f"setia-{found.kind}-{found.start.isoformat()}"


@staff_only(Capability.VIEW_MEASURES)
def alert_list(request: StaffRequest) -> HttpResponse:
    """All alerts, the latest first."""
    require_all_outlets(request.user)
    page = queries.alert_page(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    return render(request, "console/alerts.html", {"alerts": _alerts(request, page.rows), "page": page})


def _alerts(request: StaffRequest, found: Sequence[Alert]) -> list[dict[str, Any]]:
    """Return alerts in words; those about people with the people, all asked for at once."""
    shop, language = the_shop(), request.user.language
    ids = [each for alert in found if alert.kind == AlertKind.CRITICAL for each in alert.figures.get("people", [])]
    people = {person.id: person for person in _people(request, list(dict.fromkeys(ids)), page="alerts")}
    return [
        {
            "alert": alert,
            "title": report_words.ALERTS[alert.kind],
            "step": report_words.STEPS[alert.kind],
            "sentence": report_words.alert_sentence(
                alert.kind, alert.figures, currency=shop.currency, language=language
            ),
            "people": [people[int(each)] for each in alert.figures.get("people", []) if int(each) in people],
        }
        for alert in found
    ]


@staff_only(Capability.VIEW_MEASURES, "POST")
def close_alert(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Somebody has looked at it."""
    require_all_outlets(request.user)
    found = get_object_or_404(Alert, id=alert_id)
    actions.close_alert(alert=found, person=request.user, at=clock.now())
    say_done(request, _("Marked as seen."), undo=WayBack(reverse("console:alert_reopen", args=[found.id]), {}))
    return redirect("console:reports")


@staff_only(Capability.VIEW_MEASURES, "POST")
def reopen_alert(request: StaffRequest, alert_id: int) -> HttpResponse:
    """The alert waits again."""
    require_all_outlets(request.user)
    actions.reopen_alert(alert=get_object_or_404(Alert, id=alert_id), by=request.user.actor, at=clock.now())
    return redirect("console:reports")


class WishForm(forms.Form):
    """Which letters somebody gets."""

    weekly = forms.BooleanField(label=gettext_lazy("The weekly report, on Mondays"), required=False)
    monthly = forms.BooleanField(label=gettext_lazy("The monthly report, on the first"), required=False)
    alerts = forms.BooleanField(label=gettext_lazy("Alerts, on the day"), required=False)


@staff_only(Capability.VIEW_MEASURES, "GET", "POST")
def wishes(request: StaffRequest) -> HttpResponse:
    """Which reports and alerts come to oneself by e-mail."""
    require_all_outlets(request.user)
    wish = queries.wish_of(request.user)
    initial = {"weekly": wish.weekly, "monthly": wish.monthly, "alerts": wish.alerts}
    # With no box ticked a browser sends next to nothing, which is an answer too.
    form = WishForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.save_wishes(person=request.user, **form.cleaned_data, by=request.user.actor, at=clock.now())
        messages.success(request, _("Saved."))
        return redirect("console:reports")
    return render(request, "console/report_wishes.html", {"form": form})
