"""Saved views: keep a list, change it, share it, put it in order, open the list with it, remove it and back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.list_words import refusal
from setia.console.once import only_once
from setia.console.saved import list_url
from setia.console.tables import TABLES, table_for
from setia.console.toasts import WayBack, say_done
from setia.domains.lists import actions, queries
from setia.domains.lists.models import SavedView
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_WHO = Capability.VIEW_CUSTOMERS


@staff_only(_WHO)
def view_list(request: StaffRequest) -> HttpResponse:
    """All views somebody sees, to be put in order."""
    tables = []
    for name in TABLES:
        views = queries.views_of(request.user, name)
        usual = queries.default_view(request.user, name)
        if views:
            mine = [view for view in views if view.owner_id == request.user.id]
            theirs = [view for view in views if view.owner_id != request.user.id]
            tables.append({"name": name, "mine": mine, "theirs": theirs, "usual": usual, "url": f"console:{name}"})
    return render(request, "console/saved_views.html", {"tables": tables})


def _columns(request: StaffRequest, table: str) -> list[str] | None:
    """Return the columns a list shows just now, or None for the reader's own."""
    if not request.POST.get("keep_columns"):
        return None
    shown = table_for(request.user, table).shown
    wanted = request.POST.getlist("column") or [name.name for name in TABLES[table].columns if name.name in shown]
    return [column.name for column in TABLES[table].columns if column.name in wanted]


@staff_only(_WHO, "POST")
def save(request: StaffRequest) -> HttpResponse:
    """Keep the list as it stands under a name."""
    table, query = request.POST.get("table", ""), request.POST.get("query", "")
    if table not in TABLES:
        raise Http404

    def work() -> int:
        view = actions.save_view(
            table=table,
            name=request.POST.get("name", ""),
            query=query,
            columns=_columns(request, table),
            is_shared=bool(request.POST.get("shared")),
            by=request.user,
            at=clock.now(),
        )
        return int(view.id)

    try:
        view = queries.access_own_view(request.user, only_once(request, f"view:{table}", work))
    except actions.UnableToSave as error:
        messages.error(request, _view_refusal(error.code))
        back = query.replace("\x00", "")[:1000].lstrip("?")
        return redirect(f"{reverse(f'console:{table}')}?{back}")
    say_done(request, _("The view “{name}” was saved.").format(name=view.name), undo=_removal(view))
    return redirect(list_url(view))


def _view_refusal(code: str) -> str:
    return {"no_name": _("Give the view a name."), "too_long": _("A name has at most 60 letters.")}.get(
        code
    ) or refusal(code)


def _removal(view: SavedView) -> WayBack:
    return WayBack(reverse("console:view_remove", args=[view.id]), {})


def _on_own(change: Callable[[StaffRequest, SavedView], Any]) -> Callable[..., HttpResponse]:
    """Make a view (of Django) that changes one of the reader's own views and goes back to where it was asked for."""

    @staff_only(_WHO, "POST")
    def changed(request: StaffRequest, view_id: int) -> HttpResponse:
        view = queries.access_own_view(request.user, view_id)
        try:
            answer = change(request, view)
        except actions.UnableToSave as error:
            messages.error(request, _view_refusal(error.code))
            answer = None
        return answer or redirect("console:views")

    return changed  # type: ignore[return-value]


@_on_own
def rename(request: StaffRequest, view: SavedView) -> None:
    """Give a view another name, share it or keep it for oneself."""
    before = {"name": view.name, **({"shared": "on"} if view.is_shared else {})}
    actions.change_view(view=view, name=request.POST.get("name", ""), is_shared=bool(request.POST.get("shared")))
    say_done(request, _("The changes were saved."), undo=WayBack(request.path, before))


@_on_own
def update(request: StaffRequest, view: SavedView) -> HttpResponse:
    """Let a view be the list as it stands now."""
    before = {"query": view.query}
    actions.change_view(view=view, query=request.POST.get("query", ""), columns=view.columns)
    back = WayBack(request.path, before)
    say_done(request, _("The view “{name}” was saved.").format(name=view.name), undo=back)
    return redirect(list_url(view))


@_on_own
def move(request: StaffRequest, view: SavedView) -> None:
    """Move a view up or down."""
    actions.move_view(view=view, step=-1 if request.POST.get("to") == "up" else 1)


@_on_own
def remove(request: StaffRequest, view: SavedView) -> None:
    """Take a view away."""
    actions.remove_view(view=view, at=clock.now())
    back = WayBack(reverse("console:view_restore", args=[view.id]), {})
    say_done(request, _("The view “{name}” was removed.").format(name=view.name), undo=back)


@staff_only(_WHO, "POST")
def restore(request: StaffRequest, view_id: int) -> HttpResponse:
    """Bring a removed view back."""
    view = queries.access_own_view(request.user, view_id)
    actions.restore_view(view=view)
    say_done(request, _("The view “{name}” is back.").format(name=view.name))
    return redirect("console:views")


@staff_only(_WHO, "POST")
def copy(request: StaffRequest, view_id: int) -> HttpResponse:
    """Make a view of one's own like another's."""
    view = queries.access_view(request.user, view_id)

    def work() -> int:
        return int(actions.copy_view(view=view, by=request.user, at=clock.now()).id)

    try:
        mine = queries.access_own_view(request.user, only_once(request, f"view_copy:{view.id}", work))
    except actions.UnableToSave as error:
        messages.error(request, _view_refusal(error.code))
    else:
        say_done(request, _("The view “{name}” was copied to yours.").format(name=mine.name), undo=_removal(mine))
    return redirect("console:views")


@staff_only(_WHO, "POST")
def set_default(request: StaffRequest, view_id: int) -> HttpResponse:
    """Let one's list open with a view, or with the usual list again."""
    view = queries.access_view(request.user, view_id)
    actions.open_with(table=view.table, view=None if request.POST.get("off") else view, by=request.user)
    return redirect("console:views")


def columns_of_view(request: StaffRequest, table: str, view_id: int, names: list[str] | None) -> bool:
    """Keep chosen columns with the reader's own open view; False where the view is not his."""
    view = next((row for row in queries.views_of(request.user, table) if row.id == view_id), None)
    if view is None or view.owner_id != request.user.id:
        return False
    actions.change_view(view=view, query=view.query, columns=names)
    return True
