"""`setia export`: everything the shop knows, in files anybody can read."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from setia.cli import start_django
from setia.cli.output import json_option, print_json

_KINDS = ("customers", "orders", "lines", "returns", "products", "outlets")


@click.command(name="export")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@json_option
def export_command(kind: str, target: Path | None, form: str, as_json: bool) -> None:
    """Write customers, orders, lines, returns, products or outlets as CSV or as JSON lines.

    Without TARGET the rows go to standard output. Cells that a spreadsheet would run as formulas are made harmless.
    Money is in the currency's smallest unit, quantities in thousandths, times in UTC.
    """
    start_django()
    from setia.domains.imports.exporting import columns_of, rows_of
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM
    from setia.foundation.events.recording import log_access

    columns, rows = columns_of(kind), rows_of(kind)
    if target is None:
        count = _write(sys.stdout, form, columns, rows)
    else:
        with target.open("w", newline="", encoding="utf-8-sig" if form == "csv" else "utf-8") as out:
            target.chmod(0o600)
            count = _write(out, form, columns, rows)
    if kind == "customers":
        log_access(by=SYSTEM, at=clock.now(), page="export", customer_id=None, row_count=count)
    if as_json:
        print_json({"kind": kind, "rows": count, "file": str(target) if target else None})
    elif target:
        click.echo(f"{count} rows in {target}", err=True)


def _write(out: Any, form: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> int:
    from setia.domains.imports.reading import safe_cell

    count = 0
    writer = csv.writer(out)
    if form == "csv":
        writer.writerow(columns)
    for row in rows:
        count += 1
        if form == "csv":
            writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
        else:
            out.write(json.dumps(dict(zip(columns, row, strict=True)), default=str, ensure_ascii=False) + "\n")
    return count
