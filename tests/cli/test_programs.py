"""`setia api-key`: keys of programs from the terminal."""

import json

import pytest
from click.testing import CliRunner

from setia.cli import cli
from setia.domains.apikeys.models import ApiKey
from tests.api.callers import Caller

pytestmark = pytest.mark.django_db
ADD = ("api-key", "add", "--name", "Toko web", "--source", "web-shop", "--scope")


def say(*args: str) -> tuple[int, str]:
    """Run a command in this process."""
    done = CliRunner().invoke(cli, list(args))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_key_is_printed_once_and_opens_the_api() -> None:
    code, out = say(*ADD, "orders:*")
    token = out.split()[-1]
    assert (code, out.splitlines()[0]) == (0, "Copy it now, it is not shown again:")
    assert Caller(token=token).get("orders").status_code == 200
    listed = say("api-key", "list")[1]
    assert (token[:19] in listed, token[20:] in listed) == (True, False)


def test_the_list_says_what_became_of_each_key() -> None:
    token = json.loads(say(*ADD, "orders:read", "--json")[1])["token"]
    say(*ADD, "customers:read", "--days", "30")
    keys = json.loads(say("api-key", "list", "--json")[1])["keys"]
    assert [(key["scopes"], bool(key["expires_at"]), key["last_used_at"]) for key in keys] == [
        (["customers:read"], True, None),
        (["orders:read"], False, None),
    ]
    Caller(token=token).get("orders")
    say("api-key", "revoke", keys[0]["id"])
    lines = say("api-key", "list")[1].splitlines()
    assert [next(word for word in ("revoked", "used 2026", "used never") if word in line) for line in lines] == [
        "used never",  # that of this test's caller itself
        "used 2026",
        "revoked",
    ]


@pytest.mark.parametrize("way", ["id", "prefix", "whole"])
def test_a_key_is_revoked_by_its_id_its_prefix_or_all_of_it_and_again_without_harm(way: str) -> None:
    made = json.loads(say(*ADD, "orders:read", "--json")[1])
    caller = Caller(token=made["token"])
    name = {"id": made["id"], "prefix": made["token"][:19], "whole": made["token"]}[way]
    for _ in range(2):
        assert say("api-key", "revoke", name) == (0, "Toko web opens nothing any more.\n")
    assert caller.get("orders").status_code == 401
    assert ApiKey.objects.filter(revoked_at=None).count() == 1  # the caller's own


@pytest.mark.parametrize("name", ["5", "x", "setia_live_", "9" * 40, ""])
def test_a_key_nobody_has_cannot_be_revoked(name: str) -> None:
    code, out = say("api-key", "revoke", name)
    assert (code, out) == (1, "Error: There is no such key; `setia api-key list` shows them all.\n")


@pytest.mark.parametrize(
    ("args", "words"),
    [((*ADD, "orders:delete"), "There is no scope orders:delete"),
     ((*ADD, "orders:*", "--source", "Toko Web"), "--source"),
     ((*ADD, "orders:*", "--name", " "), "Give the key a name."), ((*ADD, "orders:*", "--days", "0"), "--days")],
)  # fmt: skip
def test_a_key_that_would_be_no_use_is_not_made(args: tuple[str, ...], words: str) -> None:
    code, out = say(*args)
    assert (code > 0, words in out, ApiKey.objects.count()) == (True, True, 0), out
