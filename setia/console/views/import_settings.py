"""Saved mappings, and folders whose files come in by themselves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.import_words import KIND_NAMES
from setia.console.toasts import say_done
from setia.domains.imports import folders, mappings
from setia.domains.imports.models import NamedMapping, WatchFolder
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_FOLDER_PROBLEMS = {
    "no_such_kind": gettext_lazy("Choose what the files hold."),
    "outside": gettext_lazy(
        "This folder lies outside the ones that are allowed. "
        "Whoever runs the server names them in SETIA_IMPORT_FOLDERS."
    ),
    "missing": gettext_lazy("There is no such folder on the server."),
    "taken": gettext_lazy("This folder is watched for these files already."),
}


@staff_only(Capability.IMPORT)
def mapping_list(request: StaffRequest) -> HttpResponse:
    """All saved mappings."""
    rows = [(row, KIND_NAMES.get(row.kind, row.kind)) for row in mappings.all_mappings()]
    return render(request, "console/import_mappings.html", {"rows": rows})


@staff_only(Capability.IMPORT, "POST")
def rename_mapping(request: StaffRequest, mapping_id: int) -> HttpResponse:
    """Give a mapping another name."""
    mapping = get_object_or_404(NamedMapping, id=mapping_id)
    try:
        mappings.rename_mapping(mapping=mapping, name=request.POST.get("name", ""))
    except mappings.UnableToKeepMapping as error:
        texts = {"no_name": _("Write a name first."), "taken": _("Another mapping has this name already.")}
        messages.error(request, texts[error.code])
    else:
        say_done(request, _("The mapping was renamed."))
    return redirect("console:import_mappings")


@staff_only(Capability.IMPORT, "POST")
def delete_mapping(request: StaffRequest, mapping_id: int) -> HttpResponse:
    """Forget a mapping."""
    mapping = get_object_or_404(NamedMapping, id=mapping_id)
    mappings.delete_mapping(mapping=mapping)
    say_done(request, _("The mapping was deleted."))
    return redirect("console:import_mappings")


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def folder_list(request: StaffRequest) -> HttpResponse:
    """All watched folders, and one more."""
    error = ""
    if request.method == "POST":
        mapping_id = id_or_none(request.POST.get("mapping", ""))
        kind = request.POST.get("kind", "")
        named = NamedMapping.objects.filter(id=mapping_id, kind=kind).first() if mapping_id else None
        path = request.POST.get("path", "").replace("\x00", "")[:400]
        try:
            folders.add_folder(kind=kind, path=path, mapping=named, by=request.user.actor, at=clock.now())
        except folders.UnableToWatch as failure:
            error = str(_FOLDER_PROBLEMS[failure.code])
        else:
            say_done(request, _("The folder is watched from now on."))
            return redirect("console:import_folders")
    context = {
        "rows": [(row, KIND_NAMES.get(row.kind, row.kind), _where(row)) for row in _folders()],
        "kinds": KIND_NAMES.items(),
        "mappings": [(row, KIND_NAMES.get(row.kind, row.kind)) for row in mappings.all_mappings()],
        "typed": request.POST,
        "error": error,
        "problems": {"outside": _FOLDER_PROBLEMS["outside"], "missing": _FOLDER_PROBLEMS["missing"]},
    }
    return render(request, "console/import_folders.html", context, status=422 if error else 200)


def _folders() -> list[WatchFolder]:
    return list(WatchFolder.objects.select_related("mapping").order_by("created_at", "id"))


def _where(folder: WatchFolder) -> str:
    return folder.path or f"imports/inbox/{folder.kind}/"


@staff_only(Capability.MANAGE_SHOP, "POST")
def watch_folder(request: StaffRequest, folder_id: int) -> HttpResponse:
    """Stop watching a folder for a while, or begin again."""
    folder = get_object_or_404(WatchFolder, id=folder_id)
    folders.set_watching(folder=folder, is_active=request.POST.get("is_active") == "on")
    return redirect("console:import_folders")


@staff_only(Capability.MANAGE_SHOP, "POST")
def remove_folder(request: StaffRequest, folder_id: int) -> HttpResponse:
    """Watch a folder no more."""
    folders.remove_folder(folder=get_object_or_404(WatchFolder, id=folder_id))
    say_done(request, _("The folder is watched no more; its files stay where they are."))
    return redirect("console:import_folders")


@staff_only(Capability.IMPORT, "POST")
def note_seen(request: StaffRequest, folder_id: int) -> HttpResponse:
    """Note that somebody has seen that a file failed."""
    folders.note_seen(folder=get_object_or_404(WatchFolder, id=folder_id))
    return redirect("console:home")
