"""A program with a key, as tests let it speak to the API."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from setia.domains.apikeys.actions import make_key
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.rules import Scope
from setia.foundation.actors import SYSTEM
from tests import cast

AT = "2026-11-21T10:00:00+07:00"


class Caller:
    """A program; without scopes named its key has all of them."""

    def __init__(self, *scopes: Scope, source: str = "webshop", token: str | None = None) -> None:
        made = make_key(name="Toko web", source=source, scopes=scopes or tuple(Scope), by=SYSTEM, at=cast.NOW)
        self.key: ApiKey = made.key
        self.token = made.token if token is None else token
        self._client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Ask for an address under /api/v1/; a body that is no text is sent as JSON."""
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        sent = (
            {}
            if body is None
            else {"data": text, "CONTENT_TYPE": "application/json", "content_type": "application/json"}
        )
        response: HttpResponse = self._client.generic(method, f"/api/v1/{path}", headers=headers, **sent)
        return response

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)


def told(response: HttpResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Return status, code and fields of a problem."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    value = response.json()
    assert value["status"] == response.status_code
    return response.status_code, value["code"], [(error["field"], error["code"]) for error in value["errors"]]


def order(external_id: object = "W-1", /, **changes: Any) -> dict[str, Any]:
    """Return an order as a program sends it."""
    line = {"sku": "KS-1", "name": "Kopi Susu Senja", "quantity": 2, "unit_price": 22000}
    plain = {
        "external_id": str(external_id),
        "placed_at": AT,
        "customer": {"external_id": "u-1", "phone": "0812-3456-7890", "name": "Dewi Lestari"},
        "lines": [line],
    }
    return {**plain, **changes}
