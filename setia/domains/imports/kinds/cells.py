"""The cells of a row as values: numbers, days, words, people. One reader for all kinds and for the preview."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from setia.domains.customers.rules import PersonClaim, email_or_none, phone_or_none
from setia.domains.imports.kinds.protocol import Reading
from setia.domains.imports.reading import BadValue, Cell, NumberStyle, Reason, clean_code, parse_moment, parse_number
from setia.domains.imports.reading.choices import choose, split_list
from setia.domains.imports.reading.moments import parse_day
from setia.domains.imports.reading.reasons import shown
from setia.domains.imports.rules import LARGEST, QUANTITY_SCALE
from setia.foundation.money import currency, to_smallest

_PLAIN = NumberStyle(".")
CLAIM_FIELDS = frozenset(PersonClaim.__slots__)
IDENTITY_FIELDS = ("customer", "card", "phone", "email", "market", "social")


class CellReader:
    """Reads cells by field name under fixed options; every method raises BadValue with the field's name."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.columns = reading.mapping
        self.scale = currency(reading.options.currency).scale

    def cell(self, cells: Sequence[Cell], field: str) -> Cell:
        """Return the cell of a field, None where the file has no such column."""
        column = self.columns.get(field)
        return cells[column] if column is not None and column < len(cells) else None

    def text(self, cells: Sequence[Cell], field: str, longest: int) -> str:
        """Return a text without double blanks; a number is a text all the same."""
        cell = self.cell(cells, field)
        if cell is None:
            return ""
        text = cell if isinstance(cell, str) else clean_code(cell)
        text = text.replace("\x00", "")
        # Our own exports put an apostrophe before what a spreadsheet would take for a formula.
        if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r"):
            text = text[1:]
        return " ".join(text.split())[:longest]

    def code(self, cells: Sequence[Cell], field: str) -> str:
        """Return a code, as tills and spreadsheets bend them."""
        return clean_code(self.cell(cells, field))

    def number(self, cells: Sequence[Cell], field: str) -> Decimal | None:
        """Return a number, None for an empty cell."""
        cell = self.cell(cells, field)
        if cell is None or cell == "":
            return None
        try:
            return parse_number(cell, self.reading.number_styles.get(field, _PLAIN))
        except BadValue as error:
            if error.reason.code == "number_missing":
                return None
            raise BadValue(Reason(error.reason.code, field, error.reason.value)) from None

    def money(self, cells: Sequence[Cell], field: str) -> int | None:
        """Return an amount in smallest units, None for an empty cell; below zero is refused."""
        number = self.number(cells, field)
        if number is None:
            return None
        amount = to_smallest(number, self.scale)
        if amount < 0:
            raise BadValue(Reason("negative_amount", field, shown(self.cell(cells, field))))
        if amount > LARGEST:
            raise BadValue(Reason("number_too_large", field, shown(self.cell(cells, field))))
        return amount

    def milli(self, cells: Sequence[Cell], field: str) -> int | None:
        """Return a quantity in thousandths, None for an empty cell."""
        number = self.number(cells, field)
        return None if number is None else to_smallest(number, QUANTITY_SCALE)

    def moment(self, cells: Sequence[Cell], field: str, *, time_field: str = "", zone: Any = None) -> datetime:
        """Return a moment; raises BadValue also for an empty cell."""
        time_cell = self.cell(cells, time_field) if time_field else None
        reading = self.reading
        try:
            return parse_moment(
                self.cell(cells, field), order=reading.date_order, zone=zone or reading.zone, time_cell=time_cell
            )
        except BadValue as error:
            raise BadValue(Reason(error.reason.code, field, error.reason.value)) from None

    def past(self, cells: Sequence[Cell], field: str) -> datetime:
        """Return a moment that is not in the future."""
        moment = self.moment(cells, field)
        if moment > self.reading.at:
            raise BadValue(Reason("in_the_future", field, shown(self.cell(cells, field))))
        return moment

    def day(self, cells: Sequence[Cell], field: str) -> date | None:
        """Return a day of the past, None for an empty cell."""
        cell = self.cell(cells, field)
        if cell is None or cell == "":
            return None
        try:
            day = parse_day(cell, order=self.reading.date_order)
        except BadValue as error:
            if error.reason.code == "date_missing":
                return None
            raise BadValue(Reason(error.reason.code, field, error.reason.value)) from None
        if day > self.reading.at.date():
            raise BadValue(Reason("in_the_future", field, shown(cell)))
        return day

    def word(self, cells: Sequence[Cell], field: str, words: str) -> str:
        """Return the code of one of a few words, "" for an empty cell."""
        return choose(words, field, self.text(cells, field, 80))

    def list_of(self, cells: Sequence[Cell], field: str, longest: int) -> list[str]:
        """Return the words of a cell that holds several."""
        return [part[:longest] for part in split_list(self.text(cells, field, 2_000))]

    def phone(self, cells: Sequence[Cell]) -> str:
        """Return a phone in E.164, "" for an empty cell."""
        text = self.code(cells, "phone")
        if not text:
            return ""
        number = phone_or_none(text)
        if number is None:
            raise BadValue(Reason("bad_phone", "phone", shown(text)))
        return number

    def email(self, cells: Sequence[Cell]) -> str:
        """Return an e-mail address, "" for an empty cell."""
        text = self.text(cells, "email", 300)
        if not text:
            return ""
        address = email_or_none(text)
        if address is None:
            raise BadValue(Reason("bad_email", "email", shown(text)))
        return address

    def account(self, cells: Sequence[Cell], field: str) -> str:
        """Return an account with its place before it, such as shopee:12345; "" for an empty cell."""
        text = self.text(cells, field, 100)
        place, colon, name = text.partition(":")
        if text and not (colon and place.strip() and name.strip()):
            raise BadValue(Reason("bad_account", field, shown(text)))
        return text

    def claim(self, cells: Sequence[Cell]) -> dict[str, str]:
        """Return who a row says somebody is, as plain values; raises BadValue with `no_identity` for nobody."""
        known = {
            "external": self.code(cells, "customer"),
            "card": self.code(cells, "card"),
            "phone": self.phone(cells),
            "email": self.email(cells),
            "market": self.account(cells, "market"),
            "social": self.account(cells, "social"),
        }
        given = {name: value for name, value in known.items() if value and name in CLAIM_FIELDS}
        if not given:
            raise BadValue(Reason("no_identity", "phone"))
        about = {
            "name": self.text(cells, "customer_name", 160),
            "city": self.text(cells, "city", 80),
            "country": self.text(cells, "country", 80),
        }
        return given | {name: value for name, value in about.items() if value}


def person_key(claim: dict[str, str]) -> str:
    """Return what tells people of one file apart, the strongest identity first."""
    for name in ("external", "card", "phone", "market", "social", "email"):
        if claim.get(name):
            return f"{name[0]}:{claim[name]}"
    return ""


def claim_of(values: dict[str, Any]) -> PersonClaim:
    """Return the claim that plain values stand for."""
    known = {name: value for name, value in values.items() if name in CLAIM_FIELDS}
    if isinstance(known.get("birth_date"), str):
        known["birth_date"] = date.fromisoformat(known["birth_date"])
    return PersonClaim(**known)
