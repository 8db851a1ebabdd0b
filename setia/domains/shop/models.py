"""Rows of the shop: one profile, many outlets."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models

from setia.foundation.db.fields import IdField
from setia.foundation.money import Currency, currency


class Shop(models.Model):
    """The one business of this database; its row has id 1 and is made by the first migration."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=120, default="", blank=True)
    currency_code = models.CharField(max_length=3, default="IDR")
    zone_name = models.CharField(max_length=40, default="Asia/Jakarta")
    cutoff_hour = models.PositiveSmallIntegerField(default=0)
    default_language = models.CharField(max_length=5, default="id")
    cart_idle_minutes = models.PositiveIntegerField(default=60)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="shop_only_one"),
            models.CheckConstraint(condition=models.Q(cutoff_hour__lt=24), name="shop_cutoff_in_day"),
            models.CheckConstraint(condition=models.Q(cart_idle_minutes__gte=1), name="shop_cart_idle_positive"),
        ]

    @property
    def currency(self) -> Currency:
        return currency(self.currency_code)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)


class Outlet(models.Model):
    """A place that sells: a street shop, a stall, an online shop. `code` is what tills call it.

    `hours` are its opening hours as `rules.Hours` keeps them; `opening_hours` is a note in free words.
    """

    id = IdField()
    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80, blank=True, default="")
    zone_name = models.CharField(max_length=40, default="Asia/Jakarta")
    opening_hours = models.CharField(max_length=120, blank=True, default="")
    hours = models.JSONField(default=dict, blank=True)
    origin_id = models.BigIntegerField(null=True, db_index=True)
    created_at = models.DateTimeField()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
