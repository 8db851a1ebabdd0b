"""Filling the lake from the shop's tables: the months that changed, or everything."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

from setia.domains.analytics.lake.manifest import Manifest, Part, parts_folder, publish, read_manifest, sweep
from setia.domains.analytics.lake.tables import TABLES, LakeTable
from setia.domains.commerce import queries as commerce
from setia.foundation import home

# On PostgreSQL a row that was stamped before the last reading may have been committed after it.
OVERLAP = timedelta(minutes=15)
MEMORY = "512MB"
_CHILD = Path(__file__).with_name("child.py")

Report = Callable[[float, str], None]


class LakeBusy(Exception):
    """Raised when somebody else fills the lake at this moment."""


class LakeTrouble(Exception):
    """Raised with what the child said when it failed; the lake stays as it was."""


class LakeFull(LakeTrouble):
    """Raised when the disk has no room for the files of the lake; the lake stays as it was."""


def fill_lake(
    *,
    at: datetime,
    whole: bool = False,
    report: Report = lambda share, table: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Manifest:
    """Bring the lake to what the shop's tables say at this moment and return its state.

    Only months with changes are read again, unless `whole` or there is no lake yet. Safe to repeat and to kill: until
    the last step nothing counts. Raises LakeBusy, LakeTrouble, and InterruptedError when it was told to stop.
    """
    with _alone():
        sweep(at=at)
        last = read_manifest()
        before = None if whole else last
        sums = commerce.month_sums()  # first, so that what changes while the tables are read differs next time
        months = _changed(before, sums) if before else None
        sequence = last.sequence + 1 if last else 1
        folder = parts_folder() / f"{sequence:08}-{os.urandom(4).hex()}"
        try:
            parts = _read(folder, _wanted(months), report, should_stop)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise LakeFull(str(error)) from error
            raise
        kept: tuple[Part, ...] = ()
        if before is not None and months is not None:
            kept = before.without(
                (table.name, month) for table in TABLES for month in (months if table.month else [""])
            )
        following = Manifest(sequence, at, (*kept, *parts), sums)
        try:
            publish(following)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise (LakeFull(str(error)) if error.errno == errno.ENOSPC else error) from error
        return following


def _changed(lake: Manifest, sums: Mapping[str, list[int]]) -> list[str]:
    """Return the months (YYYY-MM) that were written to since, or add up to something else."""
    different = {month for month in {*sums, *lake.sums} if sums.get(month) != lake.sums.get(month)}
    return sorted(different | commerce.months_written_since(lake.read_at - OVERLAP))


def _wanted(months: Sequence[str] | None) -> list[dict[str, Any]]:
    return [
        {
            "name": table.name,
            "month": table.month,
            "casts": table.casts,
            "questions": [table.question()] if months is None or not table.month else list(_by_month(table, months)),
        }
        for table in TABLES
    ]


def _by_month(table: LakeTable, months: Sequence[str]) -> Iterator[str]:
    for month in months:
        year, number = (int(part) for part in month.split("-"))
        following = f"{year + number // 12:04}-{number % 12 + 1:02}-01"
        yield table.question(since=f"{month}-01", until=following if year < 9999 or number < 12 else "")


def _read(folder: Path, tables: list[dict[str, Any]], report: Report, should_stop: Callable[[], bool]) -> list[Part]:
    job = {
        "vendor": connection.vendor,
        "database": _database(),
        "folder": str(folder),
        "tables": tables,
        "memory": MEMORY,
        "threads": min(os.cpu_count() or 1, 4),
    }
    # The address may hold a password: it goes in by the input, which no list of processes shows.
    child = subprocess.Popen(  # noqa: S603 (our own file, by its path)
        [sys.executable, "-I", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None  # noqa: S101 (said to the type checker)
    assert child.stdout is not None  # noqa: S101
    with child:
        child.stdin.write(json.dumps(job))
        child.stdin.close()
        done, parts = 0, None
        for line in child.stdout:
            found = json.loads(line)
            if "parts" in found:
                parts = [Part(**part) for part in found["parts"]]
            else:
                done += 1
                report(done / len(tables), found["table"])
            if should_stop():
                child.kill()
                raise InterruptedError
        trouble = child.stderr.read() if child.stderr else ""
    if child.returncode and os.strerror(errno.ENOSPC) in trouble:
        raise LakeFull(os.strerror(errno.ENOSPC))
    if child.returncode or parts is None:
        raise LakeTrouble(trouble.strip().splitlines()[-1] if trouble.strip() else f"exit code {child.returncode}")
    return parts


def _database() -> str:
    """Return the shop's database as the driver wants it: a path, or an address of PostgreSQL."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return quote(str(settings["NAME"]))
    # As the shop itself is connected: the driver brings another libpq, which looks for sockets in another place.
    connection.ensure_connection()
    info = connection.connection.info
    said = {"host": info.host, "port": str(info.port), "user": info.user, "password": info.password}
    said |= {key: str(value) for key, value in settings.get("OPTIONS", {}).items() if key.startswith("ssl")}
    given = urlencode({key: value for key, value in said.items() if value}, quote_via=quote)
    return f"postgresql:///{quote(info.dbname)}?{given}"


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    path = home.folder("lake") / "filling.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LakeBusy from error
        yield
    finally:
        os.close(descriptor)
