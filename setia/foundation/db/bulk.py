"""Bulk writes for imports and benchmarks: ten times the ORM's rate, the same rows."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
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


def bulk_insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert plain tuples and return how many.

    `columns` are attribute names of the model (`order_id`, not `order`); every row gives a value for each. Values
    go in as they are: no defaults, no `save()`, so encrypted fields must come sealed. Raises IntegrityError like
    any insert. Call it inside `write_tx()`.
    """
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in columns]
    changes = [(index, call) for index, field in enumerate(fields) if (call := _converter(field)) is not None]

    def converted() -> Iterable[Sequence[Any]]:
        for row in rows:
            cells = list(row)
            for index, call in changes:
                cells[index] = call(cells[index])
            yield cells

    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(str(field.column)) for field in fields)
    source = iter(converted() if changes else rows)
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
        marks = ", ".join(["%s"] * len(fields))
        while chunk := list(islice(source, _CHUNK_ROWS)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", chunk)  # noqa: S608 (our own names)
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
