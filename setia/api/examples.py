"""One example for each address: the documentation shows them, and a test runs every one as it is shown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_AT = "2026-11-22T10:00:00+07:00"
_DEWI = {"external_id": "u-17", "phone": "0812-3456-7890", "name": "Dewi Lestari", "city": "Bandung"}
_EKO = {"external_id": "u-18", "email": "eko@contoh.id", "name": "Eko Prasetyo"}
_LINE = {"sku": "KSS", "name": "Kopi Susu Senja", "quantity": 2, "unit_price": 22000}
_ORDER = {
    "external_id": "INV/2026/001",
    "placed_at": _AT,
    "customer": _DEWI,
    "channel": "web",
    "tender": "qris",
    "lines": [_LINE],
}
_RETURN = {
    "external_id": "RET-1",
    "order_external_id": "INV/2026/001",
    "returned_at": "2026-11-23T09:00:00+07:00",
    "reason": "terlalu manis",
    "lines": [{"sku": "KSS", "quantity": 1, "total": 22000}],
}
_EVENT = {
    "external_id": "login-9001",
    "name": "app.login",
    "occurred_at": _AT,
    "customer": {"external_id": "u-17"},
    "properties": {"device": "android"},
}


@dataclass(frozen=True, slots=True)
class Example:
    """A call as the documentation shows it. A path may hold $CUSTOMER_ID and the like: ids of earlier answers."""

    operation: str
    title: Promise
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    repeat_key: str = ""

    def curl(self) -> str:
        """Return the call as a command for the terminal."""
        parts = [f'curl -sS -X {self.method} "$SETIA_URL/api/v1/{self.path}"', '-H "Authorization: Bearer $SETIA_KEY"']
        if self.repeat_key:
            parts.append(f'-H "Idempotency-Key: {self.repeat_key}"')
        if self.body is not None:
            parts.append('-H "Content-Type: application/json"')
            parts.append(f"-d '{json.dumps(self.body, indent=2, ensure_ascii=False)}'")
        return " \\\n  ".join(parts)

    def python(self) -> str:
        """Return the call as a Python program that needs nothing but Python."""
        path = f'"/api/v1/{self.path}"'
        if "$" in self.path:
            path = f'os.path.expandvars("/api/v1/{self.path}")'
        lines = ["import json, os, urllib.request", ""]
        headers = {"Idempotency-Key": self.repeat_key} if self.repeat_key else {}
        if self.body is not None:
            lines += [f"body = {json.dumps(self.body, indent=4, ensure_ascii=False)}"]
            headers["Content-Type"] = "application/json"
        lines += [
            "call = urllib.request.Request(",
            f'    os.environ["SETIA_URL"] + {path},',
            f'    method="{self.method}",',
        ]
        lines += ["    headers={", '        "Authorization": "Bearer " + os.environ["SETIA_KEY"],']
        lines += [f'        "{name}": "{value}",' for name, value in headers.items()]
        lines += ["    },"]
        if self.body is not None:
            lines += ["    data=json.dumps(body).encode(),"]
        lines += [")", "with urllib.request.urlopen(call) as answer:", "    print(json.load(answer))"]
        return "\n".join(lines)


EXAMPLES = (
    Example("write_customer", _("Write a customer"), "POST", "customers", _DEWI, repeat_key="u-17-1"),
    Example("write_customers", _("Write up to 1,000 customers"), "POST", "customers/bulk", {"items": [_DEWI, _EKO]}),
    Example("list_customers", _("List customers"), "GET", "customers?limit=50"),
    Example("find_customer", _("Find a customer by your identifier"), "GET", "customers/lookup?external_id=u-17"),
    Example("read_customer", _("Read a customer"), "GET", "customers/$CUSTOMER_ID"),
    Example("patch_customer", _("Change a customer"), "PATCH", "customers/$CUSTOMER_ID", {"city": "Cimahi"}),
    Example(
        "write_product",
        _("Write a product"),
        "POST",
        "products",
        {"sku": "KSS", "name": "Kopi Susu Senja", "category": "Kopi", "price": 22000},
    ),
    Example(
        "write_products",
        _("Write up to 1,000 products"),
        "POST",
        "products/bulk",
        {"items": [{"sku": "TBR", "name": "Kopi Tubruk", "price": 15000}, {"name": "Roti Bakar", "price": 18000}]},
    ),
    Example("list_products", _("List products"), "GET", "products?limit=50"),
    Example("find_product", _("Find a product by its SKU"), "GET", "products/lookup?sku=KSS"),
    Example("read_product", _("Read a product"), "GET", "products/$PRODUCT_ID"),
    Example("patch_product", _("Change a product"), "PATCH", "products/$PRODUCT_ID", {"price": 24000}),
    Example("write_order", _("Write an order"), "POST", "orders", _ORDER, repeat_key="INV/2026/001"),
    Example(
        "write_orders",
        _("Write up to 1,000 orders"),
        "POST",
        "orders/bulk",
        {"items": [{**_ORDER, "external_id": f"INV/2026/00{number}"} for number in (2, 3)]},
        repeat_key="upload-2026-11-22",
    ),
    Example("list_orders", _("List orders"), "GET", "orders?limit=50&updated_since=2026-11-01T00:00:00Z"),
    Example("find_order", _("Find an order by your identifier"), "GET", "orders/lookup?external_id=INV/2026/001"),
    Example("read_order", _("Read an order"), "GET", "orders/$ORDER_ID"),
    Example("write_return", _("Write a return"), "POST", "returns", _RETURN),
    Example("write_returns", _("Write up to 1,000 returns"), "POST", "returns/bulk", {"items": [_RETURN]}),
    Example("list_returns", _("List returns"), "GET", "returns?customer_id=$CUSTOMER_ID"),
    Example("find_return", _("Find a return by your identifier"), "GET", "returns/lookup?external_id=RET-1"),
    Example("read_return", _("Read a return"), "GET", "returns/$RETURN_ID"),
    Example("write_event", _("Write an event"), "POST", "events", _EVENT),
    Example("write_events", _("Write up to 1,000 events"), "POST", "events/bulk", {"items": [_EVENT]}),
    Example("list_events", _("List events"), "GET", "events?customer_id=$CUSTOMER_ID"),
    Example("find_event", _("Find an event by your identifier"), "GET", "events/lookup?external_id=login-9001"),
    Example("read_event", _("Read an event"), "GET", "events/$EVENT_ID"),
    Example("list_scores", _("List scores"), "GET", "scores?limit=50"),
    Example("read_scores", _("Read a customer's scores"), "GET", "scores/$CUSTOMER_ID"),
    Example("read_advice", _("Read advice"), "GET", "customers/$CUSTOMER_ID/advice"),
    Example(
        "decide_on_advice",
        _("Decide on advice"),
        "POST",
        "customers/$CUSTOMER_ID/advice",
        {"kind": "win_back", "decision": "dismiss", "reason": "not_now"},
    ),
    Example(
        "write_segment",
        _("Make a segment"),
        "POST",
        "segments",
        {"name": "Sering minum kopi", "rule": "pesanan(90 hari) >= 3 dan belanja_terakhir <= 30 hari"},
    ),
    Example("list_segments", _("List segments"), "GET", "segments"),
    Example("read_segment", _("Read a segment"), "GET", "segments/$SEGMENT_ID"),
    Example("list_segment_customers", _("List who is in it"), "GET", "segments/$SEGMENT_ID/customers?limit=50"),
    Example("list_customer_segments", _("A customer's segments"), "GET", "customers/$CUSTOMER_ID/segments"),
    Example("list_measures", _("Read all measures"), "GET", "measures"),
    Example("read_measure", _("Read a measure over time"), "GET", "measures/retention?grain=month&limit=12"),
    Example("list_cohorts", _("Read cohorts"), "GET", "cohorts?grain=month"),
)
