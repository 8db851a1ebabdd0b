"""Exports: ask for a file, see it grow, download it, delete it, make it again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.forms import OutletChoice
from setia.console.once import only_once
from setia.console.toasts import say_done
from setia.domains.exports import actions, files, queries, tasks
from setia.domains.exports.models import Export, ExportState
from setia.domains.exports.rules import Filters, Form
from setia.domains.shop.queries import outlets
from setia.domains.staff.queries import names_by_id
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put

PAGE_SIZE = 30
EXPORT_NAMES = {
    "customers": gettext_lazy("Customers"),
    "identities": gettext_lazy("Numbers and accounts of customers"),
    "tags": gettext_lazy("Tags"),
    "custom_fields": gettext_lazy("The shop's own fields"),
    "consents": gettext_lazy("Consents with evidence"),
    "orders": gettext_lazy("Orders"),
    "lines": gettext_lazy("Order lines"),
    "returns": gettext_lazy("Returns"),
    "shipments": gettext_lazy("Parcels"),
    "payments": gettext_lazy("Payments"),
    "refunds": gettext_lazy("Refunds"),
    "products": gettext_lazy("Products"),
    "outlets": gettext_lazy("Outlets"),
    "scores": gettext_lazy("Scores of customers"),
    "interactions": gettext_lazy("Contacts with customers"),
    "notes": gettext_lazy("Notes"),
    "events": gettext_lazy("Everything that happened"),
    "imports": gettext_lazy("Imports"),
}
FORM_NAMES = {
    Form.XLSX: gettext_lazy("Excel (.xlsx)"),
    Form.CSV: gettext_lazy("CSV"),
    Form.JSONL: gettext_lazy("JSON lines, for programs"),
    Form.PARQUET: gettext_lazy("Parquet, for analysis"),
}


class ExportForm(forms.Form):
    """What is to leave, how, and which days and outlet of it."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=list(EXPORT_NAMES.items()))
    form = forms.ChoiceField(
        label=gettext_lazy("As"), choices=[(form.value, name) for form, name in FORM_NAMES.items()]
    )
    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    outlet = OutletChoice(label=gettext_lazy("Outlet"), queryset=None, required=False, empty_label="–")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outlet"].queryset = outlets()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day lies before the first."))
        return cleaned


@staff_only(Capability.EXPORT)
def export_list(request: StaffRequest) -> HttpResponse:
    """All exports, latest first."""
    page = queries.export_page(viewer=request.user, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = names_by_id({row.actor_id for row in page.rows if row.actor_kind == "staff"})
    rows = [_shown(row) | {"who": names.get(row.actor_id, "")} for row in page.rows]
    return render(request, "console/exports.html", {"page": page, "rows": rows})


def _shown(record: Export) -> dict[str, Any]:
    filters = Filters.from_json(record.filters)
    place = outlets().filter(id=filters.outlet_id).first() if filters.outlet_id else None
    return {
        "record": record,
        "name": EXPORT_NAMES[record.kind],
        "form": FORM_NAMES[Form(record.form)],
        "filters": filters,
        "outlet": place.name if place else "",
        "is_here": record.state == ExportState.DONE and files.path_of(record).exists(),
        "problem": _("The disk is full. Make room on the server and make it again.")
        if record.problem == "disk_full"
        else record.problem,
    }


@staff_only(Capability.EXPORT, "GET", "POST")
@sudo
def add(request: StaffRequest) -> HttpResponse:
    """Ask for a file."""
    queries.require_exporter(request.user)
    form = ExportForm(request.POST or None, initial={"kind": request.GET.get("kind", "customers"), "form": "xlsx"})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        filters = Filters(said["first"], said["last"], said["outlet"].id if said["outlet"] else None)

        def ask() -> int:
            record = actions.request_export(
                kind=said["kind"], form=said["form"], filters=filters, by=request.user.actor, at=clock.now()
            )
            put(tasks.make, args=[str(record.id)], unique_key=f"export:{record.id}")
            return int(record.id)

        return redirect("console:export", only_once(request, "export", ask))
    return render(request, "console/export_form.html", {"form": form}, status=422 if form.is_bound else 200)


@staff_only(Capability.EXPORT)
def detail(request: StaffRequest, export_id: int) -> HttpResponse:
    """Where an export stands."""
    record = queries.access_export(request.user, export_id)
    return render(request, "console/export.html", _shown(record))


@staff_only(Capability.EXPORT)
def progress(request: StaffRequest, export_id: int) -> HttpResponse:
    """The progress bar alone, asked for each second; when the work is over the whole page is loaded anew."""
    record = queries.access_export(request.user, export_id)
    if not record.is_working:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    tag = f'"{record.state}-{record.done_count}-{record.total_count}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = render(request, "console/parts/export_progress.html", {"record": record})
    response.headers["ETag"] = tag
    return response


@staff_only(Capability.EXPORT, "POST")
@sudo
def download(request: StaffRequest, export_id: int) -> HttpResponseBase:
    """Hand the file over; that somebody took it is noted, so it is asked for by a form."""
    record = queries.access_export(request.user, export_id)
    try:
        actions.take(record=record, by=request.user.actor, at=clock.now())
    except actions.UnableToExport:
        messages.error(request, _("This file is not here any more. You can have it made again."))
        return redirect("console:export", record.id)
    response = FileResponse(files.path_of(record).open("rb"), as_attachment=True, filename=record.file_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@staff_only(Capability.EXPORT, "POST")
def cancel(request: StaffRequest, export_id: int) -> HttpResponse:
    """Stop an export."""
    record = queries.access_export(request.user, export_id)
    actions.cancel(record=record, at=clock.now())
    return redirect("console:export", record.id)


@staff_only(Capability.EXPORT, "POST")
def delete(request: StaffRequest, export_id: int) -> HttpResponse:
    """Delete the file before its time."""
    record = queries.access_export(request.user, export_id)
    actions.delete(record=record)
    say_done(request, _("The file was deleted."))
    return redirect("console:exports")


@staff_only(Capability.EXPORT, "POST")
@sudo
def again(request: StaffRequest, export_id: int) -> HttpResponse:
    """Have the same file made once more."""
    record = queries.access_export(request.user, export_id)

    def ask() -> int:
        fresh = actions.run_again(record=record, by=request.user.actor, at=clock.now())
        put(tasks.make, args=[str(fresh.id)], unique_key=f"export:{fresh.id}")
        return int(fresh.id)

    return redirect("console:export", only_once(request, f"export:{record.id}", ask))
