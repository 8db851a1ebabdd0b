"""Facts about orders and returns. Amounts are smallest units of the shop's currency."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Fact):
    """Somebody bought; `order_count` is how many orders the customer has with this one.

    It is 0 for a passer-by, and for an order told of anew because the import that had brought it first was undone.
    Each count from 1 upward is said exactly once for a customer.
    """

    kind: ClassVar[str] = "commerce.order_placed"
    subject: ClassVar[str] = "order_id"
    order_id: int
    number: str
    net: int
    line_count: int
    order_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRecorded(Fact):
    """Goods came back."""

    kind: ClassVar[str] = "commerce.return_recorded"
    subject: ClassVar[str] = "return_id"
    return_id: int
    total: int
    line_count: int
