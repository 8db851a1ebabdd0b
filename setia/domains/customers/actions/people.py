"""Verbs of customers: recognize or add people, change their profile."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from django.db.models import Exists, OuterRef, Q

from setia.domains.customers.actions.profile import set_values
from setia.domains.customers.actions.tagging import give_owners
from setia.domains.customers.events import CustomerChanged
from setia.domains.customers.models import Customer, Identity, Merge
from setia.domains.customers.queries import alias_ids
from setia.domains.customers.resolving import blocked_keys, lookup_key, resolve_people, tail_of
from setia.domains.customers.rules import (
    LIMITS,
    IdentityKind,
    PersonClaim,
    is_nobody,
    normal_value,
    search_text,
)
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


class IdentityTaken(Exception):
    """Raised when a phone or e-mail belongs to somebody else; `.owner_id` is that customer."""

    def __init__(self, kind: IdentityKind, owner_id: int) -> None:
        super().__init__(f"{kind} belongs to customer {owner_id}")
        self.kind = kind
        self.owner_id = owner_id


class IdentityIsBlocked(Exception):
    """Raised when a phone or e-mail is one the shop has blocked; `.kind` says which kind."""

    def __init__(self, kind: IdentityKind) -> None:
        super().__init__(f"this {kind} identifies nobody")
        self.kind = kind


class NotAnIdentity(ValueError):
    """Raised when a text can be no phone, e-mail or number of the kind it is given for."""


class TooManyIdentities(Exception):
    """Raised when a person has as many identities of a kind as one person can have."""


def add_customer(
    *,
    claim: PersonClaim,
    door: str,
    by: Actor,
    at: datetime,
    more: Mapping[str, object] | None = None,
    address: str = "",
) -> Customer:
    """Add one person by hand, with `more` fields of the profile.

    Raises IdentityTaken when a phone or e-mail is known already, IdentityIsBlocked when the shop has blocked it.
    """
    with write_tx():
        for kind, value in claim.identities().items():
            _guard_free(kind, value, ())
        customer_id = resolve_people(claims=[claim], door=door, by=by, at=at)[0]
        customer = Customer.objects.get(id=customer_id)
        values: dict[str, object] = {**(more or {}), **({"address": address} if address else {})}
        for field, given in values.items():
            setattr(customer, field, given)
        if values:
            customer.save(update_fields=list(values))
    return customer


def change_profile(
    *,
    customer: Customer,
    changes: Mapping[str, object],
    identities: Mapping[IdentityKind, str],
    by: Actor,
    at: datetime,
    custom: Mapping[str, str] | None = None,
) -> None:
    """Change fields, identities and the shop's own fields together or not at all.

    Raises IdentityTaken, IdentityIsBlocked and what `set_values` raises.
    """
    plain = {name: value for name, value in changes.items() if name != "owner_id"}
    with write_tx():
        change_customer(customer=customer, changes=plain, by=by, at=at)
        if "owner_id" in changes:
            # The undo of acts on many sees who was given to whom since by this verb's fact.
            give_owners(owners={customer.id: cast("int | None", changes["owner_id"])}, by=by, at=at)
        for kind, value in identities.items():
            set_identity(customer=customer, kind=kind, value=value, by=by, at=at)
        if custom:
            set_values(customer=customer, values=custom, by=by, at=at)


def change_customer(*, customer: Customer, changes: Mapping[str, object], by: Actor, at: datetime) -> Customer:
    """Change fields of a profile and record which; an unchanged profile records nothing."""
    with write_tx():
        customer = Customer.objects.select_for_update(no_key=True).get(id=customer.id)
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
    """Change the phone or e-mail a person is shown with (already normalized), or remove it for an empty text.

    Others of the kind stay. Raises IdentityTaken and IdentityIsBlocked. Repeating it changes nothing.
    """
    with write_tx():
        ids = alias_ids(customer.id)
        rows = Identity.objects.select_for_update().filter(customer_id__in=ids, kind=kind)
        standing = sorted(rows, key=lambda row: (ids.index(row.customer_id), row.id))
        shown = standing[0] if standing else None
        if value == (shown.value if shown else ""):
            return
        if any(row.value == value for row in standing[1:]) or not value:
            if shown is not None:
                shown.delete()
        elif shown is None:
            _new_identity(customer.id, kind, value, at)
        else:
            _guard_free(kind, value, ids)
            # In its own row, which keeps its place before the others.
            shown.value, shown.lookup, shown.tail = value, lookup_key(kind, value)[1], tail_of(kind, value)
            shown.save(update_fields=["value", "lookup", "tail"])
        _tell_changed(customer.id, kind, by, at)


def add_identity(*, customer: Customer, kind: IdentityKind, value: str, by: Actor, at: datetime) -> Identity:
    """Give a person one more way to be recognized. Raises NotAnIdentity, IdentityTaken, IdentityIsBlocked, TooMany.

    What he has already is returned as it is.
    """
    normalized = normal_value(kind, value)
    if not normalized or is_nobody(kind, normalized):
        raise NotAnIdentity(kind)
    with write_tx():
        Customer.objects.select_for_update(no_key=True).get(id=customer.id)
        ids = alias_ids(customer.id)
        lookup = lookup_key(kind, normalized)[1]
        standing = Identity.objects.filter(kind=kind, lookup=lookup, customer_id__in=ids).first()
        if standing is not None:
            return standing
        if Identity.objects.filter(customer_id__in=ids, kind=kind).count() >= LIMITS[kind]:
            raise TooManyIdentities(kind)
        identity = _new_identity(customer.id, kind, normalized, at)
        _tell_changed(customer.id, kind, by, at)
    return identity


def remove_identity(*, identity: Identity, by: Actor, at: datetime) -> None:
    """Take a way to recognize a person from him; changes nothing when it is gone already."""
    with write_tx():
        if Identity.objects.filter(id=identity.id).delete()[0]:
            _tell_changed(identity.customer_id, IdentityKind(identity.kind), by, at)


def _new_identity(customer_id: int, kind: IdentityKind, value: str, at: datetime) -> Identity:
    _guard_free(kind, value, [customer_id])
    return Identity.objects.create(
        customer_id=customer_id,
        kind=kind.value,
        value=value,
        lookup=lookup_key(kind, value)[1],
        tail=tail_of(kind, value),
        created_at=at,
    )


def _tell_changed(customer_id: int, kind: IdentityKind, by: Actor, at: datetime) -> None:
    record(CustomerChanged(customer_id=customer_id, fields=(kind.value,)), by=by, at=at, customer_id=customer_id)


def forget_import(*, origin_id: int, keep_ids: set[int], limit: int) -> list[int]:
    """Remove at most `limit` people an undone import had made, except those to keep; return whom it removed.

    Raises IntegrityError when somebody still has orders.
    """
    with write_tx():
        doomed = Customer.objects.filter(origin_id=origin_id).exclude(id__in=keep_ids)
        # Who was merged, or parted again, has a history that somebody made by hand.
        of_a_merge = Q(winner=OuterRef("id")) | Q(loser=OuterRef("id"))
        doomed = doomed.exclude(Exists(Merge.objects.filter(of_a_merge)))
        ids = list(doomed.order_by("id").values_list("id", flat=True)[:limit])
        Customer.objects.filter(id__in=ids).delete()
        if not ids:
            # What the import had told of people who were known before, and of nobody it leaves behind.
            Identity.objects.filter(origin_id=origin_id).exclude(customer_id__in=keep_ids).delete()
    return ids


def _guard_free(kind: IdentityKind, value: str, but_of: Collection[int]) -> None:
    key = lookup_key(kind, value)
    if blocked_keys([key]):
        raise IdentityIsBlocked(kind)
    owner = Identity.objects.filter(kind=kind, lookup=key[1]).exclude(customer_id__in=but_of).first()
    if owner is not None:
        raise IdentityTaken(kind, owner.customer_id)
