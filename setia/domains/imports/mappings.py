"""Mappings with names: kept for files to come, renamed, deleted, applied to another file."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError

from setia.domains.imports.models import NamedMapping
from setia.domains.imports.rules import ReadingOptions
from setia.foundation.db import may_fail, write_tx

_KEPT_OPTIONS = ("currency", "grouping", "decimal_mark", "date_order", "overwrite", "sheet", "line_sheet")


class UnableToKeepMapping(Exception):
    """Raised with a code: `no_name` or `taken`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keep_mapping(
    *,
    name: str,
    kind: str,
    options: ReadingOptions,
    headings: Sequence[str],
    line_headings: Sequence[str] = (),
    at: datetime,
) -> NamedMapping:
    """Keep how a file is read under a name; the same name for the same kind is written over.

    Raises UnableToKeepMapping: `no_name`, or `taken` when a mapping of another kind has the name.
    """
    name = " ".join(name.split())[:80]
    if not name:
        raise UnableToKeepMapping("no_name")
    stored = options.as_json()
    with write_tx():
        standing = NamedMapping.objects.filter(name=name).first()
        if standing is not None and standing.kind != kind:
            raise UnableToKeepMapping("taken")
        row = standing or NamedMapping(name=name, kind=kind, created_at=at)
        row.columns = _by_heading(options.mapping, headings)
        row.line_columns = _by_heading(options.line_mapping, line_headings)
        row.options = {key: stored[key] for key in _KEPT_OPTIONS}
        row.used_at = at
        row.save()
    return row


def rename_mapping(*, mapping: NamedMapping, name: str) -> None:
    """Give a mapping another name; raises UnableToKeepMapping with `no_name` or `taken`."""
    name = " ".join(name.split())[:80]
    if not name:
        raise UnableToKeepMapping("no_name")
    try:
        with may_fail():
            NamedMapping.objects.filter(id=mapping.id).update(name=name)
    except IntegrityError:
        raise UnableToKeepMapping("taken") from None
    mapping.name = name


def delete_mapping(*, mapping: NamedMapping) -> None:
    """Forget a mapping; folders that used it guess from then on. Repeating it changes nothing."""
    NamedMapping.objects.filter(id=mapping.id).delete()


def options_of(
    mapping: NamedMapping, *, headings: Sequence[str], line_headings: Sequence[str] = (), currency: str
) -> ReadingOptions:
    """Return how a file with these headings is read by a mapping, wherever its columns stand."""
    stored = {"currency": currency, "grouping": "invoice", **mapping.options}
    columns = {
        "mapping": _by_column(mapping.columns, headings),
        "line_mapping": _by_column(mapping.line_columns, line_headings),
    }
    return ReadingOptions.from_json({**stored, **columns})


def fitting(*, kind: str, headings: Sequence[str]) -> list[NamedMapping]:
    """Return the mappings of a kind whose columns a file has, the one used last first."""
    known = {heading.casefold() for heading in headings}
    rows = NamedMapping.objects.filter(kind=kind).order_by("-used_at", "name")
    return [row for row in rows if {str(text).casefold() for text in row.columns.values()} <= known]


def all_mappings() -> list[NamedMapping]:
    """Return every mapping by name."""
    return list(NamedMapping.objects.order_by("name"))


def _by_heading(mapping: Mapping[str, int], headings: Sequence[str]) -> dict[str, str]:
    return {field: headings[column] for field, column in mapping.items() if column < len(headings)}


def _by_column(columns: dict[str, str], headings: Sequence[str]) -> dict[str, int]:
    places = {heading.casefold(): index for index, heading in reversed(list(enumerate(headings)))}
    return {field: places[text.casefold()] for field, text in columns.items() if text.casefold() in places}
