"""Rows of customers and their identities."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.rules import IdentityKind
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class Customer(models.Model):
    """A person who buys from the shop.

    `id` never changes. `canonical` points to the person this row was merged into; readers use the set of aliases.
    `origin_id` names the import that made the row.
    """

    id = IdField()
    name = models.CharField(max_length=160, blank=True, default="")
    search_name = models.CharField(max_length=160, blank=True, default="")
    code = models.CharField(max_length=64, blank=True, default="")
    birth_date = models.DateField(null=True)
    address = EncryptedTextField(blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    country = models.CharField(max_length=80, blank=True, default="")
    language = models.CharField(max_length=5, default="id")
    joined_at = models.DateTimeField()
    created_at = models.DateTimeField()
    canonical = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    origin_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["search_name", "id"], name="customer_by_name"),
            models.Index(fields=["canonical"], name="customer_aliases", condition=models.Q(canonical__isnull=False)),
            models.Index(fields=["origin_id"], name="customer_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class Identity(models.Model):
    """One way to recognize a person. The value is encrypted; `lookup` finds it whole, `tail` by its last four."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in IdentityKind])
    value = EncryptedTextField()
    lookup = models.BinaryField(max_length=32)
    tail = models.BigIntegerField(null=True)
    origin_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "lookup"], name="identity_one_owner"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tail"], name="identity_tail", condition=models.Q(tail__isnull=False)),
            models.Index(fields=["origin_id"], name="identity_origin", condition=models.Q(origin_id__isnull=False)),
        ]
