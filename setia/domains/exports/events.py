"""Facts about exports."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFinished(Fact):
    """A file with what the shop knows was made; `what` and `form` say which and how."""

    kind: ClassVar[str] = "exports.finished"
    subject: ClassVar[str] = "export_id"
    export_id: int
    what: str
    form: str
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTaken(Fact):
    """Somebody downloaded the file of an export."""

    kind: ClassVar[str] = "exports.taken"
    subject: ClassVar[str] = "export_id"
    export_id: int
