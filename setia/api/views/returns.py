"""Returns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.goods import Shelf
from setia.api.items import Item, accepted, bulk_answer, count_lines, judged, single_answer
from setia.api.keys import needs
from setia.api.lists import CustomerChanges, Lookup, Page_, id_in_path, moment, page_of, quantity
from setia.api.naming import source_of
from setia.api.people import Buyers
from setia.api.problems import Problem
from setia.api.responses import reads, writes, writes_many
from setia.api.schemas import ReturnIn, ReturnList, ReturnOut, ReturnsIn
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.actions import record_returns
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft
from setia.domains.commerce.models import Return
from setia.domains.commerce.queries.feeds import order_ids_of, return_feed, return_ids_of, returns_by_id
from setia.foundation import clock
from setia.foundation.money import to_smallest

router = Router(tags=["returns"])
_RETURN = TypeAdapter(ReturnIn)
_READ, _WRITE = needs(Scope.RETURNS_READ), needs(Scope.RETURNS_WRITE)


@router.post("/returns", response=writes(), summary="Write a return", **_WRITE)
def write_return(request: HttpRequest, body: ReturnIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write goods that came back. Tied to the order where its external_id is given, else to the latest that fits."""

    def work() -> tuple[int, Mapping[str, Any]]:
        item = Item(0, body.external_id, body)
        _write([item], key_of(request))
        return single_answer(item)

    return written(request, idempotency_key, work)


@router.post("/returns/bulk", response=writes_many(), summary="Write up to 1,000 returns", **_WRITE)
def write_returns(request: HttpRequest, body: ReturnsIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write many returns in one transaction: all that are accepted, or none at all; a refused one is left out."""

    def work() -> tuple[int, Mapping[str, Any]]:
        items = judged(_RETURN, body.items)
        count_lines(items)
        _write(items, key_of(request))
        return bulk_answer(items)

    return written(request, idempotency_key, work)


@router.get("/returns", response=reads(ReturnList), summary="List returns", **_READ)
def list_returns(request: HttpRequest, paging: CustomerChanges = Page_) -> HttpResponse:
    """List returns, those written last first; those of one customer by the time they came."""
    page = return_feed(paging.part(), customer_ids=paging.customer_ids())
    return json_response(page_of(page, shown_returns))


@router.get("/returns/lookup", response=reads(ReturnOut, one=True), summary="Find a return by your identifier", **_READ)
def find_return(request: HttpRequest, lookup: Lookup = Page_) -> HttpResponse:
    """Return the return that your program wrote under an external_id."""
    source = source_of(key_of(request).source, lookup.external_id)
    found = return_ids_of([source]).get(source)
    if found is None:
        raise Problem("not_found")
    return json_response(shown_returns(returns_by_id([found[0]]))[0])


@router.get("/returns/{return_id}", response=reads(ReturnOut, one=True), summary="Read a return", **_READ)
def read_return(request: HttpRequest, return_id: str) -> HttpResponse:
    """Return one return with its lines."""
    found = returns_by_id([id_in_path(return_id)])
    if not found:
        raise Problem("not_found")
    return json_response(shown_returns(found)[0])


def _write(items: Sequence[Item[ReturnIn]], key: ApiKey) -> None:
    """Write what can be written, and note in each item what became of it."""
    at = clock.now()
    sources = {item.index: source_of(key.source, value.external_id) for item, value in accepted(items)}
    before = return_ids_of(sources.values())
    orders = _orders(items, key)
    buyers = Buyers(accepted(items), key=key)
    shelf = Shelf(accepted(items), at=at)
    taken = accepted(items)
    unnamed = [
        (item, value, value.returned_at)
        for item, value in taken
        if sources[item.index] not in before and not orders.get(item.index)
    ]
    buyers.resolve(unnamed, at=at)
    drafts = [
        _draft(value, sources[item.index], orders.get(item.index) or buyers.of(item), key, shelf)
        for item, value in taken
    ]
    if not drafts:
        return
    outcome = record_returns(drafts=drafts, by=key.actor, at=at)
    for (item, _value), row_id in zip(taken, outcome.return_ids, strict=True):
        is_new, is_longer = row_id in outcome.new_return_ids, row_id in outcome.extended_return_ids
        item.written(row_id, "created" if is_new else "extended" if is_longer else "known")


def _orders(items: Sequence[Item[ReturnIn]], key: ApiKey) -> dict[int, int | None]:
    """Return the customer of each item's order by the item's index, and refuse items whose order is not known."""
    named = {
        item.index: source_of(key.source, value.order_external_id)
        for item, value in accepted(items)
        if value.order_external_id is not None
    }
    known = order_ids_of(named.values()) if named else {}
    for item, value in accepted(items):
        if value.order_external_id is not None and named[item.index] not in known:
            item.refuse("order_external_id", "unknown_order")
    return {index: known[source][2] for index, source in named.items() if source in known}


def _draft(value: ReturnIn, source: str, customer_id: int | None, key: ApiKey, shelf: Shelf) -> ReturnDraft:
    lines = tuple(
        ReturnLineDraft(
            product_id=shelf.product_id(line), quantity_milli=to_smallest(line.quantity, 3), total=line.total
        )
        for line in value.lines
    )
    return ReturnDraft(
        source=source,
        number=value.number or value.external_id,
        customer_id=customer_id,
        returned_at=value.returned_at,
        lines=lines,
        outlet_id=shelf.outlet_id(value.outlet),
        reason=value.reason,
        order_source=source_of(key.source, value.order_external_id) if value.order_external_id else None,
    )


def shown_returns(rows: Sequence[Return]) -> list[dict[str, Any]]:
    """Return returns as plain JSON values."""
    return [
        {
            "id": str(row.id),
            "number": row.number,
            "customer_id": str(row.customer_id) if row.customer_id else None,
            "order_id": str(row.order_id) if row.order_id else None,
            "outlet": row.outlet.code if row.outlet else None,
            "reason": row.reason,
            "returned_at": moment(row.returned_at),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "total": row.total,
            "lines": [
                {
                    "product_id": str(line.product_id),
                    "sku": line.product.sku,
                    "name": line.product.name,
                    "quantity": quantity(line.quantity_milli),
                    "total": line.total,
                }
                for line in row.lines.all()
            ],
        }
        for row in rows
    ]
