"""Choosing the columns of a table."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.tables import TABLES, known_names
from setia.console.views.saved_views import columns_of_view
from setia.domains.staff import actions
from setia.domains.staff.rules import Capability


@staff_only(Capability.VIEW_CUSTOMERS, "POST")
def choose_columns(request: StaffRequest, table: str) -> HttpResponse:
    """Keep which columns somebody wants to see, and go back to the very page of the list."""
    if table not in TABLES:
        raise Http404
    names = [] if "usual" in request.POST else request.POST.getlist("column")
    chosen = None if "usual" in request.POST else known_names(table, names)
    back = request.POST.get("query", "").replace("\x00", "")[:2000]
    view_id = id_or_none(QueryDict(back.lstrip("?")).get("view") or "")
    if view_id is None or not columns_of_view(request, table, view_id, None if "usual" in request.POST else names):
        actions.choose_columns(person=request.user, table=table, names=chosen)
    return redirect(reverse(f"console:{table}") + (back if back.startswith("?") else ""))
