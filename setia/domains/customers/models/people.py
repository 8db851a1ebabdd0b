"""Rows of people: who they are, what the shop notes of them, and who was merged into whom."""

from typing import ClassVar

from django.db import models

from setia.domains.staff.models import Staff
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
    salutation = models.CharField(max_length=10, blank=True, default="")
    gender = models.CharField(max_length=10, blank=True, default="")
    # What he likes: names of product categories and free words, as the shop writes them.
    interests = models.JSONField(default=list, blank=True)
    preferred_channel = models.CharField(max_length=12, blank=True, default="")
    acquisition_source = models.CharField(max_length=40, blank=True, default="")
    acquisition_cost = models.BigIntegerField(null=True)
    # Who of the team looks after him.
    owner = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+", db_index=False)
    joined_at = models.DateTimeField()
    created_at = models.DateTimeField()
    canonical = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    origin_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["search_name", "id"], name="customer_by_name"),
            models.Index(fields=["canonical"], name="customer_aliases", condition=models.Q(canonical__isnull=False)),
            models.Index(fields=["origin_id"], name="customer_origin", condition=models.Q(origin_id__isnull=False)),
            models.Index(fields=["owner", "id"], name="customer_by_owner", condition=models.Q(owner__isnull=False)),
        ]


class FamilyDate(models.Model):
    """A day of the year that matters to a customer beside his own birthday, such as a child's birthday."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="family_dates", db_index=False)
    relation = models.CharField(max_length=12)
    name = EncryptedTextField(blank=True, default="")
    date = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "id"], name="family_date_of_customer")]


class Tag(models.Model):
    """A word the shop sorts people by. `key` is its name without case and double blanks."""

    id = IdField()
    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    created_at = models.DateTimeField()


class CustomerTag(models.Model):
    """A tag on a customer."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customer_tag_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["tag", "-customer"], name="customer_tag_by_tag")]


class Merge(models.Model):
    """One merge of two people, with all that is needed to take it back.

    `moved_ids` are the rows that were pointed to the winner; `before` holds, sealed, the winner's fields as they were
    before blanks were filled from the loser, and what was put there; `tag_ids` are tags the winner got from the loser.
    """

    id = IdField()
    winner = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    loser = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    moved_ids = models.JSONField(default=list)
    before = EncryptedTextField(blank=True, default="")
    tag_ids = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    merged_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    undone_at = models.DateTimeField(null=True)
    undone_by_kind = models.CharField(max_length=10, blank=True, default="")
    undone_by_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["loser"], name="merge_standing_once", condition=models.Q(undone_at__isnull=True)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-merged_at"], name="merge_latest")]
