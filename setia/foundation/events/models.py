"""Rows of facts and of their delivery to subscribers."""

from typing import ClassVar

from django.db import models

from setia.foundation.db.append_only import append_only
from setia.foundation.db.fields import IdField


@append_only
class Event(models.Model):
    """One fact. `customer_id` has no foreign key: the table outlives the rows it speaks of and knows no customer."""

    id = IdField()
    kind = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    customer_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    batch_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["customer_id", "-occurred_at", "-id"],
                name="event_timeline",
                condition=models.Q(customer_id__isnull=False),
            ),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="event_actor"),
        ]


@append_only
class VoidedBatch(models.Model):
    """A batch of facts that was undone, such as an import; its events stay but are shown no more."""

    batch_id = models.BigIntegerField(primary_key=True)
    voided_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()


class Delivery(models.Model):
    """A fact still owed to one subscriber; the row goes when it is done.

    Never an id cursor: commits do not come in the order of ids, and a cursor missed one fact in twenty.
    """

    id = IdField()
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    subscriber = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="delivery_due")]


@append_only
class AccessLog(models.Model):
    """Who looked at whose personal data, when and on which page."""

    id = IdField()
    looked_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)
    page = models.CharField(max_length=60)
    row_count = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id", "-id"], name="access_customer")]
