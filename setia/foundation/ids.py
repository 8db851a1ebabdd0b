"""Ids: one 64-bit, time-ordered whole number per row, made by the application, never by a table.

42 bits of milliseconds since 2024 (the sign bit stays clear until 2093), 10 bits of node, 12 bits of counter.
The database can then be split by customer without a redesign, and ids sort by the time they were made. In JSON an
id is a string, since JavaScript loses digits beyond 2^53.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime

from setia.foundation import home

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
NODE_BITS, COUNTER_BITS = 10, 12
NODES = 1 << NODE_BITS
_COUNTER_MASK = (1 << COUNTER_BITS) - 1


class NoFreeNode(RuntimeError):
    """Raised when all 1,024 node numbers are held by living processes."""


class IdMaker:
    """Makes ids for one node. Safe for threads; never goes back when the system clock does."""

    def __init__(self, node: int, clock_ms: Callable[[], int]) -> None:
        self._node_part = (node % NODES) << COUNTER_BITS
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._last_ms = 0
        self._counter = 0

    def one(self) -> int:
        """Return one new id."""
        return self.many(1)[0]

    def many(self, count: int) -> list[int]:
        """Return `count` new ids in rising order."""
        made: list[int] = []
        with self._lock:
            moment = max(self._clock_ms() - EPOCH_MS, self._last_ms)
            if moment > self._last_ms:
                self._last_ms, self._counter = moment, 0
            for _ in range(count):
                if self._counter > _COUNTER_MASK:
                    # The counter is full: run ahead of the clock rather than wait. 4,096 ids a millisecond is
                    # more than any process makes for long, so the lead stays small and the clock catches up.
                    self._last_ms, self._counter = self._last_ms + 1, 0
                made.append((self._last_ms << (NODE_BITS + COUNTER_BITS)) | self._node_part | self._counter)
                self._counter += 1
        return made


def id_at(at: datetime) -> int:
    """Return the lowest id that could be made at an instant."""
    moment = int(at.timestamp() * 1000) - EPOCH_MS
    return max(moment, 0) << (NODE_BITS + COUNTER_BITS)


def _system_ms() -> int:
    return time.time_ns() // 1_000_000


class _ProcessNode:
    """Holds a node number for the life of this process, by a file lock that the system drops when it dies.

    Machines that share one PostgreSQL set `SETIA_NODE_BASE` to different multiples of 128, so that their
    processes never take the same number.
    """

    SLOTS = 128

    def __init__(self) -> None:
        self._pid = 0
        self._descriptor = -1
        self._maker: IdMaker | None = None
        self._lock = threading.Lock()

    def maker(self) -> IdMaker:
        # A forked child must not share its parent's node: the lock on the file is shared over fork.
        if self._maker is not None and self._pid == os.getpid():
            return self._maker
        with self._lock:
            if self._maker is None or self._pid != os.getpid():
                self._maker = IdMaker(self._take(), _system_ms)
                self._pid = os.getpid()
            return self._maker

    def _take(self) -> int:
        base = int(os.environ.get("SETIA_NODE_BASE", "0"))
        nodes = home.folder("run") / "nodes"
        nodes.mkdir(mode=0o700, exist_ok=True)
        # Start at a spot that moves with the process, so that a number just given up rests before its next use.
        for offset in range(self.SLOTS):
            slot = (os.getpid() + offset) % self.SLOTS
            descriptor = os.open(nodes / str(slot), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                continue
            self._descriptor = descriptor
            return (base + slot) % NODES
        raise NoFreeNode(f"{self.SLOTS} processes of Setia already run on this machine.")


_process_node = _ProcessNode()


def new_id() -> int:
    """Return one new id for a row; the default of every primary key."""
    return _process_node.maker().one()


def first_id_of(moment: datetime) -> int:
    """Return the smallest id that can have been made at a moment or later, so that ids answer "since when"."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH_MS) << (NODE_BITS + COUNTER_BITS)


def new_ids(count: int) -> list[int]:
    """Return many new ids at once, in rising order."""
    return _process_node.maker().many(count)
