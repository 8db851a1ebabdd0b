"""Rows of commerce. Money is whole smallest units of the shop's currency; quantities are thousandths."""

from setia.domains.commerce.models.carts import Cart, CartLine, CartState
from setia.domains.commerce.models.catalogue import CategoryChange, PriceChange
from setia.domains.commerce.models.sales import (
    CustomerCounters,
    DayCounters,
    Fulfilment,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Return,
    ReturnLine,
)
from setia.domains.commerce.models.work import (
    OrderStatusChange,
    Payment,
    Refund,
    ReturnCase,
    ReturnPolicy,
    Shipment,
)

__all__ = [
    "Cart",
    "CartLine",
    "CartState",
    "CategoryChange",
    "CustomerCounters",
    "DayCounters",
    "Fulfilment",
    "Order",
    "OrderLine",
    "OrderStatus",
    "OrderStatusChange",
    "Payment",
    "PriceChange",
    "Product",
    "Refund",
    "Return",
    "ReturnCase",
    "ReturnLine",
    "ReturnPolicy",
    "Shipment",
]
