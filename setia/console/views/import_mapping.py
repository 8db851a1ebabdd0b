"""The columns of a file: which holds what and how it will be read, chosen before anything is checked."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.import_words import KIND_NAMES, field_name, problem_text, refusal_text, seen_text
from setia.domains.imports import actions, checking, files, mappings, queries, tasks
from setia.domains.imports.checking import Preview
from setia.domains.imports.kinds import kind_of
from setia.domains.imports.kinds.protocol import Part
from setia.domains.imports.models import Import, ImportState, NamedMapping
from setia.domains.imports.previewing import Seen, read_ahead
from setia.domains.imports.reading import UnreadableFile
from setia.domains.imports.reading.vocabulary import TABLE_FIELDS
from setia.domains.imports.rules import Grouping, ReadingOptions
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put
from setia.foundation.money import CURRENCIES, currency

Heads = dict[Part, Preview]


def mapping_page(
    request: StaffRequest,
    record: Import,
    *,
    heads: Heads | None = None,
    options: ReadingOptions | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show which column holds what, as it was chosen or as Setia guesses, with the first rows as they will be read."""
    stored = ReadingOptions.from_json(record.options) if record.options else None
    try:
        heads = heads or _heads(record, _sheets(request.GET, stored))
    except UnreadableFile as failure:
        reason = failure.reason
        context = {"record": record, "problem": problem_text(reason.code, reason.value, reason.column)}
        return render(request, "console/import.html", context, status=422)
    main, *others = heads.values()
    used = _named(request.GET.get("use", ""), record.kind)
    if options is None and used is not None:
        options = _by_mapping(used, heads)
    if options is None and "sheet" not in request.GET:
        options = stored or queries.remembered(main.headings, kind=record.kind)
    options = options or _guessed(heads, _sheets(request.GET, stored))
    sheets = (options.sheet or "", options.line_sheet or "")
    context = {
        "record": record,
        "kind_name": KIND_NAMES[record.kind],
        "kinds": KIND_NAMES.items(),
        "tables": [_table(request, record, part, head, options) for part, head in heads.items()],
        "sheets": main.sheets,
        "sheet": sheets[0],
        "line_sheet": sheets[1],
        "has_second": files.second_source(record.id).exists(),
        "lacks_lines": bool(others) and not files.second_source(record.id).exists() and len(main.sheets) < 2,
        "options": options,
        "currencies": sorted(CURRENCIES),
        "grouping": str(options.grouping),
        "may_overwrite": record.kind == "customers",
        "saved": mappings.fitting(kind=record.kind, headings=main.headings),
        "used": used,
        "keep_as": request.POST.get("keep_as", used.name if used else "")[:80],
        "error": error,
        "asks": record.problem["code"] if record.state == ImportState.ASKING and record.problem else "",
    }
    return render(request, "console/import_mapping.html", context, status=status)


def _sheets(source: Any, stored: ReadingOptions | None) -> tuple[str | None, str | None]:
    def name(key: str, standing: str | None) -> str | None:
        return str(source.get(key, "")).replace("\x00", "")[:100] or standing

    return name("sheet", stored.sheet if stored else None), name("line_sheet", stored.line_sheet if stored else None)


def _heads(record: Import, sheets: tuple[str | None, str | None]) -> Heads:
    """Read the head of each table of a file; raises UnreadableFile."""
    found = {}
    for part in kind_of(record.kind).parts:
        sheet = (sheets[1] or checking.usual_sheet(part, record.id)) if part.name else sheets[0]
        if part.name and files.second_source(record.id).exists():
            sheet = None
        found[part] = checking.preview(part.path_of(record.id), sheet=sheet, fields=part.fields)
    return found


def _guessed(heads: Heads, sheets: tuple[str | None, str | None]) -> ReadingOptions:
    main, *others = heads.values()
    line_sheet = sheets[1] or (main.sheets[1] if others and len(main.sheets) > 1 else None)
    return ReadingOptions(
        mapping=main.mapping,
        currency=the_shop().currency_code,
        grouping=main.grouping,
        sheet=sheets[0],
        line_mapping=others[0].mapping if others else {},
        line_sheet=line_sheet if others else None,
    )


def _named(text: str, kind: str) -> NamedMapping | None:
    mapping_id = id_or_none(text)
    return NamedMapping.objects.filter(id=mapping_id, kind=kind).first() if mapping_id else None


def _by_mapping(mapping: NamedMapping, heads: Heads) -> ReadingOptions:
    main, *others = heads.values()
    return mappings.options_of(
        mapping,
        headings=main.headings,
        line_headings=others[0].headings if others else (),
        currency=the_shop().currency_code,
    )


def _table(request: StaffRequest, record: Import, part: Part, head: Preview, options: ReadingOptions) -> dict[str, Any]:
    """Return one table of the file as the page shows it: column, examples, field, and how the examples are read."""
    mapping, twice = part.mapping_of(options), _twice(request, part, head)
    try:
        ahead = read_ahead(record, part, options, head.rows, at=clock.now())
    except UnreadableFile:
        ahead = {}
    by_column = {column: field for field, column in mapping.items()}
    return {
        "prefix": _prefix(part),
        "title": _("The order lines") if part.name else "",
        "fields": _choices(part),
        "columns": [
            {
                "index": index,
                "heading": heading,
                "samples": [row[index] for row in head.rows[:3] if index < len(row) and row[index] not in (None, "")],
                "field": twice[index][0] if index in twice else by_column.get(index, ""),
                "error": twice[index][1] if index in twice else "",
                "seen": [_shown(seen, options, request.user.language) for seen in ahead.get(index, ())],
            }
            for index, heading in enumerate(head.headings)
        ],
    }


def _twice(request: StaffRequest, part: Part, head: Preview) -> dict[int, tuple[str, str]]:
    """Return the columns of which a form says that they hold the same: the field, and how to mend it, by column."""
    columns: dict[str, list[int]] = {}
    for index in range(len(head.headings)):
        columns.setdefault(request.POST.get(f"{_prefix(part)}column_{index}", ""), []).append(index)
    found = {}
    for name, label in _choices(part):
        same = columns.get(name, [])
        for index in same if len(same) > 1 else ():
            others = ", ".join(f"“{head.headings[other]}”" for other in same if other != index)
            words = _("“{field}” is chosen for {others} too. Leave one of them out, or choose something else for it.")
            found[index] = (name, words.format(field=label, others=others))
    return found


def _prefix(part: Part) -> str:
    return "lines_" if part.name else ""


def _choices(part: Part) -> list[tuple[str, str]]:
    found = [(field.name, field_name(field.name, part.fields)) for field in TABLE_FIELDS[part.fields]]
    if part.fields == "customers":
        found += [(f"custom:{key}", label) for key, label in checking.custom_names()]
    return found


def _shown(seen: Seen, options: ReadingOptions, language: str) -> dict[str, Any]:
    if seen.reason is not None:
        return {"is_bad": True, "text": problem_text(seen.reason.code, seen.reason.value, None)}
    return {"is_bad": False, "text": seen_text(seen.kind, seen.value, currency(options.currency), language)}


def _posted(request: StaffRequest, record: Import, heads: Heads) -> ReadingOptions:
    """Return the reading options that a form holds; what is no choice of the page is left out."""
    posted = request.POST.get
    columns: dict[str, dict[str, int]] = {}
    for part, head in heads.items():
        known = {name for name, _label in _choices(part)}
        chosen: dict[str, int] = {}
        for index in range(len(head.headings)):
            name = posted(f"{_prefix(part)}column_{index}", "")
            if name in known:
                chosen.setdefault(name, index)
        columns[part.name] = chosen
    code, grouping = posted("currency", ""), posted("grouping", "")
    sheets = _sheets(request.POST, None)
    return ReadingOptions(
        mapping=columns[""],
        currency=code if code in CURRENCIES else the_shop().currency_code,
        grouping=Grouping(grouping) if grouping in set(Grouping) else Grouping.INVOICE,
        decimal_mark=posted("decimal_mark") if posted("decimal_mark") in (".", ",") else None,
        date_order=posted("date_order") if posted("date_order") in ("DMY", "MDY", "YMD") else None,
        sheet=sheets[0],
        overwrite=posted("overwrite") == "on",
        line_mapping=columns.get("lines", {}),
        line_sheet=sheets[1] if "lines" in columns else None,
    )


@staff_only(Capability.IMPORT, "POST")
def preview(request: StaffRequest, import_id: int) -> HttpResponse:
    """Show how the first rows will be read as the columns stand chosen now; writes nothing."""
    record = queries.access_import(request.user, import_id)
    try:
        heads = _heads(record, _sheets(request.POST, None))
    except UnreadableFile:
        return redirect("console:import", record.id)
    return mapping_page(request, record, heads=heads, options=_posted(request, record, heads))


@staff_only(Capability.IMPORT, "POST")
def choose_options(request: StaffRequest, import_id: int) -> HttpResponse:
    """Set how the file is read, and have it checked in the background."""
    record = queries.access_import(request.user, import_id)
    try:
        heads = _heads(record, _sheets(request.POST, None))
    except UnreadableFile:
        return redirect("console:import", record.id)
    options, at = _posted(request, record, heads), clock.now()
    if any(_twice(request, part, head) for part, head in heads.items()):
        text = _("Two columns cannot hold the same. See the columns marked below.")
        return mapping_page(request, record, heads=heads, options=options, error=text, status=422)
    main, *others = heads.values()
    try:
        actions.choose_options(record=record, options=options, headings=main.headings, at=at)
        if name := request.POST.get("keep_as", "").strip():
            mappings.keep_mapping(
                name=name,
                kind=record.kind,
                options=replace(options, mapping=dict(options.mapping)),
                headings=main.headings,
                line_headings=others[0].headings if others else (),
                at=at,
            )
    except actions.UnableToImport as error:
        text = refusal_text(error.code, error.about)
        return mapping_page(request, record, heads=heads, options=options, error=text, status=422)
    except mappings.UnableToKeepMapping:
        messages.error(request, _("Files of another kind have a mapping with this name; it was not saved."))
    put(tasks.check, args=[str(record.id)], unique_key=f"import:{record.id}")
    return redirect("console:import", record.id)


@staff_only(Capability.IMPORT, "POST")
def choose_kind(request: StaffRequest, import_id: int) -> HttpResponse:
    """Say what the file holds."""
    record = queries.access_import(request.user, import_id)
    try:
        actions.choose_kind(record=record, kind=request.POST.get("kind", ""))
    except actions.UnableToImport as error:
        messages.error(request, refusal_text(error.code, error.about))
    return redirect("console:import", record.id)


@staff_only(Capability.IMPORT, "POST")
def add_lines(request: StaffRequest, import_id: int) -> HttpResponse:
    """Take in the second file of orders, that with the lines."""
    record = queries.access_import(request.user, import_id)
    upload = request.FILES.get("lines")
    if upload is None or isinstance(upload, list):
        messages.error(request, _("Choose a file first."))
        return redirect("console:import", record.id)
    try:
        actions.add_lines(
            record=record, blocks=upload.chunks(1_048_576), limit_bytes=settings.MAX_IMPORT_BYTES, at=clock.now()
        )
    except actions.UnableToImport as error:
        messages.error(request, refusal_text(error.code, error.about))
    return redirect("console:import", record.id)
