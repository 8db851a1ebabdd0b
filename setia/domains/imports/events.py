"""Facts about imports."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUploaded(Fact):
    """A file came in."""

    kind: ClassVar[str] = "imports.uploaded"
    subject: ClassVar[str] = "import_id"
    import_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Fact):
    """A file was written; money in smallest units."""

    kind: ClassVar[str] = "imports.finished"
    subject: ClassVar[str] = "import_id"
    import_id: int
    customers: int
    orders: int
    lines: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUndone(Fact):
    """What a file had written was taken back."""

    kind: ClassVar[str] = "imports.undone"
    subject: ClassVar[str] = "import_id"
    import_id: int
