"""What a move carries: every table of every model, each cell in one plain form that both databases agree on.

The plain form is the one Django keeps on SQLite: moments as UTC text, truth as 0 and 1, JSON as text. Checksums are
taken over it, so that two databases can be compared that write the same value in different ways.
"""

import ipaddress
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.apps import apps
from django.db import models

Row = tuple[Any, ...]
_DIGEST_BYTES = 16

# The first that fits: a field of Django's is often also one of a more general kind.
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (models.JSONField, "json"),
    (models.BooleanField, "truth"),
    (models.BinaryField, "bytes"),
    (models.DateTimeField, "moment"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.DurationField, "duration"),
    (models.DecimalField, "decimal"),
    (models.FloatField, "float"),
    (models.UUIDField, "uuid"),
    (models.GenericIPAddressField, "address"),
    (models.IntegerField, "whole"),
    (models.CharField, "text"),
    (models.FileField, "text"),
    (models.TextField, "text"),
)


class CannotMove(Exception):
    """Raised with a sentence when a shop cannot be moved as it is."""


@dataclass(frozen=True)
class Column:
    """One column; `places` are the decimals of a decimal number."""

    name: str
    kind: str
    places: int = 0


@dataclass(frozen=True)
class Table:
    """One table with its columns; `key` is the column of the primary key."""

    name: str
    key: str
    columns: tuple[Column, ...]

    def positions(self, *kinds: str) -> tuple[int, ...]:
        """Return where the columns of these kinds stand."""
        return tuple(place for place, column in enumerate(self.columns) if column.kind in kinds)


def tables() -> list[Table]:
    """Return the table of every model of every app, a table before those whose foreign keys point to it."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    ordered: dict[str, Table] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path or name not in found:
            return  # two tables that point to each other: foreign keys are off while rows go in
        for field in found[name]._meta.local_concrete_fields:
            if field.is_relation and field.related_model:
                visit(field.related_model._meta.db_table, (*path, name))
        ordered[name] = _table(found[name])

    for name in found:
        visit(name, ())
    return list(ordered.values())


def _table(model: type[models.Model]) -> Table:
    fields = [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]
    key = model._meta.pk
    assert key is not None  # noqa: S101 (every model has one)
    return Table(model._meta.db_table, str(key.column), tuple(_column(field) for field in fields))


def _column(field: Any) -> Column:
    carrier = field
    while carrier.is_relation:
        carrier = carrier.target_field
    for kind, name in _KINDS:
        if isinstance(carrier, kind):
            return Column(field.column, name, getattr(carrier, "decimal_places", None) or 0)
    raise CannotMove(f"Setia does not know how to move {field.model._meta.db_table}.{field.column}.")


def plain_moment(value: str) -> str:
    """Return a moment as Django writes it on SQLite: no zone, and no fraction where it is nothing."""
    if len(value) not in (19, 26) or value[10] != " ":
        moment = datetime.fromisoformat(value)
        value = str(moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)
    return value.removesuffix(".000000")


def plain_time(value: str) -> str:
    """Return a time of day without a fraction where it is nothing."""
    return value.removesuffix(".000000")


def converted(rows: Sequence[Row], calls: Sequence[tuple[int, Callable[[Any], Any]]]) -> Sequence[Row]:
    """Return rows with a call applied to the cells of some columns; NULL stays NULL."""
    if not calls:
        return rows
    made = []
    for row in rows:
        cells = list(row)
        for place, call in calls:
            if cells[place] is not None:
                cells[place] = call(cells[place])
        made.append(tuple(cells))
    return made


def decimal_text(places: int) -> Callable[[Any], str]:
    """Return a call that writes a decimal number with all its places."""
    return lambda value: f"{Decimal(str(value)):.{places}f}"


@lru_cache(maxsize=4096)
def normal_json(text: str) -> str:
    """Return JSON so that equal values are equal texts: PostgreSQL orders keys and writes numbers its own way."""
    return json.dumps(json.loads(text, parse_float=_number), sort_keys=True)


def _number(text: str) -> Any:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else [".", f"{number.normalize():f}"]


def _normal_address(text: str) -> str:
    return str(ipaddress.ip_address(text))


class Checksum:
    """A sum over the hashes of all rows: the same rows in another order give the same, one twice does not."""

    def __init__(self, table: Table) -> None:
        self.row_count = 0
        self._sum = 0
        self._calls: list[tuple[int, Callable[[Any], Any]]] = [
            *((place, normal_json) for place in table.positions("json")),
            *((place, _normal_address) for place in table.positions("address")),
        ]

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows in plain form."""
        total = 0
        for row in converted(rows, self._calls):
            total += int.from_bytes(blake2b(repr(row).encode(), digest_size=_DIGEST_BYTES).digest(), "little")
        self._sum = (self._sum + total) % (1 << (8 * _DIGEST_BYTES))
        self.row_count += len(rows)

    @property
    def hex(self) -> str:
        return f"{self._sum:0{2 * _DIGEST_BYTES}x}"


def added(batches: Iterable[Sequence[Row]], checksum: Checksum) -> Iterable[Sequence[Row]]:
    """Yield batches on while a checksum looks at them."""
    for batch in batches:
        checksum.add(batch)
        yield batch
