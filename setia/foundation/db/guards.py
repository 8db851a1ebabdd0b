"""What the database itself must keep true, put in place after every `migrate`.

Triggers and full-text tables are not Django's: it drops a SQLite table's triggers when it rebuilds the table. Each
guard therefore is idempotent and runs again after each migration.
"""

from collections.abc import Callable
from typing import Any

from django.db import connections

Guard = Callable[[Any, set[str]], None]

_guards: list[Guard] = []


def guard(call: Guard) -> Guard:
    """Register a guard: called with the connection and the names of the tables that exist."""
    _guards.append(call)
    return call


def lay_down_guards(using: str = "default") -> None:
    """Take the triggers of a SQLite database away while its tables are rebuilt.

    SQLite reads all triggers when a table gets another name, and refuses where one names a table that is being
    rebuilt at this moment. `install_guards` puts them back, at the latest when the next `migrate` ends.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


def install_guards(using: str = "default") -> None:
    """Put every guard in place; safe to repeat."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for call in _guards:
        call(connection, tables)
