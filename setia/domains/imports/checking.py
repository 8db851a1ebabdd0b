"""The first pass over a file: read every row, sort out what is wrong, show what would be written. Changes nothing."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from setia.domains.imports import files
from setia.domains.imports.lines import LineReader
from setia.domains.imports.models import Import
from setia.domains.imports.reading import (
    BadValue,
    Cell,
    DateOrder,
    DateProbe,
    NumberStyle,
    Reason,
    guess_mapping,
    guess_number_style,
    open_table,
    safe_cell,
)
from setia.domains.imports.rules import Grouping, ReadingOptions, Tally, default_grouping
from setia.domains.imports.staging import Staging
from setia.domains.shop.queries import outlets_by_code, the_shop
from setia.foundation.money import currency

NUMBER_FIELDS = ("quantity", "unit_price", "line_total", "discount", "tax")
SAMPLE_ROWS = 200
_REPORT_SECONDS = 0.5

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


def preview(path: Path, *, sheet: str | None = None) -> Preview:
    """Read the head of a file; raises UnreadableFile."""
    with open_table(path, sheet=sheet) as table:
        rows = [cells for _, cells in islice(table.rows(), SAMPLE_ROWS) if not isinstance(cells, Reason)]
        mapping = guess_mapping(table.headings, rows)
        return Preview(
            table.kind,
            table.encoding or "",
            table.delimiter or "",
            tuple(table.sheets),
            table.headings,
            rows,
            mapping,
            default_grouping(mapping),
        )


def check(record: Import, *, report: Report) -> Tally:
    """Read the whole file into the scratch table; return what it holds.

    Refused rows go to a file of their own with their reasons, and the rest goes on. Raises UnreadableFile, and
    NeedsAnswer with `date_order` when no date of the file tells day from month.
    """
    options = ReadingOptions.from_json(record.options)
    path = files.source(record.id)
    reader = LineReader(
        options,
        number_styles=_number_styles(path, options),
        date_order=_date_order(path, options),
        zone=the_shop().zone,
        zones={code: outlet.zone for code, outlet in outlets_by_code().items()},
    )
    skipped: Counter[str] = Counter()
    rows = 0
    with _opened(path, options) as table, Staging(files.staging(record.id), fresh=True) as staging:
        files.refused_rows(record.id).touch(mode=0o600)
        with files.refused_rows(record.id).open("w", newline="", encoding="utf-8-sig") as refused_file:
            refused = csv.writer(refused_file)
            refused.writerow(["row", "reason", "column", "value", *map(safe_cell, table.headings)])
            last_report = time.monotonic()
            for number, cells in table.rows():
                rows += 1
                try:
                    if isinstance(cells, Reason):
                        raise BadValue(cells)
                    staging.add(number, reader.read(cells))
                except BadValue as error:
                    reason = error.reason
                    skipped[reason.code] += 1
                    original = [] if isinstance(cells, Reason) else [safe_cell(cell) for cell in cells]
                    refused.writerow([number, reason.code, reason.column or "", safe_cell(reason.value), *original])
                if not rows % 1000 and time.monotonic() - last_report > _REPORT_SECONDS:
                    last_report = time.monotonic()
                    report(table.progress())
        staging.sort_into_units()
        return replace_counts(staging.tally(), rows=rows, skipped=dict(skipped.most_common()))


def replace_counts(tally: Tally, *, rows: int, skipped: dict[str, int]) -> Tally:
    """Return a tally with the rows read and those skipped filled in."""
    return replace(tally, rows=rows, skipped=skipped)


def _opened(path: Path, options: ReadingOptions) -> Any:
    return open_table(path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)


def _column(path: Path, options: ReadingOptions, column: int, limit: int | None) -> Iterator[Cell]:
    with _opened(path, options) as table:
        for _, cells in islice(table.rows(), limit):
            if not isinstance(cells, Reason) and column < len(cells):
                yield cells[column]


def _number_styles(path: Path, options: ReadingOptions) -> dict[str, NumberStyle]:
    """Decide for each column which mark stands before decimals, from the first two hundred rows."""
    scale = currency(options.currency).scale
    styles = {}
    for field in NUMBER_FIELDS:
        column = options.mapping.get(field)
        if column is None:
            continue
        if options.decimal_mark:
            styles[field] = NumberStyle("," if options.decimal_mark == "," else ".")
            continue
        # Rupiah have no decimals, kilograms do: "1.250" is a thousand rupiah but one and a quarter kilogram.
        samples: Sequence[Cell] = list(_column(path, options, column, SAMPLE_ROWS))
        styles[field] = guess_number_style(samples, scale=2 if field == "quantity" else scale)
    return styles


def _date_order(path: Path, options: ReadingOptions) -> DateOrder:
    if options.date_order:
        return DateOrder(options.date_order)
    column = options.mapping.get("placed_at", options.mapping.get("date"))
    if column is None:
        raise NeedsAnswer("placed_at")
    probe = DateProbe()
    # A file of the first twelve days of a month does not tell; one of a whole month does, so look at all of it
    # only when the head leaves it open.
    for limit in (SAMPLE_ROWS, None):
        for cell in _column(path, options, column, limit):
            probe.see(cell)
        verdict = probe.verdict()
        if verdict is not None:
            return verdict
    raise NeedsAnswer("date_order")
