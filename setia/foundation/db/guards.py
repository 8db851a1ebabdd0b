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


def install_guards(using: str = "default") -> None:
    """Put every guard in place; safe to repeat."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for call in _guards:
        call(connection, tables)
