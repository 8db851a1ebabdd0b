"""PostgreSQL at either end of a move: one transaction for all, so that a failure leaves it as it was."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from setia.cli.move_tables import CannotMove, Column, Row, Table, converted, plain_moment, plain_time

_BATCH_ROWS = 5_000
# How a column is asked for, so that it comes in plain form.
_ASKED = {
    "truth": "{}::int",
    "moment": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "date": "to_char({}, 'YYYY-MM-DD')",
    "time": "to_char({}, 'HH24:MI:SS.US')",
    "duration": "(extract(epoch from {}) * 1000000)::bigint",
    "decimal": "{}::text",
    "json": "{}::text",
    "uuid": "replace({}::text, '-', '')",
    "address": "host({})",
}
# Tables of this schema, without those that an extension brought.
_OUR_TABLES = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class t ON t.oid = indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND NOT indisprimary
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('u', 'x'))
"""
_WITH_TRIGGERS = """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class t ON t.oid = tgrelid
    WHERE NOT tgisinternal AND t.relnamespace = current_schema()::regnamespace
"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _asked(column: Column) -> str:
    return _ASKED.get(column.kind, "{}").format(_quoted(column.name))


def _read(connection: Any, table: Table) -> Iterator[Sequence[Row]]:
    """Yield batches of a table's rows in plain form, by key."""
    calls: list[tuple[int, Callable[[Any], Any]]] = [
        *((place, plain_moment) for place in table.positions("moment")),
        *((place, plain_time) for place in table.positions("time")),
    ]
    names = ", ".join(_asked(column) for column in table.columns)
    with connection.cursor(name="setia_move") as cursor:
        cursor.execute(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {_quoted(table.key)}")  # noqa: S608
        while rows := cursor.fetchmany(_BATCH_ROWS):
            yield converted(rows, calls)


class PostgresSource:
    """A shop on PostgreSQL: one snapshot of it, and all its tables locked against writing until the end."""

    kind = "postgresql"

    def __init__(self, parameters: dict[str, Any], tables: Iterable[Table]) -> None:
        import psycopg

        self._connection = psycopg.connect(**parameters)
        try:
            self._refuse_others()
            self._connection.execute("SET TIME ZONE 'UTC'")
            self._connection.commit()
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self._connection.execute("SET LOCAL lock_timeout = '5s'")
            # Before the snapshot, which the first question takes: what was written while this waited is in it.
            names = ", ".join(_quoted(table.name) for table in tables)
            self._connection.execute(f"LOCK TABLE {names} IN SHARE MODE")
        except psycopg.errors.LockNotAvailable as error:
            self.close()
            raise CannotMove("Somebody is writing to the shop. Stop `setia run` and `setia worker`.") from error
        except BaseException:
            self.close()
            raise

    def _refuse_others(self) -> None:
        count = 0
        for _ in range(20):
            (count,) = self._connection.execute(_OTHERS).fetchone() or (0,)
            self._connection.rollback()  # within a transaction the answer stays the same
            if not count:
                return
            time.sleep(0.1)  # one that was just closed, such as our own, is still named for a moment
        raise CannotMove(
            f"{count} other connections to the shop's database are open. Stop `setia run`, "
            "`setia worker` and every other `setia` command, also on other machines, and try again: what they write "
            "would be left behind."
        )

    def counts(self, tables: Iterable[Table]) -> dict[str, int]:
        """Return how many rows each table has."""
        ask = self._connection.execute
        return {table.name: ask(f"SELECT count(*) FROM {_quoted(table.name)}").fetchone()[0] for table in tables}  # type: ignore[index]  # noqa: S608

    def names(self) -> set[str]:
        """Return the names of all tables, without those of extensions."""
        return {row[0] for row in self._connection.execute(_OUR_TABLES)}

    def rows(self, table: Table) -> Iterator[Sequence[Row]]:
        """Yield batches of rows in plain form, by key."""
        return _read(self._connection, table)

    def key_at(self, table: Table, number: int) -> Any:
        """Return the key of the row that `rows` gave as the number-th, counted from 1."""
        key, name = _quoted(table.key), _quoted(table.name)
        sql = f"SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET {number - 1}"  # noqa: S608
        return (self._connection.execute(sql).fetchone() or [None])[0]

    def close(self) -> None:
        """End the transaction and let others write again."""
        self._connection.close()


class PostgresTarget:
    """An empty database, or one with fresh tables of this release and nothing in them."""

    kind = "postgresql"

    def __init__(self, settings: dict[str, Any], *, migrations: set[tuple[str, str]]) -> None:
        self.settings = settings
        self._migrations = migrations

    @contextmanager
    def opened(self, migrate: Callable[[], None]) -> Iterator["PostgresTarget"]:
        """Make the tables and give the database to be filled; all of it is one transaction, committed at the end."""
        from django.db import connection, transaction

        self._django = connection
        with transaction.atomic():
            self._ask("SET LOCAL lock_timeout = '5s'")
            self._ask("SET LOCAL maintenance_work_mem = '128MB'")
            self._ask("SET CONSTRAINTS ALL IMMEDIATE")
            self._refuse_unfit()
            migrate()
            self._take_off()
            yield self

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._django.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _refuse_unfit(self) -> None:
        if self._ask("SHOW server_encoding") != [("UTF8",)]:
            raise CannotMove("The database there does not keep UTF-8; make one with ENCODING 'UTF8'.")
        if self._ask("SELECT pg_try_advisory_xact_lock(7368552011)") == [(False,)]:
            raise CannotMove("Another move to this database is at work.")
        standing = {row[0] for row in self._ask(_OUR_TABLES)}
        if not standing:
            return
        if "django_migrations" not in standing:
            raise CannotMove(f"The database there is not empty: it has the table {min(standing)}.")
        theirs = set(self._ask("SELECT app, name FROM django_migrations"))
        if theirs != self._migrations:
            raise CannotMove("The tables there are of another release of Setia. Empty that database and try again.")
        self._refuse_filled(standing)

    def _refuse_filled(self, standing: set[str]) -> None:
        """Refuse rows that a fresh migrate does not make: names of models, permissions, and a shop without a name."""
        from django.contrib.auth.models import Permission
        from django.contrib.contenttypes.models import ContentType

        from setia.domains.shop.models import Shop

        made = {"django_migrations", Permission._meta.db_table, ContentType._meta.db_table}
        if not Shop.objects.exclude(name="").exists():
            made.add(Shop._meta.db_table)
        for name in sorted(standing - made):
            if self._ask(f"SELECT 1 FROM {_quoted(name)} LIMIT 1"):  # noqa: S608
                raise CannotMove(f"The database there is not empty: the table {name} has rows.")

    def _take_off(self) -> None:
        """Take off what would slow the rows down, refuse them, or make others: put back by `finish`."""
        self._triggered = [row[0] for row in self._ask(_WITH_TRIGGERS)]
        for name in self._triggered:
            self._ask(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        # A foreign key checked row by row also keeps a note of each row in the server's memory until the end.
        self._foreign_keys = self._ask(_FOREIGN_KEYS)
        for name, constraint, _ in self._foreign_keys:
            self._ask(f"ALTER TABLE {name} DROP CONSTRAINT {constraint}")
        self._indexes = self._ask(_INDEXES)
        for name, _ in self._indexes:
            self._ask(f"DROP INDEX {name}")

    def clear(self, tables: Iterable[Table]) -> None:
        """Remove the rows that migrations made: the source has its own."""
        for table in tables:
            self._ask(f"DELETE FROM {_quoted(table.name)}")  # noqa: S608

    def write(self, table: Table, batches: Iterable[Sequence[Row]]) -> None:
        """Insert rows given in plain form; raises psycopg.Error."""
        calls: list[tuple[int, Callable[[Any], Any]]] = [
            (place, lambda value: f"{value} microseconds") for place in table.positions("duration")
        ]
        names = ", ".join(_quoted(column.name) for column in table.columns)
        with (
            self._django.connection.cursor() as cursor,
            cursor.copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN") as copy,
        ):
            for batch in batches:
                for row in converted(batch, calls):
                    copy.write_row(row)

    def finish(self, tables: Sequence[Table]) -> None:
        """Put indexes, foreign keys and triggers back, and let numbering go on behind the last row."""
        from django.apps import apps
        from django.core.management.color import no_style

        for _, definition in self._indexes:
            self._ask(definition)
        for name, constraint, definition in self._foreign_keys:
            self._ask(f"ALTER TABLE {name} ADD CONSTRAINT {constraint} {definition}")
        for name in self._triggered:
            self._ask(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
        for sql in self._django.ops.sequence_reset_sql(no_style(), models):
            self._ask(sql)
        self._ask(f"ANALYZE {', '.join(_quoted(table.name) for table in tables)}")

    def rows(self, table: Table) -> Iterator[Sequence[Row]]:
        """Yield what was written, in plain form."""
        return _read(self._django.connection, table)
