"""Taking back an import: its orders and returns, then the products, people and outlets that only it had brought."""

from collections.abc import Callable
from datetime import datetime

from setia.domains.commerce.actions import remove_orders_of_import, remove_products_of_import
from setia.domains.commerce.queries import outlet_ids_in_use
from setia.domains.commerce.queries.orders import customers_with_orders
from setia.domains.customers.actions import forget_import
from setia.domains.customers.models import ConsentEvent
from setia.domains.customers.queries import ids_from_import
from setia.domains.imports import journal
from setia.domains.imports.models import Import
from setia.domains.segments.actions import ask_to_fill_all
from setia.domains.shop.actions import close_unused_outlets
from setia.domains.teamwork.queries import customers_with_tasks
from setia.domains.timeline.actions import remove_interactions_of_import
from setia.domains.timeline.models import Interaction
from setia.domains.timeline.queries import customers_with_notes
from setia.foundation.actors import Actor
from setia.foundation.events import void_batch
from setia.foundation.events.models import Event

_STEP_ROWS = 150


def undo(
    record: Import, *, by: Actor, at: datetime, report: Callable[[int], None], should_stop: Callable[[], bool]
) -> bool:
    """Take back all that an import wrote; False says that it was asked to stop and goes on later.

    Its facts are declared void first, so no timeline shows an order that is going. Each step is one transaction
    with true counters at its end; repeating the whole changes nothing.
    """
    void_batch(record.id, by=by, at=at)
    removed = 0
    for count in remove_orders_of_import(origin_id=record.id, limit=_STEP_ROWS, by=by, at=at):
        removed += count
        report(removed)
        if should_stop():
            return False
    while remove_interactions_of_import(origin_id=record.id, limit=_STEP_ROWS, by=by, at=at):
        if should_stop():
            return False
    while journal.restore_some(record, limit=_STEP_ROWS, by=by, at=at):
        if should_stop():
            return False
    remove_products_of_import(origin_id=record.id, at=at)
    made = ids_from_import(record.id)
    # Whoever bought again by another door, was written about, or changed by hand, has become a customer in his own
    # right.
    keep = customers_with_orders(made) | customers_with_notes(made) | _known_otherwise(record.id, made)
    while forget_import(origin_id=record.id, keep_ids=keep, limit=500):
        if should_stop():
            return False
    close_unused_outlets(origin_id=record.id, used_ids=outlet_ids_in_use())
    # What goes is told of nobody by himself.
    ask_to_fill_all()
    return True


def _known_otherwise(origin_id: int, made: set[int]) -> set[int]:
    """Return which of these people others had to do with since: a contact, a task, an answer, a changed profile.

    Who was merged is kept by `forget_import` itself.
    """
    keep: set[int] = set()
    ids = sorted(made)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        keep |= customers_with_tasks(some)
        contacts = Interaction.objects.filter(customer_id__in=some)
        answers = ConsentEvent.objects.filter(customer_id__in=some).exclude(origin_id=origin_id)
        changes = Event.objects.filter(customer_id__in=some, kind="customers.changed", actor_kind="staff")
        for rows in (contacts, answers, changes):
            keep.update(row for row in rows.values_list("customer_id", flat=True) if row is not None)
    return keep
