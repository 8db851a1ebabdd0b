"""Write transactions."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import connection, transaction


def write_tx() -> AbstractContextManager[None]:
    """Open a transaction for writing; nested calls join the outer one, and an error in one undoes all of it.

    On SQLite the backend takes the write lock here and BEGIN IMMEDIATE follows, so a read that decides a write is
    safe. On PostgreSQL it is READ COMMITTED: decide by conditional updates and unique keys, never by
    read-modify-save.
    """
    # A savepoint for each nested verb would cost two statements, and none of them is meant to fail alone. Only the
    # transaction that a test wraps around everything gets one, so that the test can look at what a failure left.
    blocks = connection.atomic_blocks
    return transaction.atomic(savepoint=bool(blocks) and getattr(blocks[-1], "_from_testcase", False))


def may_fail() -> AbstractContextManager[None]:
    """Open a part of a transaction whose error the caller catches, and goes on."""
    return transaction.atomic()


def on_commit(call: Callable[[], object]) -> None:
    """Run something once this transaction is committed; at once outside a transaction."""
    transaction.on_commit(call)
