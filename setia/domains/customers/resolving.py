"""The one resolver every door uses: claims in, customer ids out, nobody made twice."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from setia.domains.customers.events import CustomerAdded
from setia.domains.customers.models import Customer, Identity
from setia.domains.customers.rules import IdentityKind, PersonClaim, choose_match, search_text
from setia.foundation.actors import Actor
from setia.foundation.crypto import blind_index, tail_index
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

_Key = tuple[str, bytes]
_LOOKUPS_PER_QUERY = 900
TAIL_DIGITS = 4


def resolve_people(
    *,
    claims: Sequence[PersonClaim],
    door: str,
    by: Actor,
    at: datetime,
    joined_at: Sequence[datetime] | None = None,
    origin_id: int | None = None,
) -> list[int]:
    """Return the customer of each claim, in order, making those who are new.

    Two claims that share an identity are one person, also within one call. An identity that a known person did
    not have yet is added to him unless it belongs to somebody else. Repeating a call makes nobody. Concurrent
    calls are kept apart by the unique key of identities: the loser's transaction fails with IntegrityError and
    may be tried again.
    """
    claims = [claim.settled() for claim in claims]
    keyed = [_keys(claim) for claim in claims]
    with write_tx():
        owners = _known_owners(key for keys in keyed for key in keys.values())
        fresh: list[tuple[int, PersonClaim, datetime]] = []
        added: list[tuple[int, IdentityKind, str, bytes]] = []
        answer: list[int] = []
        spare_ids = iter(new_ids(len(claims)))
        for index, (claim, keys) in enumerate(zip(claims, keyed, strict=True)):
            found = {kind: owners[key] for kind, key in keys.items() if key in owners}
            customer_id = choose_match(found)
            if customer_id is None:
                customer_id = next(spare_ids)
                fresh.append((customer_id, claim, joined_at[index] if joined_at else at))
            values = claim.identities()
            for kind, key in keys.items():
                if key not in owners:
                    owners[key] = customer_id
                    added.append((customer_id, kind, values[kind], key[1]))
            answer.append(customer_id)
        _insert_customers(fresh, at=at, origin_id=origin_id)
        _insert_identities(added, at=at, origin_id=origin_id)
        record_many(
            [Happening(CustomerAdded(customer_id=row[0], door=door), row[0], row[2]) for row in fresh],
            by=by,
            at=at,
            batch_id=origin_id,
        )
    return answer


def lookup_key(kind: IdentityKind, normalized: str) -> _Key:
    """Return the key under which an identity is found; the value must be normalized."""
    return kind.value, blind_index(f"identity:{kind.value}", normalized)


def tail_of(kind: IdentityKind, normalized: str) -> int | None:
    """Return the number that finds a phone by its last four digits; other kinds have none."""
    if kind is not IdentityKind.PHONE:
        return None
    return tail_index("identity:phone", normalized[-TAIL_DIGITS:])


def _keys(claim: PersonClaim) -> dict[IdentityKind, _Key]:
    return {kind: lookup_key(kind, value) for kind, value in claim.identities().items()}


def _known_owners(keys: Iterable[_Key]) -> dict[_Key, int]:
    wanted = sorted({key[1] for key in keys})
    owners: dict[_Key, int] = {}
    for start in range(0, len(wanted), _LOOKUPS_PER_QUERY):
        rows = Identity.objects.filter(
            kind__in=list(IdentityKind), lookup__in=wanted[start : start + _LOOKUPS_PER_QUERY]
        ).values_list("kind", "lookup", "customer_id")
        owners.update({(kind, bytes(lookup)): customer_id for kind, lookup, customer_id in rows})
    return owners


def _insert_customers(
    fresh: Sequence[tuple[int, PersonClaim, datetime]], *, at: datetime, origin_id: int | None
) -> None:
    bulk_insert(
        Customer,
        (
            "id",
            "name",
            "search_name",
            "code",
            "birth_date",
            "address",
            "city",
            "country",
            "language",
            "salutation",
            "gender",
            "interests",
            "preferred_channel",
            "acquisition_source",
            "joined_at",
            "created_at",
            "canonical_id",
            "origin_id",
        ),
        (
            (
                customer_id,
                claim.name[:160],
                search_text(claim.name)[:160],
                claim.external[:64],
                claim.birth_date,
                "",
                claim.city[:80],
                claim.country[:80],
                "id",
                "",
                "",
                [],
                "",
                "",
                joined,
                at,
                None,
                origin_id,
            )
            for customer_id, claim, joined in fresh
        ),
    )


def _insert_identities(
    added: Sequence[tuple[int, IdentityKind, str, bytes]], *, at: datetime, origin_id: int | None
) -> None:
    field = Identity._meta.get_field("value")
    ids = new_ids(len(added))
    bulk_insert(
        Identity,
        ("id", "customer_id", "kind", "value", "lookup", "tail", "origin_id", "created_at"),
        (
            (
                row_id,
                customer_id,
                kind.value,
                field.seal_for(row_id, value),
                lookup,
                tail_of(kind, value),
                origin_id,
                at,
            )
            for row_id, (customer_id, kind, value, lookup) in zip(ids, added, strict=True)
        ),
    )
