"""How lines become orders. Pure decisions."""

from collections.abc import Mapping
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
CANCELLED_WORDS = frozenset({"cancelled", "canceled", "batal", "dibatalkan", "void", "refunded", "failed", "gagal"})


class Grouping(StrEnum):
    """Which lines belong to one order."""

    INVOICE = "invoice"
    INVOICE_DAY = "invoice_day"  # tills that start again at 1 each morning
    CUSTOMER_MINUTE = "customer_minute"
    CUSTOMER_DAY = "customer_day"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How one file is read: columns by field, number and date style, currency, grouping, zone."""

    mapping: Mapping[str, int]
    currency: str
    grouping: Grouping
    decimal_mark: str | None = None
    date_order: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "mapping": dict(self.mapping), "grouping": str(self.grouping)}

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
