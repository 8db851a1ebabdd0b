"""Customers as calls name them: by id, or by what recognizes a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from setia.api.items import Item
from setia.api.naming import code_of
from setia.api.schemas import PersonIn
from setia.api.values import id_of
from setia.domains.apikeys.models import ApiKey
from setia.domains.customers.actions import resolve_people
from setia.domains.customers.queries import by_ids
from setia.domains.customers.rules import PersonClaim

DOOR = "api"


def claim_of(person: PersonIn, key: ApiKey) -> PersonClaim:
    """Return what a call knows of a person; a program's own identifier outranks the shop's number."""
    external = code_of(key.source, person.external_id) if person.external_id else person.member_code or ""
    return PersonClaim(
        external=external,
        phone=person.phone or "",
        email=person.email or "",
        name=person.name or "",
        city=person.city or "",
        country=person.country or "",
        birth_date=person.birth_date,
    )


class Buyers:
    """The customers of the items of one call: ids are looked up first, people are recognized or added afterwards."""

    def __init__(self, items: Sequence[tuple[Item[Any], Any]], *, key: ApiKey) -> None:
        """Refuse the items whose customer_id means nobody."""
        self._key = key
        self._found: dict[int, int] = {}
        ids = {row_id for _, value in items if value.customer_id and (row_id := id_of(value.customer_id))}
        known = {person.id: person for person in by_ids(list(ids))} if ids else {}
        for item, value in items:
            if value.customer_id is None:
                continue
            person = known.get(id_of(value.customer_id) or 0)
            if person is None:
                item.refuse("customer_id", "unknown_customer")
            else:
                self._found[item.index] = person.canonical_id or person.id

    def resolve(self, items: Sequence[tuple[Item[Any], Any, datetime]], *, at: datetime) -> None:
        """Recognize or add whom these items name, all in one go; each comes with the time he was there."""
        claims: dict[PersonClaim, datetime] = {}
        claimed: dict[int, PersonClaim] = {}
        for item, value, moment in items:
            if value.customer is not None:
                claim = claimed[item.index] = claim_of(value.customer, self._key)
                claims[claim] = min(moment, claims.get(claim, moment))
        if claims:
            ids = resolve_people(
                claims=list(claims), door=DOOR, by=self._key.actor, at=at, joined_at=list(claims.values())
            )
            resolved = dict(zip(claims, ids, strict=True))
            self._found |= {index: resolved[claim] for index, claim in claimed.items()}

    def of(self, item: Item[Any]) -> int | None:
        """Return the customer of an item, None for a passer-by."""
        return self._found.get(item.index)
