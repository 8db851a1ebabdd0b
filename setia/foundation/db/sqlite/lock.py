"""The write lock of a SQLite file: one writer at a time, in turn, over all threads and processes.

SQLite itself lets writers collide and sleep with growing pauses; with two web processes that made the slowest
answers fifteen times slower. Here a thread lock and then two file locks order the writers: the gate is a waiting
room for one, so a bulk import that writes again and again cannot starve a cashier.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

_FIRST_PAUSE_SECONDS = 0.0003
_LONGEST_PAUSE_SECONDS = 0.003


class LockTimeout(Exception):
    """Raised when the lock was not had in time; the message says who may hold it."""


class WriteLock:
    """Lock of one database file. Not re-entrant: a thread has one connection and takes it once per transaction."""

    def __init__(self, database: Path, timeout_seconds: float) -> None:
        self._paths = (database.with_name(database.name + ".gate"), database.with_name(database.name + ".lock"))
        self._timeout_seconds = timeout_seconds
        self._thread = threading.Lock()
        self._pid = 0
        self._gate = self._main = -1
        self._is_broken = False

    def acquire(self) -> None:
        """Wait for the lock; raises LockTimeout."""
        if self._is_broken:
            raise LockTimeout(
                "this process was forked while its parent was writing; start a new process instead of forking"
            )
        deadline = time.monotonic() + self._timeout_seconds
        if not self._thread.acquire(timeout=self._timeout_seconds):
            raise LockTimeout("another thread of this process has been writing for too long")
        try:
            self._open()
            self._wait(self._gate, deadline)
            try:
                self._wait(self._main, deadline)
            finally:
                fcntl.flock(self._gate, fcntl.LOCK_UN)
        except BaseException:
            self._thread.release()
            raise

    def release(self) -> None:
        """Give the lock back."""
        fcntl.flock(self._main, fcntl.LOCK_UN)
        self._thread.release()

    def start_afresh(self) -> None:
        """Begin anew in a forked child, which has none of the threads that could let go.

        When one of them was writing, SQLite's own notes in this process say for ever that somebody is (see "How To
        Corrupt", 2.6, on sqlite.org): such a child is told so at once instead of waiting.
        """
        self._is_broken = self._thread.locked()
        self._thread = threading.Lock()
        for descriptor in {self._gate, self._main} - {-1}:
            # Its own copy only; the lock stays the parent's, and ends with the parent.
            os.close(descriptor)
        self._gate = self._main = -1
        self._pid = 0

    def _open(self) -> None:
        if self._pid == os.getpid():
            return
        # A lock belongs to the open file, which a fork shares: each process opens its own.
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._gate, self._main = (os.open(path, flags, 0o600) for path in self._paths)
        self._pid = os.getpid()

    def _wait(self, descriptor: int, deadline: float) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LockTimeout("another process has been writing for too long") from None
                time.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            else:
                return


_locks: dict[Path, WriteLock] = {}
_locks_guard = threading.Lock()


def _start_afresh() -> None:
    global _locks_guard
    _locks_guard = threading.Lock()
    for lock in _locks.values():
        lock.start_afresh()


# A child forked while a thread writes would inherit a lock that nobody in it can let go.
os.register_at_fork(after_in_child=_start_afresh)


def lock_for(database: Path, timeout_seconds: float) -> WriteLock:
    """Return the one lock of a database file in this process."""
    with _locks_guard:
        return _locks.setdefault(database, WriteLock(database, timeout_seconds))
