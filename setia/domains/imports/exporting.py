"""Rows for export, streamed: a million customers leave in the memory of a few hundred."""

from collections.abc import Callable, Iterator
from typing import Any

from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, ReturnLine
from setia.domains.customers.queries import by_ids, contacts
from setia.domains.shop.models import Outlet

_CHUNK_ROWS = 500
Row = tuple[Any, ...]

_CUSTOMER_COLUMNS = (
    "id",
    "code",
    "name",
    "phone",
    "email",
    "birth_date",
    "address",
    "city",
    "country",
    "joined_at",
    "order_count",
    "spent_total",
    "returned_total",
    "first_order_at",
    "last_order_at",
)
_PLAIN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "orders": (
        Order,
        (
            *("id", "number", "customer_id", "outlet__code", "channel", "tender", "status", "placed_at", "shop_day"),
            *("gross", "discount", "tax", "net", "returned_total", "line_count"),
        ),
    ),
    "lines": (
        OrderLine,
        (
            *("id", "order_id", "order__number", "customer_id", "position", "product_id", "product__name"),
            *("quantity_milli", "unit_price", "gross", "discount", "tax", "net"),
        ),
    ),
    "returns": (
        ReturnLine,
        (
            *("id", "return_row_id", "return_row__returned_at", "customer_id", "order_line_id", "product_id"),
            *("product__name", "quantity_milli", "total", "return_row__reason"),
        ),
    ),
    "products": (Product, ("id", "sku", "name", "category", "price")),
    "outlets": (Outlet, ("id", "code", "name", "city", "zone_name", "opening_hours")),
}


def columns_of(kind: str) -> tuple[str, ...]:
    """Return the column names of an export."""
    if kind == "customers":
        return _CUSTOMER_COLUMNS
    return tuple(name.replace("return_row__", "").replace("__", "_") for name in _PLAIN[kind][1])


def rows_of(kind: str) -> Iterator[Row]:
    """Stream the rows of an export in the order of ids; customers' identities are opened as they pass."""
    if kind == "customers":
        return _customers()
    model, names = _PLAIN[kind]

    def ask(last: int) -> list[Row]:
        return list(model.objects.filter(id__gt=last).order_by("id").values_list(*names)[:_CHUNK_ROWS])

    return _walk(ask)


def _walk(ask: Callable[[int], list[Row]]) -> Iterator[Row]:
    last = 0
    while rows := ask(last):
        yield from rows
        last = rows[-1][0]


def _customers() -> Iterator[Row]:
    def ask(last: int) -> list[Row]:
        counters = CustomerCounters.objects.filter(customer_id__gt=last).order_by("customer_id")[:_CHUNK_ROWS]
        by_id = {row.customer_id: row for row in counters}
        people = by_ids(list(by_id))
        reach = contacts(list(by_id))
        rows = []
        for person in people:
            count, contact = by_id[person.id], reach[person.id]
            profile = (person.id, person.code, person.name, contact.phone, contact.email, person.birth_date)
            place = (person.address, person.city, person.country, person.joined_at)
            money = (count.order_count, count.spent_total, count.returned_total)
            rows.append((*profile, *place, *money, count.first_order_at, count.last_order_at))
        return rows

    return _walk(ask)
