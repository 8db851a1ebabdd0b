"""Questions about exports."""

from typing import Any

from setia.domains.exports.models import Export
from setia.domains.staff.queries import require, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page


def require_exporter(viewer: Any) -> None:
    """Raise NotAllowed unless somebody may take data of the whole shop away."""
    require(viewer, Capability.EXPORT)
    require_all_outlets(viewer)


def access_export(viewer: Any, export_id: int) -> Export:
    """Return an export to somebody who may export and sees all outlets; raises NotAllowed and Export.DoesNotExist."""
    require_exporter(viewer)
    return Export.objects.get(id=export_id)


def export_page(*, viewer: Any, cursor: str, size: int) -> Page[Export]:
    """Return one page of exports, latest first; raises NotAllowed."""
    require_exporter(viewer)
    return key_page(Export.objects.all(), keys=(Key("created_at"), Key("id")), cursor=cursor, size=size)
