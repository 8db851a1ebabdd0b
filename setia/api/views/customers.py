"""Customers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.items import Item, accepted, bulk_answer, judged, single_answer
from setia.api.keys import needs
from setia.api.lists import Changes, Lookup, Page_, id_in_path, moment, page_of
from setia.api.naming import code_of, external_id_of
from setia.api.people import DOOR, claim_of
from setia.api.problems import FieldError, Problem
from setia.api.responses import changes, reads, writes, writes_many
from setia.api.schemas import CustomerChange, CustomerList, CustomerOut, CustomersIn, PersonIn
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries import counters_of
from setia.domains.commerce.queries.feeds import customer_feed, customer_of_code, customers_of_codes
from setia.domains.customers.actions import (
    IdentityIsBlocked,
    IdentityTaken,
    change_customer,
    change_profile,
    recognize_people,
)
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import by_ids, contacts
from setia.domains.customers.rules import IdentityKind
from setia.foundation import clock
from setia.foundation.events.recording import log_access

router = Router(tags=["customers"])
_PERSON = TypeAdapter(PersonIn)
_READ, _WRITE = needs(Scope.CUSTOMERS_READ), needs(Scope.CUSTOMERS_WRITE)
_PROFILE = ("name", "city", "country", "birth_date")
_CHANGEABLE = (*_PROFILE, "address")


@router.post("/customers", response=writes(), summary="Write a customer", **_WRITE)
def write_customer(request: HttpRequest, body: PersonIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Recognize a customer or add him. Whom your external_id means gets what is sent; others keep what they have."""

    def work() -> tuple[int, Mapping[str, Any]]:
        item = Item(0, body.external_id, body)
        _write([item], key_of(request))
        return single_answer(item)

    return written(request, idempotency_key, work)


@router.post("/customers/bulk", response=writes_many(), summary="Write up to 1,000 customers", **_WRITE)
def write_customers(request: HttpRequest, body: CustomersIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write many customers in one transaction: all that are accepted, or none at all; a refused one is left out."""

    def work() -> tuple[int, Mapping[str, Any]]:
        items = judged(_PERSON, body.items)
        _write(items, key_of(request))
        return bulk_answer(items)

    return written(request, idempotency_key, work)


@router.get("/customers", response=reads(CustomerList), summary="List customers", **_READ)
def list_customers(request: HttpRequest, paging: Changes = Page_) -> HttpResponse:
    """List customers, those added last first. Phones and the like come with the scope customers:contact.

    With updated_since also those who were merged into somebody: see merged_into.
    """
    page = customer_feed(paging.part())
    return json_response(page_of(page, lambda rows: _shown(rows, key_of(request))))


@router.get(
    "/customers/lookup", response=reads(CustomerOut, one=True), summary="Find a customer by your identifier", **_READ
)
def find_customer(request: HttpRequest, lookup: Lookup = Page_) -> HttpResponse:
    """Return whom an external_id of your program means."""
    found = customer_of_code(code_of(key_of(request).source, lookup.external_id))
    if found is None:
        raise Problem("not_found")
    return _one(request, _customer(str(found)))


@router.get("/customers/{customer_id}", response=reads(CustomerOut, one=True), summary="Read a customer", **_READ)
def read_customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Return one customer; for somebody who was merged into another, that other."""
    return _one(request, _customer(customer_id))


@router.patch("/customers/{customer_id}", response=changes(CustomerOut), summary="Change a customer", **_WRITE)
def patch_customer(
    request: HttpRequest, customer_id: str, body: CustomerChange, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Change fields of one customer; what is not sent stays, an empty text or null takes a value away."""

    def work() -> tuple[int, Mapping[str, Any]]:
        customer, sent = _customer(customer_id), body.model_fields_set
        wanted = {name: getattr(body, name) for name in _CHANGEABLE if name in sent}
        wanted = {name: ("" if value is None and name != "birth_date" else value) for name, value in wanted.items()}
        kinds = {IdentityKind.PHONE: "phone", IdentityKind.EMAIL: "email"}
        identities = {kind: getattr(body, name) or "" for kind, name in kinds.items() if name in sent}
        try:
            change_profile(
                customer=customer, changes=wanted, identities=identities, by=key_of(request).actor, at=clock.now()
            )
        except IdentityTaken as error:
            raise Problem("identity_taken", FieldError(error.kind.value, "identity_taken")) from None
        except IdentityIsBlocked as error:
            raise Problem("identity_blocked", FieldError(error.kind.value, "identity_blocked")) from None
        return 200, _shown([_counters(_customer(customer_id))], key_of(request))[0]

    return written(request, idempotency_key, work)


def _customer(customer_id: str) -> Customer:
    found = by_ids([id_in_path(customer_id)])
    if found and found[0].canonical_id is not None:
        found = by_ids([found[0].canonical_id])
    if not found:
        raise Problem("not_found")
    return found[0]


def _counters(customer: Customer) -> CustomerCounters:
    counters = counters_of(customer.id)
    counters.customer = customer
    return counters


def _one(request: HttpRequest, customer: Customer) -> HttpResponse:
    return json_response(_shown([_counters(customer)], key_of(request))[0])


def _write(items: Sequence[Item[PersonIn]], key: ApiKey) -> None:
    """Write what can be written, and note in each item what became of it."""
    at = clock.now()
    taken = accepted(items)
    if not taken:
        return
    codes = {item.index: code_of(key.source, value.external_id) for item, value in taken if value.external_id}
    known = customers_of_codes(codes.values()) if codes else {}
    claims = [claim_of(value, key) for _item, value in taken]
    people = recognize_people(claims=claims, door=DOOR, by=key.actor, at=at)
    persons = _persons(people.ids)
    made: set[int] = set()
    for (item, value), row_id in zip(taken, people.ids, strict=True):
        person = persons[row_id]
        if row_id in people.new_ids:
            item.written(person.id, "known" if row_id in made else "created")
            made.add(row_id)
            continue
        # Only your own identifier is proof enough to overwrite what is known; a phone may be a family's.
        is_his = known.get(codes.get(item.index, "")) == row_id
        is_changed = is_his and _change(person, value, key, at)
        item.written(person.id, "changed" if is_changed or row_id in people.extended_ids else "known")


def _persons(ids: Sequence[int]) -> dict[int, Customer]:
    """Return for each row the person it is: who was merged is somebody else now."""
    rows = {row.id: row for row in by_ids(list(set(ids)))}
    winners = {row.canonical_id for row in rows.values() if row.canonical_id is not None}
    persons = {row.id: row for row in by_ids(list(winners))} if winners else {}
    return {row.id: persons[row.canonical_id] if row.canonical_id is not None else row for row in rows.values()}


def _change(customer: Customer, value: PersonIn, key: ApiKey, at: datetime) -> bool:
    """Give a customer what is sent and tell whether anything was different; what is equal costs nothing."""
    wanted = {name: getattr(value, name) for name in _PROFILE if getattr(value, name) not in (None, "")}
    different = {name: new for name, new in wanted.items() if getattr(customer, name) != new}
    if different:
        change_customer(customer=customer, changes=different, by=key.actor, at=at)
    return bool(different)


def _shown(rows: Sequence[CustomerCounters], key: ApiKey) -> list[dict[str, Any]]:
    """Return customers as plain JSON values, with their contacts where the key may see them; that look is logged."""
    sees_contacts = key.may(Scope.CUSTOMERS_CONTACT)
    found = contacts([row.customer_id for row in rows])
    if sees_contacts and rows:
        one = rows[0].customer_id if len(rows) == 1 else None
        log_access(by=key.actor, at=clock.now(), page="api", customer_id=one, row_count=len(rows))
    shown = []
    for row in rows:
        customer, contact = row.customer, found[row.customer_id]
        private = {
            "phone": contact.phone,
            "email": contact.email,
            "address": customer.address if sees_contacts else "",
            "birth_date": customer.birth_date.isoformat() if customer.birth_date else None,
        }
        shown.append(
            {
                "id": str(customer.id),
                "external_id": external_id_of(key.source, contact.external),
                "name": customer.name,
                "city": customer.city,
                "country": customer.country,
                "language": customer.language,
                "joined_at": moment(customer.joined_at),
                "created_at": moment(customer.created_at),
                "updated_at": moment(row.updated_at),
                "merged_into": str(customer.canonical_id) if customer.canonical_id else None,
                "order_count": row.order_count,
                "spent_total": row.spent_total,
                "returned_total": row.returned_total,
                "first_order_at": moment(row.first_order_at),
                "last_order_at": moment(row.last_order_at),
                "contact": private if sees_contacts else None,
            }
        )
    return shown
