"""`setia backup` and `setia restore`: the whole shop in one encrypted file."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json

_SUFFIX = ".setia-backup"
# Scratch, sockets and what can be made again stay out.
_LEFT_OUT = {"run", "static", "backups"}


def default_target() -> Path:
    """Return where a backup goes when nobody said: the backups folder, named by the time."""
    from setia.foundation.home import folder

    return folder("backups") / f"setia-{datetime.now(UTC):%Y%m%d-%H%M%S}{_SUFFIX}"


def read_passphrase(file: Path | None, *, confirm: bool) -> str:
    """Return the passphrase from a file, the environment or the keyboard."""
    given = file.read_text().strip() if file else os.environ.get("SETIA_BACKUP_PASSPHRASE", "").strip()
    if not given:
        given = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm, err=True)
    if len(given) < 10:
        raise Failure("The passphrase is too short: whoever finds the file can try millions. Use ten letters or more.")
    return str(given)


def make_backup(target: Path, passphrase: str) -> None:
    """Write the database, the keys and all files of the shop into one encrypted file, while the shop is open."""
    import pyrage

    from setia.foundation.home import home

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch_name:
        scratch = Path(scratch_name)
        archive = scratch / "shop.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=5) as tar:
            tar.add(_copy_database(scratch), "database")
            for path in sorted(home().iterdir()):
                if path.name not in _LEFT_OUT and path not in _database_files() and not _is_another_home(path):
                    tar.add(path, f"home/{path.name}")
        sealed = scratch / "sealed"
        sealed.write_bytes(pyrage.passphrase.encrypt(archive.read_bytes(), passphrase))
        sealed.chmod(0o600)
        sealed.replace(target)


def _database_files() -> list[Path]:
    """Return the SQLite database with the files beside it that belong to it; none on PostgreSQL."""
    from setia.config.database import database_settings
    from setia.foundation.home import home

    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        return []
    database = Path(database_settings(url, home())["NAME"]).resolve()
    return [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm", ".gate", ".lock"))]


def _is_another_home(path: Path) -> bool:
    """Tell whether a folder is a shop of its own, such as the demo's inside a real one."""
    return path.is_dir() and (path / ".demo").exists()


def _copy_database(scratch: Path) -> Path:
    """Return a consistent copy of the database, taken while others write."""
    from django.db import connection

    settings: dict[str, Any] = connection.settings_dict
    copy = scratch / "database"
    if connection.vendor == "postgresql":
        command = ["pg_dump", "--format=custom", "--no-owner", f"--file={copy}", *_pg_options(settings)]
        _run_pg(command, settings)
        return copy
    # VACUUM INTO reads one snapshot and leaves erased data behind.
    with sqlite3.connect(settings["NAME"], isolation_level=None) as source:
        source.execute("VACUUM INTO ?", [str(copy)])
    copy.chmod(0o600)
    source.close()
    return copy


def _pg_options(settings: dict[str, Any]) -> list[str]:
    options = [f"--dbname={settings['NAME']}"]
    for name, flag in (("HOST", "--host"), ("PORT", "--port"), ("USER", "--username")):
        if settings[name]:
            options.append(f"{flag}={settings[name]}")
    return options


def _run_pg(command: list[str], settings: dict[str, Any]) -> None:
    if shutil.which(command[0]) is None:
        raise Failure(f"{command[0]} is not installed; it comes with PostgreSQL's client programs.")
    environment = {**os.environ, **({"PGPASSWORD": settings["PASSWORD"]} if settings["PASSWORD"] else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Failure(f"{command[0]} failed: {done.stderr.strip()[-400:]}")


@click.command(name="backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--passphrase-file", type=click.Path(exists=True, path_type=Path), help="File with the passphrase.")
@json_option
def backup_command(target: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    """Write the whole shop (database, keys, files) into one encrypted file; the shop stays open.

    Keep the passphrase elsewhere: without it nobody, we neither, can open the file.
    """
    start_django()
    target = target or default_target()
    make_backup(target, read_passphrase(passphrase_file, confirm=True))
    if as_json:
        print_json({"file": str(target), "bytes": target.stat().st_size})
    else:
        click.echo(f"{target} ({target.stat().st_size / 1_048_576:.1f} MiB). Keep it and its passphrase apart.")


@click.command(name="restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase-file", type=click.Path(exists=True, path_type=Path), help="File with the passphrase.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def restore_command(source: Path, passphrase_file: Path | None, yes: bool, as_json: bool) -> None:
    """Bring a shop back from a backup. Stop `setia run` first; what stands now is set aside, not deleted."""
    import pyrage

    from setia.foundation.home import home

    passphrase = read_passphrase(passphrase_file, confirm=False)
    try:
        archive = pyrage.passphrase.decrypt(source.read_bytes(), passphrase)
    except pyrage.DecryptError as error:
        raise Failure(f"The backup does not open: wrong passphrase, or a damaged file ({error}).") from error
    if not yes:
        click.confirm(f"Put the shop of {source.name} in place of what is in {home()}?", abort=True, err=True)
    with tempfile.TemporaryDirectory(dir=home()) as scratch_name:
        scratch = Path(scratch_name)
        packed = scratch / "shop.tar.gz"
        packed.write_bytes(archive)
        with tarfile.open(packed) as tar:
            tar.extractall(scratch / "out", filter="data")
        aside = _swap(scratch / "out")
    start_django(needs_tables=False)
    from setia.cli.upkeep import examine, migrate_database

    migrate_database(quiet=True)
    customers = _prove_readable()
    troubles = examine()["troubles"]
    if as_json:
        print_json({"restored": str(source), "set_aside": str(aside), "customers": customers, "troubles": troubles})
    else:
        click.echo(f"Restored: {customers} customers. The former state lies in {aside}; delete it when all is well.")


def _swap(unpacked: Path) -> Path:
    """Put the unpacked shop in place and set what was there aside, in a folder named by the time and a chance."""
    from setia.foundation.home import folder, home

    aside = folder("backups") / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    # The step that can fail comes first and is one transaction: keys that do not fit the database help nobody.
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        _restore_postgres(unpacked / "database")
    kept = _LEFT_OUT | {unpacked.parent.name}
    outside = [path for path in _database_files() if path.exists() and path.parent != home()]
    for path in [*home().iterdir(), *outside]:
        if path.name not in kept and not _is_another_home(path):
            shutil.move(path, aside / path.name)
    for path in unpacked.rglob("*"):  # unpacking keeps no modes
        path.chmod(0o700 if path.is_dir() else 0o600)
    for path in (unpacked / "home").iterdir():
        path.rename(home() / path.name)
    if files := _database_files():
        shutil.move(unpacked / "database", files[0])
    return aside


def _restore_postgres(dump: Path) -> None:
    from setia.config.database import database_settings
    from setia.foundation.home import home

    settings = {"HOST": "", "PORT": "", "USER": "", "PASSWORD": ""}
    settings |= database_settings(os.environ["DATABASE_URL"], home())
    command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", *_pg_options(settings)]
    _run_pg([*command, str(dump)], settings)


def _prove_readable() -> int:
    """Open one sealed text, so that a backup with the wrong keys is found out now, and count the customers."""
    from setia.domains.customers.models import Customer, Identity
    from setia.foundation.crypto import UnreadableSecret

    sample = Identity.objects.order_by("id").first()
    try:
        _ = sample.value if sample else None
    except UnreadableSecret as error:
        raise Failure(f"The database was restored but its keys do not fit: {error}") from error
    return Customer.objects.count()
