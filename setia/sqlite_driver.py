"""The one place that decides which SQLite this process uses.

SQLite 3.7.0 to 3.51.2 can lose committed rows when two connections reset the write-ahead log at the same
moment (the WAL-reset bug; fixed in 3.51.3, with fixes carried back to 3.50.7 and 3.44.6). Debian's Python links
3.40. The `pysqlite3` wheel brings a newer build; where there is none, the standard module serves if it is safe.
Two builds must never open the same file in one process: each keeps its own list of POSIX locks.
"""

import importlib
import sys

FIXED_VERSION = (3, 51, 3)
BACKPORTS = {(3, 50): 7, (3, 44): 6}


def is_safe(version: tuple[int, int, int]) -> bool:
    """Tell whether a SQLite of this version is free of the WAL-reset bug."""
    if version >= FIXED_VERSION:
        return True
    patch = BACKPORTS.get(version[:2])
    return patch is not None and version[2] >= patch


def install() -> None:
    """Make `import sqlite3` mean the safe build, everywhere in this process; harmless when repeated."""
    try:
        pysqlite3 = importlib.import_module("pysqlite3")
        dbapi2 = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2


def running_version() -> tuple[int, int, int]:
    """Return the version of the SQLite library that `import sqlite3` gives here."""
    import sqlite3

    major, minor, patch = sqlite3.sqlite_version_info
    return major, minor, patch


def refusal() -> str | None:
    """Return why this SQLite must not be used, as a sentence for the person at the terminal, or None."""
    version = running_version()
    if is_safe(version):
        return None
    found = ".".join(str(part) for part in version)
    return (
        f"Setia does not start on SQLite {found}: it has the WAL-reset bug, which can lose saved data. "
        "Mend it with `pip install pysqlite3`, use a Python built with SQLite 3.51.3 or newer, "
        "or set DATABASE_URL to a PostgreSQL database."
    )
