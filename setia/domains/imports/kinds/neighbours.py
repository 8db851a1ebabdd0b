"""Verbs of other domains that files of people and products need, where an installation has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from setia.domains.commerce.models import Product
from setia.foundation.actors import Actor


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
    return int(
        verb_of("setia.domains.timeline.actions", "record_interactions")(
            drafts=drafts, by=by, at=at, origin_id=origin_id
        )
    )


def interaction_draft(**values: Any) -> Any:
    """Return a contact to write."""
    made = verb_of("setia.domains.timeline.drafts", "InteractionDraft") or verb_of(
        "setia.domains.timeline.actions", "InteractionDraft"
    )
    return made(**values)


def remove_interactions(*, origin_id: int, limit: int, by: Actor, at: datetime) -> int:
    """Remove at most `limit` contacts an undone import had brought; return how many."""
    verb = verb_of("setia.domains.timeline.actions", "remove_interactions_of_import")
    return int(verb(origin_id=origin_id, limit=limit, by=by, at=at)) if verb else _remove_plainly(origin_id, limit)


def _remove_plainly(origin_id: int, limit: int) -> int:
    from setia.domains.timeline.models import Interaction

    ids = list(Interaction.objects.filter(origin_id=origin_id).order_by("id").values_list("id", flat=True)[:limit])
    return Interaction.objects.filter(id__in=ids).delete()[0]
