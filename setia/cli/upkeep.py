"""`setia migrate`, `check`, `upgrade`, `rotate-keys`, `recount`: looking after a shop."""

import sys
from pathlib import Path
from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json

EXIT_TROUBLE = 5
_BEHIND_SECONDS = 300


def migrate_database(*, quiet: bool) -> None:
    """Bring the database up to date; refuses one that a newer Setia has written."""
    from django.core.management import call_command

    refuse_newer_database()
    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
    call_command("createcachetable", verbosity=0)


def refuse_newer_database() -> None:
    """Raise Failure when a newer Setia has written this database."""
    unknown = unknown_migrations()
    if unknown:
        raise Failure(
            f"This database was written by a newer Setia (it knows {unknown[0]}). Install that version, or restore "
            "the backup that `setia upgrade` made; an older Setia must not write to it."
        )


def unknown_migrations() -> list[str]:
    """Return migrations that the database has and this release does not know."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("setia.")}
    return [".".join(key) for key in loader.applied_migrations if key[0] in ours and key not in loader.disk_migrations]


def pending_migrations() -> list[str]:
    """Return migrations that this release knows and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def collect_static() -> None:
    """Lay out static files for serving, when this release has not done so yet."""
    from django.conf import settings
    from django.core.management import call_command

    import setia

    package = Path(setia.__file__).parent
    newest = max(path.stat().st_mtime_ns for path in package.rglob("static/**/*") if path.is_file())
    mark = Path(settings.STATIC_ROOT) / ".made-for"
    wanted = f"{setia.__version__} {newest}"
    if mark.exists() and mark.read_text() == wanted:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(wanted)


@click.command(name="migrate")
def migrate_command() -> None:
    """Bring the database up to date."""
    start_django(needs_tables=False)
    migrate_database(quiet=False)


@click.command(name="check")
@json_option
def check_command(as_json: bool) -> None:
    """Look the shop over: database, migrations, settings, worker. Exit code 5 says that something is wrong."""
    start_django(needs_tables=False)
    findings = examine()
    if as_json:
        print_json(findings)
    else:
        for name, value in findings.items():
            if name != "troubles":
                click.echo(f"  {name:22} {value}")
        for trouble in findings["troubles"]:
            click.echo(f"  ! {trouble}", err=True)
        click.echo("All is well." if not findings["troubles"] else "", err=bool(findings["troubles"]))
    if findings["troubles"]:
        sys.exit(EXIT_TROUBLE)


def examine() -> dict[str, Any]:
    """Return what the look-over found; `troubles` are sentences that say how to mend each."""
    from django.conf import settings
    from django.core import checks
    from django.db import DatabaseError, connection

    import setia
    from setia.domains.staff.queries import owner_count
    from setia.foundation import clock
    from setia.foundation.events.delivering import delivery_health
    from setia.foundation.events.verifying import last_check
    from setia.foundation.home import home
    from setia.foundation.jobs.queue import seconds_behind

    troubles: list[str] = []
    found: dict[str, Any] = {"version": setia.__version__, "home": str(home()), "address": settings.SETIA_URL}
    found["database"] = connection.vendor
    try:
        found["database_version"] = ".".join(str(part) for part in connection.get_database_version())
        pending = pending_migrations()
    except DatabaseError as error:
        found["troubles"] = [f"The database does not answer: {error}. Check DATABASE_URL."]
        return found
    found["pending_migrations"] = len(pending)
    if unknown := unknown_migrations():
        troubles.append(f"The database is newer than this Setia ({unknown[0]}); install the newer version.")
    if pending:
        troubles.append(f"{len(pending)} migrations are pending; run `setia migrate`.")
    else:
        found["worker_behind_seconds"] = seconds_behind(at=clock.now())
        behind, failing = delivery_health(at=clock.now())
        found["deliveries_behind_seconds"] = behind
        if behind > _BEHIND_SECONDS:
            troubles.append(f"Facts wait {behind} s for delivery; is `setia worker` running?")
        troubles += [f"{name} fails on {count} facts and tries again: {error}" for name, count, error in failing]
        found["owners"] = owner_count()
        if not found["owners"]:
            troubles.append("Nobody can sign in as owner; run `setia user add --owner …`.")
        if found["worker_behind_seconds"] > _BEHIND_SECONDS:
            troubles.append(f"The worker is {found['worker_behind_seconds']} s behind; is `setia worker` running?")
        audit = last_check()
        found["audit_checked_at"] = audit.checked_at.isoformat(timespec="minutes") if audit else "never"
        if audit and audit.finding:
            troubles.append(f"The audit is not as it was sealed: {audit.found_in} {audit.found_id} ({audit.finding}).")
    if settings.DEBUG:
        troubles.append("SETIA_DEBUG is on; it shows insides of the program to everybody. Switch it off.")
    serious = [message for message in checks.run_checks() if message.level >= checks.ERROR]
    troubles += [str(message.msg) for message in serious]
    loose = [path for path in (home() / "keys").glob("*") if path.stat().st_mode & 0o077]
    troubles += [f"{path} can be read by others; run `chmod 600 {path}`." for path in loose]
    found["troubles"] = troubles
    return found


@click.command(name="upgrade")
@click.option("--passphrase-file", type=click.Path(exists=True, path_type=Path), help="Passphrase for the backup.")
def upgrade_command(passphrase_file: Path | None) -> None:
    """After installing a newer Setia: make a backup, then bring the database up to date."""
    start_django(needs_tables=False)
    from setia.cli.backups import default_target, make_backup
    from setia.cli.recovery import choose_lock

    if not pending_migrations():
        click.echo("The database is up to date.")
        return
    target = default_target()
    make_backup(target, choose_lock(passphrase_file))
    click.echo(f"Backup: {target}")
    migrate_database(quiet=False)


@click.command(name="rotate-keys")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def rotate_keys_command(yes: bool, as_json: bool) -> None:
    """Seal all personal data with a new key. The shop stays open; make a backup of the keys afterwards."""
    start_django()
    from setia.foundation.crypto.rotation import rotate

    if not yes:
        click.confirm("Make a new key and seal all personal data with it?", abort=True, err=True)
    name, count = rotate()
    if as_json:
        print_json({"key": name, "sealed_again": count})
    else:
        click.echo(f"{count} texts are sealed with the new key {name}. Back up {_keys_folder()} now.")


def _keys_folder() -> Path:
    from setia.foundation.home import folder

    return folder("keys")


@click.command(name="recount")
@json_option
def recount_command(as_json: bool) -> None:
    """Count the orders of every customer and day afresh and mend counters that were wrong. None should ever be."""
    start_django()
    from setia.domains.commerce.actions import recount, recount_days
    from setia.domains.commerce.queries.figures import all_days
    from setia.domains.customers.queries import all_ids

    wrong = total = 0
    for ids in all_ids(size=500):
        total += len(ids)
        wrong += recount(customer_ids=ids)
    day_count = 0
    for days in all_days(size=31):
        day_count += len(days)
        wrong += recount_days(days=days)
    if as_json:
        print_json({"customers": total, "days": day_count, "mended": wrong})
    else:
        click.echo(f"{total} customers and {day_count} days counted, {wrong} counters mended.")
