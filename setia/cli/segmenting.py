"""`setia segments`: list segments, show one, count whom a text rule means, bring everybody to the rules anew."""

from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json


@click.group(name="segments", invoke_without_command=True)
@click.pass_context
def segments_command(context: click.Context) -> None:
    """Segments: who is in them, and whom a rule would mean. Without a word: the list of them."""
    if context.invoked_subcommand is None:
        context.invoke(list_command)


@segments_command.command(name="list")
@json_option
def list_command(as_json: bool = False) -> None:
    """List all segments with their state, size and rule."""
    start_django()
    from setia.domains.segments.queries import all_segments

    rows = [_plain(row) for row in all_segments()]
    if as_json:
        print_json({"segments": rows})
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['state']:<8}  {row['size']:>10,}  {row['name']}  {row['rule']}")
    if not rows:
        click.echo("There are no segments yet.")


@segments_command.command(name="show")
@click.argument("name")
@json_option
def show_command(name: str, as_json: bool) -> None:
    """Show one segment, by its name or id, with who enters and leaves within a week if nothing happens."""
    start_django()
    from setia.domains.segments.queries import all_segments, coming
    from setia.foundation import clock

    found = next((row for row in all_segments() if name in (row.name, str(row.id))), None)
    if found is None:
        raise Failure(f"There is no segment called {name}.")
    entering, leaving = coming(found.id, at=clock.now())
    plain = {**_plain(found), "entering_in_7_days": entering.count, "leaving_in_7_days": leaving.count}
    if as_json:
        print_json(plain)
        return
    for key, value in plain.items():
        click.echo(f"{key}: {value}")


@segments_command.command(name="count")
@click.argument("rule")
@json_option
def count_command(rule: str, as_json: bool) -> None:
    """Count whom a rule means, in its text form; a large shop is asked by the lake as it was filled last."""
    start_django()
    from setia.domains.segments.names import ShopNames
    from setia.domains.segments.previewing import count_now
    from setia.domains.segments.rules.errors import BadRule
    from setia.domains.segments.rules.text import parse
    from setia.foundation import clock

    try:
        node = parse(rule, ShopNames())
    except BadRule as error:
        near = f" Did you mean: {', '.join(error.near)}?" if error.near else ""
        hint = f" Expected: {', '.join(error.expected)}." if error.expected and not near else ""
        raise Failure(f"{error.code} at character {error.at + 1}: {error.found}{near}{hint}") from None
    as_of, count, people = count_now(node=node, at=clock.now())
    if as_json:
        print_json({"count": count, "people": people, "as_of": as_of.isoformat()})
        return
    click.echo(f"{count:,} of {people:,} customers, as of {as_of:%d %B %Y %H:%M} UTC.")


@segments_command.command(name="recompute")
@json_option
def recompute_command(as_json: bool) -> None:
    """Bring everybody to all live rules anew. The worker does it each night; safe to repeat and to interrupt."""
    start_django()
    from setia.domains.segments.actions import fill_all
    from setia.foundation import clock

    moved = fill_all(now=clock.now)
    if as_json:
        print_json({"moved": moved})
        return
    click.echo(f"{moved:,} people came or went." if moved else "Everybody stands where he should.")


def _plain(row: Any) -> dict[str, Any]:
    from setia.domains.segments.names import ShopNames
    from setia.domains.segments.rules.errors import BadRule
    from setia.domains.segments.rules.text import written
    from setia.domains.segments.rules.tree import from_json

    try:
        text = written(from_json(row.rule), ShopNames()) if row.rule else ""
    except BadRule:
        text = "?"
    return {
        "id": str(row.id),
        "name": row.name,
        "kind": row.kind,
        "state": row.state,
        "size": row.member_count,
        "rule": text,
    }
