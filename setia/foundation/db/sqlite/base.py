"""Django's SQLite backend with the write lock inside, where nobody can forget it.

The lock is taken at the outermost BEGIN and around each write outside a transaction, and given back at commit,
rollback or close. Reads never wait.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base as django_sqlite
from django.db.utils import OperationalError

from setia.foundation.db.sqlite.lock import LockTimeout, WriteLock, lock_for

_WRITES = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|VACUUM|REINDEX|ANALYZE"
    r"|WITH\b.*\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\b)",
    re.IGNORECASE | re.DOTALL,
)
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


class LockingCursor(django_sqlite.SQLiteCursorWrapper):
    """Cursor that takes the write lock for a write outside a transaction."""

    write_lock: WriteLock | None = None
    _kept: list[Any] | None = None

    def execute(self, query: str, params: Any = None) -> Any:
        self._kept = None
        lock = self.write_lock
        if lock is None or self.connection.in_transaction or not _WRITES.match(query):
            return super().execute(query, params)
        _acquire(lock)
        try:
            result = super().execute(query, params)
            if _RETURNING.search(query):
                # The write is committed when its last row was read: read them under the lock and keep them.
                self._kept = super().fetchall()
            return result
        finally:
            lock.release()

    def executemany(self, query: str, param_list: Any) -> Any:
        self._kept = None
        lock = self.write_lock
        if lock is None or self.connection.in_transaction or not _WRITES.match(query):
            return super().executemany(query, param_list)
        _acquire(lock)
        try:
            return super().executemany(query, param_list)
        finally:
            lock.release()

    def fetchone(self) -> Any:
        if self._kept is None:
            return super().fetchone()
        return self._kept.pop(0) if self._kept else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        if self._kept is None:
            return super().fetchmany(self.arraysize if size is None else size)
        taken, self._kept = self._kept[: size or self.arraysize], self._kept[size or self.arraysize :]
        return taken

    def fetchall(self) -> list[Any]:
        if self._kept is None:
            return super().fetchall()
        taken, self._kept = self._kept, []
        return taken

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return super().__iter__() if self._kept is None else iter(self.fetchall())


def _acquire(lock: WriteLock) -> None:
    try:
        lock.acquire()
    except LockTimeout as error:
        raise OperationalError(f"database is locked: {error}") from error


class DatabaseWrapper(django_sqlite.DatabaseWrapper):
    """One connection. `holds_lock` is true between the outermost BEGIN and its commit or rollback."""

    holds_lock = False

    @property
    def write_lock(self) -> WriteLock | None:
        name = self.settings_dict["NAME"]
        if self.is_in_memory_db():
            return None
        timeout = float(self.settings_dict.get("OPTIONS", {}).get("timeout", 20))
        return lock_for(Path(name).resolve(), timeout)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=LockingCursor)
        cursor.write_lock = self.write_lock
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        lock = self.write_lock
        if lock is not None and not self.holds_lock:
            _acquire(lock)
            self.holds_lock = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._let_go()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        # A commit that fails (disk full) leaves the transaction open; the rollback that follows lets go.
        self._let_go()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._let_go()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._let_go()

    def _let_go(self) -> None:
        lock = self.write_lock
        if self.holds_lock and lock is not None:
            self.holds_lock = False
            lock.release()
