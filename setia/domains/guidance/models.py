"""Rows of guidance: goals of a quarter with key results, check-ins and initiatives; why customers left."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class Rhythm(models.TextChoices):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Objective(models.Model):
    """What the shop wants to reach in a quarter. `quarter` is its first day; it is open until `closed_at` is set."""

    id = IdField()
    title = models.CharField(max_length=160)
    quarter = models.DateField()
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.WEEKLY)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-quarter", "-id"], name="objective_by_quarter")]


class KeyResult(models.Model):
    """A figure that tells whether the objective is reached: a measure of the registry, or one entered by hand.

    `measure` is empty for one by hand. Values are in the measure's own unit (a share is 0.8 for 80 %). Whether it is to
    rise or to fall is said by `start` and `target`.
    """

    id = IdField()
    objective = models.ForeignKey(Objective, models.CASCADE, related_name="key_results")
    title = models.CharField(max_length=160)
    measure = models.CharField(max_length=30, blank=True, default="")
    unit = models.CharField(max_length=10)
    start = models.FloatField()
    target = models.FloatField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(start=models.F("target")), name="key_result_goes_somewhere")
        ]


class CheckIn(models.Model):
    """What a key result was on a day, with a word; `author` is empty where Setia noted the measure itself."""

    id = IdField()
    key_result = models.ForeignKey(KeyResult, models.CASCADE, related_name="check_ins")
    day = models.DateField()
    value = models.FloatField()
    word = models.CharField(max_length=300, blank=True, default="")
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key_result", "day"], name="check_in_once_a_day")]


class Initiative(models.Model):
    """Something done to reach an objective; done once `done_at` is set."""

    id = IdField()
    objective = models.ForeignKey(Objective, models.CASCADE, related_name="initiatives")
    title = models.CharField(max_length=160)
    due_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)


class LeaveCause(models.TextChoices):
    """Why somebody left, as he or a colleague said it."""

    IGNORED = "ignored"
    PRICE = "price"
    QUALITY = "quality"
    SERVICE = "service"
    DELIVERY = "delivery"
    RANGE = "range"
    COMPETITOR = "competitor"
    MOVED = "moved"
    NO_NEED = "no_need"
    OTHER = "other"


class LeavingReason(models.Model):
    """Why a customer left. The latest one of a person counts; his own words are sealed."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    cause = models.CharField(max_length=10, choices=LeaveCause.choices)
    words = EncryptedTextField(blank=True, default="")
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+", db_index=False)
    noted_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-id"], name="leaving_of_customer"),
            models.Index(fields=["noted_at"], name="leaving_by_time"),
        ]
