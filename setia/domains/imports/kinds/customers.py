"""Customers: one row is one person with the profile that another program knows of him."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from setia.domains.customers.actions import add_tags, change_customer, resolve_people
from setia.domains.customers.actions.profile import set_values
from setia.domains.customers.models import Customer, CustomValue, Identity
from setia.domains.customers.resolving import lookup_key
from setia.domains.customers.rules.fields import BadFieldValue, FieldKind, parse_field
from setia.domains.imports import journal
from setia.domains.imports.journal import Changed
from setia.domains.imports.kinds.cells import IDENTITY_FIELDS, CellReader, claim_of, person_key
from setia.domains.imports.kinds.protocol import Part, Reading
from setia.domains.imports.kinds.row_stage import RowStage, StagedRow
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.imports.rules import ReadingOptions
from setia.foundation.actors import Actor

# What a row may say of a person beside who he is; the names are those of the profile.
_PROFILE = (
    *("salutation", "gender", "birth_date", "address", "city", "country", "language", "interests"),
    *("preferred_channel", "acquisition_source", "acquisition_cost"),
)
# A profile has these from the start, so that they count as blank.
_DEFAULTS = {"language": "id"}


class Customers:
    """The kind of files of people."""

    name = "customers"
    parts = (Part("", "customers"),)

    def missing(self, options: ReadingOptions) -> list[str]:
        """See Kind; one identity is enough."""
        return [] if set(IDENTITY_FIELDS) & set(options.mapping) else ["phone"]

    def reader(self, part: Part, reading: Reading) -> "CustomerReader":
        """See Kind."""
        return CustomerReader(reading)

    def stage(self, path: Path, *, fresh: bool) -> "PeopleStage":
        """See Kind."""
        return PeopleStage(path, fresh=fresh)

    def writer(self, record: Import, stage: RowStage, *, at: datetime) -> "CustomerWriter":
        """See Kind."""
        return CustomerWriter(record, at=at)


class PeopleStage(RowStage):
    """A scratch table of people, which knows how many of them the shop knows."""

    def tally(self) -> dict[str, Any]:
        """See RowStage; `known` is how many rows name somebody the shop knows already."""
        found = super().tally()
        known = sum(known_count([row["claim"] for row in rows]) for rows in self.contents(size=400))
        return {**found, "known": known, "new": max(0, found["distinct"] - known)}


def known_count(claims: Sequence[dict[str, Any]]) -> int:
    """Return how many of these claims name somebody who is known."""
    keyed = [
        [lookup_key(kind, value)[1] for kind, value in claim_of(claim).settled().identities().items()]
        for claim in claims
    ]
    wanted = {key for keys in keyed for key in keys}
    standing = {bytes(row) for row in Identity.objects.filter(lookup__in=wanted).values_list("lookup", flat=True)}
    return sum(any(key in standing for key in keys) for keys in keyed)


class CustomerReader(CellReader):
    """Reads people."""

    def read(self, cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
        """Return a person's key and what the row says of him; what is not mapped is not kept."""
        claim = self.claim(cells)
        joined = self.cell(cells, "joined_at")
        profile = {
            "salutation": self.word(cells, "salutation", "salutation"),
            "gender": self.word(cells, "gender", "gender"),
            "birth_date": self.day(cells, "birth_date"),
            "address": self.text(cells, "address", 500),
            "city": claim.pop("city", ""),
            "country": claim.pop("country", ""),
            "language": self.word(cells, "language", "language"),
            "interests": self.list_of(cells, "interests", 80),
            "preferred_channel": self.word(cells, "preferred_channel", "channel"),
            "acquisition_source": self.text(cells, "source", 40),
            "acquisition_cost": self.money(cells, "acquisition_cost"),
        }
        content: dict[str, Any] = {
            "claim": claim,
            "profile": {name: value for name, value in profile.items() if value not in ("", None, [])},
            "tags": self.list_of(cells, "tags", 40),
            "custom": self._custom(cells),
            "joined_at": self.past(cells, "joined_at").isoformat() if joined not in (None, "") else "",
        }
        return person_key(claim), {name: value for name, value in content.items() if value}

    def _custom(self, cells: Sequence[Cell]) -> dict[str, str]:
        values = {}
        for field in self.columns:
            key = field.removeprefix("custom:")
            if key == field:
                continue
            if key not in self.reading.custom:
                raise BadValue(Reason("no_such_field", field, key))
            if text := self.text(cells, field, 500):
                values[key] = self._parsed(field, key, text)
        return values

    def _parsed(self, field: str, key: str, text: str) -> str:
        """Return a value in the one form it is kept in."""
        own = self.reading.custom[key]
        try:
            return parse_field(FieldKind(own.kind), text, own.choices)
        except BadFieldValue:
            raise BadValue(Reason("bad_field_value", field, text[:80])) from None


class CustomerWriter:
    """Writes people: who is new is made, of who is known the blanks are filled, or all when `overwrite` is chosen."""

    def __init__(self, record: Import, *, at: datetime) -> None:
        self._record = record
        self._at = at
        self._by = Actor("import", record.id)
        self._overwrite = bool(record.option("overwrite"))

    def prepare(self) -> None:
        """See StepWriter."""

    def step(self, units: Sequence[StagedRow]) -> Counter[str]:
        """See StepWriter."""
        said = [unit.content for unit in units]
        at = self._at
        joined = [datetime.fromisoformat(row["joined_at"]) if row.get("joined_at") else at for row in said]
        ids = resolve_people(
            claims=[claim_of({**row.get("profile", {}), **row["claim"]}) for row in said],
            door="import",
            by=self._by,
            at=at,
            joined_at=joined,
            origin_id=self._record.id,
        )
        people = Customer.objects.in_bulk(ids)
        mine = {row.id for row in people.values() if row.origin_id == self._record.id}
        added: Counter[str] = Counter(people=len(mine), known=len(set(ids) - mine))
        changes: list[Changed] = []
        for customer_id, row in zip(ids, said, strict=True):
            customer = self._standing(people, customer_id)
            wanted = dict(self._changes(customer, row))
            if wanted and customer.id in mine and customer.created_at == at:
                # Made in this very step: what the file says belongs to his beginning and is no change to tell of.
                for name, value in wanted.items():
                    setattr(customer, name, value)
                customer.save(update_fields=list(wanted))
            elif wanted:
                for name, value in wanted.items():
                    changes.append(Changed("customer", customer.id, name, getattr(customer, name), value))
                people[customer_id] = change_customer(customer=customer, changes=wanted, by=self._by, at=at)
                added["changed"] += customer.id not in mine
        changes += self._tag(ids, said)
        changes += self._set_custom(ids, said, people)
        # Whoever the import made goes as a whole; only what it changed of others is noted.
        journal.note_changes(self._record, [change for change in changes if change.subject_id not in mine])
        return added

    def _standing(self, people: dict[int, Customer], customer_id: int) -> Customer:
        customer = people[customer_id]
        if customer.canonical_id is not None:
            customer = people[customer_id] = Customer.objects.get(id=customer.canonical_id)
        return customer

    def _changes(self, customer: Customer, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        said = {**row.get("profile", {}), "name": row["claim"].get("name", "")}
        for name in (*_PROFILE, "name"):
            value = said.get(name)
            if value in ("", None):
                continue
            if name == "birth_date":
                value = date.fromisoformat(value)
            current = getattr(customer, name)
            is_blank = current in ("", None, []) or current == _DEFAULTS.get(name)
            if value != current and (is_blank or self._overwrite):
                yield name, value

    def _tag(self, ids: Sequence[int], said: Sequence[dict[str, Any]]) -> list[Changed]:
        wanted: dict[str, list[int]] = {}
        for customer_id, row in zip(ids, said, strict=True):
            for name in row.get("tags", ()):
                wanted.setdefault(name, []).append(customer_id)
        changes = []
        for name, owners in wanted.items():
            fresh = add_tags(customer_ids=set(owners), names=[name], by=self._by, at=self._at, batch_id=self._record.id)
            # The moment tells the undoing which tags are the file's and which somebody put on again later.
            changes += [Changed("tag", owner, name, None, self._at.isoformat()) for owner in fresh[name]]
        return changes

    def _set_custom(
        self, ids: Sequence[int], said: Sequence[dict[str, Any]], people: dict[int, Customer]
    ) -> list[Changed]:
        wanted = {customer_id: row["custom"] for customer_id, row in zip(ids, said, strict=True) if row.get("custom")}
        if not wanted:
            return []
        standing = {
            (value.customer_id, value.field.key): value.text
            for value in CustomValue.objects.select_related("field").filter(customer_id__in=wanted)
        }
        changes = []
        for customer_id, values in wanted.items():
            fresh = {
                key: text
                for key, text in values.items()
                if text != (old := standing.get((customer_id, key), "")) and (not old or self._overwrite)
            }
            if fresh:
                set_values(customer=people[customer_id], values=fresh, by=self._by, at=self._at)
                changes += [
                    Changed("custom", customer_id, key, standing.get((customer_id, key), ""), text)
                    for key, text in fresh.items()
                ]
        return changes
