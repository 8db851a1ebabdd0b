"""The pages of the API's keys and calls: a key is shown once and revoked for good; calls tell what went wrong."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from setia.domains.apikeys.actions import CallDraft, log_calls
from setia.domains.apikeys.models import ApiCall, ApiKey
from setia.domains.apikeys.rules import Scope, secret_hash, split_token
from setia.domains.staff.models import Staff
from setia.foundation.events.models import Event
from tests import cast
from tests.api.callers import Caller, order
from tests.console import verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def sari(sari: Client) -> Client:
    """Return Sari's browser, who reads English here."""
    Staff.objects.filter(id=cast.staff("sari").id).update(language="en")
    return sari


WANTED = {"name": "Toko web", "source": "web-shop", "scopes": ["orders:write", "orders:read"], "expires_date": ""}


def shown(client: Client, name: str, query: str = "", **kwargs: Any) -> str:
    """Return the text of a page of the console, in English."""
    answer = client.get(reverse(f"console:{name}", kwargs=kwargs) + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def rows_of(text: str) -> list[str]:
    """Return the words of each row of a page's table."""
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    plain = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")]
    return [" ".join(row.split()) for row in plain if row.strip()]


# Keys.


def test_a_key_is_shown_once_and_never_again(sari: Client) -> None:
    made = sari.post(reverse("console:api_key_add"), WANTED)
    token = re.search(r"setia_live_[a-z0-9]{8}_[\w-]{43}", made.content.decode())
    assert token is not None
    prefix, secret = split_token(token[0]) or ("", "")
    key = ApiKey.objects.get()
    assert (key.prefix, bytes(key.secret_hash)) == (prefix, secret_hash(secret))
    assert (sorted(key.scopes), key.expires_at) == (["orders:read", "orders:write"], None)
    assert made.headers["Cache-Control"].startswith("no-store")
    listed = shown(sari, "api_keys")
    assert (f"setia_live_{prefix}_…" in listed, secret in listed) == (True, False)
    fact = Event.objects.get(kind="apikeys.key_made")
    assert (fact.actor_kind, fact.actor_id) == ("staff", cast.staff("sari").id)


def test_the_key_that_was_shown_opens_what_was_chosen(sari: Client) -> None:
    text = sari.post(reverse("console:api_key_add"), WANTED).content.decode()
    token = re.search(r"setia_live_[\w-]+", text)
    caller = Caller(token=token[0] if token else "")
    assert caller.post("orders", order()).status_code == 201
    assert caller.get("customers").status_code == 403


def test_a_key_works_to_the_end_of_its_last_day(sari: Client) -> None:
    sari.post(reverse("console:api_key_add"), {**WANTED, "expires_date": "2026-11-22"})
    expires_at = ApiKey.objects.get().expires_at
    assert expires_at is not None
    assert expires_at.isoformat() == "2026-11-22T17:00:00+00:00"  # midnight in Bandung


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": " "}, "This field is required."), ({"scopes": []}, "Choose at least one thing that the key may do."),
     ({"scopes": ["orders:delete"]}, "Select a valid choice."),
     ({"source": "Toko Web"}, "small letters, digits and hyphens"),
     ({"expires_date": "2026-11-21"}, "Choose a day that is still to come."),
     ({"expires_date": "besok"}, "Enter a valid date")],
)  # fmt: skip
def test_a_key_that_would_be_no_use_is_not_made_and_what_was_typed_stays(
    sari: Client, changes: dict[str, Any], words: str
) -> None:
    answer = sari.post(reverse("console:api_key_add"), {**WANTED, **changes})
    text = answer.content.decode()
    assert (answer.status_code, words in text) == (422, True), text
    assert "web-shop" in text or "Toko Web" in text
    assert ApiKey.objects.count() == 0


def test_a_revoked_key_opens_nothing_is_marked_and_cannot_come_back(sari: Client) -> None:
    caller = Caller()
    address = reverse("console:api_key_revoke", kwargs={"key_id": caller.key.id})
    for _ in range(2):
        answer = sari.post(address, follow=True)
        assert "Toko web" in answer.content.decode()
    assert caller.get("orders").status_code == 401
    assert Event.objects.filter(kind="apikeys.key_revoked").count() == 1
    row = rows_of(shown(sari, "api_keys"))[0]
    assert ("revoked" in row, "Revoke now" in row) == (True, False)


def test_expired_keys_are_marked_and_those_in_force_stand_first(sari: Client) -> None:
    for source in ("lama", "mati", "baru"):
        Caller(source=source)
    ApiKey.objects.filter(source="lama").update(expires_at=cast.NOW - timedelta(days=1))
    ApiKey.objects.filter(source="mati").update(revoked_at=cast.NOW)
    rows = rows_of(shown(sari, "api_keys"))
    assert [row.split(" · ")[0].split()[-1] for row in rows] == ["baru", "lama", "mati"]
    assert ["expired" in row for row in rows] == [False, True, False]


def test_nobody_but_who_manages_the_api_sees_keys_or_calls() -> None:
    key = Caller().key
    for person in ("manager", "cashier", "analyst"):
        client = verdicts.browser(person)
        assert client.get(reverse("console:api_keys")).status_code == 403
        assert client.get(reverse("console:api_calls")).status_code == 403
        assert client.post(reverse("console:api_key_revoke", kwargs={"key_id": key.id})).status_code == 403
    assert ApiKey.objects.get().revoked_at is None


def test_a_key_that_never_was_is_404(sari: Client) -> None:
    assert sari.post(reverse("console:api_key_revoke", kwargs={"key_id": 5})).status_code == 404


# Calls.


def _busy() -> tuple[Caller, Caller]:
    """Return two programs that made calls, some of them wrong."""
    web, till = Caller(source="webshop"), Caller(source="kasir")
    ApiKey.objects.filter(id=till.key.id).update(name="Kasir Dago")
    web.post("orders", order())
    web.post("orders", order("W-2", lines=[{"name": "x", "quantity": 0, "unit_price": 1}]))
    till.post("orders/bulk", {"items": [order("A"), order("B", placed_at="kemarin"), order("C")]})
    till.get("products")
    return web, till


def test_calls_stand_latest_first_with_what_was_wrong(sari: Client) -> None:
    _busy()
    rows = rows_of(shown(sari, "api_calls"))
    assert [row.rpartition(" ms")[0].rpartition(" ")[0] for row in rows] == [
        "GET /api/v1/products Kasir Dago 200 –",
        "POST /api/v1/orders/bulk Kasir Dago 200 1 of 3 refused bad_datetime placed_at",
        "POST /api/v1/orders Toko web 422 validation_failed lines[0].quantity",
        "POST /api/v1/orders Toko web 201 –",
    ]


def test_calls_are_narrowed_to_errors_and_to_one_key(sari: Client) -> None:
    web, till = _busy()
    assert len(rows_of(shown(sari, "api_calls", "?show=errors"))) == 2
    one = shown(sari, "api_calls", f"?show=errors&key={till.key.id}")
    assert (len(rows_of(one)), "Recent calls: Kasir Dago" in one) == (1, True)
    assert len(rows_of(shown(sari, "api_calls", f"?key={web.key.id}"))) == 2
    for odd in ("?key=x", "?key=9999999999999999999999", "?show=all", "?key="):
        assert len(rows_of(shown(sari, "api_calls", odd))) == 4, odd
    assert "No errors" in shown(sari, "api_calls", "?show=errors&key=5")


def test_calls_come_page_by_page_and_a_damaged_cursor_shows_people_the_first(sari: Client) -> None:
    key = Caller().key
    log_calls(drafts=[
        CallDraft(key_id=key.id, called_at=cast.NOW, method="GET", route=f"/{number}", status=200, duration_ms=1)
        for number in range(60)
    ])  # fmt: skip
    first = shown(sari, "api_calls")
    cursor = re.search(r"cursor=([\w-]+)", first)
    assert cursor is not None
    second = rows_of(shown(sari, "api_calls", f"?cursor={cursor[1]}"))
    assert (len(rows_of(first)), len(second), second[0].split()[1]) == (50, 10, "/9")
    for damaged in (cursor[1][:-9], cursor[1][9:], "x", "é"):
        assert rows_of(shown(sari, "api_calls", f"?cursor={damaged}")) == rows_of(first), damaged


def test_calls_of_a_key_that_is_gone_still_stand(sari: Client) -> None:
    Caller(Scope.ORDERS_READ).get("orders")
    ApiCall.objects.update(key_id=5)
    assert rows_of(shown(sari, "api_calls"))[0].startswith("GET /api/v1/orders – 200")
