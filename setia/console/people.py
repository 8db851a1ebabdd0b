"""How a person is shown: his name, or what stands for it; contacts whole or masked by the viewer's role."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries.listing import stage_of
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import Contact, contacts, reach_of
from setia.domains.customers.rules import IdentityKind
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
    return Contact(
        phone=shown_identity(viewer, IdentityKind.PHONE, contact.phone) if contact.phone else "",
        email=shown_identity(viewer, IdentityKind.EMAIL, contact.email) if contact.email else "",
        external=contact.external,
    )


def shown_identity(viewer: Staff, kind: IdentityKind, value: str) -> str:
    """Return a value by which somebody is recognized as this viewer may see it: whole, or its last letters."""
    if kind is IdentityKind.EXTERNAL:
        return value
    if may(viewer, Capability.VIEW_PERSONAL_DATA):
        return phone.shown(value) if kind is IdentityKind.PHONE else value
    if kind is IdentityKind.PHONE:
        return phone.masked(value)
    if kind is IdentityKind.EMAIL:
        mailbox, _, host = value.partition("@")
        return f"{mailbox[:1]}•••@{host}"
    place, colon, account = value.rpartition(":")
    return f"{place}{colon}•••{account[-3:]}"


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
    if may(viewer, Capability.VIEW_PERSONAL_DATA):
        log_access(by=viewer.actor, at=clock.now(), page=page, customer_id=customer.id)
    return visible_contact(viewer, reach_of(alias_ids))
