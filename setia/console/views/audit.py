"""The audit: every fact, who looked at whose personal data, and how far both are sealed."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.audit_words import GROUPS, page_name, sentences
from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.people import display_name
from setia.console.review import points
from setia.domains.customers.queries import alias_ids, by_ids
from setia.domains.imports.reading.csvsafe import safe_cell
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import everybody, names_by_id, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import day_start
from setia.foundation.events.models import AccessLog, Event
from setia.foundation.events.recording import log_access
from setia.foundation.events.verifying import last_check, last_seal
from setia.foundation.ids import first_id_of
from setia.foundation.paging import Key, key_page

PAGE_SIZE = 50
_FILE_ROWS = 50_000
_STEP = 500


class PeriodForm(forms.Form):
    """From which day to which day."""

    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@staff_only(Capability.VIEW_AUDIT)
def audit(request: StaffRequest) -> HttpResponse:
    """Every fact, latest first, by person of the team, kinds, customer and period."""
    page = key_page(_facts(request), keys=(Key("id"),), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {
        **_filters(request),
        "rows": sentences(page.rows, viewer=request.user),
        "page": page,
        "names": _names(page.rows),
        "groups": {name: label for name, (label, _kinds) in GROUPS.items()},
        "group": request.GET.get("kinds", ""),
    }
    return render(request, "console/audit.html", context)


@staff_only(Capability.VIEW_AUDIT)
def audit_file(request: StaffRequest) -> HttpResponseBase:
    """The same facts as a CSV, at most 50,000; that it was taken stands in the access log."""
    require_all_outlets(request.user)

    def lines() -> Iterator[list[Any]]:
        yield [_("When"), _("Person"), _("What happened"), _("Detail"), _("Customer"), _("Code")]
        for events in _steps(_facts(request)):
            for event, actor, title, detail in sentences(events, viewer=request.user):
                yield [event.recorded_at.isoformat(), actor, title, detail, event.customer_id or "", event.kind]

    return _file(request, "audit", lines())


@staff_only(Capability.VIEW_AUDIT)
def access(request: StaffRequest) -> HttpResponse:
    """The looks at personal data, latest first, of one person of the team or at one customer."""
    page = key_page(_looks(request), keys=(Key("id"),), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = names_by_id({row.actor_id for row in page.rows if row.actor_kind == "staff"})
    rows = [(row, names.get(row.actor_id, row.actor_kind), page_name(row.page)) for row in page.rows]
    return render(
        request, "console/access.html", {**_filters(request), "rows": rows, "page": page, "names": _names(page.rows)}
    )


@staff_only(Capability.VIEW_AUDIT)
def access_file(request: StaffRequest) -> HttpResponseBase:
    """The same looks as a CSV, at most 50,000; that it was taken is a look too."""
    require_all_outlets(request.user)

    def lines() -> Iterator[list[Any]]:
        yield [_("When"), _("Person"), _("Page"), _("Customer"), _("Rows")]
        for rows in _steps(_looks(request)):
            names = names_by_id({row.actor_id for row in rows if row.actor_kind == "staff"})
            for row in rows:
                name = names.get(row.actor_id, row.actor_kind)
                yield [row.looked_at.isoformat(), name, page_name(row.page), row.customer_id or "", row.row_count]

    return _file(request, "access", lines())


def _names(rows: Sequence[Event] | Sequence[AccessLog]) -> dict[int, str]:
    """Return what the customers of some rows are called; those who are gone are missing."""
    return {one.id: display_name(one) for one in by_ids([row.customer_id for row in rows if row.customer_id])}


def _filters(request: StaffRequest) -> dict[str, Any]:
    return {
        "people": everybody(),
        "staff_id": id_or_none(request.GET.get("staff", "")),
        "customer_id": id_or_none(request.GET.get("customer", "")),
        "period": PeriodForm(request.GET),
        "seal": last_seal(),
        "check": last_check(),
    }


def _facts(request: StaffRequest) -> QuerySet[Event]:
    rows = _narrowed(request, Event.objects.all(), "recorded_at")
    if (group := request.GET.get("kinds", "")) in GROUPS:
        kinds = Q()
        for start in GROUPS[group][1]:
            kinds |= Q(kind__startswith=start)
        rows = rows.filter(kinds)
    return rows


def _looks(request: StaffRequest) -> QuerySet[AccessLog]:
    return _narrowed(request, AccessLog.objects.all(), "looked_at")


def _narrowed(request: StaffRequest, rows: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """Keep what the filter asks for; a damaged value asks for nothing."""
    staff_id, customer_id = id_or_none(request.GET.get("staff", "")), id_or_none(request.GET.get("customer", ""))
    if staff_id is not None:
        rows = rows.filter(actor_kind="staff", actor_id=staff_id)
    if customer_id is not None:
        rows = rows.filter(customer_id__in=alias_ids(customer_id) or [customer_id])
    period, shop = PeriodForm(request.GET), the_shop()
    period.is_valid()
    if (first := period.cleaned_data.get("first")) and first.year > 1:
        start = day_start(first, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
        # Ids tell when a row was made, which spares the walk through all older ones.
        early = max(start - timedelta(days=1), datetime(2024, 1, 1, tzinfo=UTC))
        rows = rows.filter(**{f"{moment}__gte": start}, id__gte=first_id_of(early))
    if (last := period.cleaned_data.get("last")) and last.year < 9_999:
        end = day_start(last + timedelta(days=1), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
        rows = rows.filter(**{f"{moment}__lt": end})
    return rows


def _steps(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    before, left = None, _FILE_ROWS
    while left > 0:
        some = list((rows.filter(id__lt=before) if before else rows).order_by("-id")[: min(_STEP, left)])
        if not some:
            return
        yield some
        before, left = some[-1].id, left - len(some)


def _file(request: StaffRequest, name: str, lines: Iterable[list[Any]]) -> StreamingHttpResponse:
    """Send lines as a CSV whose cells no spreadsheet takes for formulas."""
    at = clock.now()
    log_access(
        by=request.user.actor,
        at=at,
        page=f"{name}_file",
        customer_id=id_or_none(request.GET.get("customer", "")),
    )

    def written() -> Iterator[str]:
        yield "\ufeff"
        for line in lines:
            place = io.StringIO()
            csv.writer(place).writerow([safe_cell(cell) for cell in line])
            yield place.getvalue()

    answer = StreamingHttpResponse(written(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="setia-{name}-{at:%Y-%m-%d}.csv"'
    return answer


@staff_only(Capability.VIEW_AUDIT)
def review(request: StaffRequest) -> HttpResponse:
    """The security review: what needs a look now, and what to do about it; made to be printed and signed."""
    at = clock.now()
    found = points(request.user, at=at)
    open_count = sum(not point.is_fine for point in found)
    return render(request, "console/review.html", {"points": found, "at": at, "open_count": open_count})
