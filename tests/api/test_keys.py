"""Every call with every kind of key: who is let in, who is told what, and that being refused changes nothing."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from setia.api.description import openapi
from setia.api.docs import operations
from setia.api.examples import EXAMPLES
from setia.domains.apikeys.actions import UnableToMakeKey, make_key, purge_old, revoke_key
from setia.domains.apikeys.models import ApiCall, ApiKey
from setia.domains.apikeys.queries import all_keys
from setia.domains.apikeys.rules import Scope, known_scopes, loggable_field, secret_hash, split_token
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.api.callers import AT, Caller, order, told
from tests.conftest import signed_in
from tests.console import verdicts

pytestmark = pytest.mark.django_db
BODIES = {example.operation: example.body for example in EXAMPLES}
CALLS = [
    (method, path.removeprefix("/api/v1/"), operation["operationId"], Scope(operation["x-scope"]))
    for method, path, operation in operations(openapi())
]
# What a key that is let in hears in an empty shop: for most, the answer itself.
MISSING = {name for _, path, name, _ in CALLS if "{" in path or "lookup" in path}


def ask(caller: Caller, method: str, path: str, name: str) -> Any:
    """Make a call as its example does, in a shop where no row has the id 1."""
    path = re.sub(r"\{[^}]+\}", "1", path)
    query = {"find_product": "?sku=KSS"}.get(name, "?external_id=x") if "lookup" in path else ""
    return caller.call(method, path + query, BODIES[name])


def bookkeeping_aside() -> dict[str, Any]:
    """Return all rows but the log of calls and the time a key was used."""
    found = verdicts.rows()
    return {table: rows for table, rows in found.items() if not table.startswith("apikeys_")}


@pytest.mark.parametrize(
    ("kind", "code"),
    [("none", "key_missing"), ("wrong", "key_unknown"), ("damaged", "key_unknown"), ("revoked", "key_revoked"),
     ("expired", "key_expired")],
)  # fmt: skip
def test_without_a_good_key_nothing_opens_and_nothing_changes(kind: str, code: str) -> None:
    caller = _caller(kind)
    before = bookkeeping_aside()
    for method, path, name, _ in CALLS:
        answer = ask(caller, method, path, name)
        assert told(answer) == (401, code, []), name
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Setia"'
    assert bookkeeping_aside() == before


def _caller(kind: str) -> Caller:
    caller = Caller()
    if kind == "none":
        caller.token = ""
    elif kind == "wrong":
        caller.token = caller.token[:-43] + "x" * 43
    elif kind == "damaged":
        caller.token = "' OR 1=1 --"
    elif kind == "revoked":
        revoke_key(key=caller.key, by=SYSTEM, at=cast.NOW)
    elif kind == "expired":
        ApiKey.objects.filter(id=caller.key.id).update(expires_at=cast.NOW)
    return caller


@pytest.mark.parametrize("scope", Scope)
def test_a_key_opens_what_its_scope_names_and_nothing_else(scope: Scope) -> None:
    caller = Caller(scope)
    before = bookkeeping_aside()
    for method, path, name, needed in CALLS:
        if needed != scope:
            answer = ask(caller, method, path, name)
            assert told(answer)[:2] == (403, "scope_missing"), name
            assert needed.value in answer.json()["title"]
    assert bookkeeping_aside() == before
    for method, path, name, needed in CALLS:
        if needed == scope:
            status = ask(caller, method, path, name).status_code
            allowed = {404} if name in MISSING else {422} if name == "write_return" else {200, 201}
            assert status in allowed, (name, status)


def test_a_refused_key_is_told_so_before_its_body_is_looked_at() -> None:
    answer = Caller(Scope.ORDERS_READ).call("POST", "orders", "{")
    assert told(answer)[:2] == (403, "scope_missing")


def test_a_key_is_revoked_between_two_calls() -> None:
    caller = Caller()
    assert caller.get("orders").status_code == 200
    assert [revoke_key(key=caller.key, by=SYSTEM, at=cast.NOW) for _ in range(2)] == [True, False]
    assert told(caller.get("orders"))[:2] == (401, "key_revoked")
    assert Event.objects.filter(kind="apikeys.key_revoked").count() == 1


def test_a_session_is_nothing_to_the_api_and_a_key_is_nothing_to_the_console() -> None:
    sari, caller = signed_in("sari"), Caller()
    assert sari.get("/api/v1/orders").status_code == 401
    assert Client(enforce_csrf_checks=True).post("/api/v1/orders").status_code == 401
    assert Client().get("/console/", headers={"Authorization": f"Bearer {caller.token}"}).status_code == 302


def test_a_call_needs_no_token_of_a_form() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in("sari").cookies
    headers = {"Authorization": f"Bearer {Caller().token}"}
    answer = client.post("/api/v1/orders", json.dumps(order()), content_type="application/json", headers=headers)
    assert answer.status_code == 201


def test_the_headers_that_keep_browsers_from_harm_stay() -> None:
    headers = Caller().get("orders").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store, private", "nosniff")
    assert "Set-Cookie" not in headers


def test_only_a_hash_of_a_secret_is_kept() -> None:
    made = make_key(name="Toko", source="web", scopes=[Scope.ORDERS_READ], by=SYSTEM, at=cast.NOW)
    prefix, secret = split_token(made.token) or ("", "")
    assert (made.key.prefix, bytes(made.key.secret_hash)) == (prefix, secret_hash(secret))
    assert len(secret) == 43
    assert secret not in repr(list(ApiKey.objects.values_list()))
    assert made.token not in repr(list(Event.objects.values_list("payload")))


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": " "}, "no_name"), ({"scopes": []}, "no_scopes"), ({"source": "Toko Web"}, "bad_source"),
     ({"source": "a|b"}, "bad_source"), ({"source": ""}, "bad_source"), ({"expires_at": cast.NOW}, "expired")],
)  # fmt: skip
def test_a_key_that_would_be_no_use_is_not_made(changes: dict[str, Any], code: str) -> None:
    wanted = {"name": "Toko", "source": "web", "scopes": [Scope.ORDERS_READ], **changes}
    with pytest.raises(UnableToMakeKey, match=code):
        make_key(**wanted, by=SYSTEM, at=cast.NOW)
    assert all_keys().count() == 0


def test_scopes_are_named_one_by_one_or_by_noun() -> None:
    assert known_scopes(["orders:*", "customers:read"]) == [
        Scope.CUSTOMERS_READ,
        Scope.ORDERS_READ,
        Scope.ORDERS_WRITE,
    ]
    for wrong in ("orders", "*", "orders:delete", ""):
        with pytest.raises(ValueError):
            known_scopes([wrong])


def test_use_of_a_key_is_noted_once_a_minute() -> None:
    caller, seen = Caller(), []
    for seconds in (0, 59, 60):
        with clock.frozen(cast.NOW + timedelta(seconds=seconds)):
            caller.get("orders")
        seen.append(ApiKey.objects.get().last_used_at - cast.NOW)
    assert [one.total_seconds() for one in seen] == [0, 0, 60]


def test_a_shop_may_limit_the_calls_of_a_minute(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    caller, other = Caller(), Caller()
    assert [caller.get("orders").status_code for _ in range(2)] == [200, 200]
    answer = caller.get("orders")
    assert told(answer)[:2] == (429, "too_many_calls")
    assert answer.headers["Retry-After"] == "60"
    assert other.get("orders").status_code == 200


# The log of calls.


def test_calls_are_logged_without_what_was_said_in_them() -> None:
    caller = Caller()
    caller.post("orders", order())
    caller.post("orders", order("W-2", lines=[{"name": "x", "quantity": 0, "unit_price": 1}]))
    caller.post("orders", {**order("W-3"), "0812-3456-7890": "dewi@contoh.id"})
    caller.post("orders/bulk", {"items": [order("W-4"), order("W-5", placed_at=AT[:-6])]})
    caller.get("orders/384944800228745216")
    rows = ApiCall.objects.order_by("id").values_list(
        "method", "route", "status", "code", "field", "item_count", "refused_count", "has_error"
    )
    assert list(rows) == [
        ("POST", "/api/v1/orders", 201, "", "", 0, 0, False),
        ("POST", "/api/v1/orders", 422, "validation_failed", "lines[0].quantity", 0, 0, True),
        ("POST", "/api/v1/orders", 422, "validation_failed", "", 0, 0, True),
        ("POST", "/api/v1/orders/bulk", 200, "datetime_without_zone", "placed_at", 2, 1, True),
        ("GET", "/api/v1/orders/<order_id>", 404, "not_found", "", 0, 0, True),
    ]


def test_strangers_cannot_fill_the_log() -> None:
    Client().get("/api/v1/orders")
    Caller(token="setia_live_abcdefgh_" + "x" * 43).get("orders")
    assert ApiCall.objects.count() == 0


def test_a_call_with_a_revoked_key_is_logged() -> None:
    caller = Caller()
    revoke_key(key=caller.key, by=SYSTEM, at=cast.NOW)
    caller.get("orders")
    assert list(ApiCall.objects.values_list("key_id", "code")) == [(caller.key.id, "key_revoked")]


def test_calls_are_forgotten_after_thirty_days() -> None:
    Caller().get("orders")
    assert purge_old(at=cast.NOW + timedelta(days=30)) == 0
    assert purge_old(at=cast.NOW + timedelta(days=30, seconds=1)) == 1


@pytest.mark.parametrize(
    ("path", "kept"),
    [("lines[0].quantity", "lines[0].quantity"), ("customer.phone", "customer.phone"), ("", ""), ("Dewi", ""),
     ("properties.0812", ""), ("items", "items")],
)  # fmt: skip
def test_only_our_own_words_for_fields_are_logged(path: str, kept: str) -> None:
    assert loggable_field(path) == kept
