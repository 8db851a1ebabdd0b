"""Facts about orders, returns, carts and products. Amounts are smallest units of the shop's currency."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Fact):
    """Somebody bought; `order_count` is how many orders the customer has with this one.

    It is 0 for a passer-by, and for an order told of anew because the import that had brought it first was undone.
    Each count from 1 upward is said once for a customer, and again only when an order before it was cancelled.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatusChanged(Fact):
    """An order went a step further, or a step was taken back."""

    kind: ClassVar[str] = "commerce.order_status_changed"
    subject: ClassVar[str] = "order_id"
    order_id: int
    number: str
    from_status: str
    to_status: str
    is_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSaved(Fact):
    """A parcel's courier, tracking number or promised date was written down or changed."""

    kind: ClassVar[str] = "commerce.shipment_saved"
    subject: ClassVar[str] = "order_id"
    order_id: int
    number: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecorded(Fact):
    """Money came in for an order; `amount` is negative when a payment was taken back."""

    kind: ClassVar[str] = "commerce.payment_recorded"
    subject: ClassVar[str] = "payment_id"
    payment_id: int
    order_id: int
    number: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecorded(Fact):
    """Money went back to a customer; `amount` is negative when a refund was taken back."""

    kind: ClassVar[str] = "commerce.refund_recorded"
    subject: ClassVar[str] = "refund_id"
    refund_id: int
    order_id: int
    number: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnChecked(Fact):
    """The goods of a return were looked at and are as they should be."""

    kind: ClassVar[str] = "commerce.return_checked"
    subject: ClassVar[str] = "return_id"
    return_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUndone(Fact):
    """A return that was written down by mistake was taken back, with its refunds."""

    kind: ClassVar[str] = "commerce.return_undone"
    subject: ClassVar[str] = "return_id"
    return_id: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPolicyChanged(Fact):
    """What the shop promises about returns was changed; says which parts."""

    kind: ClassVar[str] = "commerce.return_policy_changed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAdded(Fact):
    """A product was added by hand."""

    kind: ClassVar[str] = "commerce.product_added"
    subject: ClassVar[str] = "product_id"
    product_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(Fact):
    """A product was changed; says which parts."""

    kind: ClassVar[str] = "commerce.product_changed"
    subject: ClassVar[str] = "product_id"
    product_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CartStarted(Fact):
    """Somebody put the first product in a cart."""

    kind: ClassVar[str] = "commerce.cart_started"
    subject: ClassVar[str] = "cart_id"
    cart_id: int
    total: int
    line_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartTakenUp(Fact):
    """Somebody changed a cart that had been left alone; it is open again."""

    kind: ClassVar[str] = "commerce.cart_taken_up"
    subject: ClassVar[str] = "cart_id"
    cart_id: int
    total: int
    line_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartAbandoned(Fact):
    """A cart with something in it was left alone for longer than the shop waits; said once for each content."""

    kind: ClassVar[str] = "commerce.cart_abandoned"
    subject: ClassVar[str] = "cart_id"
    cart_id: int
    total: int
    line_count: int
