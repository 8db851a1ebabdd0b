"""What a table is made of: cells, rows, headings, limits. Shared by CSV and XLSX so that both behave alike."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from types import TracebackType
from typing import Literal, Self

from setia.domains.imports.reading.reasons import Reason, UnreadableFile, shown
from setia.domains.imports.reading.synonyms import is_known_heading

Cell = str | int | float | datetime | date | time | None
Record = tuple[int, list[Cell] | Reason]
Kind = Literal["csv", "csv.gz", "xlsx"]

MAX_COLUMNS = 500
MAX_CELL_CHARACTERS = 32_767
MAX_TITLE_ROWS = 10
SAMPLE_ROWS = 50
_MAX_HEADING_CHARACTERS = 200
# Of the headings nobody knows, a row is the heading row when it is nearly as full of text as the fullest.
_NEARLY = 0.75

_HAS_LETTER = re.compile(r"[^\W\d_]")


class Table(ABC):
    """An open till export. Use it as a context manager; `rows()` may be called again and starts anew."""

    kind: Kind
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    headings: tuple[str, ...]
    heading_row: int

    @abstractmethod
    def rows(self) -> Iterator[Record]:
        """This will yield (row number, cells) of every row that is not blank, in the order of the file.

        The number is that of the physical row, the first being 1, as a text editor or Excel shows it. A row that cannot
        be used comes as (row number, Reason) and the rest goes on. Every list has one cell a heading, empty ones None.
        Raises UnreadableFile when the file breaks off or turns out to be a bomb.
        """

    @abstractmethod
    def progress(self) -> float:
        """This will tell how much of the file the current `rows()` has read, from 0 to 1."""

    @abstractmethod
    def close(self) -> None:
        """This will close the file; calling it twice is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def is_blank(cell: Cell) -> bool:
    """This will tell whether `cell` holds nothing that a person could see."""
    # Old exports end with Ctrl-Z, the end-of-file mark of DOS.
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\x1a\N{NO-BREAK SPACE}\ufeff"))


def is_blank_row(cells: Sequence[Cell]) -> bool:
    """This will tell whether a row holds only blank cells."""
    return all(map(is_blank, cells))


def find_heading(sample: Sequence[Record]) -> int:
    """This will return the index in `sample` (rows that are not blank) of the heading row. Raises UnreadableFile.

    Title lines may stand above it, at most ten. The row with the most known headings wins, then the one with the most
    texts, then the first. Where no heading is known, it is the first row that is nearly as full of text as any.
    """
    scores: list[tuple[int, int]] = []
    for _, cells in sample[: MAX_TITLE_ROWS + 1]:
        texts = [] if isinstance(cells, Reason) else [c for c in cells if isinstance(c, str) and _HAS_LETTER.search(c)]
        # A title such as "Total, total" must not count twice.
        scores.append((len({text for text in texts if is_known_heading(text)}), len(texts)))
    most_known, most_texts = max(scores, default=(0, 0))[0], max((texts for _, texts in scores), default=0)
    if not most_texts:
        raise UnreadableFile(Reason("no_headings"))
    if most_known:
        return scores.index(max(scores))
    return next(index for index, (_, texts) in enumerate(scores) if texts >= _NEARLY * most_texts)


def name_columns(cells: Sequence[Cell], below: Sequence[Record]) -> tuple[str, ...]:
    """This will return one unique heading a column for the heading row `cells`. Raises UnreadableFile.

    Blank headings at the right end are dropped unless the rows `below` have something in these columns.
    """
    width = _used(cells)
    for _, row in below:
        if not isinstance(row, Reason):
            width = max(width, min(_used(row), len(cells)))
    if width > MAX_COLUMNS:
        raise UnreadableFile(Reason("too_many_columns"))
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells[:width], start=1):
        text = " ".join(str(cell).replace("\ufeff", "").split()) if cell is not None else ""
        base = text[:_MAX_HEADING_CHARACTERS] or f"Column {number}"
        name, copy = base, 1
        while name in taken:
            copy += 1
            name = f"{base} ({copy})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _used(cells: Sequence[Cell]) -> int:
    width = len(cells)
    while width and is_blank(cells[width - 1]):
        width -= 1
    return width


def fitted(cells: list[Cell], width: int) -> list[Cell] | Reason:
    """This will pad `cells` to `width`, or cut blank cells off its end; a cell without a heading is a Reason."""
    if len(cells) < width:
        return cells + [None] * (width - len(cells))
    for cell in cells[width:]:
        if not is_blank(cell):
            return Reason("too_many_cells", value=shown(cell))
    return cells[:width]


def long_cell(cells: Sequence[Cell], headings: Sequence[str]) -> Reason | None:
    """This will name the first cell that is longer than Excel's limit."""
    for index, cell in enumerate(cells):
        if isinstance(cell, str) and len(cell) > MAX_CELL_CHARACTERS:
            column = headings[index] if index < len(headings) else f"Column {index + 1}"
            return Reason("cell_too_long", column, shown(cell))
    return None
