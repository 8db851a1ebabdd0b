"""Rows of carts: what somebody put together and has not ordered yet."""

from typing import ClassVar

from django.db import models

from setia.domains.commerce.models.sales import Order, Product
from setia.domains.customers.models import Customer
from setia.domains.shop.models import Outlet
from setia.foundation.db.fields import IdField


class CartState(models.TextChoices):
    OPEN = "open"
    ORDERED = "ordered"
    ABANDONED = "abandoned"


class Cart(models.Model):
    """A cart of the website, the app or a chat. `source` names it where it comes from; `source_key` keeps it one.

    `updated_at` is when its content last changed: silence is counted from there.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", db_index=False)
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=120)
    source_key = models.BinaryField(max_length=16, unique=True)
    state = models.CharField(max_length=10, choices=CartState.choices, default=CartState.OPEN)
    total = models.BigIntegerField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    abandoned_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "-updated_at", "-id"], name="cart_by_state"),
            models.Index(
                fields=["customer", "-updated_at"], name="cart_of_customer", condition=models.Q(customer__isnull=False)
            ),
        ]


class CartLine(models.Model):
    """One product in a cart, at the price shown to the person who chose it."""

    id = IdField()
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    customer_id = models.BigIntegerField(null=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    quantity_milli = models.BigIntegerField()
    unit_price = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity_milli__gt=0), name="cart_line_holds_something"),
        ]
