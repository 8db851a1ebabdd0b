"""How a person is shown: his name, or what stands for it; contacts whole or masked by the viewer's role."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries.listing import stage_of
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import Contact, contacts
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.foundation import clock, phone
from setia.foundation.events.recording import log_access


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A customer in a list."""

    id: int
    name: str
    contact: str
    city: str
    counters: CustomerCounters
    stage: str


def display_name(customer: Customer) -> str:
    """Return what to call a customer: the name, or the shop's own number where there is none."""
    if customer.name:
        return customer.name
    return gettext("Customer {code}").format(code=customer.code or str(customer.id)[-6:])


def visible_contact(viewer: Staff, contact: Contact) -> Contact:
    """Return a contact as this viewer may see it: whole, or masked to what tells two people apart."""
    if may(viewer, Capability.VIEW_PERSONAL_DATA):
        return Contact(
            phone=phone.shown(contact.phone) if contact.phone else "", email=contact.email, external=contact.external
        )
    mailbox, _, host = contact.email.partition("@")
    return Contact(
        phone=phone.masked(contact.phone) if contact.phone else "",
        email=f"{mailbox[:1]}•••@{host}" if contact.email else "",
        external=contact.external,
    )


def shown_people(viewer: Staff, rows: Sequence[CustomerCounters], *, page: str) -> list[ShownPerson]:
    """Return rows as people to show, and log that their contacts were looked at."""
    at = clock.now()
    found = _contacts(viewer, [row.customer_id for row in rows], page=page)
    people = []
    for row in rows:
        contact = found[row.customer_id]
        line = contact.phone or contact.email or (contact.external and f"#{contact.external}")
        people.append(
            ShownPerson(row.customer_id, display_name(row.customer), line, row.customer.city, row, stage_of(row, at))
        )
    return people


def _contacts(viewer: Staff, ids: Collection[int], *, page: str) -> dict[int, Contact]:
    found = contacts(ids)
    if ids and may(viewer, Capability.VIEW_PERSONAL_DATA):
        log_access(by=viewer.actor, at=clock.now(), page=page, customer_id=None, row_count=len(ids))
    return {customer_id: visible_contact(viewer, contact) for customer_id, contact in found.items()}


def contact_of(viewer: Staff, customer: Customer, alias_ids: Sequence[int], *, page: str) -> Contact:
    """Return one customer's contact as this viewer may see it, and log the look at personal data."""
    merged: dict[str, Any] = {}
    for contact in contacts(alias_ids).values():
        for name in ("phone", "email", "external"):
            merged.setdefault(name, "")
            merged[name] = merged[name] or getattr(contact, name)
    if may(viewer, Capability.VIEW_PERSONAL_DATA):
        log_access(by=viewer.actor, at=clock.now(), page=page, customer_id=customer.id)
    return visible_contact(viewer, Contact(**merged))
