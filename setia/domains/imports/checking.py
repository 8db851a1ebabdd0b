"""The first pass over a file: read every row, sort out what is wrong, show what would be written. Changes nothing."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from setia.domains.customers.models import CustomField
from setia.domains.imports import files
from setia.domains.imports.kinds import kind_of
from setia.domains.imports.kinds.protocol import Part, Reading, Stage
from setia.domains.imports.models import Import
from setia.domains.imports.reading import (
    BadValue,
    Cell,
    DateOrder,
    DateProbe,
    NumberStyle,
    Reason,
    guess_number_style,
    open_table,
    safe_cell,
)
from setia.domains.imports.reading.vocabulary import TABLE_FIELDS, guess_fields, guess_kind
from setia.domains.imports.rules import Grouping, ReadingOptions, default_grouping
from setia.domains.shop.queries import outlets_by_code, the_shop
from setia.foundation.money import currency

SAMPLE_ROWS = 200
_REPORT_SECONDS = 0.5
# Thousandths and rupiah: "1.250" is a thousand rupiah but one and a quarter kilogram.
_WITH_FRACTIONS = frozenset({"quantity"})

Report = Callable[[float], None]


class NeedsAnswer(Exception):
    """Raised when the file leaves something open that only a person knows; `.question` names it."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


@dataclass(frozen=True, slots=True)
class Preview:
    """The head of a file as a person maps it: headings, a few rows, what Setia would make of it."""

    kind: str
    encoding: str
    delimiter: str
    sheets: tuple[str, ...]
    headings: tuple[str, ...]
    rows: list[list[Cell]]
    mapping: dict[str, int]
    grouping: Grouping
    guessed_kind: str = "lines"


def preview(path: Path, *, sheet: str | None = None, fields: str = "lines") -> Preview:
    """Read the head of a file, mapped as a table of these fields; raises UnreadableFile."""
    with open_table(path, sheet=sheet) as table:
        rows = [cells for _, cells in islice(table.rows(), SAMPLE_ROWS) if not isinstance(cells, Reason)]
        mapping = guess_fields(fields, table.headings, rows, custom_names())
        return Preview(
            table.kind,
            table.encoding or "",
            table.delimiter or "",
            tuple(table.sheets),
            table.headings,
            rows,
            mapping,
            default_grouping(mapping),
            guess_kind(table.headings, rows),
        )


def usual_sheet(part: Part, import_id: int) -> str | None:
    """Return the sheet a table most likely lies in: of a workbook that holds orders and their lines, the second."""
    path = part.path_of(import_id)
    if not part.name or path != files.source(import_id):
        return None
    return second_sheet(path)


def second_sheet(path: Path) -> str | None:
    """Return the second sheet of a workbook, None for a file that has one table only."""
    with open_table(path) as table:
        sheets = table.sheets
    return sheets[1] if len(sheets) > 1 else None


def custom_fields() -> dict[str, CustomField]:
    """Return the shop's own fields that are in use, by key."""
    return {row.key: row for row in CustomField.objects.filter(is_active=True).order_by("position", "id")}


def custom_names() -> list[tuple[str, str]]:
    """Return key and label of the shop's own fields."""
    return [(row.key, row.label) for row in custom_fields().values()]


def reading_of(part: Part, options: ReadingOptions, path: Path, *, at: datetime) -> Reading:
    """Return how a table's cells are to be read, with all that was left open found out.

    Raises NeedsAnswer with `date_order` when no date of the file tells day from month.
    """
    table = _TableAsked(path, options, part.sheet_of(options))
    head = list(table.rows(SAMPLE_ROWS))
    mapping = part.mapping_of(options)
    kinds = {field.name: field.kind for field in TABLE_FIELDS[part.fields]}
    return Reading(
        options=options,
        mapping=mapping,
        number_styles=_number_styles(options, head, kinds, mapping),
        date_order=_date_order(table, head, kinds, mapping, is_sale=part.fields == "lines"),
        zone=the_shop().zone,
        zones={code: outlet.zone for code, outlet in outlets_by_code().items()},
        at=at,
        custom=custom_fields(),
    )


def check(record: Import, *, at: datetime, report: Report) -> dict[str, Any]:
    """Read the whole file into the scratch table; return what it holds.

    Refused rows go to a file of their own with their reasons, and the rest goes on. Raises UnreadableFile, and
    NeedsAnswer with `date_order` when no date of the file tells day from month.
    """
    options = ReadingOptions.from_json(record.options)
    kind = kind_of(record.kind)
    readings = {part: reading_of(part, options, part.path_of(record.id), at=at) for part in kind.parts}
    path = files.refused_rows(record.id)
    with kind.stage(files.staging(record.id), fresh=True) as stage:
        path.touch(mode=0o600)
        with path.open("w", newline="", encoding="utf-8-sig") as refused_file:
            refusals = _Refusals(csv.writer(refused_file))
            rows = 0
            for place, (part, reading) in enumerate(readings.items()):
                share = _shared(report, place, len(readings))
                rows += _read_table(part, reading, record.id, stage, refusals, share)
            for refusal in stage.finish():
                refusals.add(refusal.row_number, refusal.reason, [])
        return {**stage.tally(), "rows": rows, "skipped": dict(refusals.counts.most_common())}


class _Refusals:
    """The file of refused rows, and how many there are for each reason."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self.counts: Counter[str] = Counter()
        self._is_begun = False

    def begin(self, headings: Sequence[str]) -> None:
        """Write the headings, those of the first table only."""
        if not self._is_begun:
            self._out.writerow(["row", "reason", "column", "value", *map(safe_cell, headings)])
            self._is_begun = True

    def add(self, number: int, reason: Reason, cells: Sequence[Cell]) -> None:
        """Write one row with its reason."""
        self.counts[reason.code] += 1
        original = [safe_cell(cell) for cell in cells]
        self._out.writerow([number, reason.code, reason.column or "", safe_cell(reason.value), *original])


def _read_table(part: Part, reading: Reading, import_id: int, stage: Stage, refusals: _Refusals, report: Report) -> int:
    options = reading.options
    reader = kind_reader(part, reading)
    rows = 0
    with _TableAsked(part.path_of(import_id), options, part.sheet_of(options)).opened() as table:
        refusals.begin(table.headings)
        last_report = time.monotonic()
        for number, cells in table.rows():
            rows += 1
            try:
                if isinstance(cells, Reason):
                    raise BadValue(cells)
                stage.add(number, reader.read(cells))
            except BadValue as error:
                refusals.add(number, error.reason, [] if isinstance(cells, Reason) else cells)
            if not rows % 1000 and time.monotonic() - last_report > _REPORT_SECONDS:
                last_report = time.monotonic()
                report(table.progress())
    return rows


def kind_reader(part: Part, reading: Reading) -> Any:
    """Return what reads rows of a table, whatever kind it belongs to."""
    owner = "orders" if part.fields == "order_lines" else part.fields
    return kind_of(owner).reader(part, reading)


def _shared(report: Report, place: int, of: int) -> Report:
    return lambda share: report((place + share) / of)


@dataclass(frozen=True, slots=True)
class _TableAsked:
    """A table of a file as it is to be opened."""

    path: Path
    options: ReadingOptions
    sheet: str | None

    def opened(self) -> Any:
        options = self.options
        return open_table(self.path, encoding=options.encoding, delimiter=options.delimiter, sheet=self.sheet)

    def rows(self, limit: int | None) -> Iterator[list[Cell]]:
        with self.opened() as table:
            for _, cells in islice(table.rows(), limit):
                if not isinstance(cells, Reason):
                    yield cells


def _number_styles(
    options: ReadingOptions, head: list[list[Cell]], kinds: dict[str, Any], mapping: dict[str, int]
) -> dict[str, NumberStyle]:
    """Decide for each column which mark stands before decimals, from the first two hundred rows."""
    scale = currency(options.currency).scale
    styles = {}
    for field, column in mapping.items():
        if kinds.get(field) not in ("number", "money"):
            continue
        if options.decimal_mark:
            styles[field] = NumberStyle("," if options.decimal_mark == "," else ".")
            continue
        samples: Sequence[Cell] = [cells[column] for cells in head if column < len(cells)]
        styles[field] = guess_number_style(samples, scale=2 if field in _WITH_FRACTIONS else scale)
    return styles


def _date_order(
    table: _TableAsked, head: list[list[Cell]], kinds: dict[str, Any], mapping: dict[str, int], *, is_sale: bool
) -> DateOrder:
    options = table.options
    if options.date_order:
        return DateOrder(options.date_order)
    columns = [column for field, column in mapping.items() if kinds.get(field) in ("moment", "date", "day")]
    if is_sale:
        chosen = mapping.get("placed_at", mapping.get("date"))
        if chosen is None:
            raise NeedsAnswer("placed_at")
        columns = [chosen]
    probe = DateProbe()
    # A file of the first twelve days of a month does not tell; one of a whole month does, so look at all of it
    # only when the head leaves it open.
    for is_whole in (False, True):
        for cells in table.rows(None) if is_whole else head:
            for column in columns:
                if column < len(cells):
                    probe.see(cells[column])
        verdict = probe.verdict()
        if verdict is not None:
            return verdict
        if not is_sale and not probe.is_ambiguous:
            return DateOrder.DMY
    raise NeedsAnswer("date_order")
