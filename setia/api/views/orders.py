"""Orders."""

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
from setia.api.schemas import LineIn, OrderIn, OrderList, OrderOut, OrdersIn
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.actions import record_sales
from setia.domains.commerce.drafts import LineDraft, SaleDraft
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries.feeds import order_feed, order_ids_of, orders_by_id
from setia.foundation import clock
from setia.foundation.money import to_smallest

router = Router(tags=["orders"])
_ORDER = TypeAdapter(OrderIn)
_READ, _WRITE = needs(Scope.ORDERS_READ), needs(Scope.ORDERS_WRITE)


@router.post("/orders", response=writes(), summary="Write an order", **_WRITE)
def write_order(request: HttpRequest, body: OrderIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write one order with its lines and its customer. Sent again, it gets the lines it lacks and nothing twice."""

    def work() -> tuple[int, Mapping[str, Any]]:
        item = Item(0, body.external_id, body)
        _write([item], key_of(request))
        return single_answer(item)

    return written(request, idempotency_key, work)


@router.post("/orders/bulk", response=writes_many(), summary="Write up to 1,000 orders", **_WRITE)
def write_orders(request: HttpRequest, body: OrdersIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Write many orders in one transaction: all that are accepted, or, if something fails, none at all.

    An order that is refused is left out and does not lose the others; `results` says what became of each.
    """

    def work() -> tuple[int, Mapping[str, Any]]:
        items = judged(_ORDER, body.items)
        count_lines(items)
        _write(items, key_of(request))
        return bulk_answer(items)

    return written(request, idempotency_key, work)


@router.get("/orders", response=reads(OrderList), summary="List orders", **_READ)
def list_orders(request: HttpRequest, paging: CustomerChanges = Page_) -> HttpResponse:
    """List orders, those written last first; those of one customer by the time of purchase."""
    page = order_feed(paging.part(), customer_ids=paging.customer_ids())
    return json_response(page_of(page, shown_orders))


@router.get("/orders/lookup", response=reads(OrderOut, one=True), summary="Find an order by your identifier", **_READ)
def find_order(request: HttpRequest, lookup: Lookup = Page_) -> HttpResponse:
    """Return the order that your program wrote under an external_id."""
    source = source_of(key_of(request).source, lookup.external_id)
    found = order_ids_of([source]).get(source)
    if found is None:
        raise Problem("not_found")
    return json_response(shown_orders(orders_by_id([found[0]]))[0])


@router.get("/orders/{order_id}", response=reads(OrderOut, one=True), summary="Read an order", **_READ)
def read_order(request: HttpRequest, order_id: str) -> HttpResponse:
    """Return one order with its lines."""
    found = orders_by_id([id_in_path(order_id)])
    if not found:
        raise Problem("not_found")
    return json_response(shown_orders(found)[0])


def _write(items: Sequence[Item[OrderIn]], key: ApiKey) -> None:
    """Write what can be written, and note in each item what became of it."""
    at = clock.now()
    sources = {item.index: source_of(key.source, value.external_id) for item, value in accepted(items)}
    before = order_ids_of(sources.values())
    buyers = Buyers(accepted(items), key=key)
    shelf = Shelf(accepted(items), at=at)
    taken = accepted(items)
    # Whoever an order known before belongs to, it stays so: nobody is recognized or added for it again.
    buyers.resolve(
        [(item, value, value.placed_at) for item, value in taken if sources[item.index] not in before], at=at
    )
    drafts = [_draft(value, sources[item.index], buyers.of(item), shelf) for item, value in taken]
    if not drafts:
        return
    outcome = record_sales(drafts=drafts, by=key.actor, at=at)
    after = order_ids_of([source for source in sources.values() if source in before]) if outcome.extended_orders else {}
    for (item, _value), row_id in zip(taken, outcome.order_ids, strict=True):
        known = before.get(sources[item.index])
        if row_id in outcome.new_order_ids:
            item.written(row_id, "created")
        elif known is None:
            # Another call wrote it after we had looked; what this one added, if anything, stands there with it.
            item.written(row_id, "known")
        else:
            lines = after.get(sources[item.index], known)[1]
            item.written(row_id, "extended" if lines > known[1] else "known")


def _draft(order: OrderIn, source: str, customer_id: int | None, shelf: Shelf) -> SaleDraft:
    return SaleDraft(
        source=source,
        number=order.number or order.external_id,
        customer_id=customer_id,
        placed_at=order.placed_at,
        lines=tuple(_line(line, shelf) for line in order.lines),
        outlet_id=shelf.outlet_id(order.outlet),
        channel=order.channel,
        tender=order.tender,
        status=order.status,
    )


def _line(line: LineIn, shelf: Shelf) -> LineDraft:
    return LineDraft(
        product_id=shelf.product_id(line),
        quantity_milli=to_smallest(line.quantity, 3),
        unit_price=line.unit_price,
        gross=line.gross,
        discount=line.discount,
        tax=line.tax,
    )


def shown_orders(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """Return orders as plain JSON values."""
    return [
        {
            "id": str(row.id),
            "number": row.number,
            "customer_id": str(row.customer_id) if row.customer_id else None,
            "outlet": row.outlet.code if row.outlet else None,
            "channel": row.channel,
            "tender": row.tender,
            "status": row.status,
            "placed_at": moment(row.placed_at),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "gross": row.gross,
            "discount": row.discount,
            "tax": row.tax,
            "net": row.net,
            "returned_total": row.returned_total,
            "lines": [
                {
                    "product_id": str(line.product_id),
                    "sku": line.product.sku,
                    "name": line.product.name,
                    "quantity": quantity(line.quantity_milli),
                    "unit_price": line.unit_price,
                    "gross": line.gross,
                    "discount": line.discount,
                    "tax": line.tax,
                    "net": line.net,
                }
                for line in row.lines.all()
            ],
        }
        for row in rows
    ]
