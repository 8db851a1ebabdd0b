"""What orders, money and returns say, in the reader's language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from setia.domains.commerce.rules import (
    CANCELLED,
    COLLECT,
    DELIVERED,
    DONE,
    OPEN,
    PACKED,
    PAID,
    SHIP,
    SHIPPED,
)

STATUS_NAMES: dict[str, Any] = {
    OPEN: _("To be paid"),
    PAID: _("Paid"),
    PACKED: _("Packed"),
    SHIPPED: _("Shipped"),
    DELIVERED: _("Delivered"),
    DONE: _("Done"),
    CANCELLED: _("Cancelled"),
}
_COLLECT_NAMES = {PACKED: _("Ready to collect"), DONE: _("Collected")}
_STEP_WORDS = {
    PACKED: _("It is packed"),
    SHIPPED: _("Ship"),
    DELIVERED: _("It was delivered"),
    DONE: _("Mark as done"),
    CANCELLED: _("Cancel the order"),
}
_COLLECT_STEPS = {PACKED: _("It is ready to collect"), DONE: _("It was collected")}

FULFILMENT_NAMES = {"": _("Taken along"), COLLECT: _("Collected in the store"), SHIP: _("Sent by courier")}

# Words that tills and Setia itself write in English; other words stay as the till wrote them.
CHANNEL_NAMES = {
    "hand": _("written by hand"),
    "pos": _("at the till"),
    "store": _("in the store"),
    "web": _("web shop"),
    "online": _("online"),
    "marketplace": _("marketplace"),
    "whatsapp": "WhatsApp",
}
TENDER_NAMES = {
    "cash": _("Cash"),
    "card": _("Card"),
    "transfer": _("Transfer"),
    "ewallet": _("E-wallet"),
    "qris": "QRIS",
}

MOVE_REFUSALS = {
    "stale": _("Somebody else has moved this order meanwhile. Here is how it stands now."),
    "not_allowed": _("The order cannot take this step from where it is."),
    "nothing_to_take_back": _("There is no step to take back."),
    "refunded": _("Money was already paid back for this order, so it cannot be opened again."),
}
PAY_REFUSALS = {
    "cancelled": _("The order is cancelled, so it takes no payment."),
    "refunded": _("Part of this money was already paid back, so the payment cannot be taken back."),
    "too_much": _("This is more than the shop holds of this order."),
    "reversed": _("This was already taken back."),
}
RETURN_REFUSALS = {
    "nothing": _("Say how many of at least one product come back."),
    "too_much": _("More would come back than was bought. Somebody may have written a return down meanwhile."),
    "not_returnable": _("An order that is not paid, or is cancelled, has nothing to give back."),
    "reason_needed": _("The return policy does not cover this. Write why you make an exception."),
    "till": _("This return came from a till or an import. Undo it there."),
}
DOUBTS = {
    "window": _("The time for returns is over."),
    "category": _("The policy excludes this kind of product."),
}
ELIGIBLE_WORDS = _("Unused, complete and with its receipt; or broken or wrong when it arrived.")
NOT_ELIGIBLE_WORDS = _("Food and drink that was opened, goods made to order, vouchers, clearance goods.")


def status_name(status: str, fulfilment: str) -> str:
    """Return what a status is called: what is packed for collection is ready to collect."""
    names: dict[str, Any] = _COLLECT_NAMES if fulfilment == COLLECT else {}
    return str(names.get(status) or STATUS_NAMES.get(status, status))


def step_words(status: str, fulfilment: str) -> str:
    """Return what the button says that takes an order to a status."""
    words: dict[str, Any] = _COLLECT_STEPS if fulfilment == COLLECT else {}
    return str(words.get(status) or _STEP_WORDS.get(status, status))


TONES = {OPEN: "gold", PACKED: "blue", SHIPPED: "blue", DELIVERED: "good", DONE: "good", PAID: "", CANCELLED: "bad"}
