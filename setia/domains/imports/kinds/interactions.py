"""Interactions: one row is one contact with a customer, a call, a visit, a chat."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from setia.domains.imports.kinds.cells import CellReader, person_key
from setia.domains.imports.kinds.protocol import Part, Reading
from setia.domains.imports.kinds.row_stage import RowStage, StagedRow
from setia.domains.imports.kinds.told import ToldOfPeople, ToldWriter
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.shop.queries import outlets_by_code
from setia.domains.timeline.actions import record_interactions
from setia.domains.timeline.drafts import InteractionDraft

_LONGEST_SECONDS = 7 * 86_400


class Interactions(ToldOfPeople):
    """The kind of files of contacts."""

    name = "interactions"
    parts = (Part("", "interactions"),)
    needed = ("happened_at", "interaction_kind")

    def reader(self, part: Part, reading: Reading) -> "InteractionReader":
        """See Kind."""
        return InteractionReader(reading)

    def writer(self, record: Import, stage: RowStage, *, at: datetime) -> "InteractionWriter":
        """See Kind."""
        return InteractionWriter(record, at=at)


class InteractionReader(CellReader):
    """Reads contacts."""

    def read(self, cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
        """Return whom a contact was with and what the row says of it."""
        claim = self.claim(cells)
        kind = self.word(cells, "interaction_kind", "interaction_kind")
        if not kind:
            raise BadValue(Reason("no_kind", "interaction_kind"))
        seconds = self.number(cells, "duration")
        if seconds is not None and not 0 <= seconds <= _LONGEST_SECONDS:
            raise BadValue(Reason("number_too_large", "duration", str(seconds)[:40]))
        said = {
            "claim": claim,
            "kind": kind,
            "happened_at": self.past(cells, "happened_at").isoformat(),
            "is_inbound": self.word(cells, "direction", "direction") == "yes",
            "outcome": self.text(cells, "outcome", 40),
            "duration_seconds": int(seconds or 0),
            "body": self.text(cells, "words", 2_000),
            "outlet": self.text(cells, "outlet", 64).casefold(),
            "reference": self.code(cells, "reference"),
        }
        return person_key(claim), said


class InteractionWriter(ToldWriter):
    """Writes contacts; the same contact again, by its reference or by all that it says, is written once."""

    moment = "happened_at"

    def __init__(self, record: Import, *, at: datetime) -> None:
        super().__init__(record, at=at)
        self._outlets: dict[str, int] = {}

    def prepare(self) -> None:
        """Learn the shop's outlets; a contact opens none."""
        self._outlets = {code: outlet.id for code, outlet in outlets_by_code().items()}

    def step(self, units: Sequence[StagedRow]) -> Counter[str]:
        """See StepWriter."""
        said, ids = self.people(units)
        drafts = [
            InteractionDraft(
                customer_id=customer_id,
                kind=row["kind"],
                happened_at=datetime.fromisoformat(row["happened_at"]),
                is_inbound=row["is_inbound"],
                outcome=row["outcome"],
                duration_seconds=row["duration_seconds"],
                body=row["body"],
                outlet_id=self._outlets.get(row["outlet"]),
                source=_source(unit.key, row),
            )
            for unit, row, customer_id in zip(units, said, ids, strict=True)
        ]
        fresh = record_interactions(drafts=drafts, by=self._by, at=self._at, origin_id=self._record.id)
        return Counter(interactions=fresh, known=len(drafts) - fresh)


def _source(key: str, row: dict[str, Any]) -> str:
    if row["reference"]:
        return f"reference|{row['reference']}"
    words = sha256(f"{row['outcome']}|{row['body']}|{row['duration_seconds']}".encode()).hexdigest()[:16]
    return f"contact|{key}|{row['kind']}|{row['happened_at']}|{row['is_inbound']}|{words}"
