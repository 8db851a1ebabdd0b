"""Questions about what happened."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from setia.domains.customers.models import Customer
from setia.domains.customers.queries import alias_ids
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.domains.timeline.models import Interaction, Note
from setia.foundation.events.models import Event, VoidedBatch
from setia.foundation.paging import Key, Page, key_page

GROUPS: dict[str, tuple[str, ...]] = {
    "orders": (
        *("commerce.order_placed", "commerce.order_status_changed", "commerce.shipment_saved"),
        *("commerce.payment_recorded", "commerce.refund_recorded", "commerce.cart_started", "commerce.cart_abandoned"),
        *("commerce.return_recorded", "commerce.return_checked", "commerce.return_undone"),
    ),
    "contacts": ("timeline.interaction_logged",),
    "notes": ("timeline.note_written", "timeline.note_removed"),
    "profile": (
        *("customers.added", "customers.changed", "customers.merged", "customers.unmerged"),
        *("customers.identity_questioned", "customers.identity_question_answered", "customers.consent_recorded"),
        *("customers.tagged", "customers.untagged", "customers.assigned"),
    ),
}


_UNSHOWN = ("timeline.interaction_removed", "teamwork.person_mentioned")


def timeline(customer_ids: Sequence[int], *, group: str, cursor: str, size: int) -> Page[Event]:
    """Return one page of a person's facts, latest first, without those of undone imports and removed contacts.

    That somebody was told of a contact is left out too: the contact itself says so.
    """
    standing = Interaction.objects.filter(id=OuterRef("subject_id"))
    rows = Event.objects.filter(customer_id__in=customer_ids).exclude(kind__in=_UNSHOWN)
    rows = rows.exclude(Q(kind="timeline.interaction_logged") & ~Exists(standing))
    if group in GROUPS:
        rows = rows.filter(kind__in=GROUPS[group])
    voided = list(VoidedBatch.objects.values_list("batch_id", flat=True))
    if voided:
        rows = rows.exclude(batch_id__in=voided)
    return key_page(rows, keys=(Key("occurred_at"), Key("id")), cursor=cursor, size=size)


def notes_by_id(note_ids: Sequence[int]) -> dict[int, Note]:
    """Return these notes by id; those taken back are missing."""
    return {note.id: note for note in Note.objects.select_related("author").filter(id__in=note_ids)}


def access_note(viewer: Any, customer: Customer, note_id: int) -> Note:
    """Return a note of this customer or of a row merged into him to an editor; raises NotAllowed, DoesNotExist."""
    require(viewer, Capability.EDIT_CUSTOMERS)
    return Note.objects.get(id=note_id, customer_id__in=alias_ids(customer.id))


def interactions_by_id(interaction_ids: Sequence[int]) -> dict[int, Interaction]:
    """Return these contacts by id; those taken back are missing."""
    return {row.id: row for row in Interaction.objects.filter(id__in=interaction_ids)}


def access_interaction(viewer: Any, customer: Customer, interaction_id: int) -> Interaction:
    """Return a contact of this customer or of a row merged into him to an editor; raises NotAllowed, DoesNotExist."""
    require(viewer, Capability.EDIT_CUSTOMERS)
    return Interaction.objects.get(id=interaction_id, customer_id__in=alias_ids(customer.id))


def customers_with_notes(customer_ids: set[int]) -> set[int]:
    """Return which of these customers somebody wrote about."""
    return set(Note.objects.filter(customer_id__in=list(customer_ids)).values_list("customer_id", flat=True))
