"""How the first rows of a file will be read, cell by cell, while somebody still chooses the columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from setia.domains.imports import checking
from setia.domains.imports.kinds.cells import CellReader
from setia.domains.imports.kinds.protocol import Part
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.imports.reading.vocabulary import TABLE_FIELDS
from setia.domains.imports.rules import ReadingOptions

SHOWN_ROWS = 3
_WORDS = {
    "salutation": "salutation",
    "gender": "gender",
    "language": "language",
    "preferred_channel": "channel",
    "consent_channel": "channel",
    "purpose": "purpose",
    "interaction_kind": "interaction_kind",
    "direction": "direction",
    "status": "status",
    "is_granted": "yes_no",
    "is_guardian": "yes_no",
}
_Read = Callable[[CellReader, Sequence[Cell], str], Any]
_READERS: dict[str, _Read] = {
    "code": lambda reader, cells, field: reader.code(cells, field),
    "text": lambda reader, cells, field: (
        reader.account(cells, field) if field in ("market", "social") else reader.text(cells, field, 200)
    ),
    "phone": lambda reader, cells, field: reader.phone(cells),
    "email": lambda reader, cells, field: reader.email(cells),
    "moment": lambda reader, cells, field: reader.moment(cells, field) if reader.cell(cells, field) else "",
    "date": lambda reader, cells, field: reader.moment(cells, field) if reader.cell(cells, field) else "",
    "time": lambda reader, cells, field: reader.text(cells, field, 40),
    "number": lambda reader, cells, field: reader.number(cells, field),
    "money": lambda reader, cells, field: reader.money(cells, field),
    "day": lambda reader, cells, field: reader.day(cells, field),
    "word": lambda reader, cells, field: reader.word(cells, field, _WORDS[field]),
    "yes_no": lambda reader, cells, field: reader.word(cells, field, "yes_no"),
    "list": lambda reader, cells, field: ", ".join(reader.list_of(cells, field, 80)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cell will be read as: a value, or the reason why it cannot be read. `kind` is that of the field."""

    kind: str
    value: Any = None
    reason: Reason | None = None


def read_ahead(
    record: Import, part: Part, options: ReadingOptions, rows: Sequence[Sequence[Cell]], *, at: datetime
) -> dict[int, list[Seen]]:
    """Return how the first rows will be read, by column; columns that hold nothing are missing."""
    try:
        reading = checking.reading_of(part, options, part.path_of(record.id), at=at)
    except checking.NeedsAnswer:
        # Which of day and month comes first is asked for at the check; until then the usual order is shown.
        reading = checking.reading_of(part, replace(options, date_order="DMY"), part.path_of(record.id), at=at)
    reader = CellReader(reading)
    kinds = {field.name: field.kind for field in TABLE_FIELDS[part.fields]}
    return {
        column: [_seen(reader, cells, field, kinds.get(field, "text")) for cells in rows[:SHOWN_ROWS]]
        for field, column in reading.mapping.items()
    }


def _seen(reader: CellReader, cells: Sequence[Cell], field: str, kind: str) -> Seen:
    try:
        return Seen(kind, _READERS[kind](reader, cells, field))
    except BadValue as error:
        return Seen(kind, reason=error.reason)
