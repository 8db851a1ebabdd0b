"""Bulk writes for imports and benchmarks: ten times the ORM's rate, the same rows."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, cast

from django.db import connection, models

_CHUNK_ROWS = 5_000


def _sqlite_datetime(value: datetime | None) -> str | None:
    # Django keeps datetimes on SQLite as naive UTC text; any other form would not compare.
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def _sqlite_date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _json_text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _converter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return _json_text
    if connection.vendor == "sqlite":
        if isinstance(field, models.DateTimeField):
            return _sqlite_datetime
        if isinstance(field, models.DateField):
            return _sqlite_date
    return None


def _as_kept(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the quoted names of columns, and the rows as the database keeps them."""
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in columns]
    changes = [(index, call) for index, field in enumerate(fields) if (call := _converter(field)) is not None]

    def converted() -> Iterator[Sequence[Any]]:
        for row in rows:
            cells = list(row)
            for index, call in changes:
                cells[index] = call(cells[index])
            yield cells

    names = [connection.ops.quote_name(str(field.column)) for field in fields]
    return names, converted() if changes else iter(rows)


def bulk_insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert plain tuples and return how many.

    `columns` are attribute names of the model (`order_id`, not `order`); every row gives a value for each. Values
    go in as they are: no defaults, no `save()`, so encrypted fields must come sealed. Raises IntegrityError like
    any insert. Call it inside `write_tx()`.
    """
    quoted, source = _as_kept(model, columns, rows)
    table, names = connection.ops.quote_name(model._meta.db_table), ", ".join(quoted)
    count = 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cast("Any", cursor.cursor).copy(f"COPY {table} ({names}) FROM STDIN") as copy,
            ):
                for row in source:
                    copy.write_row(row)
                    count += 1
            return count
        marks = ", ".join(["%s"] * len(quoted))
        while chunk := list(islice(source, _CHUNK_ROWS)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", chunk)  # noqa: S608 (our own names)
            count += len(chunk)
    return count


def bulk_put(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert plain tuples, or bring the columns of those that stand to them, and return how many rows were given.

    `columns` are attribute names as for `bulk_insert`, the primary key first and all that have no default in the
    database; each key is given once. Values go in as they are. Call it inside `write_tx()`.
    """
    names, source = _as_kept(model, columns, rows)
    table, sets = connection.ops.quote_name(model._meta.db_table), ", ".join(f"{n} = excluded.{n}" for n in names[1:])
    head = f"INSERT INTO {table} ({', '.join(names)}) VALUES "  # noqa: S608 (our own names)
    tail = f" ON CONFLICT ({names[0]}) DO UPDATE SET {sets}"
    marks, count = "(" + ", ".join(["%s"] * len(names)) + ")", 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            while chunk := list(islice(source, _CHUNK_ROWS)):
                cursor.executemany(head + marks + tail, chunk)
                count += len(chunk)
            return count
        # psycopg sends executemany row by row; so many values a statement is the most PostgreSQL takes.
        while chunk := list(islice(source, min(500, 60_000 // len(names)))):
            text = head + ", ".join([marks] * len(chunk)) + tail
            cursor.execute(text, [value for row in chunk for value in row])
            count += len(chunk)
    return count


def bulk_add(model: type[models.Model], columns: Sequence[str], amounts: Mapping[int, Sequence[int]]) -> int:
    """Add integers to columns of many rows by one statement a chunk, and return how many rows were there.

    `amounts` gives one integer a column for each primary key. What stands in the row is added to, never read and
    written back, so concurrent calls add up; rows are taken in the order of their keys. Call it inside `write_tx()`.
    """
    quote = connection.ops.quote_name
    names = [quote(str(cast("models.Field[Any, Any]", model._meta.get_field(name)).column)) for name in columns]
    parts = [f"a{index}" for index in range(len(names))]
    assignments = ", ".join(f"{name} = t.{name} + d.{part}" for name, part in zip(names, parts, strict=True))
    marks = "(" + ", ".join(["CAST(%s AS bigint)"] * (1 + len(names))) + ")"
    table, count, keys = quote(model._meta.db_table), 0, iter(sorted(amounts))
    with connection.cursor() as cursor:
        while chunk := list(islice(keys, _CHUNK_ROWS // (1 + len(names)))):
            if (
                connection.vendor == "postgresql"
            ):  # an UPDATE locks in no order of its own: two could wait for each other
                list(model._base_manager.select_for_update().filter(pk__in=chunk).order_by("pk").values_list("pk"))
            values = [number for key in chunk for number in (key, *amounts[key])]
            cursor.execute(
                f"WITH d (id, {', '.join(parts)}) AS (VALUES {', '.join([marks] * len(chunk))}) "  # noqa: S608 (ours)
                f"UPDATE {table} AS t SET {assignments} FROM d WHERE t.id = d.id",
                values,
            )
            count += cursor.rowcount
    return count
