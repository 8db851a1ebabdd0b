"""Rows of what was sold and brought back, and of the counters they add up to."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.shop.models import Outlet
from setia.foundation.db.fields import IdField


class OrderStatus(models.TextChoices):
    OPEN = "open"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    DONE = "done"
    CANCELLED = "cancelled"


class Fulfilment(models.TextChoices):
    """How the goods reach the customer; most are taken along at the counter."""

    COUNTER = "", "Counter"
    COLLECT = "collect"
    SHIP = "ship"


class Product(models.Model):
    """A thing sold. `key` is the SKU or, where tills give none, the name without case and double blanks."""

    id = IdField()
    key = models.CharField(max_length=200, unique=True)
    sku = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=80, blank=True, default="")
    price = models.BigIntegerField(default=0)
    origin_id = models.BigIntegerField(null=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="product_by_name")]


class Order(models.Model):
    """A purchase. `customer` is empty for a passer-by; `source_key` keeps one purchase from being written twice.

    `shop_day` is the business day by the outlet's zone and the shop's cut-off hour. `paid_total` is empty while only
    the till has spoken: then an open order is not paid and any other is paid in full.
    """

    id = IdField()
    number = models.CharField(max_length=64)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", db_index=False)
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=20, blank=True, default="")
    tender = models.CharField(max_length=20, blank=True, default="")
    status = models.CharField(max_length=10, choices=OrderStatus.choices, default=OrderStatus.PAID)
    placed_at = models.DateTimeField()
    shop_day = models.DateField()
    gross = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    returned_total = models.BigIntegerField(default=0)
    # Rows are written in bulk by column, so the newer columns have their defaults in the database.
    fulfilment = models.CharField(max_length=10, choices=Fulfilment.choices, blank=True, default="", db_default="")
    paid_total = models.BigIntegerField(null=True)
    refunded_total = models.BigIntegerField(default=0, db_default=0)
    line_count = models.PositiveIntegerField(default=0)
    source_key = models.BinaryField(max_length=16, unique=True)
    origin_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(net=models.F("gross") - models.F("discount") + models.F("tax")),
                name="order_net_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_total__gte=0)
                & (models.Q(paid_total__isnull=True) | models.Q(refunded_total__lte=models.F("paid_total"))),
                name="order_refunds_what_was_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "-placed_at", "-id"],
                name="order_of_customer",
                condition=models.Q(customer__isnull=False),
            ),
            # All that the list of orders is narrowed by, so that passing over a million of them reads no order itself.
            models.Index(
                fields=[
                    *("-placed_at", "-id", "shop_day", "status", "outlet", "channel", "net"),
                    *("paid_total", "refunded_total", "returned_total"),
                ],
                name="order_listed",
            ),
            models.Index(fields=["number"], name="order_by_number"),
            # The few orders somebody still works on, among the millions a till has closed.
            models.Index(
                fields=["status", "-placed_at", "-id"],
                name="order_at_work",
                condition=models.Q(status__in=["open", "packed", "shipped", "delivered", "cancelled"]),
            ),
            # All that "sales of a day until this hour" asks for, so that no order itself is read.
            models.Index(fields=["shop_day", "placed_at", "status", "net", "customer"], name="order_day_figures"),
            models.Index(fields=["origin_id"], name="order_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class OrderLine(models.Model):
    """One line of an order. `customer_id`, `outlet_id`, `tender` and `shop_day` repeat the order's, so that lines
    stand alone when they are read by the million. `origin_id` names the import that wrote the line."""

    id = IdField()
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    customer_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    tender = models.CharField(max_length=20, blank=True, default="")
    shop_day = models.DateField(null=True)
    position = models.PositiveIntegerField()
    quantity_milli = models.BigIntegerField()
    unit_price = models.BigIntegerField()
    gross = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    origin_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity_milli__gt=0), name="line_sells_something"),
            models.CheckConstraint(
                condition=models.Q(net=models.F("gross") - models.F("discount") + models.F("tax")),
                name="line_net_adds_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["origin_id"], name="line_origin", condition=models.Q(origin_id__isnull=False)),
            models.Index(fields=["product", "shop_day"], name="line_of_product"),
        ]

    @property
    def quantity(self) -> float:
        return self.quantity_milli / 1000


class Return(models.Model):
    """Goods that came back, or money given back for them. Amounts are positive."""

    id = IdField()
    number = models.CharField(max_length=64, blank=True, default="")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="returns")
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="+", db_index=False)
    returned_at = models.DateTimeField()
    shop_day = models.DateField()
    total = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True, default="")
    source_key = models.BinaryField(max_length=16, unique=True)
    origin_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "-returned_at", "-id"],
                name="return_of_customer",
                condition=models.Q(customer__isnull=False),
            ),
            models.Index(fields=["shop_day"], name="return_by_day"),
            models.Index(fields=["origin_id"], name="return_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class ReturnLine(models.Model):
    """One line of a return, tied to the line it was bought with where that is known."""

    id = IdField()
    return_row = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    customer_id = models.BigIntegerField(null=True)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, related_name="returned")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    quantity_milli = models.BigIntegerField()
    total = models.BigIntegerField()
    origin_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity_milli__gt=0), name="return_line_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["origin_id"], name="return_line_origin", condition=models.Q(origin_id__isnull=False)),
        ]

    @property
    def quantity(self) -> float:
        return self.quantity_milli / 1000


class CustomerCounters(models.Model):
    """What one customer's purchases add up to, written in the order's own transaction.

    `spent_total` is the net of all his orders, before returns; `returned_total` is what went back. The database
    makes the row together with the customer's.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="counters")
    order_count = models.PositiveIntegerField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    spent_total = models.BigIntegerField(default=0)
    return_count = models.PositiveIntegerField(default=0)
    returned_total = models.BigIntegerField(default=0)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-last_order_at", "-customer"], name="counters_by_recency"),
            models.Index(fields=["-spent_total", "-customer"], name="counters_by_spend"),
            models.Index(fields=["-order_count", "-customer"], name="counters_by_orders"),
            models.Index(fields=["-first_order_at", "-customer"], name="counters_by_first"),
        ]

    @property
    def average_gap(self) -> timedelta | None:
        """Return the average time between two orders, or None before the second."""
        if self.order_count < 2 or self.first_order_at is None or self.last_order_at is None:
            return None
        return (self.last_order_at - self.first_order_at) / (self.order_count - 1)

    @property
    def average_order(self) -> int | None:
        """Return the average net of an order in smallest units, or None before the first."""
        return round(self.spent_total / self.order_count) if self.order_count else None


class DayCounters(models.Model):
    """A part of what a business day adds up to; the parts of a day are read together only.

    `outlet_id` is 0 where no outlet is known. Amounts are in smallest units; `net_total` is before returns, and
    `returned_total` is what came back on that day, whenever it was sold.
    """

    id = IdField()
    shop_day = models.DateField()
    outlet_id = models.BigIntegerField()
    shard = models.SmallIntegerField()
    order_count = models.BigIntegerField(default=0)
    known_count = models.BigIntegerField(default=0)
    net_total = models.BigIntegerField(default=0)
    returned_total = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop_day", "outlet_id", "shard"], name="day_counters_part"),
        ]
