"""Acts on many customers: begin one, see how far it is, take it back; the selection as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console import list_words
from setia.console.doors import StaffRequest, id_or_none, staff_only, sudo
from setia.console.list_files import STEP, back_of, csv_answer, log_list, query_of
from setia.console.list_forms import CustomerFilterForm
from setia.console.once import only_once
from setia.console.people import display_name, visible_contact
from setia.console.toasts import WayBack, say_done
from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries import STAGES, customer_list
from setia.domains.commerce.queries.listing import sorts_of, stage_of
from setia.domains.customers.queries import by_ids, contacts
from setia.domains.lists import actions, queries, tasks
from setia.domains.lists.actions.bulk import STEP_PEOPLE
from setia.domains.lists.models import BulkAct, BulkKind, BulkState
from setia.domains.lists.selections import Selection, selection_ids
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import everybody, names_by_id, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put

PAGE_SIZE = 30
MOST_PICKED = STEP_PEOPLE


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a form asks for, before anybody is touched."""

    kind: BulkKind
    selection: Selection
    tag_name: str = ""
    owner: Staff | None = None


def _selection(request: StaffRequest) -> Selection:
    """Return whom a form means: the ticked rows, all rows of its page, or all of its list."""
    scope = request.POST.get("scope", "chosen")
    if scope == "all":
        query = query_of(request)
        stage = query.get("stage", "")
        filters = CustomerFilterForm(query, request.user).filters
        return Selection(stage=stage if stage in STAGES else "buyers", filters=filters)
    texts = request.POST.get("page_ids", "").split(",") if scope == "page" else request.POST.getlist("id")
    ids = [found for text in texts[:MOST_PICKED] if (found := id_or_none(text)) is not None]
    return Selection(customer_ids=tuple(dict.fromkeys(ids)))


def _wanted(request: StaffRequest) -> _Wanted:
    """Read the form; raises UnableToAct with what is missing."""
    act = request.POST.get("act", "")
    selection = _selection(request)
    if act in ("add_tag", "remove_tag"):
        return _Wanted(BulkKind(act), selection, tag_name=request.POST.get("tag_name", ""))
    if act == "unassign":
        return _Wanted(BulkKind.ASSIGN, selection)
    if act != "assign":
        raise actions.UnableToAct("no_act")
    wanted = id_or_none(request.POST.get("owner", ""))
    owner = next((person for person in everybody() if person.id == wanted and person.is_active), None)
    if owner is None:
        raise actions.UnableToAct("no_owner")
    return _Wanted(BulkKind.ASSIGN, selection, owner=owner)


def _list_url(request: StaffRequest) -> str:
    return reverse("console:customers") + back_of(request)


@staff_only(Capability.BULK_EDIT, "POST")
def start(request: StaffRequest) -> HttpResponse:
    """Do an act: a few people at once, many in the background; all of a list only after a second look."""
    try:
        wanted = _wanted(request)
        if not wanted.selection.is_picked and not request.POST.get("sure"):
            return _ask_again(request, wanted)
        act = begin(
            request,
            kind=wanted.kind,
            selection=wanted.selection,
            tag_name=wanted.tag_name,
            owner=wanted.owner,
        )
    except actions.UnableToAct as error:
        messages.error(request, list_words.refusal(error.code))
        return redirect(_list_url(request))
    if act.is_working:
        return redirect("console:bulk_act", act.id)
    say_done(request, list_words.done(act), undo=way_back(act, request.POST.get("query", "")))
    return redirect(_list_url(request))


def begin(request: StaffRequest, **about: Any) -> BulkAct:
    """Begin an act once, however often its form is sent; a small one is over when this returns.

    Raises UnableToAct. A form that is sent again after its tag went (merged, deleted) begins nothing.
    """
    actions.check_act(**about)

    def work() -> int:
        act = actions.start_act(by=request.user.actor, at=clock.now(), **about)
        if act.state == BulkState.WORKING:
            actions.run_act(act=act, now=clock.now)
        else:
            put(tasks.act, args=[str(act.id)], unique_key=f"bulk:{act.id}:act")
        return int(act.id)

    return queries.access_act(request.user, only_once(request, "bulk", work))


def way_back(act: BulkAct, query: str = "") -> WayBack | None:
    """Return the form that takes an act back and leads to the list again, or none where nothing was changed."""
    fields = {"query": query} if query.startswith("?") else {}
    return WayBack(reverse("console:bulk_undo", args=[act.id]), fields) if act.changed_count else None


def _ask_again(request: StaffRequest, wanted: _Wanted) -> HttpResponse:
    """Show what an act on a whole list will do before it begins."""
    selection = wanted.selection
    found = customer_list(
        stage=selection.stage,
        sort=sorts_of(selection.stage)[0],
        cursor="",
        size=1,
        at=clock.now(),
        filters=selection.filters,
    )
    if not found.count:
        raise actions.UnableToAct("nobody")
    query = request.POST.get("query", "")
    fields = ("act", "tag_name", "owner", "scope", "query", "once")
    context = {
        "title": list_words.title(BulkAct(kind=wanted.kind, tag_name=wanted.tag_name.strip(), owner=wanted.owner)),
        "count": found.count,
        "chips": CustomerFilterForm(QueryDict(query[:2000].lstrip("?")), request.user).chips(),
        "stage": selection.stage,
        "fields": [(name, request.POST[name]) for name in fields if name in request.POST],
        "back": _list_url(request),
    }
    return render(request, "console/bulk_confirm.html", context)


@staff_only(Capability.BULK_EDIT)
def act_list(request: StaffRequest) -> HttpResponse:
    """All acts on many people, latest first: who did what to how many, and what became of it."""
    page = queries.act_page(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = names_by_id({act.actor_id for act in page.rows})
    rows = [(act, list_words.title(act), list_words.state(act), names.get(act.actor_id, "")) for act in page.rows]
    return render(request, "console/bulk_acts.html", {"page": page, "rows": rows})


@staff_only(Capability.BULK_EDIT)
def detail(request: StaffRequest, act_id: int) -> HttpResponse:
    """One act: how far it is, what it changed, whom its undo left alone."""
    act = queries.access_act(request.user, act_id)
    names = names_by_id({act.actor_id, act.undone_by_id or 0})
    left = by_ids(queries.left_alone(act)) if act.state == BulkState.UNDONE else []
    context = {
        "act": act,
        "title": list_words.title(act),
        "state": list_words.state(act),
        "who": names.get(act.actor_id, ""),
        "undone_by": names.get(act.undone_by_id or 0, ""),
        "problem": list_words.refusal(act.problem) if act.state == BulkState.FAILED and act.problem else "",
        "left": [(customer.id, display_name(customer)) for customer in left],
    }
    return render(request, "console/bulk_act.html", context)


@staff_only(Capability.BULK_EDIT)
def progress(request: StaffRequest, act_id: int) -> HttpResponse:
    """The progress bar alone, asked for each second; when the work is over the whole page is loaded anew."""
    act = queries.access_act(request.user, act_id)
    if not act.is_working:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "console/parts/bulk_progress.html", {"act": act, "state": list_words.state(act)})


@staff_only(Capability.BULK_EDIT, "POST")
def undo(request: StaffRequest, act_id: int) -> HttpResponse:
    """Take an act back: a small one at once, a large one in the background."""
    act = queries.access_act(request.user, act_id)
    try:
        actions.start_undo(act=act, by=request.user.actor, at=clock.now())
    except actions.UnableToAct as error:
        messages.error(request, list_words.refusal(error.code))
        return redirect("console:bulk_act", act.id)
    if act.total_count > STEP_PEOPLE or act.state != BulkState.UNDOING:
        if act.state == BulkState.UNDOING:
            put(tasks.undo, args=[str(act.id)], unique_key=f"bulk:{act.id}:undo")
        return redirect("console:bulk_act", act.id)
    actions.run_undo(act=act, now=clock.now)
    if act.left_count:
        return redirect("console:bulk_act", act.id)
    say_done(request, _("Taken back: everything is as it was before."))
    back = request.POST.get("query", "")
    return redirect(_list_url(request)) if back.startswith("?") else redirect("console:bulk_act", act.id)


@staff_only(Capability.BULK_EDIT, "POST")
def resume(request: StaffRequest, act_id: int) -> HttpResponse:
    """Put the background work of an act in the queue again, where it stopped for good."""
    act = queries.access_act(request.user, act_id)
    if act.state in (BulkState.COLLECTING, BulkState.WORKING):
        put(tasks.act, args=[str(act.id)], unique_key=f"bulk:{act.id}:act")
    elif act.state == BulkState.UNDOING:
        put(tasks.undo, args=[str(act.id)], unique_key=f"bulk:{act.id}:undo")
    return redirect("console:bulk_act", act.id)


@staff_only(Capability.EXPORT, "POST")
@sudo
def export(request: StaffRequest) -> HttpResponseBase:
    """The selection as a CSV file that no spreadsheet takes for formulas."""
    require_all_outlets(request.user)
    at = clock.now()
    ids = selection_ids(_selection(request), at=at)
    if not ids:
        messages.error(request, list_words.refusal("nobody"))
        return redirect(_list_url(request))
    return customer_file(request.user, "setia", ids, at=at)


def customer_file(viewer: Staff, name: str, ids: Any, *, at: datetime) -> HttpResponseBase:
    """Return these people as a CSV file, and log that they were taken away."""
    log_list(viewer, "customers_export", len(ids), at=at)
    names = (_("Customer number"), _("Name"), _("Phone"), _("E-mail"), _("City"), _("Stage"), _("Spent"), _("Orders"))
    heads = (*names, _("Last purchase"), _("Tags"), _("Looked after by"))
    return csv_answer(name, heads, _cells(viewer, ids, at), at=at)


def _cells(viewer: Staff, ids: Any, at: datetime) -> Iterator[list[Any]]:
    for start in range(0, len(ids), STEP):
        step = list(ids[start : start + STEP])
        rows = CustomerCounters.objects.select_related("customer").in_bulk(step)
        reach, tags, owners = contacts(step), queries.tags_of(step), queries.owners_of(step)
        for row in (rows[who] for who in step if who in rows):
            contact = visible_contact(viewer, reach[row.customer_id])
            yield [
                contact.external or row.customer.code,
                row.customer.name,
                contact.phone,
                contact.email,
                row.customer.city,
                stage_of(row, at),
                row.spent_total,
                row.order_count,
                row.last_order_at.isoformat() if row.last_order_at else "",
                ", ".join(tags.get(row.customer_id, ())),
                owners.get(row.customer_id, ""),
            ]
