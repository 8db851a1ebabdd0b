"""What a door hands over to be written: sales and returns in plain values."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A line to sell. `gross` is before discount and tax; all money in smallest units, quantity in thousandths."""

    product_id: int
    quantity_milli: int
    unit_price: int
    gross: int
    discount: int = 0
    tax: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.discount + self.tax

    @property
    def content(self) -> tuple[int, int, int, int, int]:
        """Return what makes two lines of one order the same line."""
        return self.product_id, self.quantity_milli, self.gross, self.discount, self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDraft:
    """An order to write. `source` names it in the world it comes from, e.g. `invoice|INV-1`."""

    source: str
    number: str
    customer_id: int | None
    placed_at: datetime
    lines: tuple[LineDraft, ...]
    outlet_id: int | None = None
    channel: str = ""
    tender: str = ""
    status: str = "paid"
    fulfilment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineDraft:
    """A line that came back; `total` is positive. `order_line_id` says which bought line it is, where that is known."""

    product_id: int
    quantity_milli: int
    total: int
    order_line_id: int | None = None

    @property
    def content(self) -> tuple[int, int, int]:
        """Return what makes two lines of one return the same line."""
        return self.product_id, self.quantity_milli, self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDraft:
    """A return to write."""

    source: str
    customer_id: int | None
    returned_at: datetime
    lines: tuple[ReturnLineDraft, ...]
    number: str = ""
    outlet_id: int | None = None
    reason: str = ""
    order_source: str | None = None
    order_id: int | None = None


def source_key(source: str) -> bytes:
    """Return the 16 bytes under which a sale or return is written once for ever."""
    return hashlib.blake2b(source.encode(), digest_size=16).digest()
