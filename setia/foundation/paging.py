"""Paging by key: page a thousand costs what page one costs, and rows that arrive meanwhile shift nothing."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

_M = TypeVar("_M", bound=Model)

COUNT_LIMIT = 10_000
LONGEST_CURSOR = 1_000


class BadCursor(ValueError):
    """Raised where a cursor is asked to be right and is damaged, or is of another list."""


@dataclass(frozen=True, slots=True)
class Key:
    """A column to sort by. It must never be NULL; the last key must be unique."""

    name: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[_M]):
    """Rows with the cursors of the pages beside them; empty texts where there is none."""

    rows: list[_M]
    next_cursor: str = ""
    previous_cursor: str = ""


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _encode(row: Model, keys: Sequence[Key], direction: str) -> str:
    values = [_value(row, key.name) for key in keys]
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    told = [direction, plain, _mark(type(row), keys, direction, plain)]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _mark(model: type[Model], keys: Sequence[Key], direction: str, values: Sequence[Any]) -> str:
    """Return a sum over a cursor and its list. It is no secret: whoever forges one harms only himself."""
    names = [("-" if key.descending else "") + key.name for key in keys]
    told = json.dumps([model._meta.db_table, names, direction, values])
    return hashlib.blake2b(told.encode(), digest_size=4).hexdigest()


def _decode(cursor: str, keys: Sequence[Key], *, of: type[Model] | None = None) -> tuple[str, list[Any]] | None:
    """Read a cursor; a damaged one is None, and so is one that was not made for the list `of` these rows."""
    if len(cursor) > LONGEST_CURSOR:
        return None
    try:
        direction, values, *mark = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        return None
    plain = isinstance(values, list) and all(isinstance(value, str | int) for value in values)
    if plain and any("\x00" in value for value in values if isinstance(value, str)):
        return None
    if direction not in ("after", "before") or not plain or len(values) != len(keys):
        return None
    if of is not None and mark != [_mark(of, keys, direction, values)]:
        return None
    return direction, values


def _is_moment(rows: QuerySet[Any], name: str) -> bool:
    if name in rows.query.annotations:
        return isinstance(rows.query.annotations[name].output_field, DateTimeField)
    return "__" not in name and isinstance(rows.model._meta.get_field(name), DateTimeField)


def _fits(rows: QuerySet[Any], keys: Sequence[Key], values: Sequence[Any]) -> bool:
    """Tell whether a cursor's moments are moments with a zone; a forged one may hold anything."""
    for key, value in zip(keys, values, strict=True):
        if _is_moment(rows, key.name):
            try:
                moment = parse_datetime(value)
            except (ValueError, TypeError):
                return False
            if moment is None or moment.tzinfo is None:
                return False
    return True


def _beyond(keys: Sequence[Key], values: Sequence[Any], *, forward: bool) -> Q:
    condition = Q()
    for depth, key in enumerate(keys):
        same = {f"{before.name}": value for before, value in zip(keys[:depth], values, strict=False)}
        sign = "lt" if key.descending == forward else "gt"
        condition |= Q(**same, **{f"{key.name}__{sign}": values[depth]})
    # The database can start at the first key; the OR above alone would make it scan.
    edge = "lte" if keys[0].descending == forward else "gte"
    return Q(**{f"{keys[0].name}__{edge}": values[0]}) & condition


def key_page(rows: QuerySet[_M], *, keys: Sequence[Key], cursor: str, size: int, is_strict: bool = False) -> Page[_M]:
    """Return the page a cursor points to; any text may come as cursor.

    One that points nowhere shows people the first page. A program would take that for the next one and go round and
    round: with `is_strict` BadCursor is raised.
    """
    position = _decode(cursor, keys, of=rows.model if is_strict else None) if cursor else None
    if position is not None and not _fits(rows, keys, position[1]):
        position = None
    if is_strict and cursor and position is None:
        raise BadCursor
    forward = position is None or position[0] == "after"
    order = [f"-{key.name}" if key.descending == forward else key.name for key in keys]
    asked = rows.order_by(*order)
    if position is not None:
        try:
            found = list(asked.filter(_beyond(keys, position[1], forward=forward))[: size + 1])
        except (ValueError, TypeError, OverflowError, ValidationError):
            # A forged cursor with values of another type shows the first page, like a damaged one.
            if is_strict:
                raise BadCursor from None
            return key_page(rows, keys=keys, cursor="", size=size)
    else:
        found = list(asked[: size + 1])
    more = len(found) > size
    found = found[:size]
    if not forward:
        found.reverse()
    if not found:
        return Page([])
    has_next = more if forward else True
    has_previous = (position is not None) if forward else more
    return Page(
        found,
        _encode(found[-1], keys, "after") if has_next else "",
        _encode(found[0], keys, "before") if has_previous else "",
    )


def capped_count(rows: QuerySet[Any], limit: int | None = None) -> int:
    """Count rows up to `limit` + 1 (`COUNT_LIMIT` by default); a greater number is not worth the wait."""
    return rows.order_by()[: (COUNT_LIMIT if limit is None else limit) + 1].count()
