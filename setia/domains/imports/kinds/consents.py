"""Consents: one row is one answer of one person about one purpose, with what proves it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from setia.domains.customers.actions import UnableToRecordConsent, record_consents
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import ConsentWording
from setia.domains.customers.rules.consents import Channel, Purpose, fits
from setia.domains.imports.kinds.cells import CellReader, person_key
from setia.domains.imports.kinds.protocol import Part, Reading
from setia.domains.imports.kinds.row_stage import RowStage, StagedRow
from setia.domains.imports.kinds.told import ToldOfPeople, ToldWriter
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.imports.reading.reasons import shown


class Consents(ToldOfPeople):
    """The kind of files of answers."""

    name = "consents"
    parts = (Part("", "consents"),)
    needed = ("purpose", "is_granted", "given_at")

    def reader(self, part: Part, reading: Reading) -> "ConsentReader":
        """See Kind."""
        return ConsentReader(reading)

    def writer(self, record: Import, stage: RowStage, *, at: datetime) -> "ConsentWriter":
        """See Kind."""
        return ConsentWriter(record, at=at)


class ConsentReader(CellReader):
    """Reads answers; a yes without proof, or without the words it was given to, is refused with its row."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._versions = set(ConsentWording.objects.values_list("purpose", "version"))

    def read(self, cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
        """Return who answered and what the row says."""
        claim = self.claim(cells)
        purpose = self.word(cells, "purpose", "purpose")
        if not purpose:
            raise BadValue(Reason("no_purpose", "purpose"))
        channel = self.word(cells, "consent_channel", "channel") or "any"
        if not fits(Purpose(purpose), Channel(channel)):
            raise BadValue(Reason("wrong_channel", "consent_channel", channel))
        answer = self.word(cells, "is_granted", "yes_no")
        if not answer:
            raise BadValue(Reason("no_answer", "is_granted"))
        version, evidence = self._version(cells, purpose), self.text(cells, "evidence", 2_000)
        if answer == "yes" and not evidence:
            raise BadValue(Reason("no_evidence", "evidence"))
        if answer == "yes" and version is None:
            raise BadValue(Reason("no_wording", "wording"))
        said = {
            "claim": claim,
            "purpose": purpose,
            "channel": channel,
            "is_granted": answer == "yes",
            "given_at": self.past(cells, "given_at").isoformat(),
            "wording_version": version,
            "evidence": evidence,
            "is_guardian": self.word(cells, "is_guardian", "yes_no") == "yes",
        }
        return person_key(claim), said

    def _version(self, cells: Sequence[Cell], purpose: str) -> int | None:
        number = self.number(cells, "wording")
        if number is None:
            return None
        if number != int(number) or (purpose, int(number)) not in self._versions:
            raise BadValue(Reason("unknown_wording", "wording", shown(self.cell(cells, "wording"))))
        return int(number)


class ConsentWriter(ToldWriter):
    """Writes answers; the same answer again is written once."""

    moment = "given_at"

    def step(self, units: Sequence[StagedRow]) -> Counter[str]:
        """See StepWriter. An answer that the rules refuse only now (a minor's yes) is counted and left out."""
        said, ids = self.people(units)
        drafts = [
            ConsentDraft(
                customer_id=customer_id,
                purpose=row["purpose"],
                channel=row["channel"],
                is_granted=row["is_granted"],
                given_at=datetime.fromisoformat(row["given_at"]),
                source=f"import|{unit.key}|{row['purpose']}|{row['channel']}|{row['is_granted']}|{row['given_at']}",
                wording_version=row["wording_version"],
                evidence=row["evidence"],
                is_guardian=row["is_guardian"],
            )
            for unit, row, customer_id in zip(units, said, ids, strict=True)
        ]
        added: Counter[str] = Counter()
        while drafts:
            try:
                fresh = record_consents(
                    answers=drafts, door="import", by=self._by, at=self._at, origin_id=self._record.id
                )
            except UnableToRecordConsent as error:
                del drafts[error.index]
                added[f"refused_{error.code}"] += 1
            else:
                added["consents"] += fresh
                added["known"] += len(drafts) - fresh
                break
        return added
