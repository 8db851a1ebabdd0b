"""Rows of notes, contacts and outside events. That they happened is a fact; what they say stays here, erasable."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class Note(models.Model):
    """Words somebody wrote about a customer."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    body = EncryptedTextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-id"], name="note_of_customer")]


class InteractionKind(models.TextChoices):
    CALL = "call"
    VISIT = "visit"
    CHAT = "chat"
    EMAIL = "email"
    MEETING = "meeting"
    OTHER = "other"


class Interaction(models.Model):
    """One contact with a customer that somebody logged, or a file brought: a call, a visit, a chat.

    `source_key` names a contact that came from outside, so that it is written once; by hand it is empty (NULL).
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=InteractionKind.choices)
    is_inbound = models.BooleanField(default=False)
    outcome = models.CharField(max_length=40, blank=True, default="")
    duration_seconds = models.PositiveIntegerField(default=0)
    body = EncryptedTextField(blank=True, default="")
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", db_index=False)
    outlet_id = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    origin_id = models.BigIntegerField(null=True)
    source_key = models.BinaryField(max_length=16, null=True, unique=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-happened_at", "-id"], name="interaction_of_customer"),
            models.Index(fields=["origin_id"], name="interaction_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class OutsideEvent(models.Model):
    """Something another program says happened, such as `app.login`; `properties` are sealed, for they may be personal.

    `source_key` keeps one event from being written twice.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    properties = EncryptedTextField(blank=True, default="")
    source = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source_key = models.BinaryField(max_length=16, unique=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "-occurred_at", "-id"],
                name="outside_event_of_customer",
                condition=models.Q(customer__isnull=False),
            ),
            models.Index(fields=["name", "-occurred_at"], name="outside_event_by_name"),
        ]
