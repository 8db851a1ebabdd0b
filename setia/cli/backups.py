"""`setia backup` and `setia restore`: the whole shop in one sealed file."""

import contextlib
import errno
import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from setia.cli import Failure, archive, start_django
from setia.cli.output import json_option, print_json
from setia.cli.recovery import ask_opener, choose_lock, keeping_the_key
from setia.cli.sealing import DoesNotOpen, Passphrase, PublicKey, is_sealed_by_passphrase, opening, sealing

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORGOTTEN_AFTER_SECONDS = 3600


def default_target() -> Path:
    """Return where a backup goes when nobody said: the backups folder, named by the time."""
    from setia.foundation.home import folder

    return folder("backups") / f"setia-{datetime.now(UTC):%Y%m%d-%H%M%S}{archive.SUFFIX}"


def make_backup(target: Path, lock: Passphrase | PublicKey) -> None:
    """Write the database, the keys and all files of the shop into one sealed file, while the shop is open.

    The file appears under its name when it is whole and on the disk, and not before. Raises Failure and leaves
    nothing when there is no room.
    """
    with archive.scratch_folder() as scratch, _telling_what_failed(target):
        database = _copy_database(scratch)
        with _appearing_whole(target) as file, sealing(file, lock) as stream:
            archive.pack(stream, database)


@contextmanager
def _telling_what_failed(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Failure(f"No room is left for {target} ({error.strerror}). Nothing was written.") from error
        raise Failure(f"{target} cannot be written: {error}") from error
    except sqlite3.Error as error:
        raise Failure(f"The database could not be copied: {error}. Is there room on the disk of the shop?") from error


@contextmanager
def _appearing_whole(target: Path) -> Iterator[IO[bytes]]:
    """Give a new file that gets its name at the end; a kill leaves a hidden `.part`, removed by a later backup."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for forgotten in target.parent.glob(f".*{archive.SUFFIX}.part"):
        with contextlib.suppress(OSError):
            if forgotten.stat().st_mtime < time.time() - _FORGOTTEN_AFTER_SECONDS:
                forgotten.unlink()
    part = target.with_name(f".{target.name.removesuffix(archive.SUFFIX)}{archive.SUFFIX}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some file systems cannot, and keep the name all the same
            os.fsync(folder)
        os.close(folder)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


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
    source = sqlite3.connect(settings["NAME"], isolation_level=None)
    try:
        source.execute("VACUUM INTO ?", [str(copy)])
    finally:
        source.close()
    copy.chmod(0o600)
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
    # Our own secrets, such as a recovery key, are nothing to another program.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SETIA_")}
    if settings["PASSWORD"]:
        environment["PGPASSWORD"] = settings["PASSWORD"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        told = done.stderr.strip()[-400:] or f"it ended with code {done.returncode}"
        raise Failure(f"{command[0]} failed: {told}")


_passphrase_option = click.option(
    "--passphrase-file", type=click.Path(exists=True, path_type=Path), help="File with a passphrase of your own."
)
_key_option = click.option(
    "--key-file", type=click.Path(exists=True, path_type=Path), help="File with the recovery key."
)


@click.command(name="backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@_passphrase_option
@click.option("--passphrase", "own_words", is_flag=True, help="Ask for a passphrase of your own.")
@click.option("--new-key", is_flag=True, help="Make a new recovery key and show it; older backups keep theirs.")
@click.option("--check", is_flag=True, help="Only prove that the file opens and is whole; nothing is restored.")
@_key_option
@json_option
def backup_command(
    target: Path | None,
    passphrase_file: Path | None,
    own_words: bool,
    new_key: bool,
    check: bool,
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Write the whole shop (database, keys, files) into one sealed file; the shop stays open.

    The first backup makes the recovery key and shows it once: keep it away from this computer. Without it nobody,
    we neither, can open the file. Later backups need nobody at the keyboard.
    """
    if check:
        _check(target, key_file, passphrase_file, as_json)
        return
    if key_file:
        raise click.UsageError("--key-file goes with --check: a backup is made without the recovery key.")
    if new_key and (own_words or passphrase_file):
        raise click.UsageError("Choose: a new recovery key, or a passphrase of your own.")
    start_django()
    target = target or default_target()
    lock = choose_lock(passphrase_file, new_key=new_key, own_words=own_words)
    make_backup(target, lock)
    size = target.stat().st_size
    sealed_for = lock.text if isinstance(lock, PublicKey) else "passphrase"
    if as_json:
        print_json({"file": str(target), "bytes": size, "sealed_for": sealed_for})
    else:
        opener = "the recovery key" if isinstance(lock, PublicKey) else "its passphrase"
        click.echo(f"{target} ({size / 1_048_576:.1f} MiB). Keep it and {opener} apart.")


def _check(source: Path | None, key_file: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    if source is None or not source.is_file():
        raise click.UsageError("Name the backup to look at: setia backup --check FILE")
    try:
        with _opened(source, key_file, passphrase_file) as stream:
            found = archive.look_through(stream)
    except OSError as error:
        raise Failure(f"{source} cannot be read: {error}") from error
    if as_json:
        print_json({"file": str(source), "opens": True, **vars(found)})
    else:
        made = f", made {found.made_at} by Setia {found.version}" if found.made_at else ""
        click.echo(
            f"{source.name} opens with it and is whole: a {found.database} database of "
            f"{found.database_bytes / 1_048_576:.1f} MiB and {found.file_count} files{made}."
        )
    if not found.has_keyring:
        raise Failure(
            "But the keys that seal personal data are not in it; they must come from elsewhere (SETIA_KEYRING)."
        )


@contextmanager
def _opened(source: Path, key_file: Path | None, passphrase_file: Path | None) -> Iterator[IO[bytes]]:
    """Give what lies in a sealed file; raises Failure in words, also for what is wrong inside."""
    key: Any = None
    try:
        with source.open("rb") as file:
            by_passphrase = is_sealed_by_passphrase(file)
            key = ask_opener(by_passphrase=by_passphrase, key_file=key_file, passphrase_file=passphrase_file)
            with opening(file, key) as stream:
                yield stream
    except (DoesNotOpen, archive.NoBackup) as error:
        other = "wrong passphrase" if isinstance(key, Passphrase) else "another recovery key"
        either = f"{other}, or a damaged file" if key else "not a backup of Setia"
        raise Failure(f"The backup does not open: {either} ({error}).") from error


@click.command(name="restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_key_option
@_passphrase_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def restore_command(
    source: Path, key_file: Path | None, passphrase_file: Path | None, yes: bool, as_json: bool
) -> None:
    """Bring a shop back from a backup. Stop `setia run` first; what stands now is set aside, not deleted.

    Asks for the recovery key, or takes it from --key-file or SETIA_RECOVERY_KEY.
    """
    from setia.foundation.home import home

    with archive.scratch_folder() as scratch:
        try:
            with _opened(source, key_file, passphrase_file) as stream:
                archive.unpack(stream, scratch / "out")
            os.sync()  # what is about to stand in the shop's place must outlive a power cut
        except OSError as error:
            raise Failure(
                f"The backup cannot be unpacked in {home()}: {error.strerror}. Nothing was changed."
            ) from error
        _refuse_other_kind(scratch / "out" / "database")
        if not yes:
            click.confirm(f"Put the shop of {source.name} in place of what is in {home()}?", abort=True, err=True)
        with keeping_the_key():
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


def _on_postgres() -> bool:
    return os.environ.get("DATABASE_URL", "").strip().startswith("postgres")


def _refuse_other_kind(database: Path) -> None:
    """Refuse to put one kind of database where the other is expected; raises Failure with the way to do it."""
    kind = archive.kind_of_database(database)
    if kind == "postgresql" and not _on_postgres():
        raise Failure("This backup holds a PostgreSQL database: set DATABASE_URL=postgresql://… and try again.")
    if kind == "sqlite" and _on_postgres():
        raise Failure(
            "This backup holds a SQLite database, and DATABASE_URL names PostgreSQL. Restore it without DATABASE_URL, "
            "then take the shop over with `setia move`."
        )


def _database_files() -> list[Path]:
    """Return the SQLite database in use with the files beside it; none on PostgreSQL."""
    from setia.config.database import database_settings
    from setia.foundation.home import home

    if _on_postgres():
        return []
    return archive.database_files(Path(database_settings(os.environ.get("DATABASE_URL", ""), home())["NAME"]).resolve())


def _swap(unpacked: Path) -> Path:
    """Put the unpacked shop in place and set what was there aside, in a folder named by the time and a chance."""
    from setia.foundation.home import folder, home

    aside = folder("backups") / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    # The step that can fail comes first and is one transaction: keys that do not fit the database help nobody.
    if _on_postgres():
        _restore_postgres(unpacked / "database")
    outside = [path for path in _database_files() if path.exists() and path.parent != home()]
    for path in [*home().iterdir(), *outside]:
        if path.name not in archive.LEFT_OUT and not archive.is_another_home(path):
            shutil.move(path, aside / path.name)
    for path in unpacked.rglob("*"):  # unpacking keeps no modes
        path.chmod(0o700 if path.is_dir() else 0o600)
    for path in (unpacked / "home").iterdir():
        path.rename(home() / path.name)
    if files := _database_files():
        files[0].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
