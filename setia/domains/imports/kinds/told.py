"""What the kinds share of which a row tells something about one person: what a file must have, who the people are."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from setia.domains.customers.actions import resolve_people
from setia.domains.imports.kinds.cells import IDENTITY_FIELDS, claim_of
from setia.domains.imports.kinds.protocol import Part
from setia.domains.imports.kinds.row_stage import RowStage, StagedRow
from setia.domains.imports.models import Import
from setia.domains.imports.rules import ReadingOptions
from setia.foundation.actors import Actor


class ToldOfPeople:
    """The head of a kind whose rows each tell one thing of one person; `needed` names the columns it cannot lack."""

    name: ClassVar[str]
    parts: tuple[Part, ...]
    needed: ClassVar[tuple[str, ...]]

    def missing(self, options: ReadingOptions) -> list[str]:
        """See Kind; of the ways to tell who somebody is, one is enough."""
        lacking = [name for name in self.needed if name not in options.mapping]
        return lacking + ([] if set(IDENTITY_FIELDS) & set(options.mapping) else ["phone"])

    def stage(self, path: Path, *, fresh: bool) -> RowStage:
        """See Kind."""
        return RowStage(path, fresh=fresh)


class ToldWriter:
    """A run that writes what rows tell of people; who is not known yet is added as of the moment `moment` names."""

    moment: ClassVar[str]

    def __init__(self, record: Import, *, at: datetime) -> None:
        self._record = record
        self._at = at
        self._by = Actor("import", record.id)

    def prepare(self) -> None:
        """See StepWriter."""

    def people(self, units: Sequence[StagedRow]) -> tuple[list[dict[str, Any]], Sequence[int]]:
        """Return what rows say, and of whom each says it."""
        said = [unit.content for unit in units]
        ids = resolve_people(
            claims=[claim_of(row["claim"]) for row in said],
            door="import",
            by=self._by,
            at=self._at,
            joined_at=[datetime.fromisoformat(row[self.moment]) for row in said],
            origin_id=self._record.id,
        )
        return said, ids
