"""Questions about exports."""

from typing import Any

from setia.domains.exports.models import Export
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page


def access_export(viewer: Any, export_id: int) -> Export:
    """Return an export to somebody who may export; raises NotAllowed and Export.DoesNotExist."""
    require(viewer, Capability.EXPORT)
    return Export.objects.get(id=export_id)


def export_page(*, cursor: str, size: int) -> Page[Export]:
    """Return one page of exports, latest first."""
    return key_page(Export.objects.all(), keys=(Key("created_at"), Key("id")), cursor=cursor, size=size)
