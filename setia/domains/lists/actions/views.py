"""Verbs of saved views: keep a list under a name, change it, put it in its place, take it away and back."""

import re
from datetime import datetime

from django.db.models import Max

from setia.domains.lists.models import DefaultView, SavedView
from setia.domains.lists.rules import clean_query
from setia.domains.staff.models import Staff
from setia.foundation.db import write_tx

LONGEST_NAME = 60
MOST_VIEWS = 40


class UnableToSave(Exception):
    """Raised with a code: `no_name`, `too_long`, `too_many`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _clean_name(name: str) -> str:
    name = re.sub(r"\s+", " ", name.replace("\x00", "")).strip()
    if not name:
        raise UnableToSave("no_name")
    if len(name) > LONGEST_NAME:
        raise UnableToSave("too_long")
    return name


def save_view(
    *, table: str, name: str, query: str, columns: list[str] | None, is_shared: bool, by: Staff, at: datetime
) -> SavedView:
    """Keep a list under a name, after the views its owner has; raises UnableToSave. Each call keeps one more."""
    with write_tx():
        standing = SavedView.objects.filter(owner=by, table=table, removed_at=None)
        if standing.count() >= MOST_VIEWS:
            raise UnableToSave("too_many")
        last = standing.aggregate(last=Max("position"))["last"] or 0
        return SavedView.objects.create(
            table=table,
            name=_clean_name(name),
            query=clean_query(query),
            columns=columns,
            owner=by,
            is_shared=is_shared,
            position=last + 1,
            created_at=at,
        )


def change_view(
    *,
    view: SavedView,
    name: str | None = None,
    is_shared: bool | None = None,
    query: str | None = None,
    columns: list[str] | None = None,
) -> SavedView:
    """Change a view's name, whether others see it, or (with a query) its list and columns; raises UnableToSave.

    What is not given stays. Whoever opens his list with a view that is no longer shared opens the usual list again.
    """
    changes: dict[str, object] = {}
    if name is not None:
        changes["name"] = _clean_name(name)
    if is_shared is not None:
        changes["is_shared"] = is_shared
    if query is not None:
        changes |= {"query": clean_query(query), "columns": columns}
    with write_tx():
        SavedView.objects.filter(id=view.id).update(**changes)
        if is_shared is False:
            DefaultView.objects.filter(view=view).exclude(staff_id=view.owner_id).delete()
    view.refresh_from_db()
    return view


def copy_view(*, view: SavedView, by: Staff, at: datetime) -> SavedView:
    """Make a private view of one's own like another's; raises UnableToSave. Each call makes one more."""
    return save_view(
        table=view.table, name=view.name, query=view.query, columns=view.columns, is_shared=False, by=by, at=at
    )


def move_view(*, view: SavedView, step: int) -> None:
    """Move a view so many places down (or up, where negative) among its owner's; at the end it stays."""
    with write_tx():
        # One row of them all is held, so that two moves at once do not number them in two ways.
        Staff.objects.select_for_update(no_key=True).get(id=view.owner_id)
        rows = SavedView.objects.filter(owner_id=view.owner_id, table=view.table, removed_at=None)
        ids = list(rows.order_by("position", "id").values_list("id", flat=True))
        if view.id not in ids:
            return
        place = ids.index(view.id)
        ids.insert(min(max(place + step, 0), len(ids) - 1), ids.pop(place))
        for position, view_id in enumerate(ids, 1):
            rows.filter(id=view_id).exclude(position=position).update(position=position)


def remove_view(*, view: SavedView, at: datetime) -> None:
    """Take a view away from everybody; `restore_view` brings it back. Repeating it changes nothing."""
    SavedView.objects.filter(id=view.id, removed_at=None).update(removed_at=at)


def restore_view(*, view: SavedView) -> None:
    """Bring a removed view back to its place, also as the one somebody's list opens with. Repeatable."""
    SavedView.objects.filter(id=view.id).update(removed_at=None)


def open_with(*, table: str, view: SavedView | None, by: Staff) -> None:
    """Let somebody's list open with a view, or with the usual list again. Repeating it changes nothing."""
    with write_tx():
        if view is None:
            DefaultView.objects.filter(staff=by, table=table).delete()
        else:
            DefaultView.objects.update_or_create(staff=by, table=table, defaults={"view": view})
