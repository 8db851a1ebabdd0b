"""Verbs of commerce."""

from setia.domains.commerce.actions.by_hand import HandLine, place_by_hand
from setia.domains.commerce.actions.catalogue import ProductClaim, ensure_products
from setia.domains.commerce.actions.days import recount_days
from setia.domains.commerce.actions.returns import record_returns
from setia.domains.commerce.actions.sales import Written, record_sales
from setia.domains.commerce.actions.undo import recount, remove_orders_of_import, remove_products_of_import

__all__ = [
    "HandLine",
    "ProductClaim",
    "Written",
    "ensure_products",
    "place_by_hand",
    "record_returns",
    "record_sales",
    "recount",
    "recount_days",
    "remove_orders_of_import",
    "remove_products_of_import",
]
