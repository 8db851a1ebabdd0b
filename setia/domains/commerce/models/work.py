"""Rows of the work on orders: how far each is, what was paid, shipped, brought back and paid back."""

from typing import ClassVar

from django.db import models

from setia.domains.commerce.models.sales import Order, Return
from setia.foundation.db.append_only import append_only
from setia.foundation.db.fields import IdField


@append_only
class OrderStatusChange(models.Model):
    """One step of an order. `is_back` marks a step that takes the one before it back.

    The order has no foreign key in the database: the history stays when an import is undone with its orders.
    """

    id = IdField()
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="status_changes", db_constraint=False)
    customer_id = models.BigIntegerField(null=True)
    from_status = models.CharField(max_length=10)
    to_status = models.CharField(max_length=10)
    is_back = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()


class Shipment(models.Model):
    """A parcel on its way. `estimated_date` is what was promised; `delivered_at` is what came true."""

    id = IdField()
    order = models.OneToOneField(Order, models.CASCADE, related_name="shipment")
    customer_id = models.BigIntegerField(null=True)
    courier = models.CharField(max_length=60)
    tracking_number = models.CharField(max_length=64, blank=True, default="")
    estimated_date = models.DateField(null=True)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tracking_number"], name="shipment_by_tracking"),
            models.Index(fields=["courier"], name="shipment_by_courier"),
            models.Index(
                fields=["estimated_date"],
                name="shipment_on_its_way",
                condition=models.Q(delivered_at__isnull=True),
            ),
        ]


class Payment(models.Model):
    """Money that came in for an order, or with `reverses` a payment taken back, whose amount is negative.

    Rows are never changed. A payment outlives its order when the import that brought the order is undone.
    """

    id = IdField()
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="payments")
    customer_id = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()
    tender = models.CharField(max_length=20)
    reference = models.CharField(max_length=80, blank=True, default="")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    paid_at = models.DateTimeField()
    created_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    source_key = models.BinaryField(max_length=16, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(reverses__isnull=True, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
                name="payment_sign_is_right",
            ),
        ]


class Refund(models.Model):
    """Money that went back to a customer, for a return or for a cancelled order; reversed like a payment."""

    id = IdField()
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="refunds")
    return_row = models.ForeignKey(Return, models.SET_NULL, null=True, related_name="refunds")
    customer_id = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()
    tender = models.CharField(max_length=20)
    reason = models.CharField(max_length=120, blank=True, default="")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    refunded_at = models.DateTimeField()
    created_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    source_key = models.BinaryField(max_length=16, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(reverses__isnull=True, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
                name="refund_sign_is_right",
            ),
        ]


class ReturnPolicy(models.Model):
    """What the shop promises about returns; row 1, or its defaults where it was never saved.

    Days are calendar days. Empty words stand for Setia's own, which are translated.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    window_days = models.PositiveSmallIntegerField(default=14)
    check_days_min = models.PositiveSmallIntegerField(default=1)
    check_days_max = models.PositiveSmallIntegerField(default=3)
    refund_days_min = models.PositiveSmallIntegerField(default=3)
    refund_days_max = models.PositiveSmallIntegerField(default=5)
    total_days_min = models.PositiveSmallIntegerField(default=7)
    total_days_max = models.PositiveSmallIntegerField(default=10)
    eligible_words = models.TextField(blank=True, default="")
    not_eligible_words = models.TextField(blank=True, default="")
    excluded_categories = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="return_policy_only_one"),
            models.CheckConstraint(
                condition=models.Q(check_days_min__lte=models.F("check_days_max"))
                & models.Q(refund_days_min__lte=models.F("refund_days_max"))
                & models.Q(total_days_min__lte=models.F("total_days_max")),
                name="return_policy_spans_in_order",
            ),
        ]


class ReturnCase(models.Model):
    """A return taken in by a person: what was promised that day, and what came of it.

    Returns of imports have none: the till has already paid them back.
    """

    id = IdField()
    return_row = models.OneToOneField(Return, models.CASCADE, related_name="case")
    customer_id = models.BigIntegerField(null=True)
    check_due_date = models.DateField()
    refund_due_date = models.DateField()
    done_due_date = models.DateField()
    checked_at = models.DateTimeField(null=True)
    doubts = models.JSONField(default=list)
    exception_reason = models.CharField(max_length=200, blank=True, default="")
