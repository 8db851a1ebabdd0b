"""Text lines to CSV records, each with the physical row on which it starts, whatever quotation marks do.

One stray quotation mark makes a naive reader swallow all rows up to the next one. Here a record that runs away is
reported where it began, and reading goes on with the very next physical line.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import cast

from setia.domains.imports.reading.cells import MAX_CELL_CHARACTERS, Cell, Record, fitted, is_blank_row, long_cell
from setia.domains.imports.reading.encodings import UNDECODABLE
from setia.domains.imports.reading.reasons import Reason, shown

MAX_RECORD_CHARACTERS = 1 << 20
# Lines that already were in a runaway record may only form short records. Without this a file of `a","` lines would be
# read 1 MiB again for each of its lines, for days.
_MAX_LINES_AGAIN = 16


class _Runaway(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CsvRecords:
    """The records of a text stream. `headings` may be set once they are known; it sharpens the search for runaways."""

    def __init__(self, stream: io.TextIOBase, delimiter: str) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._fresh = iter(partial(stream.readline, MAX_RECORD_CHARACTERS + 1), "")
        # None stands for a physical line that alone is longer than a record may be; its text is not kept.
        self._again: deque[str | None] = deque()
        self._again_until = 0
        self._pending: list[str | None] = []
        self._size = 0
        self._row = 1
        self.headings: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Record]:
        """This will yield (row number, cells as text | Reason); blank lines are left out, or come as an empty list."""
        pending = self._pending
        feed = self._feed()
        while True:
            # cast: a list of str is read as a list of cells from here on, which list's invariance forbids to say.
            reader = cast("Iterator[list[Cell]]", csv.reader(feed, delimiter=self._delimiter))
            try:
                for cells in reader:
                    row = self._row
                    line = pending[0]
                    if len(pending) == 1 and line is not None:
                        self._row = row + 1
                        pending.clear()
                        if "\0" in line or UNDECODABLE in line or len(line) > MAX_CELL_CHARACTERS:
                            yield row, self._defect(line, cells) or cells
                        else:
                            yield row, cells
                    else:
                        yield row, self._long_record(cells)
                return
            except _Runaway as runaway:
                yield self._row, self._go_back(runaway.code)
                feed = self._feed()
            except csv.Error:
                # The state of the reader is lost, that of the feed is not.
                yield self._row, self._broken_record()

    def _feed(self) -> Iterator[str]:
        """The physical lines for the parser: those to be read again first. Notices when one record takes too many."""
        pending, again = self._pending, self._again
        while True:
            while again:
                yield self._taken(again.popleft())
            for line in self._fresh:
                if line == "\n" and not pending:
                    # Ten million blank lines at the end of a file are not worth the parser's time.
                    self._row += 1
                elif pending or len(line) > MAX_RECORD_CHARACTERS:
                    yield self._taken(self._whole(line))
                else:
                    pending.append(line)
                    self._size = len(line)
                    yield line
                if again:
                    break
            else:
                if not again:
                    if pending:
                        # The parser asks for a line only at a record's beginning or within quotation marks.
                        raise _Runaway("unclosed_quote")
                    return

    def _whole(self, line: str) -> str | None:
        if len(line) <= MAX_RECORD_CHARACTERS:
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._stream.readline(MAX_RECORD_CHARACTERS)
        return None

    def _taken(self, line: str | None) -> str:
        if not self._pending:
            self._size = 0
        self._pending.append(line)
        if line is None:
            raise _Runaway("record_too_long")
        self._size += len(line)
        if self._size > MAX_RECORD_CHARACTERS:
            raise _Runaway("record_too_long")
        if self._row < self._again_until and len(self._pending) > _MAX_LINES_AGAIN:
            raise _Runaway("unclosed_quote")
        return line

    def _go_back(self, code: str) -> Reason:
        """This will give up the record of the pending lines and have all of them but the first read again."""
        pending = self._pending
        reason = Reason(code, value=shown(pending[0] or ""))
        self._again_until = max(self._again_until, self._row + len(pending))
        self._again.extendleft(reversed(pending[1:]))
        self._row += 1
        pending.clear()
        return reason

    def _broken_record(self) -> Reason:
        if len(self._pending) > 1:
            return self._go_back("record_too_long")
        line = self._pending[0] or ""
        if len(line) > MAX_CELL_CHARACTERS and "\r" not in line.rstrip("\r\n"):
            # The csv module gave up at its own limit for one field; what it can take tells the column.
            cells = next(csv.reader([line[: csv.field_size_limit()]], delimiter=self._delimiter))
            index = next((i for i, cell in enumerate(cells) if len(cell) > MAX_CELL_CHARACTERS), len(cells) - 1)
            column = self.headings[index] if index < len(self.headings) else f"Column {index + 1}"
            reason = Reason("cell_too_long", column, shown(cells[index]))
        else:
            reason = Reason("stray_line_break", value=shown(line))
        self._row += 1
        self._pending.clear()
        return reason

    def _long_record(self, cells: list[Cell]) -> Reason | list[Cell]:
        """This will take a record of several lines, unless its quotation marks look like a mishap."""
        lines = [line for line in self._pending if line is not None]
        if self._is_mishap(lines):
            return self._go_back("unclosed_quote")
        self._row += len(lines)
        self._pending.clear()
        return self._defect("".join(lines), cells) or cells

    def _is_mishap(self, lines: list[str]) -> bool:
        # A field that really holds line breaks was quoted by a program, so its closing mark stands before a separator
        # or the end. A stray mark is "closed" by the opening mark of some later field, which text follows.
        try:
            list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return True
        # Every line within looks like a full row of the table: they are rows.
        separators = len(self.headings) - 1
        inner = lines[1:-1]
        return separators >= 2 and bool(inner) and all(line.count(self._delimiter) >= separators for line in inner)

    def _defect(self, text: str, cells: list[Cell]) -> Reason | None:
        if UNDECODABLE in text:
            return Reason("undecodable_text", value=shown(next(c for c in cells if UNDECODABLE in str(c))))
        if "\0" in text:
            return Reason("nul_byte")
        return long_cell(cells, self.headings)


def finished(records: Iterator[Record], width: int) -> Iterator[Record]:
    """This will drop blank rows, fit the others to `width` cells and make empty texts None."""
    for row, cells in records:
        if isinstance(cells, Reason):
            yield row, cells
            continue
        if len(cells) == width and "" not in cells:
            if width == 1 and is_blank_row(cells):
                continue
            yield row, cells
        elif not is_blank_row(cells):
            fit = fitted(cells, width)
            yield row, fit if isinstance(fit, Reason) else [None if cell == "" else cell for cell in fit]
