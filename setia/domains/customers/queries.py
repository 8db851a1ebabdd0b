"""Questions about customers."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from setia.domains.customers.models import Customer, Identity
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.search import candidates
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability

__all__ = ["Contact", "access_customer", "alias_ids", "candidates", "contacts"]


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person: phone in E.164, e-mail, the shop's own number; empty where unknown."""

    phone: str = ""
    email: str = ""
    external: str = ""


def access_customer(viewer: Any, customer_id: int) -> Customer:
    """Return a person to somebody who may see customers; raises NotAllowed and Customer.DoesNotExist."""
    require(viewer, Capability.VIEW_CUSTOMERS)
    customer = Customer.objects.get(id=customer_id)
    return customer if customer.canonical_id is None else Customer.objects.get(id=customer.canonical_id)


def alias_ids(customer_id: int) -> list[int]:
    """Return the ids of all rows that are this person: his own and those merged into it."""
    return [customer_id, *Customer.objects.filter(canonical_id=customer_id).values_list("id", flat=True)]


def contacts(customer_ids: Collection[int]) -> dict[int, Contact]:
    """Return how to reach each of these people, opening their encrypted identities; log the look where shown."""
    parts: dict[int, dict[str, str]] = defaultdict(dict)
    names = {IdentityKind.PHONE: "phone", IdentityKind.EMAIL: "email", IdentityKind.EXTERNAL: "external"}
    for row in Identity.objects.filter(customer_id__in=customer_ids, kind__in=list(names)).order_by("-id"):
        parts[row.customer_id][row.kind] = row.value
    return {
        customer_id: Contact(**{names[IdentityKind(kind)]: value for kind, value in parts[customer_id].items()})
        for customer_id in customer_ids
    }


def by_ids(customer_ids: Sequence[int]) -> list[Customer]:
    """Return these people in the order of the ids."""
    rows = Customer.objects.in_bulk(customer_ids)
    return [rows[customer_id] for customer_id in customer_ids if customer_id in rows]


def ids_from_import(origin_id: int) -> set[int]:
    """Return the ids of people an import made."""
    return set(Customer.objects.filter(origin_id=origin_id).values_list("id", flat=True))


def all_ids(*, size: int) -> Iterator[list[int]]:
    """Walk over the ids of all customers in steps of `size`."""
    last = 0
    while ids := list(Customer.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:size]):
        yield ids
        last = ids[-1]
