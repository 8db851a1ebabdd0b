"""Rows of the catalogue's history: what a product cost and where it stood, before and after."""

from typing import ClassVar

from django.db import models

from setia.domains.commerce.models.sales import Product
from setia.foundation.db.append_only import append_only
from setia.foundation.db.fields import IdField


@append_only
class PriceChange(models.Model):
    """One change of a product's price, in smallest units. Orders keep the price they were sold at."""

    id = IdField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="price_changes", db_index=False)
    old_price = models.BigIntegerField()
    new_price = models.BigIntegerField()
    changed_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["product", "-changed_at", "-id"], name="price_change_of_product")]


@append_only
class CategoryChange(models.Model):
    """One change of a product's category."""

    id = IdField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="category_changes", db_index=False)
    old_category = models.CharField(max_length=80, blank=True)
    new_category = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["product", "-changed_at", "-id"], name="category_change_of_product")]
