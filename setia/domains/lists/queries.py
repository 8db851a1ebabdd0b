"""Questions about lists: who sees which view, what acts were done, whom an undo left alone, how many have a tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Count, Q
from django.db.models.expressions import RawSQL

from setia.domains.customers.models import Customer, CustomerTag, Tag
from setia.domains.lists.models import BulkAct, BulkChunk, DefaultView, SavedView
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import COUNT_LIMIT, Key, Page, key_page

LEFT_SHOWN = 200


def views_of(viewer: Staff, table: str) -> list[SavedView]:
    """Return the views of a table that somebody sees: his own in his order, then those that others share, by name."""
    shown = SavedView.objects.select_related("owner").filter(table=table, removed_at=None)
    rows = shown.filter(Q(owner=viewer) | Q(is_shared=True))
    mine = sorted((row for row in rows if row.owner_id == viewer.id), key=lambda row: (row.position, row.id))
    theirs = sorted((row for row in rows if row.owner_id != viewer.id), key=lambda row: (row.name.casefold(), row.id))
    return mine + theirs


def access_view(viewer: Any, view_id: int) -> SavedView:
    """Return a view somebody sees; raises NotAllowed and SavedView.DoesNotExist."""
    require(viewer, Capability.VIEW_CUSTOMERS)
    rows = SavedView.objects.select_related("owner").filter(Q(owner=viewer) | Q(is_shared=True), removed_at=None)
    return rows.get(id=view_id)


def access_own_view(viewer: Any, view_id: int) -> SavedView:
    """Return one of somebody's own views, removed ones too; raises NotAllowed and SavedView.DoesNotExist."""
    require(viewer, Capability.VIEW_CUSTOMERS)
    return SavedView.objects.get(id=view_id, owner=viewer)


def default_view(viewer: Staff, table: str) -> SavedView | None:
    """Return the view somebody's list opens with, while he sees it."""
    row = DefaultView.objects.select_related("view").filter(staff=viewer, table=table).first()
    if row is None or row.view.removed_at is not None:
        return None
    return row.view if row.view.is_shared or row.view.owner_id == viewer.id else None


def access_act(viewer: Any, act_id: int) -> BulkAct:
    """Return an act to somebody who may act on many; raises NotAllowed and BulkAct.DoesNotExist."""
    require(viewer, Capability.BULK_EDIT)
    return BulkAct.objects.select_related("owner").get(id=act_id)


def act_page(*, cursor: str, size: int) -> Page[BulkAct]:
    """Return one page of acts, latest first."""
    rows = BulkAct.objects.select_related("owner")
    return key_page(rows, keys=(Key("created_at"), Key("id")), cursor=cursor, size=size)


def left_alone(act: BulkAct) -> list[int]:
    """Return the first of those whom the undo of an act left alone."""
    found: list[int] = []
    for left in BulkChunk.objects.filter(act=act).exclude(left=[]).order_by("position").values_list("left", flat=True):
        found += left
        if len(found) >= LEFT_SHOWN:
            break
    return found[:LEFT_SHOWN]


@dataclass(frozen=True, slots=True)
class CountedTag:
    """A tag with how many people have it, counted up to 10,001."""

    id: int
    name: str
    count: int


def counted_tags() -> list[CountedTag]:
    """Return all tags by name, each with how many people have it."""
    having = "SELECT 1 FROM customers_customertag t WHERE t.tag_id = customers_tag.id LIMIT %s"
    some = f"(SELECT COUNT(*) FROM ({having}) AS found)"  # noqa: S608 (our own text)
    people = RawSQL(some, (COUNT_LIMIT + 1,), output_field=BigIntegerField())  # noqa: S611 (our own text)
    rows = Tag.objects.order_by("key").values_list("id", "name", people)
    # Merged rows keep their tags, and whoever they were merged into has them too; they are few.
    merged = CustomerTag.objects.filter(customer__canonical__isnull=False).order_by()
    twice = dict(merged.values_list("tag_id").annotate(Count("id")))
    return [
        CountedTag(tag_id, name, count if count > COUNT_LIMIT else count - twice.get(tag_id, 0))
        for tag_id, name, count in rows
    ]


def access_tag(viewer: Any, tag_id: int) -> Tag:
    """Return a tag to somebody who may act on many; raises NotAllowed and Tag.DoesNotExist."""
    require(viewer, Capability.BULK_EDIT)
    return Tag.objects.get(id=tag_id)


def tag_names(limit: int = 300) -> list[tuple[int, str]]:
    """Return tags to choose from, by name."""
    return list(Tag.objects.order_by("key").values_list("id", "name")[:limit])


def tags_of(customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of the tags of each of these people who has any."""
    found: dict[int, list[str]] = {}
    rows = CustomerTag.objects.filter(customer_id__in=customer_ids).order_by("tag__key")
    for who, name in rows.values_list("customer_id", "tag__name"):
        found.setdefault(who, []).append(name)
    return found


def owners_of(customer_ids: Sequence[int]) -> dict[int, str]:
    """Return the name of who looks after each of these people, where somebody does."""
    rows = Customer.objects.filter(id__in=customer_ids, owner__isnull=False)
    return dict(rows.values_list("id", "owner__name"))


def names_of_tags(ids: Sequence[int]) -> dict[int, str]:
    """Return what some tags are called."""
    return dict(Tag.objects.filter(id__in=ids).values_list("id", "name"))
