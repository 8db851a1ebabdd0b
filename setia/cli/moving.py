"""`setia move`: a whole shop from SQLite to PostgreSQL and back, proven equal before anybody uses it."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import click

from setia.cli import Failure, start_django
from setia.cli.move_postgres import PostgresSource, PostgresTarget
from setia.cli.move_sqlite import SqliteSource, SqliteTarget
from setia.cli.move_tables import CannotMove, Checksum, Row, Table, added, tables
from setia.cli.output import Progress, json_option, print_json

Source = SqliteSource | PostgresSource
Target = SqliteTarget | PostgresTarget

_LABELS = {"copy": "Copying", "index": "Building indexes", "check": "Comparing"}


@click.command(name="move")
@click.option("--to", "url", required=True, help="postgresql://user@host/name, sqlite:///path, or sqlite.")
@json_option
def move_command(url: str, as_json: bool) -> None:
    """Move the whole shop to another database: SQLite to PostgreSQL, or back.

    Stop `setia run` and `setia worker` first. The target must be empty. Every row is copied, then every table is
    compared; only when all are equal does the target hold the shop, and the command says how to switch. The database
    in use is left as it is. A password is better in ~/.pgpass or PGPASSWORD than in the URL.
    """
    start_django()
    progress = Progress(_LABELS, quiet=as_json)
    started = time.monotonic()
    try:
        report = move(url, progress)
    except CannotMove as error:
        raise Failure(f"{error} Nothing was moved.") from error
    finally:
        progress.close()
    report["seconds"] = round(time.monotonic() - started, 1)
    report["rows_per_second"] = round(report["rows"] / max(report["seconds"], 0.1))
    if as_json:
        print_json(report)
    else:
        _tell(report)


def move(url: str, progress: Progress) -> dict[str, Any]:
    """Copy the shop of DATABASE_URL to another database and return what was moved; raises CannotMove.

    The target holds the shop when this returns, and is as it was when it raises or is killed.
    """
    everything = tables()
    target = _target(url)
    with (
        _errors_in_words(),
        closing(_source(everything)) as source,
        _django_at(target),
        target.opened(_make_tables),
    ):
        report = _copy(source, target, everything, progress)
    switch = "unset DATABASE_URL" if not url.partition("://")[2] else f"DATABASE_URL={_without_password(url)}"
    return {"from": source.kind, "to": target.kind, **report, "switch": switch}


def _source(everything: Sequence[Table]) -> Source:
    from django.db import connections

    default = connections["default"]
    parameters = default.get_connection_params() if default.vendor == "postgresql" else {}
    # Our own look at the migrations must not count as somebody who has the shop open.
    connections.close_all()
    if default.vendor == "postgresql":
        return PostgresSource(parameters, everything)
    return SqliteSource(default.settings_dict)


def _target(url: str) -> Target:
    """Return the other end, not opened yet; raises Failure for a URL that cannot be used."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from setia.config.database import BadDatabaseUrl, database_settings
    from setia.foundation.home import home

    try:
        settings = database_settings("" if url in ("sqlite", "sqlite:", "sqlite://") else url, home())
    except BadDatabaseUrl as error:
        raise Failure(str(error).replace("DATABASE_URL", "--to")) from error
    if settings["ENGINE"].endswith("postgresql"):
        return PostgresTarget(settings, migrations=set(MigrationRecorder(connection).applied_migrations()))
    return SqliteTarget(settings)


@contextmanager
def _django_at(target: Target) -> Iterator[None]:
    """Let Django's one database be the target for a while.

    Under a name of its own beside the shop's it would be half used: a migration that fills a table seldom asks which
    database it is for.
    """
    from django.db import connections

    def point_at(settings: dict[str, Any]) -> None:
        connections.close_all()
        connections.settings["default"] = settings
        with suppress(AttributeError):  # none was opened
            del connections["default"]

    former = connections.settings["default"]
    point_at({**former, **target.settings})
    try:
        yield
    finally:
        point_at(former)


def _make_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _copy(source: Source, target: Target, everything: Sequence[Table], progress: Progress) -> dict[str, Any]:
    counts = source.counts(everything)
    total, done = max(sum(counts.values()), 1), 0
    sums = {table.name: Checksum(table) for table in everything}
    target.clear(reversed(everything))
    for table in everything:
        with _naming_the_row(source, table):
            target.write(table, _shown(added(source.rows(table), sums[table.name]), progress, "copy", done, total))
        done += counts[table.name]
    progress("index", 0)
    target.finish(everything)
    found, done = [], 0
    for table in everything:
        there = Checksum(table)
        for batch in _shown(target.rows(table), progress, "check", done, total):
            there.add(batch)
        here = sums[table.name]
        if (here.row_count, here.hex) != (there.row_count, there.hex) or here.row_count != counts[table.name]:
            raise CannotMove(
                f"{table.name} is not the same on both sides ({here.row_count} and {there.row_count} rows, checksums "
                f"{here.hex[:8]} and {there.hex[:8]})."
            )
        done += counts[table.name]
        found.append({"table": table.name, "rows": there.row_count, "checksum": there.hex})
    left = _left_behind(source.names() - {table.name for table in everything})
    return {"rows": sum(counts.values()), "tables": found, "left_behind": left}


def _shown(batches: Any, progress: Progress, step: str, done: int, total: int) -> Iterator[Sequence[Row]]:
    for batch in batches:
        yield batch
        done += len(batch)
        progress(step, done / total)


def _left_behind(names: set[str]) -> dict[str, str]:
    """Return the tables that were not copied, each with its reason."""
    from django.conf import settings

    reasons = {
        "django_migrations": "the target keeps its own, of the same release",
        settings.CACHES["default"]["LOCATION"]: "a cache, which fills itself",
    }
    return {name: reasons.get(name, "no part of Setia") for name in sorted(names)}


@contextmanager
def _naming_the_row(source: Source, table: Table) -> Iterator[None]:
    """Say which row the other database refused, as far as it tells, and never what is in it."""
    import psycopg

    try:
        yield
    except sqlite3.Error as error:
        raise CannotMove(f"{table.name} cannot be moved: {error}.") from error
    except ValueError as error:  # a moment or a JSON text; what it says is nobody's business here
        raise CannotMove(f"{table.name} has a value that is not of its column's kind.") from error
    except psycopg.Error as error:
        # "COPY customers_customer, line 7, column name: …": the value behind the colon is a customer's.
        place = (error.diag.context or "").split(":")[0].split(", ")
        line = next((part.removeprefix("line ") for part in place if part.startswith("line ")), "")
        column = next((f".{part.removeprefix('column ')}" for part in place if part.startswith("column ")), "")
        row = f", row {source.key_at(table, int(line))}" if line.isdigit() else ""
        reason = error.diag.message_primary or str(error).splitlines()[0]
        raise CannotMove(f"{table.name}{column}{row} does not fit there: {reason}.") from error


@contextmanager
def _errors_in_words() -> Iterator[None]:
    import psycopg
    from django.db import Error

    try:
        yield
    except (Error, psycopg.Error, sqlite3.Error, OSError) as error:
        raise CannotMove(f"The move failed: {str(error).strip().splitlines()[0]}.") from error


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@", 1) if parts.password else url


def _tell(report: dict[str, Any]) -> None:
    for row in report["tables"]:
        if row["rows"]:
            click.echo(f"  {row['table']:32} {row['rows']:>12,} rows  {row['checksum'][:8]}  equal")
    for name, reason in report["left_behind"].items():
        click.echo(f"  {name:32} left behind: {reason}")
    click.echo(
        f"{report['rows']:,} rows of {len(report['tables'])} tables are equal on both sides "
        f"({report['seconds']} s, {report['rows_per_second']:,} rows/s)."
    )
    click.echo(f"To use the new database:  {report['switch']}")
    click.echo(
        "Set it for `setia run` and every `setia worker`. The former database is as it was; keep it until all is well."
    )
