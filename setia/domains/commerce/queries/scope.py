"""Which orders, returns and carts somebody sees: those of his outlets."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from setia.domains.commerce.models import Cart, Order, OrderLine, Return
from setia.domains.staff.queries import outlet_scope
from setia.foundation.events.models import Event

RowT = TypeVar("RowT", bound=Model)


def seen_by(viewer: Any, rows: QuerySet[RowT], *paths: str) -> QuerySet[RowT]:
    """Narrow rows to the outlets somebody sees; `paths` lead to the outlet, and one that does is enough."""
    scope = outlet_scope(viewer)
    if scope is None:
        return rows
    condition = Q()
    for path in paths or ("outlet_id",):
        condition |= Q(**{f"{path}__in": sorted(scope)})
    return rows.filter(condition)


def returns_seen_by(viewer: Any, rows: QuerySet[Return]) -> QuerySet[Return]:
    """Narrow returns to those taken in at an outlet somebody sees, or of an order from there."""
    return seen_by(viewer, rows, "outlet_id", "order__outlet_id")


def sees_all_of_import(viewer: Any, origin_id: int) -> bool:
    """Tell whether somebody sees every order and return that an import wrote or added lines to."""
    scope = outlet_scope(viewer)
    if scope is None:
        return True
    wrote: tuple[QuerySet[Any], ...] = (Order.objects.all(), OrderLine.objects.all(), Return.objects.all())
    return not any(rows.filter(origin_id=origin_id).exclude(outlet_id__in=scope).exists() for rows in wrote)


def facts_elsewhere(events: Sequence[Event], *, viewer: Any) -> set[int]:
    """Return the ids of facts about orders, returns and carts of outlets that somebody does not see."""
    if outlet_scope(viewer) is None:
        return set()
    named: dict[str, dict[int, int]] = {"order_id": {}, "return_id": {}, "cart_id": {}}
    for event in events:
        key = next((key for key in named if key in event.payload), None) if event.kind.startswith("commerce.") else None
        if key is not None:
            named[key][event.id] = int(event.payload[key])
    seen = {
        "order_id": _ids(seen_by(viewer, Order.objects.all()), named["order_id"]),
        "return_id": _ids(returns_seen_by(viewer, Return.objects.all()), named["return_id"]),
        "cart_id": _ids(seen_by(viewer, Cart.objects.all()), named["cart_id"]),
    }
    return {event_id for key, ids in named.items() for event_id, row_id in ids.items() if row_id not in seen[key]}


def _ids(rows: QuerySet[Any], wanted: dict[int, int]) -> set[int]:
    return set(rows.filter(id__in=set(wanted.values())).values_list("id", flat=True)) if wanted else set()
