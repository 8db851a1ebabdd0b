"""Verbs of other domains that files of people and products need, where an installation has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from setia.domains.commerce.models import Product
from setia.domains.imports import contact_rows
from setia.foundation.actors import Actor

_TIMELINE = "setia.domains.timeline.actions"


def verb_of(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError:
        return None


def add_tags(*, customer_ids: Sequence[int], names: Sequence[str], by: Actor, at: datetime) -> dict[str, list[int]]:
    """Give people tags; return whom each tag was new to. Without tags in this installation nobody gets any."""
    verb = verb_of("setia.domains.customers.actions", "add_tags") or verb_of(
        "setia.domains.customers.actions.tags", "add_tags"
    )
    return verb(customer_ids=list(customer_ids), names=list(names), by=by, at=at) if verb else {}


def remove_tags(*, customer_ids: Sequence[int], names: Sequence[str], by: Actor, at: datetime) -> None:
    """Take tags from people."""
    verb = verb_of("setia.domains.customers.actions", "remove_tags") or verb_of(
        "setia.domains.customers.actions.tags", "remove_tags"
    )
    if verb:
        verb(customer_ids=list(customer_ids), names=list(names), by=by, at=at)


def change_product(*, product: Product, changes: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """Change name, category or price of a product."""
    verb = verb_of("setia.domains.commerce.actions", "change_product")
    if verb:
        verb(product=product, changes=dict(changes), by=by, at=at)
    else:
        Product.objects.filter(id=product.id).update(**changes)


def record_interactions(*, drafts: Sequence[Any], by: Actor, at: datetime, origin_id: int | None = None) -> int:
    """Write contacts and return how many are new."""
    verb = verb_of(_TIMELINE, "record_interactions") or contact_rows.record_interactions
    return int(verb(drafts=drafts, by=by, at=at, origin_id=origin_id))


def interaction_draft(**values: Any) -> Any:
    """Return a contact to write."""
    places = ("setia.domains.timeline.drafts", _TIMELINE)
    made = next((found for place in places if (found := verb_of(place, "InteractionDraft"))), None)
    return (made or contact_rows.InteractionDraft)(**values)


def remove_interactions(*, origin_id: int, limit: int, by: Actor, at: datetime) -> int:
    """Remove at most `limit` contacts an undone import had brought; return how many."""
    verb = verb_of(_TIMELINE, "remove_interactions_of_import")
    if verb is None:
        return contact_rows.remove_interactions(origin_id=origin_id, limit=limit)
    return int(verb(origin_id=origin_id, limit=limit, by=by, at=at))
