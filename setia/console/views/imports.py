"""Imports: upload, mapping, dry run, progress, refused rows, undo."""

import csv
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.forms import UploadForm
from setia.console.import_words import KIND_NAMES, RESULT_WORDS, problem_text, refusal_text, skipped_rows
from setia.console.views.import_mapping import mapping_page
from setia.domains.commerce.queries.scope import sees_all_of_import
from setia.domains.imports import actions, checking, files, queries, tasks
from setia.domains.imports.models import Import, ImportState
from setia.domains.imports.reading import UnreadableFile
from setia.domains.staff.queries import outlet_scope, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.events.recording import log_access
from setia.foundation.jobs.backend import put
from setia.foundation.money import CURRENCIES

PAGE_SIZE = 30
SHOWN_ROWS = 6


@staff_only(Capability.IMPORT)
def import_list(request: StaffRequest) -> HttpResponse:
    """All imports, latest first."""
    page = queries.import_page(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    rows = [(record, KIND_NAMES.get(record.kind, record.kind), _brought(record)) for record in page.rows]
    return render(request, "console/imports.html", {"page": page, "rows": rows})


@staff_only(Capability.IMPORT, "GET", "POST")
def upload(request: StaffRequest) -> HttpResponse:
    """Take a file in and go on to its mapping."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        record = _taken(request, form)
        if record is not None:
            return redirect("console:import", record.id)
    return render(request, "console/import_upload.html", {"form": form}, status=422 if form.is_bound else 200)


def _brought(record: Import) -> int | None:
    """Return how many things of its kind a file brought: orders, people, products, contacts, answers."""
    names = ("orders", "people", "products", "interactions", "consents")
    return next((record.written[name] for name in names if name in record.written), None)


def _taken(request: StaffRequest, form: UploadForm) -> Import | None:
    """Keep the upload and look at its head; what is wrong with it goes to the form."""
    upload, lines = form.cleaned_data["file"], form.cleaned_data["lines"]
    kind = form.cleaned_data["kind"] or ("orders" if lines else "")
    try:
        record = actions.take_file(
            name=upload.name,
            kind=kind,
            line_blocks=lines.chunks(1_048_576) if lines and kind == "orders" else None,
            blocks=upload.chunks(1_048_576),
            limit_bytes=settings.MAX_IMPORT_BYTES,
            by=request.user.actor,
            at=clock.now(),
        )
    except actions.UnableToImport as error:
        form.add_error("file", refusal_text(error.code, error.about))
        return None
    try:
        head = checking.preview(files.source(record.id))
        if not kind:
            actions.choose_kind(record=record, kind=head.guessed_kind)
    except UnreadableFile as error:
        actions.cancel(record=record, at=clock.now())
        form.add_error("file", problem_text(error.reason.code, error.reason.value, error.reason.column))
        return None
    return record


@staff_only(Capability.IMPORT)
def detail(request: StaffRequest, import_id: int) -> HttpResponse:
    """Where an import stands: its mapping, its dry run, its progress or its result."""
    record = queries.access_import(request.user, import_id)
    wants_mapping = record.state in (ImportState.UPLOADED, ImportState.ASKING) or (
        "mapping" in request.GET and record.state in (ImportState.CHECKED, ImportState.FAILED)
    )
    if wants_mapping and files.source(record.id).exists():
        return mapping_page(request, record)
    context = {**_state_context(record), "some_outlets": outlet_scope(request.user) is not None}
    return render(request, "console/import.html", context)


def _state_context(record: Import) -> dict[str, Any]:
    counts = record.counts
    problems = [
        {**row, "text": problem_text(row["code"], row["value"], row["column"])}
        for row in queries.first_refused(record, count=20)
    ]
    problem = record.problem
    return {
        "record": record,
        "counts": counts,
        "written": record.written,
        "known": record.written.get("known_lines", 0) + record.written.get("known_returns", 0),
        "skipped": skipped_rows(counts.get("skipped", {})),
        "problems": problems,
        "problem": problem_text(problem["code"], problem.get("value", ""), problem.get("column")) if problem else "",
        "sharers": queries.sharers(record) if record.can_undo else [],
        "same": queries.same_file(record.file_hash, but=record.id) if record.state == ImportState.CHECKED else None,
        "has_refused": files.refused_rows(record.id).exists() and bool(counts.get("skipped")),
        "kind_name": KIND_NAMES[record.kind],
        "results": [(word, record.written[name]) for name, word in RESULT_WORDS.items() if record.written.get(name)],
        "money_scale": CURRENCIES[record.option("currency", "IDR")],
    }


@staff_only(Capability.IMPORT, "POST")
def confirm(request: StaffRequest, import_id: int) -> HttpResponse:
    """Let a checked import be written."""
    record = queries.access_import(request.user, import_id)
    try:
        actions.confirm(record=record, by=request.user.actor, at=clock.now())
    except actions.UnableToImport as error:
        messages.error(request, refusal_text(error.code, error.about))
    else:
        put(tasks.write, args=[str(record.id)], unique_key=f"import:{record.id}")
    return redirect("console:import", record.id)


@staff_only(Capability.IMPORT, "POST")
def resume(request: StaffRequest, import_id: int) -> HttpResponse:
    """Put the background work of an import in the queue again, where it stopped for good."""
    record = queries.access_import(request.user, import_id)
    again = {ImportState.CHECKING: tasks.check, ImportState.WRITING: tasks.write}.get(ImportState(record.state))
    if again is not None:
        put(again, args=[str(record.id)], unique_key=f"import:{record.id}")
    elif record.state == ImportState.UNDOING:
        put(tasks.undo, args=[str(record.id), str(request.user.id)], unique_key=f"import:{record.id}")
    return redirect("console:import", record.id)


@staff_only(Capability.IMPORT, "POST")
def cancel(request: StaffRequest, import_id: int) -> HttpResponse:
    """Drop an import of which nothing was written."""
    record = queries.access_import(request.user, import_id)
    try:
        actions.cancel(record=record, at=clock.now())
    except actions.UnableToImport as error:
        messages.error(request, refusal_text(error.code, error.about))
        return redirect("console:import", record.id)
    messages.success(request, _("The import was dropped; nothing was changed."))
    return redirect("console:imports")


@staff_only(Capability.IMPORT, "POST")
@sudo
def undo(request: StaffRequest, import_id: int) -> HttpResponse:
    """Take an import back; whoever does not see all that it wrote may not take it away from others."""
    record = queries.access_import(request.user, import_id)
    if not sees_all_of_import(request.user, record.id):
        messages.error(
            request,
            _("This file brought orders of other outlets too. Ask somebody who sees all outlets to take it back."),
        )
        return redirect("console:import", record.id)
    try:
        actions.start_undo(record=record, by=request.user.actor, at=clock.now())
    except actions.UnableToImport as error:
        messages.error(request, refusal_text(error.code, error.about))
    else:
        put(tasks.undo, args=[str(record.id), str(request.user.id)], unique_key=f"import:{record.id}")
    return redirect("console:import", record.id)


@staff_only(Capability.IMPORT)
def progress(request: StaffRequest, import_id: int) -> HttpResponse:
    """The progress bar alone, asked for each second; when the work is over the whole page is loaded anew."""
    record = queries.access_import(request.user, import_id)
    if not record.is_working:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    tag = f'"{record.state}-{record.done_count}-{record.total_count}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = render(request, "console/parts/import_progress.html", {"record": record})
    response.headers["ETag"] = tag
    return response


@staff_only(Capability.IMPORT)
def refused(request: StaffRequest, import_id: int) -> HttpResponseBase:
    """The refused rows with their reasons in the reader's language, as CSV."""
    record = queries.access_import(request.user, import_id)
    require_all_outlets(request.user)
    path = files.refused_rows(record.id)
    if not path.exists():
        return render(request, "console/errors/404.html", status=404)
    target = path.with_name(f"refused.{request.user.language}.csv")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        _translate_reasons(path, target)
    skipped = sum(record.counts.get("skipped", {}).values())
    log_access(by=request.user.actor, at=clock.now(), page="import_refused", customer_id=None, row_count=skipped)
    return FileResponse(target.open("rb"), as_attachment=True, filename=f"setia-ditolak-{record.id}.csv")


def _translate_reasons(source: Any, target: Any) -> None:
    scratch = target.with_suffix(".new")
    with (
        source.open(newline="", encoding="utf-8-sig") as rows,
        scratch.open("w", newline="", encoding="utf-8-sig") as out,
    ):
        reader, writer = csv.reader(rows), csv.writer(out)
        headings = next(reader)
        writer.writerow([_("Row"), _("Reason"), *headings[4:]])
        for number, code, column, value, *cells in reader:
            writer.writerow([number, problem_text(code, value, column), *cells])
    scratch.replace(target)
