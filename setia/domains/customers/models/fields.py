"""Rows of custom fields: what else a shop notes of its customers, for what purpose and how long."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models.people import Customer
from setia.domains.customers.rules import FieldKind
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class CustomField(models.Model):
    """A field the shop added. `key` is its name in files and the API; `retention_days` 0 keeps values with the person.

    `is_specific` marks data that the law protects more (UU PDP 27/2022, article 4): its values are kept sealed only
    and are shown to those who may see personal data.
    """

    id = IdField()
    key = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in FieldKind])
    choices = models.JSONField(default=list, blank=True)
    purpose = models.CharField(max_length=200)
    retention_days = models.PositiveIntegerField(default=0)
    is_specific = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()


class CustomValue(models.Model):
    """What a field says of one person, as text in one agreed form: see `rules.parse_field`.

    `plain` repeats the text for kinds that sort and filter (number, date, choice, yes/no) unless it is specific data.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="custom_values", db_index=False)
    field = models.ForeignKey(CustomField, models.CASCADE, related_name="+", db_index=False)
    text = EncryptedTextField()
    plain = models.CharField(max_length=60, blank=True, default="")
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "field"], name="custom_value_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["field", "plain", "customer"], name="custom_value_by_value"),
            models.Index(fields=["field", "set_at"], name="custom_value_by_age"),
        ]
