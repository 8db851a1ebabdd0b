"""Questions about exports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum

from setia.domains.exports.models import Export
from setia.domains.staff.queries import require, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation.events.models import AccessLog
from setia.foundation.ids import first_id_of
from setia.foundation.paging import Key, Page, key_page

# What the access log calls lists of customers, orders and products that were saved as a file.
_LISTS = ("customers_export", "orders_export", "products_export")


def require_exporter(viewer: Any) -> None:
    """Raise NotAllowed unless somebody may take data of the whole shop away."""
    require(viewer, Capability.EXPORT)
    require_all_outlets(viewer)


@dataclass(frozen=True, slots=True)
class TakenAway:
    """What somebody took out of the shop as files: how many, how many rows, the last time."""

    actor_kind: str
    actor_id: int
    file_count: int
    row_count: int
    latest_at: datetime


def taken_since(viewer: Any, *, since: datetime) -> list[TakenAway]:
    """Return who made files since then, most rows first, to somebody who may see the audit; raises NotAllowed.

    Lists that were saved as a file from the list itself count too; they stand in the access log only.
    """
    require(viewer, Capability.VIEW_AUDIT)
    made = Export.objects.filter(created_at__gte=since).values("actor_kind", "actor_id")
    lists = AccessLog.objects.filter(customer_id=None, id__gte=first_id_of(since), page__in=_LISTS)
    rows = [
        *made.annotate(files=Count("id"), rows=Sum("row_count"), latest_at=Max("created_at")),
        *lists.values("actor_kind", "actor_id").annotate(
            files=Count("id"), rows=Sum("row_count"), latest_at=Max("looked_at")
        ),
    ]
    found: dict[tuple[str, int], TakenAway] = {}
    for row in rows:
        who = (row["actor_kind"], row["actor_id"])
        old = found.get(who) or TakenAway(*who, 0, 0, row["latest_at"])
        latest_at = max(old.latest_at, row["latest_at"])
        found[who] = TakenAway(*who, old.file_count + row["files"], old.row_count + row["rows"], latest_at)
    return sorted(found.values(), key=lambda taken: (-taken.row_count, taken.actor_id))


def access_export(viewer: Any, export_id: int) -> Export:
    """Return an export to somebody who may export and sees all outlets; raises NotAllowed and Export.DoesNotExist."""
    require_exporter(viewer)
    return Export.objects.get(id=export_id)


def export_page(*, viewer: Any, cursor: str, size: int) -> Page[Export]:
    """Return one page of exports, latest first; raises NotAllowed."""
    require_exporter(viewer)
    return key_page(Export.objects.all(), keys=(Key("created_at"), Key("id")), cursor=cursor, size=size)
