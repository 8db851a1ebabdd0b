"""SQLite at either end of a move: read alone, and written beside its place until the file is whole."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from setia.cli.archive import database_files
from setia.cli.move_tables import CannotMove, Row, Table, converted, decimal_text, plain_moment, plain_time

_BATCH_ROWS = 5_000
# Nothing of the file is worth anything before it is whole, so nothing needs to survive a crash until then.
_LOADING = "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA cache_size=-32000"
_EXTERNAL_SEARCH = "type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%content=%'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read(connection: sqlite3.Connection, table: Table) -> Iterator[Sequence[Row]]:
    """Yield batches of a table's rows in plain form, by key."""
    # With its table before it, as SQLite takes a column that is not there for a text in quotation marks.
    names = ", ".join(f"{_quoted(table.name)}.{_quoted(column.name)}" for column in table.columns)
    calls: list[tuple[int, Callable[[Any], Any]]] = [
        *((place, plain_moment) for place in table.positions("moment")),
        *((place, plain_time) for place in table.positions("time")),
        *((place, decimal_text(table.columns[place].places)) for place in table.positions("decimal")),
        *((place, float) for place in table.positions("float")),
    ]
    found = connection.execute(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {_quoted(table.key)}")  # noqa: S608
    while rows := found.fetchmany(_BATCH_ROWS):
        yield converted(rows, calls)


class SqliteSource:
    """A shop on SQLite that nobody else has open: held exclusively, so that nothing is written meanwhile."""

    kind = "sqlite"

    def __init__(self, settings: dict[str, Any]) -> None:
        self._connection = sqlite3.connect(settings["NAME"], isolation_level=None, timeout=0)
        try:
            # A web server or a worker that only waits holds a lock too, and this one does not go with any other.
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise CannotMove(
                f"Something has the shop open ({error}). Stop `setia run`, `setia worker` and every other `setia` "
                "command, and try again: what they write would be left behind."
            ) from error

    def counts(self, tables: Iterable[Table]) -> dict[str, int]:
        """Return how many rows each table has."""
        ask = self._connection.execute
        return {table.name: ask(f"SELECT count(*) FROM {_quoted(table.name)}").fetchone()[0] for table in tables}  # noqa: S608

    def names(self) -> set[str]:
        """Return the names of all tables, without those that belong to SQLite or to its search index."""
        found = self._connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        virtual = [name for name, sql in found if sql.startswith("CREATE VIRTUAL")]
        own = ("sqlite_", *virtual)
        return {name for name, _ in found if not name.startswith(own)}

    def rows(self, table: Table) -> Iterator[Sequence[Row]]:
        """Yield batches of rows in plain form, by key."""
        return _read(self._connection, table)

    def key_at(self, table: Table, number: int) -> Any:
        """Return the key of the row that `rows` gave as the number-th, counted from 1."""
        key, name = _quoted(table.key), _quoted(table.name)
        sql = f"SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET ?"  # noqa: S608
        return (self._connection.execute(sql, (number - 1,)).fetchone() or [None])[0]

    def close(self) -> None:
        """Let others at it again."""
        self._connection.close()


class SqliteTarget:
    """A new file: filled beside its place under another name, and given its own when all is proven."""

    kind = "sqlite"

    def __init__(self, settings: dict[str, Any]) -> None:
        self.path = Path(settings["NAME"])
        self.scratch = self.path.with_name(f".{self.path.name}.moving")
        self.settings = settings | {
            "NAME": str(self.scratch),
            "OPTIONS": settings["OPTIONS"] | {"init_command": _LOADING},
        }

    @contextmanager
    def opened(self, migrate: Callable[[], None]) -> Iterator["SqliteTarget"]:
        """Make the empty tables and give the file to be filled; it takes its place when the block ends well."""
        from django.db import connections

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            self._refuse_taken()
            self._remove_scratch()  # what a killed move left
            try:
                migrate()
                connections.close_all()
                self._connection = sqlite3.connect(self.scratch, isolation_level=None)
                try:
                    yield from self._filled()
                finally:
                    self._connection.close()
                self._take_place()
            finally:
                self._remove_scratch()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = self.scratch.with_name(self.scratch.name + "-held")
        with lock.open("wb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotMove(f"Another move to {self.path} is at work.") from None
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)

    def _refuse_taken(self) -> None:
        taken = [path for path in database_files(self.path)[:4] if path.exists() and path.stat().st_size]
        if taken:
            raise CannotMove(f"{taken[0]} is there already. Move it away, or name another file: --to sqlite:///path.")

    def _filled(self) -> Iterator["SqliteTarget"]:
        for command in _LOADING.split(";"):
            self._connection.execute(command)
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA foreign_keys=OFF")
        self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        # Triggers would make rows of their own and refuse others. Indexes stay: this build of SQLite sorts in memory
        # alone, so building one when all rows are there would take more with each row.
        self._triggers = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in self._triggers:
            self._connection.execute(f"DROP TRIGGER {_quoted(name)}")
        yield self

    def clear(self, tables: Iterable[Table]) -> None:
        """Remove the rows that migrations made: the source has its own."""
        for table in tables:
            self._connection.execute(f"DELETE FROM {_quoted(table.name)}")  # noqa: S608

    def write(self, table: Table, batches: Iterable[Sequence[Row]]) -> None:
        """Insert rows given in plain form; raises sqlite3.Error."""
        names = ", ".join(_quoted(column.name) for column in table.columns)
        marks = ", ".join("?" for _ in table.columns)
        sql = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})"  # noqa: S608
        for batch in batches:
            self._connection.execute("BEGIN")
            self._connection.executemany(sql, batch)
            self._connection.execute("COMMIT")

    def finish(self, tables: Iterable[Table]) -> None:
        """Put the triggers back, fill the search index, and prove that every foreign key has its row."""
        searches = self._connection.execute(f"SELECT name FROM sqlite_master WHERE {_EXTERNAL_SEARCH}").fetchall()  # noqa: S608
        for (name,) in searches:
            self._connection.execute(f"INSERT INTO {_quoted(name)}({_quoted(name)}) VALUES ('rebuild')")  # noqa: S608
        for _, sql in self._triggers:
            self._connection.execute(sql)
        loose = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        if loose:
            raise CannotMove(f"A row of {loose[0]} points to a row of {loose[2]} that is not there; mend it first.")

    def rows(self, table: Table) -> Iterator[Sequence[Row]]:
        """Yield what was written, in plain form."""
        return _read(self._connection, table)

    def _take_place(self) -> None:
        with sqlite3.connect(self.scratch, isolation_level=None) as last:
            last.execute("PRAGMA journal_mode=WAL")
        last.close()
        descriptor = os.open(self.scratch, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        self._refuse_taken()
        self.scratch.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        with suppress(OSError):  # some file systems cannot, and keep the name all the same
            os.fsync(folder)
        os.close(folder)

    def _remove_scratch(self) -> None:
        for path in database_files(self.scratch):
            path.unlink(missing_ok=True)
