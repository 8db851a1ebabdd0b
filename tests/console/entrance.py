"""Trying the door from a fresh browser."""

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from setia.domains.staff import actions
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.console.verdicts import Browser

PASSWORD = "kopi-senja-enak"
SECRET = "JBSWY3DPEHPK3PXP"
BUDI = "budi@kopisenja.example"


def try_in(login: str = BUDI, password: str = PASSWORD, address: str = "9.9.9.9", client: Client | None = None) -> bool:
    """Try to sign in from a fresh browser and tell whether it worked."""
    client = client or Browser()
    client.post("/account/login/", {"login": login, "password": password}, REMOTE_ADDR=address)
    return "_auth_user_id" in client.session


def is_in(client: Client) -> bool:
    """Tell whether somebody's browser still shows the console."""
    return client.get("/console/").status_code == 200


def link_for(name: str, **changes: Any) -> str:
    """Return the address of a fresh link."""
    return f"/masuk/{actions.make_login_link(person=cast.staff(name), by=SYSTEM, at=cast.NOW, **changes)}/"


def code_of(secret: str) -> str:
    """Return the code an app would show now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
