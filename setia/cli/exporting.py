"""`setia export`: everything the shop knows, in files anybody can read."""

import sys
from pathlib import Path
from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json

_KINDS = (
    *("customers", "identities", "tags", "custom_fields", "consents", "orders", "lines", "returns", "products"),
    *("outlets", "scores", "interactions", "notes", "events", "imports"),
)
_FORMS = ("csv", "xlsx", "jsonl", "parquet", "json")


@click.command(name="export")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--to", "to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="csv", show_default=True)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--outlet", help="Code of an outlet.")
@json_option
def export_command(
    kind: str, target: Path | None, to: Path | None, form: str, first: Any, last: Any, outlet: str | None, as_json: bool
) -> None:
    """Write one kind of what the shop knows as CSV, XLSX, JSON lines or Parquet.

    Without a file the rows go to standard output (CSV and JSON lines only). Cells that a spreadsheet would run as
    formulas are made harmless. CSV and XLSX give money and quantities as people write them; JSON lines and Parquet in
    smallest units and thousandths. Times are in UTC.
    """
    start_django()
    from setia.domains.exports import actions, sources, writers
    from setia.domains.exports.rules import Filters, Form
    from setia.domains.shop.queries import outlets_by_code, the_shop
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM
    from setia.foundation.ids import new_id

    target = to or target
    chosen = Form("jsonl" if form == "json" else form)
    if target is None and chosen in (Form.XLSX, Form.PARQUET):
        raise Failure(f"Name the file to write: --to {kind}.{chosen.value}")
    place = outlets_by_code().get(outlet.casefold()) if outlet else None
    if outlet and place is None:
        raise Failure(f"There is no outlet {outlet!r}.")
    filters = Filters(first.date() if first else None, last.date() if last else None, place.id if place else None)
    columns, scale = sources.columns_of(kind), the_shop().currency.scale
    rows = sources.walk(sources.SOURCES[kind], filters, up_to=new_id())
    if target is None:
        count = writers.stream(sys.stdout, chosen, columns, rows, scale=scale)
    else:
        count = writers.write(target, chosen, columns, rows, scale=scale, title=kind)
    actions.log_export(kind=kind, filters=filters, count=count, by=SYSTEM, at=clock.now())
    if as_json:
        print_json({"kind": kind, "rows": count, "file": str(target) if target else None})
    elif target:
        click.echo(f"{count} rows in {target}", err=True)
