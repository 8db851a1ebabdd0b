"""Verbs of customers: recognize or add people, change their profile."""

from collections.abc import Mapping
from datetime import datetime

from setia.domains.customers.events import CustomerChanged
from setia.domains.customers.models import Customer, Identity
from setia.domains.customers.resolving import lookup_key, resolve_people, tail_of
from setia.domains.customers.rules import IdentityKind, PersonClaim, search_text
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record

__all__ = [
    "IdentityTaken",
    "add_customer",
    "change_customer",
    "change_profile",
    "forget_import",
    "resolve_people",
    "set_identity",
]


class IdentityTaken(Exception):
    """Raised when a phone or e-mail belongs to somebody else; `.owner_id` is that customer."""

    def __init__(self, kind: IdentityKind, owner_id: int) -> None:
        super().__init__(f"{kind} belongs to customer {owner_id}")
        self.kind = kind
        self.owner_id = owner_id


def add_customer(*, claim: PersonClaim, door: str, by: Actor, at: datetime, address: str = "") -> Customer:
    """Add one person by hand; raises IdentityTaken when a phone or e-mail is known already."""
    with write_tx():
        for kind, value in claim.identities().items():
            _guard_free(kind, value, None)
        customer_id = resolve_people(claims=[claim], door=door, by=by, at=at)[0]
        customer = Customer.objects.get(id=customer_id)
        if address:
            customer.address = address
            customer.save(update_fields=["address"])
    return customer


def change_profile(
    *,
    customer: Customer,
    changes: Mapping[str, object],
    identities: Mapping[IdentityKind, str],
    by: Actor,
    at: datetime,
) -> None:
    """Change fields and identities together or not at all; raises IdentityTaken."""
    with write_tx():
        change_customer(customer=customer, changes=changes, by=by, at=at)
        for kind, value in identities.items():
            set_identity(customer=customer, kind=kind, value=value, by=by, at=at)


def change_customer(*, customer: Customer, changes: Mapping[str, object], by: Actor, at: datetime) -> Customer:
    """Change fields of a profile and record which; an unchanged profile records nothing."""
    with write_tx():
        customer = Customer.objects.select_for_update().get(id=customer.id)
        changed = tuple(sorted(name for name, value in changes.items() if getattr(customer, name) != value))
        if changed:
            for name in changed:
                setattr(customer, name, changes[name])
            customer.search_name = search_text(customer.name)[:160]
            customer.save(update_fields=[*changed, "search_name"])
            fact = CustomerChanged(customer_id=customer.id, fields=changed)
            record(fact, by=by, at=at, customer_id=customer.id)
    return customer


def set_identity(*, customer: Customer, kind: IdentityKind, value: str, by: Actor, at: datetime) -> None:
    """Give a person another phone or e-mail (already normalized), or none for an empty text.

    Raises IdentityTaken. Repeating it changes nothing.
    """
    with write_tx():
        current = list(Identity.objects.select_for_update().filter(customer=customer, kind=kind))
        if [row.value for row in current] == ([value] if value else []):
            return
        if value:
            _guard_free(kind, value, customer.id)
        Identity.objects.filter(id__in=[row.id for row in current]).delete()
        if value:
            lookup = lookup_key(kind, value)[1]
            Identity.objects.create(
                customer=customer, kind=kind, value=value, lookup=lookup, tail=tail_of(kind, value), created_at=at
            )
        fact = CustomerChanged(customer_id=customer.id, fields=(kind.value,))
        record(fact, by=by, at=at, customer_id=customer.id)


def forget_import(*, origin_id: int, keep_ids: set[int], limit: int) -> list[int]:
    """Remove at most `limit` people an undone import had made, except those to keep; return whom it removed.

    Raises IntegrityError when somebody still has orders.
    """
    with write_tx():
        doomed = Customer.objects.filter(origin_id=origin_id).exclude(id__in=keep_ids)
        ids = list(doomed.order_by("id").values_list("id", flat=True)[:limit])
        Customer.objects.filter(id__in=ids).delete()
        if not ids:
            # What the import had told of people who were known before, and of nobody it leaves behind.
            Identity.objects.filter(origin_id=origin_id).exclude(customer_id__in=keep_ids).delete()
    return ids


def _guard_free(kind: IdentityKind, value: str, but_of: int | None) -> None:
    owner = (
        Identity.objects.filter(kind=kind, lookup=lookup_key(kind, value)[1]).exclude(customer_id=but_of or 0).first()
    )
    if owner is not None:
        raise IdentityTaken(kind, owner.customer_id)
