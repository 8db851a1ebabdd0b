"""How lines become orders. Pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from setia.domains.imports.reading import BadValue, Reason
from setia.domains.imports.reading.reasons import N_
from setia.foundation.money import to_smallest

QUANTITY_SCALE = 3
LARGEST = 10**15


# Why a line that can be read is no sale, as `reading.reasons.TEXTS` for one that cannot.
LINE_TEXTS: dict[str, str] = {
    "zero_quantity": N_("The quantity is zero, so nothing was sold."),
    "no_price": N_("The price is zero: a sample, a gift or a stock correction. It is left out of the sales."),
    "negative_price": N_("The price is negative (“{value}”): a bookkeeping entry, not a sale."),
    "discount_too_large": N_("The discount (“{value}”) is larger than the price."),
    "no_product": N_("There is no product name and no SKU in this row."),
    "other_currency": N_("This row is in “{value}”, another currency than the shop's."),
    "cancelled": N_("The order was cancelled, so it is left out of the sales."),
}
# The same for rows of files that hold no sales lines.
ROW_TEXTS: dict[str, str] = {
    "no_identity": N_(
        "There is no customer number, card, phone, e-mail or account in this row. A name alone does not tell people "
        "apart: add one of them."
    ),
    "no_invoice": N_("There is no order number in this row."),
    "no_lines": N_("There is no line for the order “{value}”. Check the file or sheet with the lines."),
    "no_header": N_("The order “{value}” of this line is not among the orders. Check the order number."),
    "same_invoice": N_("The order “{value}” stands in an earlier row already."),
    "order_total": N_("The lines of the order add up to {value}, which is not the total that stands in this row."),
    "negative_amount": N_("“{value}” is below zero. Bring returns in with the lines of a till export."),
    "no_such_field": N_("The shop has no field of its own named “{value}”."),
    "bad_field_value": N_("“{value}” does not fit the shop's own field in this column."),
    "no_kind": N_("There is no kind of contact in this row: call, visit, chat, email, meeting or other."),
    "in_the_future": N_("“{value}” lies in the future. Correct the date."),
    "no_purpose": N_("There is no purpose in this row: marketing, service, profiling, sharing or publishing."),
    "no_answer": N_("There is no yes or no in this row."),
    "no_evidence": N_("A yes without evidence proves nothing. Say in the evidence column how it was given."),
    "no_wording": N_("A yes needs the version of the words it was given to. Fill in the wording column."),
    "unknown_wording": N_("The shop has no version “{value}” of the words for this purpose."),
    "wrong_channel": N_("This purpose is not asked for the channel “{value}”."),
    "minor": N_("This person is under 18: a yes needs the guardian's. Fill in the guardian column."),
}
# Why a whole file of a watched folder did not come in, where nobody is there to be asked.
FOLDER_TEXTS: dict[str, str] = {
    "date_order": N_("No date in this file tells the day from the month. Bring it in by hand and choose."),
    "placed_at": N_("No column with dates was found. Bring the file in by hand and choose the column."),
    "missing_field": N_("A column that is needed was not found. Bring the file in by hand and choose the columns."),
    "all_refused": N_("Not one row of this file could be read. Bring it in by hand to see why."),
    "too_large": N_("The file is too large. Split it into smaller files."),
    "disk_full": N_("The disk is full. Nothing was changed; make room and try again."),
    "other_currency": N_("The file is in another currency than the shop's."),
    "wrong_state": N_("The file is being brought in by hand at this moment."),
}
CANCELLED_WORDS = frozenset({"cancelled", "canceled", "batal", "dibatalkan", "void", "refunded", "failed", "gagal"})


class Grouping(StrEnum):
    """Which lines belong to one order."""

    INVOICE = "invoice"
    INVOICE_DAY = "invoice_day"  # tills that start again at 1 each morning
    CUSTOMER_MINUTE = "customer_minute"
    CUSTOMER_DAY = "customer_day"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How one file is read: columns by field, number and date style, currency, grouping, zone.

    `overwrite` lets values of the file replace those that stand in the shop; without it only blanks are filled.
    `line_mapping` and `line_sheet` speak of the second table of a file of orders.
    """

    mapping: Mapping[str, int]
    currency: str
    grouping: Grouping
    decimal_mark: str | None = None
    date_order: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    overwrite: bool = False
    line_mapping: Mapping[str, int] = field(default_factory=dict)
    line_sheet: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        maps = {"mapping": dict(self.mapping), "line_mapping": dict(self.line_mapping)}
        return {**plain, **maps, "grouping": str(self.grouping)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ReadingOptions":
        """Read what `as_json` wrote."""
        known = {name: value for name, value in stored.items() if name in cls.__slots__}
        return cls(**{**known, "grouping": Grouping(stored["grouping"])})


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one line in smallest units, and its quantity in thousandths; all positive."""

    quantity_milli: int
    unit_price: int
    gross: int
    discount: int
    tax: int
    is_return: bool


def default_grouping(mapping: Mapping[str, int]) -> Grouping:
    """Return the grouping a file suggests: by invoice where it has numbers, else by customer and minute."""
    return Grouping.INVOICE if "invoice" in mapping else Grouping.CUSTOMER_MINUTE


def missing_fields(mapping: Mapping[str, int]) -> list[str]:
    """Return which fields a mapping lacks for orders to be made of it, best name first."""
    missing = []
    if "placed_at" not in mapping and "date" not in mapping:
        missing.append("placed_at")
    if "product" not in mapping and "sku" not in mapping:
        missing.append("product")
    if "unit_price" not in mapping and "line_total" not in mapping:
        missing.append("unit_price")
    return missing


def line_amounts(
    *,
    quantity: Decimal | None,
    unit_price: Decimal | None,
    line_total: Decimal | None,
    discount: Decimal,
    tax: Decimal,
    scale: int,
) -> Amounts:
    """Work out a line's amounts; raises BadValue with a reason.

    A negative quantity (or total) is a return. Without a quantity it is one. The gross of a line is quantity times
    unit price, rounded once, half away from zero; where the file gives a smaller line total the difference is
    discount. A line without a price is no sale: tills write stock corrections and samples so.
    """
    quantity = Decimal(1) if quantity is None else quantity
    if quantity == 0:
        raise BadValue(Reason("zero_quantity", "quantity"))
    given = unit_price if unit_price is not None else line_total
    if given is None:
        raise BadValue(Reason("number_missing", "unit_price"))
    if unit_price is not None and unit_price < 0:
        raise BadValue(Reason("negative_price", "unit_price", str(unit_price)))
    if given == 0:
        raise BadValue(Reason("no_price", "unit_price"))
    is_return = quantity < 0 or (unit_price is None and line_total is not None and line_total < 0)
    amount = abs(quantity)
    if unit_price is not None:
        gross = to_smallest(amount * unit_price, scale)
        cut = to_smallest(abs(discount), scale)
        if line_total is not None and not discount:
            cut = max(0, gross - to_smallest(abs(line_total), scale))
    else:
        cut = to_smallest(abs(discount), scale)
        gross = to_smallest(abs(given), scale) + cut
    if cut > gross:
        raise BadValue(Reason("discount_too_large", "discount", str(discount)))
    milli = to_smallest(amount, QUANTITY_SCALE)
    if milli == 0 or max(gross, milli) > LARGEST:
        raise BadValue(Reason("bad_number", "quantity", str(quantity)))
    price = to_smallest(unit_price, scale) if unit_price is not None else round(gross * 1000 / milli)
    return Amounts(milli, price, gross, cut, to_smallest(abs(tax), scale), is_return)


def unit_source(
    *, grouping: Grouping, invoice: str, person: str, outlet: str, placed_at: datetime, zone: ZoneInfo
) -> str:
    """Return the text that is equal for all lines of one order, from whatever file they come.

    A line without the invoice number that the grouping wants falls back to person and minute.
    """
    local = placed_at.astimezone(zone)
    place = outlet.casefold()
    if invoice and grouping is Grouping.INVOICE:
        return f"invoice|{place}|{invoice}"
    if invoice and grouping is Grouping.INVOICE_DAY:
        return f"invoice|{place}|{invoice}|{local:%Y-%m-%d}"
    if grouping is Grouping.CUSTOMER_DAY and person:
        return f"day|{place}|{person}|{local:%Y-%m-%d}"
    return f"minute|{place}|{person}|{local:%Y-%m-%dT%H:%M}"


def made_up_number(*, code: str, placed_at: datetime, zone: ZoneInfo) -> str:
    """Return a readable number for an order that has none: 101201-0826-17850."""
    local = placed_at.astimezone(zone)
    return f"{local:%y%m%d-%H%M}" + (f"-{code}" if code else "")


@dataclass(slots=True)
class Tally:
    """What a file holds; `skipped` counts rows by reason."""

    rows: int = 0
    customers: int = 0
    orders: int = 0
    lines: int = 0
    returns: int = 0
    gross: int = 0
    returned: int = 0
    orders_without_customer: int = 0
    lines_without_customer: int = 0
    gross_without_customer: int = 0
    returns_without_customer: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    first_at: str = ""
    last_at: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the tally as plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


def order_lines(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return an order's lines with the discount and tax of its head spread over them; raises BadValue.

    The head's discount (and tax) is spread by what each line costs, to the last unit, where no line has one of its
    own. When the head gives no discount, a total below the lines is one. A total that still differs, after shipping
    is taken off, is refused with `order_total`: one of the two tables is wrong.
    """
    rows = [dict(line) for line in lines]
    for name in ("discount", "tax"):
        if head.get(name) and not any(row[name] for row in rows):
            _spread(rows, name, int(head[name]))
    total = head.get("total")
    if total is not None:
        goods = int(total) - int(head.get("shipping", 0))
        if not head.get("discount") and not any(row["discount"] for row in rows) and goods < _net(rows):
            _spread(rows, "discount", _net(rows) - goods)
        if _net(rows) not in (goods, int(total)):
            raise BadValue(Reason("order_total", "order_total", str(_net(rows))))
    if any(row["discount"] > row["gross"] for row in rows):
        raise BadValue(Reason("discount_too_large", "discount", str(head.get("discount", ""))))
    return rows


def _net(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(int(row["gross"]) - int(row["discount"]) + int(row["tax"]) for row in rows)


def _spread(rows: Sequence[dict[str, Any]], name: str, amount: int) -> None:
    """Share an amount among lines by their gross; the parts add up to it exactly."""
    whole = sum(row["gross"] for row in rows)
    given = seen = 0
    for row in rows:
        seen += row["gross"]
        part = amount * seen // whole - given if whole else amount - given
        given += part
        row[name] += part
