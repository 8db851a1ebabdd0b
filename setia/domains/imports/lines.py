"""One row of a till export becomes one line of a sale or return, or a reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from setia.domains.customers.rules import PersonClaim, email_or_none, phone_or_none
from setia.domains.imports.reading import (
    BadValue,
    Cell,
    DateOrder,
    NumberStyle,
    Reason,
    clean_code,
    parse_moment,
    parse_number,
)
from setia.domains.imports.rules import (
    CANCELLED_WORDS,
    Amounts,
    ReadingOptions,
    line_amounts,
    unit_source,
)
from setia.foundation.money import currency


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it will be sorted into an order. `person` tells people apart within the file, empty for nobody."""

    source: str
    invoice: str
    person: str
    claim: PersonClaim | None
    placed_at: datetime
    product: str
    sku: str
    category: str
    amounts: Amounts
    outlet: str
    channel: str
    tender: str


class LineReader:
    """Reads rows under fixed options; `number_styles` are by field, `zones` by outlet code in lower case."""

    def __init__(
        self,
        options: ReadingOptions,
        *,
        number_styles: Mapping[str, NumberStyle],
        date_order: DateOrder,
        zone: ZoneInfo,
        zones: Mapping[str, ZoneInfo],
    ) -> None:
        self._columns = dict(options.mapping)
        self._options = options
        self._styles = number_styles
        self._order = date_order
        self._zone = zone
        self._zones = zones
        self._scale = currency(options.currency).scale
        self._moment_field = "placed_at" if "placed_at" in self._columns else "date"

    def read(self, cells: Sequence[Cell]) -> Line:
        """Return the line a row holds; raises BadValue with the reason and the field."""
        self._refuse_foreign(cells)
        outlet = self._text(cells, "outlet", 64)
        zone = self._zones.get(outlet.casefold(), self._zone)
        amounts = self._amounts(cells)
        product, sku = self._text(cells, "product", 200), self._code(cells, "sku")
        if not product and not sku:
            raise BadValue(Reason("no_product", "product"))
        placed_at = self._moment(cells, zone)
        claim = self._claim(cells)
        person = _person_key(claim)
        invoice = self._code(cells, "invoice")
        source = unit_source(
            grouping=self._options.grouping,
            invoice=invoice,
            person=person,
            outlet=outlet,
            placed_at=placed_at,
            zone=zone,
        )
        return Line(
            source=source,
            invoice=invoice,
            person=person,
            claim=claim if person else None,
            placed_at=placed_at,
            product=product or sku,
            sku=sku,
            category=self._text(cells, "category", 80),
            amounts=amounts,
            outlet=outlet,
            channel=self._text(cells, "channel", 20).lower(),
            tender=self._text(cells, "tender", 20).lower(),
        )

    def _cell(self, cells: Sequence[Cell], field: str) -> Cell:
        column = self._columns.get(field)
        return cells[column] if column is not None and column < len(cells) else None

    def _text(self, cells: Sequence[Cell], field: str, longest: int) -> str:
        cell = self._cell(cells, field)
        if cell is None:
            return ""
        # A number here is a name all the same: outlet 3 comes as 3.0 from Excel.
        text = cell if isinstance(cell, str) else clean_code(cell)
        return " ".join(text.split())[:longest]

    def _code(self, cells: Sequence[Cell], field: str) -> str:
        return clean_code(self._cell(cells, field))

    def _number(self, cells: Sequence[Cell], field: str) -> Decimal | None:
        cell = self._cell(cells, field)
        if cell is None or cell == "":
            return None
        try:
            return parse_number(cell, self._styles[field])
        except BadValue as error:
            if error.reason.code == "number_missing":  # a lone dash, as tills write "none"
                return None
            raise BadValue(Reason(error.reason.code, field, error.reason.value)) from None

    def _amounts(self, cells: Sequence[Cell]) -> Amounts:
        return line_amounts(
            quantity=self._number(cells, "quantity"),
            unit_price=self._number(cells, "unit_price"),
            line_total=self._number(cells, "line_total"),
            discount=self._number(cells, "discount") or Decimal(0),
            tax=self._number(cells, "tax") or Decimal(0),
            scale=self._scale,
        )

    def _moment(self, cells: Sequence[Cell], zone: ZoneInfo) -> datetime:
        cell = self._cell(cells, self._moment_field)
        try:
            return parse_moment(cell, order=self._order, zone=zone, time_cell=self._cell(cells, "time"))
        except BadValue as error:
            raise BadValue(Reason(error.reason.code, self._moment_field, error.reason.value)) from None

    def _claim(self, cells: Sequence[Cell]) -> PersonClaim:
        return PersonClaim.of_member(
            self._code(cells, "customer"),
            phone=phone_or_none(self._code(cells, "phone")) or "" if "phone" in self._columns else "",
            email=email_or_none(self._text(cells, "email", 254)) or "" if "email" in self._columns else "",
            name=self._text(cells, "customer_name", 160),
            city=self._text(cells, "city", 80),
            country=self._text(cells, "country", 80),
        )

    def _refuse_foreign(self, cells: Sequence[Cell]) -> None:
        code = self._text(cells, "currency", 10).upper()
        if code and code not in (self._options.currency, "RP" if self._options.currency == "IDR" else ""):
            raise BadValue(Reason("other_currency", "currency", code))
        if self._text(cells, "status", 40).casefold() in CANCELLED_WORDS:
            raise BadValue(Reason("cancelled", "status"))


def _person_key(claim: PersonClaim) -> str:
    """Return what tells people of one file apart; a name alone is no identity: many people are called Sari."""
    if claim.external:
        return f"c:{claim.external}"
    if claim.phone:
        return f"p:{claim.phone}"
    return f"e:{claim.email}" if claim.email else ""
