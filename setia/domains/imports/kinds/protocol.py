"""What a kind of import is: which tables it reads, what a row of it is, how rows are kept, written and counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

from setia.domains.imports import files
from setia.domains.imports.models import Import
from setia.domains.imports.reading import Cell, Reason
from setia.domains.imports.rules import ReadingOptions


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a kind: `fields` names its fields in `reading.vocabulary`, `name` is empty for the main one."""

    name: str
    fields: str

    def mapping_of(self, options: ReadingOptions) -> dict[str, int]:
        """Return which column of this table holds which field."""
        return dict(options.line_mapping if self.name else options.mapping)

    def sheet_of(self, options: ReadingOptions) -> str | None:
        """Return the sheet this table lies in, None for the first."""
        return options.line_sheet if self.name else options.sheet

    def path_of(self, import_id: int) -> Path:
        """Return the file this table lies in: the second upload, or else the only one."""
        second = files.second_source(import_id)
        return second if self.name and second.exists() else files.source(import_id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that turned out to be wrong after all were read."""

    row_number: int
    reason: Reason


class RowReader(Protocol):
    """Reads rows of one table."""

    def read(self, cells: Sequence[Cell]) -> Any:
        """Return what a row holds; raises BadValue with the reason and the field."""


class Stage(Protocol):
    """The scratch table of an import, open: all rows of the file, sorted into units that are written whole."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...

    def add(self, row_number: int, row: Any, /) -> None:
        """Keep one row."""

    def finish(self) -> Iterator[Refusal]:
        """Sort the rows into units; yield those that are refused only now."""

    def tally(self) -> dict[str, Any]:
        """Return what is kept, as plain JSON values."""

    def unit_count(self) -> int:
        """Return how many units there are."""

    def units_after(self, position: int, *, line_limit: int) -> Sequence[Any]:
        """Return the next units, each with its `position`; as many as hold about `line_limit` rows, at least one."""


class StepWriter(Protocol):
    """One run over the units that are left."""

    def prepare(self) -> None:
        """Do what comes before the first step."""

    def step(self, units: Sequence[Any], /) -> Counter[str]:
        """Write some units in the caller's transaction and return what they added."""


class Kind(Protocol):
    """One kind of import."""

    name: str
    parts: tuple[Part, ...]

    def missing(self, options: ReadingOptions) -> list[str]:
        """Return which fields the mapping lacks, best name first; a field of the second table as `lines.field`."""

    def reader(self, part: Part, reading: "Reading") -> RowReader:
        """Return what reads rows of a table."""

    def stage(self, path: Path, *, fresh: bool) -> Stage:
        """Open the scratch table."""

    def writer(self, record: Import, stage: Any, *, at: datetime) -> StepWriter:
        """Return what writes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one table are to be read, as it was chosen or found out; `at` is now."""

    options: ReadingOptions
    mapping: dict[str, int]
    number_styles: dict[str, Any]
    date_order: Any
    zone: Any
    zones: dict[str, Any]
    at: datetime
    custom: dict[str, Any] = field(default_factory=dict)
