"""Excel workbooks, read row by row: openpyxl understands the cells, the walk over the rows is our own.

openpyxl's own walk keeps an empty element and often a dictionary for each row it has passed, half a gigabyte for a full
sheet; it parses a sheet without stated dimensions twice, the first time whole; and it stumbles over themes, properties
and decorations which nobody here asks for. So its steps are called one by one, and those are left out.
"""

import io
import os
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Any, BinaryIO, cast
from xml.etree.ElementTree import iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, XLSM, XLSX, XLTM, XLTX

from setia.domains.imports.reading.cells import (
    SAMPLE_ROWS,
    Cell,
    Record,
    Table,
    find_heading,
    fitted,
    is_blank_row,
    long_cell,
    name_columns,
)
from setia.domains.imports.reading.files import open_raw
from setia.domains.imports.reading.reasons import Reason, UnreadableFile, shown
from setia.domains.imports.reading.synonyms import is_known_heading
from setia.domains.imports.reading.zip_safety import MAX_SHARED_TEXTS, MAX_TREE, refuse_unsafe_zip

_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - only its midnight is used
_BATCH_ROWS = 200
# Parts that are held in memory as a whole, by their content types.
_WHOLE_PARTS = ((SHARED_STRINGS, MAX_SHARED_TEXTS), *((kind, MAX_TREE) for kind in (XLSX, XLSM, XLTX, XLTM)))
_MAX_ROW_BYTES = 8 << 20
_MAX_SHEETS_TRIED = 30
_TELLING_HEADINGS = 2


class _CountedPart:
    """A sheet's XML that counts what was read, and stops when a single row does not end."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.count = 0
        self.row_began = 0

    def read(self, size: int = -1) -> bytes:
        if self.count - self.row_began > _MAX_ROW_BYTES:
            raise UnreadableFile(Reason("workbook_too_large"))
        piece = self._source.read(size)
        self.count += len(piece)
        return piece


@contextmanager
def _damage_named() -> Iterator[None]:
    """What openpyxl raises for damaged files is of every kind; what it warns of is decoration."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"openpyxl\.")
            yield
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(Reason("broken_workbook")) from error


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    is_visible: bool
    part: str


class XlsxTable(Table):
    """One sheet of an Excel workbook."""

    kind = "xlsx"

    def __init__(self, path: str | os.PathLike[str], sheet: str | None) -> None:
        self._file: BinaryIO = io.BufferedReader(open_raw(path))  # type: ignore[type-var]
        self._part: _CountedPart | None = None
        self._part_size = 0
        self._done = 0.0
        self._reader: Any = None
        try:
            refuse_unsafe_zip(self._file)
            with _damage_named():
                sheets = self._read_workbook()
            if not sheets:
                raise UnreadableFile(Reason("broken_workbook"))
            self.sheets = tuple(one.title for one in sheets)
            self._choose(sheets, sheet)
        except BaseException:
            self.close()
            raise

    def _read_workbook(self) -> list[_Sheet]:
        reader: Any = ExcelReader(self._file, read_only=True, data_only=True, keep_links=False)
        self._reader = reader
        reader.read_manifest()
        # zip_safety judged parts by their usual names, but the manifest may give these any name.
        for content_type, most in _WHOLE_PARTS:
            part = reader.package.find(content_type)
            if part is not None and reader.archive.getinfo(part.PartName[1:]).file_size > most:
                raise UnreadableFile(Reason("workbook_too_large"))
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        return [
            _Sheet(str(sheet.name), sheet.state == "visible", relation.target)
            for sheet, relation in reader.parser.find_sheets()
            # Chart sheets have no rows.
            if "chartsheet" not in relation.Type and relation.target in reader.valid_files
        ]

    def _choose(self, sheets: list[_Sheet], wanted: str | None) -> None:
        """The wanted sheet, or the first visible one with headings we know: the first often is a cover."""
        if wanted is not None:
            found = next((sheet for sheet in sheets if sheet.title == wanted), None)
            if found is None:
                raise UnreadableFile(Reason("no_such_sheet", value=shown(wanted)))
            self._take(found)
            return
        visible = [sheet for sheet in sheets if sheet.is_visible] or sheets
        failure, fallback = UnreadableFile(Reason("empty_file")), None
        for sheet in visible[:_MAX_SHEETS_TRIED]:
            try:
                self._take(sheet)
            except UnreadableFile as error:
                failure = error
                continue
            if sum(is_known_heading(heading) for heading in self.headings) >= _TELLING_HEADINGS:
                return
            fallback = fallback or sheet
        if fallback is None:
            raise failure
        self._take(fallback)

    def _take(self, sheet: _Sheet) -> None:
        self._sheet, self.sheet = sheet, sheet.title
        walk = self._walk()
        try:
            sample: list[Record] = list(islice(((row, c) for row, c in walk if not is_blank_row(c)), SAMPLE_ROWS))
        finally:
            walk.close()
        if not sample:
            raise UnreadableFile(Reason("empty_sheet", value=shown(self.sheet)))
        index = find_heading(sample)
        self.heading_row, cells = sample[index]
        if isinstance(cells, Reason):
            raise UnreadableFile(Reason("no_headings"))
        # A sheet does not store blank cells at a row's end, so the heading row is as wide as the rows below it.
        width = max(len(row) for _, row in sample if not isinstance(row, Reason))
        self.headings = name_columns(cells + [None] * (width - len(cells)), sample[index + 1 :])

    def _walk(self) -> Generator[tuple[int, list[Cell]], None, None]:
        """The rows that the sheet stores, as (row number, cells)."""
        with _damage_named():
            source = self._reader.archive.open(self._sheet.part)
            self._part_size = self._reader.archive.getinfo(self._sheet.part).file_size
        with source:
            rows = self._parsed(source)
            while True:
                # In batches, because silencing warnings costs more than parsing a row.
                with _damage_named():
                    batch = list(islice(rows, _BATCH_ROWS))
                if not batch:
                    return
                yield from batch

    def _parsed(self, source: IO[bytes]) -> Iterator[tuple[int, list[Cell]]]:
        book = self._reader.wb
        self._part = part = _CountedPart(source)
        parser: Any = WorkSheetParser(
            part,
            self._reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        sheet_rows: Any = None
        # zip_safety has refused every part with a DOCTYPE, without which there are no entities to expand.
        for event, element in iterparse(part, events=("start", "end")):  # noqa: S314
            if event == "start":
                if element.tag == DATA_TAG:
                    sheet_rows = element
            elif element.tag == ROW_TAG and sheet_rows is not None:
                number, cells = parser.parse_row(element)
                parser.row_dimensions.clear()
                sheet_rows.clear()
                part.row_began = part.count
                yield number, _values(cells)
            elif element.tag == DATA_TAG:
                return

    def rows(self) -> Iterator[Record]:
        """See Table."""
        self._done = 0.0
        width = len(self.headings)
        for number, cells in self._walk():
            if number <= self.heading_row or is_blank_row(cells):
                continue
            yield number, long_cell(cells, self.headings) or fitted(cells, width)
        self._done = 1.0

    def progress(self) -> float:
        """See Table; by bytes of the sheet's XML, because many programs write a wrong number of rows."""
        if self._done < 1.0 and self._part is not None and self._part_size:
            self._done = min(0.999, self._part.count / self._part_size)
        return self._done

    def close(self) -> None:
        """See Table."""
        if self._reader is not None:
            self._reader.archive.close()
        self._file.close()


def _values(cells: list[dict[str, Any]]) -> list[Cell]:
    if not cells:
        return []
    values: list[Cell] = [None] * max(cell["column"] for cell in cells)
    for cell in cells:
        values[cell["column"] - 1] = _value(cell["value"])
    return values


def _value(value: Any) -> Cell:
    if isinstance(value, bool):
        # Python would take TRUE for the number 1.
        return "TRUE" if value else "FALSE"
    if isinstance(value, timedelta):
        # An elapsed time, [h]:mm. Below a day it is the time of day that a person meant.
        return (_ANY_DAY + value).time() if timedelta(0) <= value < timedelta(days=1) else str(value)
    return None if value == "" else cast("Cell", value)
