"""Lists by hand: making one, putting people on it and taking them off; and files of who is in a segment."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console.doors import StaffRequest, id_or_none, staff_only, sudo
from setia.console.people import shown_people
from setia.console.segment_words import SAVING
from setia.console.toasts import WayBack, say_done
from setia.console.views.bulk import customer_file
from setia.console.views.segments import segment_or_404
from setia.domains.commerce import queries as commerce
from setia.domains.segments import actions, queries
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_MOST = 500


@staff_only(Capability.EDIT_SEGMENTS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """A new list."""
    require_all_outlets(request.user)
    name, problem = request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            made = actions.make_list(
                name=name, description=request.POST.get("description", ""), by=request.user.actor, at=clock.now(),
                maker=request.user,
            )  # fmt: skip
        except actions.UnableToSave as error:
            problem = str(SAVING[error.code])
        else:
            say_done(request, _("“{name}” was made. Put people on it.").format(name=made.name))
            return redirect("console:segment_people", made.id)
    context = {"name": name, "description": request.POST.get("description", ""), "problem": problem}
    return render(request, "console/segment_list_form.html", context, status=422 if problem else 200)


@staff_only(Capability.EDIT_SEGMENTS, "GET", "POST")
def people(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Find people and put them on a list; POST adds or removes those that were named."""
    segment = segment_or_404(request, segment_id)
    if request.method == "POST":
        return _change(request, segment.id)
    text = request.GET.get("q", "").strip()[:100]
    rows = commerce.search_customers(text, limit=20) if text else []
    found = shown_people(request.user, rows, page="segment")
    return render(request, "console/segment_people.html", {"segment": segment, "text": text, "people": found})


def _change(request: StaffRequest, segment_id: int) -> HttpResponse:
    segment = segment_or_404(request, segment_id)
    typed = request.POST.getlist("customer")[:_MOST]
    ids = [found for each in typed if (found := id_or_none(each)) is not None]
    is_adding = request.POST.get("do", "add") != "remove"
    change = actions.add_people if is_adding else actions.remove_people
    try:
        count = change(segment=segment, customer_ids=ids, by=request.user.actor, at=clock.now())
    except actions.UnableToSave as error:
        messages.error(request, str(SAVING[error.code]))
        return redirect("console:segment", segment.id)
    if not count:
        say_done(request, _("Nothing changed."))
    else:
        # One person more or less is taken back by one press.
        undo = None
        if len(ids) == 1:
            fields = {"customer": str(ids[0]), "do": "remove" if is_adding else "add"}
            undo = WayBack(reverse("console:segment_people", args=[segment.id]), fields)
        words = (
            ngettext("{count} person was put on the list.", "{count} people were put on the list.", count)
            if is_adding
            else ngettext("{count} person was taken off the list.", "{count} people were taken off the list.", count)
        )
        say_done(request, words.format(count=count), undo=undo)
    return redirect("console:segment", segment.id)


@staff_only(Capability.EXPORT, "POST")
@sudo
def export(request: StaffRequest, segment_id: int) -> HttpResponseBase:
    """Who is in a segment, as a CSV file."""
    segment, at = segment_or_404(request, segment_id), clock.now()
    ids = list(queries.member_ids(segment.id).order_by("customer_id"))
    if not ids:
        messages.error(request, _("Nobody is in it, so there is nothing to export."))
        return redirect("console:segment", segment.id)
    return customer_file(request.user, "setia-segment", ids, at=at)
