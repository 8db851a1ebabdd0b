"""Verbs of commerce."""

from setia.domains.commerce.actions.by_hand import HandLine, place_by_hand
from setia.domains.commerce.actions.carts import CartLineDraft, UnableToOrder, abandon_carts, convert_cart, save_cart
from setia.domains.commerce.actions.catalogue import (
    ProductClaim,
    ProductExists,
    add_missing_products,
    add_product,
    change_product,
    ensure_products,
)
from setia.domains.commerce.actions.days import recount_days
from setia.domains.commerce.actions.hand_returns import (
    Money,
    UnableToReturn,
    change_return_policy,
    mark_checked,
    take_back,
    undo_return,
)
from setia.domains.commerce.actions.payments import (
    UnableToPay,
    pay_back,
    reverse_payment,
    reverse_refund,
    take_payment,
)
from setia.domains.commerce.actions.returns import record_returns
from setia.domains.commerce.actions.sales import Written, record_sales
from setia.domains.commerce.actions.status import UnableToMove, move_order, ship_order, take_step_back
from setia.domains.commerce.actions.undo import recount, remove_orders_of_import, remove_products_of_import

__all__ = [
    "CartLineDraft",
    "HandLine",
    "Money",
    "ProductClaim",
    "ProductExists",
    "UnableToMove",
    "UnableToOrder",
    "UnableToPay",
    "UnableToReturn",
    "Written",
    "abandon_carts",
    "add_missing_products",
    "add_product",
    "change_product",
    "change_return_policy",
    "convert_cart",
    "ensure_products",
    "mark_checked",
    "move_order",
    "pay_back",
    "place_by_hand",
    "record_returns",
    "record_sales",
    "recount",
    "recount_days",
    "remove_orders_of_import",
    "remove_products_of_import",
    "reverse_payment",
    "reverse_refund",
    "save_cart",
    "ship_order",
    "take_back",
    "take_payment",
    "take_step_back",
    "undo_return",
]
