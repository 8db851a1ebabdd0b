"""Append-only tables: the database itself refuses UPDATE and DELETE.

Django rebuilds a SQLite table on many migrations, and its triggers are gone; so they are installed after every
`migrate`, not by a migration.
"""

from typing import Any, TypeVar

from django.db import models

from setia.foundation.db.guards import guard

_M = TypeVar("_M", bound=type[models.Model])
_registry: list[type[models.Model]] = []


def append_only(model: _M) -> _M:
    """Mark a model whose rows are never changed or removed."""
    _registry.append(model)
    return model


def append_only_models() -> tuple[type[models.Model], ...]:
    """Return all models marked so far."""
    return tuple(_registry)


@guard
def install_triggers(connection: Any, tables: set[str]) -> None:
    """Put the triggers in place for every append-only table that exists; safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION setia_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "BEGIN RAISE EXCEPTION 'append-only table %% refuses %%', TG_TABLE_NAME, TG_OP "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$",
                [],
            )
        for model in _registry:
            table = model._meta.db_table
            if table not in tables:
                continue
            verbs = ("UPDATE", "DELETE", "TRUNCATE") if connection.vendor == "postgresql" else ("UPDATE", "DELETE")
            for verb in verbs:
                name = f"{table}_no_{verb.lower()}"
                if connection.vendor == "postgresql":
                    cursor.execute(
                        f"CREATE OR REPLACE TRIGGER {name} BEFORE {verb} ON {table} "
                        f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION setia_append_only()"
                    )
                else:
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, 'append-only table {table} refuses {verb}'); END"
                    )
