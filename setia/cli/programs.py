"""`setia api-key`: keys of programs, from the terminal."""

from datetime import datetime, timedelta

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json


@click.group(name="api-key")
def api_key_command() -> None:
    """Make keys for programs that use the API, list and revoke them."""
    start_django()


@api_key_command.command()
@click.option("--name", required=True, help="Name by which you know the key again.")
@click.option("--source", required=True, help="Short word for the program, e.g. web-shop; a new key keeps it.")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do, e.g. orders:write or orders:*.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires; without it, never.")
@json_option
def add(name: str, source: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a key and print it, this once."""
    from setia.domains.apikeys import actions
    from setia.domains.apikeys.rules import Scope, known_scopes
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    try:
        chosen = known_scopes(scopes)
    except ValueError as error:
        raise Failure(f"There is no scope {error}; there are {', '.join(Scope)} (and orders:* and the like).") from None
    at = clock.now()
    expires_at = at + timedelta(days=days) if days else None
    try:
        made = actions.make_key(name=name, source=source, scopes=chosen, by=SYSTEM, at=at, expires_at=expires_at)
    except actions.UnableToMakeKey as error:
        words = {"no_name": "Give the key a name.", "bad_source": "--source takes small letters, digits and hyphens."}
        raise Failure(words[str(error)]) from None
    if as_json:
        print_json({"id": str(made.key.id), "token": made.token, "scopes": list(made.key.scopes)})
    else:
        click.echo(f"Copy it now, it is not shown again:\n  {made.token}")


@api_key_command.command(name="list")
@json_option
def list_keys(as_json: bool) -> None:
    """Show all keys, without their secrets."""
    from setia.domains.apikeys.queries import all_keys

    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    rows = [
        {
            "id": str(key.id),
            "name": key.name,
            "source": key.source,
            "prefix": f"setia_live_{key.prefix}",
            "scopes": list(key.scopes),
            "expires_at": moment(key.expires_at),
            "revoked_at": moment(key.revoked_at),
            "last_used_at": moment(key.last_used_at),
        }
        for key in all_keys()
    ]
    if as_json:
        print_json({"keys": rows})
        return
    for row in rows:
        state = "revoked" if row["revoked_at"] else f"used {row['last_used_at'] or 'never'}"
        click.echo(f"{row['prefix']}  {row['source']:16} {state:32} {row['name']}")


@api_key_command.command()
@click.argument("key")
def revoke(key: str) -> None:
    """Take a key back for good. KEY is its id, its prefix, or all of it."""
    from setia.domains.apikeys import actions
    from setia.domains.apikeys.queries import key_named
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    found = key_named(key)
    if found is None:
        raise Failure("There is no such key; `setia api-key list` shows them all.")
    actions.revoke_key(key=found, by=SYSTEM, at=clock.now())
    click.echo(f"{found.name} opens nothing any more.")
