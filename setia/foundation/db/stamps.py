"""Rows that say when they last changed: the database itself writes the moment, so that no way of writing forgets it.

Bulk statements, imports, merges and whatever is undone write past any `save()`; a trigger sees them all.
"""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models

from setia.foundation.db.guards import guard

# In the very form Django gives a moment on SQLite, or a cursor's moment would not equal the row's.
SQLITE_NOW = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"
POSTGRES_NOW = "clock_timestamp()"

# The database sees only its own role's transactions whole, and all of Setia is one role.
_OLDEST_WRITER = """
    SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


class DatabaseNow(models.Func):
    """The moment of the row's own writing by the database's clock, not that of the transaction's beginning."""

    template = "%(function)s"
    output_field = models.DateTimeField()

    def as_sql(self, *args: Any, **more: Any) -> Any:
        return POSTGRES_NOW, []

    def as_sqlite(self, *args: Any, **more: Any) -> Any:
        return SQLITE_NOW.replace("%", "%%"), []


class StampField(models.DateTimeField):  # type: ignore[type-arg]
    """When a row was last written, in the database's clock; what anybody else gives it is overwritten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_default"] = DatabaseNow()
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for given in ("db_default", "editable"):
            kwargs.pop(given, None)
        return name, path, args, kwargs


def settled_before() -> datetime | None:
    """Return the moment before which no stamp can appear any more; None where all that can be read is settled.

    On PostgreSQL a transaction still open may have stamped rows long ago that nobody else sees yet: whoever reads
    by stamps must wait for it, or he would pass by them for ever. On SQLite one writes after the other.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_WRITER)
        moment: datetime = cursor.fetchone()[0]
    return moment


def replace_sqlite_trigger(cursor: Any, name: str, body: str) -> None:
    """Put a trigger in place on SQLite, anew where it reads otherwise; `body` is all that follows its name."""
    sql = f"CREATE TRIGGER {name} {body}"
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [name])
    if (cursor.fetchone() or [None])[0] != sql:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(sql)


@guard
def install_stamps(connection: Any, tables: set[str]) -> None:
    """Put the trigger in place for every table with a StampField; safe to repeat."""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            stamps = [field for field in model._meta.concrete_fields if isinstance(field, StampField)]
            table = model._meta.db_table
            if not stamps or table not in tables:
                continue
            column = stamps[0].column
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {table}_stamp() RETURNS trigger LANGUAGE plpgsql AS $$ "
                    f"BEGIN NEW.{column} := {POSTGRES_NOW}; RETURN NEW; END $$"
                )
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {table}_stamps BEFORE UPDATE ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {table}_stamp()"
                )
                continue
            # Of all columns but its own: the trigger's own UPDATE must not call it again.
            others = ", ".join(str(field.column) for field in model._meta.concrete_fields if field not in stamps)
            replace_sqlite_trigger(
                cursor,
                f"{table}_stamps",
                f"AFTER UPDATE OF {others} ON {table} "
                f"BEGIN UPDATE {table} SET {column} = {SQLITE_NOW} WHERE rowid = new.rowid; END",
            )
