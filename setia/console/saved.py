"""The saved views of a table as one person sees them on its page."""

from dataclasses import dataclass

from django.http import HttpResponseRedirect
from django.urls import reverse

from setia.console.doors import StaffRequest, id_or_none
from setia.domains.lists.models import SavedView
from setia.domains.lists.queries import default_view, views_of
from setia.domains.lists.rules import clean_query, same_list


@dataclass(frozen=True, slots=True)
class ShownViews:
    """Views to choose from, the one that is open, and whether the list has been changed since it was opened."""

    table: str
    views: list[SavedView]
    current: SavedView | None
    is_changed: bool
    is_mine: bool
    query: str

    @property
    def columns(self) -> list[str] | None:
        """Return the columns of the open view, or None where each reader's own count."""
        return self.current.columns if self.current else None


def saved_views(request: StaffRequest, table: str) -> ShownViews:
    """Return the views of a table for the page that is asked for."""
    views = views_of(request.user, table)
    wanted = id_or_none(request.GET.get("view", ""))
    current = next((view for view in views if view.id == wanted), None)
    query = clean_query(request.GET.urlencode())
    is_changed = current is not None and set(request.GET) != {"view"} and not same_list(query, current.query)
    is_mine = current is not None and current.owner_id == request.user.id
    return ShownViews(table, views, current, is_changed, is_mine, query)


def list_url(view: SavedView) -> str:
    """Return the address that opens a saved view."""
    query = f"{view.query}&view={view.id}" if view.query else f"view={view.id}"
    return f"{reverse(f'console:{view.table}')}?{query}"


def way_to_view(request: StaffRequest, saved: ShownViews) -> HttpResponseRedirect | None:
    """Return where a list really is: its reader's own opening view, or the whole address of a view named alone."""
    if not request.GET and (usual := default_view(request.user, saved.table)):
        return HttpResponseRedirect(list_url(usual))
    if saved.current and set(request.GET) == {"view"} and saved.current.query:
        return HttpResponseRedirect(list_url(saved.current))
    return None
