"""Tags: how many people have each, another name, two made one, a tag deleted; all but the name as acts with undo."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console import list_words
from setia.console.doors import StaffRequest, staff_only
from setia.console.toasts import WayBack, say_done
from setia.console.views.bulk import begin, way_back
from setia.domains.customers.actions import tagging
from setia.domains.customers.rules.tags import UnableToTag
from setia.domains.lists import actions, queries
from setia.domains.lists.models import BulkAct, BulkKind
from setia.domains.lists.selections import Selection
from setia.domains.staff.rules import Capability
from setia.foundation import clock


@staff_only(Capability.BULK_EDIT)
def tag_list(request: StaffRequest) -> HttpResponse:
    """All tags by name."""
    return render(request, "console/tags.html", {"tags": queries.counted_tags()})


@staff_only(Capability.BULK_EDIT, "POST")
def rename(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Give a tag another name."""
    tag = queries.access_tag(request.user, tag_id)
    try:
        tagging.rename_tag(tag=tag, name=request.POST.get("name", ""), by=request.user.actor, at=clock.now())
    except UnableToTag as error:
        messages.error(request, list_words.refusal(error.code))
    else:
        say_done(request, _("The changes were saved."), undo=WayBack(request.path, {"name": tag.name}))
    return redirect("console:tags")


@staff_only(Capability.BULK_EDIT, "POST")
def merge(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Give everybody of one tag another, and let the first go."""
    tag = queries.access_tag(request.user, tag_id)
    other = request.POST.get("other", "")
    return _done(request, kind=BulkKind.MERGE_TAGS, tag_id=tag.id, tag_name=tag.name, other_name=other)


@staff_only(Capability.BULK_EDIT, "POST")
def delete(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Take a tag off everybody and let it go."""
    tag = queries.access_tag(request.user, tag_id)
    return _done(request, kind=BulkKind.DELETE_TAG, tag_id=tag.id, tag_name=tag.name)


def _done(request: StaffRequest, *, kind: BulkKind, tag_id: int, tag_name: str, other_name: str = "") -> HttpResponse:
    try:
        act: BulkAct = begin(
            request, kind=kind, selection=Selection(tag_id=tag_id), tag_name=tag_name, other_name=other_name
        )
    except actions.UnableToAct as error:
        messages.error(request, list_words.refusal(error.code))
        return redirect("console:tags")
    if act.is_working:
        return redirect("console:bulk_act", act.id)
    say_done(request, list_words.done(act), undo=way_back(act))
    return redirect("console:tags")
