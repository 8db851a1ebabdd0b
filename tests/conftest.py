"""What all tests share: a frozen clock, no network, the browser and the second database where they are to be had."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from setia.foundation import clock
from tests import cast
from tests.processes.shops import ShopOnDisk, open_shop

IS_CI = bool(os.environ.get("CI"))
CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()), None
)
# What asks no database, or shows the same whatever keeps its rows, is tried once, with the embedded one.
PURE = (
    *("tests/rules/", "tests/domains/imports/test_reading_", "tests/domains/analytics/", "tests/console/test_chart"),
    *("tests/foundation/test_http", "tests/foundation/test_phone", "tests/foundation/test_money"),
    *("tests/console/test_text_fields", "tests/console/test_headers", "tests/browser/test_screens"),
    *("tests/api/test_documents", "tests/cli/test_sealing"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests without a browser, in one clear line; in CI that is a failure instead."""
    chosen = config.getoption("-m")
    if os.environ.get("DATABASE_URL"):
        twice = [item for item in items if _is_pure(item)]
        config.hook.pytest_deselected(items=twice)
        items[:] = [item for item in items if not _is_pure(item)]
    for item in items:
        if item.get_closest_marker("soak") and "soak" not in chosen:
            item.add_marker(pytest.mark.skip(reason="long races: make soak"))
        if item.get_closest_marker("browser") and CHROMIUM is None and not IS_CI:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: apt install chromium"))


def _is_pure(item: pytest.Item) -> bool:
    # Measures ask a lake of their own; what writes to the shop's tables beside them is tried on both.
    asks_rows = item.nodeid.startswith("tests/domains/analytics/") and item.get_closest_marker("django_db")
    return item.nodeid.startswith(PURE) and not asks_rows


@pytest.fixture(autouse=True)
def frozen_clock() -> Iterator[None]:
    """Hold the clock at ten in the morning of 22 November 2026 in Bandung."""
    with clock.frozen(cast.NOW):
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to anything but this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            ("127.", "::1", "localhost")
        ):
            raise AssertionError(f"a test reached for the network: {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopOnDisk]:
    """Give a shop of its own on disk, for real processes."""
    with open_shop(tmp_path) as place:
        yield place


@pytest.fixture
def sari(db: None) -> Client:
    """Return a browser in which Sari, the owner, is signed in with her second factor in place."""
    return signed_in("sari")


def signed_in(name: str) -> Client:
    """Return a browser in which somebody of the team is signed in."""
    from allauth.mfa.models import Authenticator

    person = cast.staff(name)
    if not Authenticator.objects.filter(user=person).exists():
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    client = Client()
    client.force_login(person)
    prove(client, person.id)
    return client


def prove(client: Client, person_id: int, *, minutes_ago: int = 0) -> None:
    """Write into a session that its person gave the password so long ago."""
    session = client.session
    session["account_authentication_methods_user"] = str(person_id)
    session["account_authentication_methods"] = [
        {"method": "password", "at": cast.NOW.timestamp() - 60 * minutes_ago, "email": ""}
    ]
    session.save()
