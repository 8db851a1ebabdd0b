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


@append_only
class AuditSeal(models.Model):
    """One link of the audit's hash chain: a batch of rows of one table, sealed by the worker after they committed.

    `marks` holds the id and a short digest of each row, so that a check can name the very row that was changed;
    `hash` covers the rows, the marks and the seal before; `stamp` is that hash under a key that the database does
    not hold, so whoever can write to the database still cannot forge a chain. A late batch holds rows whose ids lie
    before those sealed already, for transactions do not commit in the order of ids.
    """

    number = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=20)
    from_id = models.BigIntegerField()
    to_id = models.BigIntegerField()
    row_count = models.PositiveIntegerField()
    is_late = models.BooleanField(default=False)
    marks = models.BinaryField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    stamp = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "-number"], name="seal_of_source")]


@append_only
class AuditCheck(models.Model):
    """One walk over the whole audit: how far, and the first thing found wrong (empty when all was as sealed)."""

    id = IdField()
    checked_at = models.DateTimeField()
    seal_count = models.PositiveIntegerField()
    row_count = models.BigIntegerField()
    finding = models.CharField(max_length=20, blank=True, default="")
    found_in = models.CharField(max_length=40, blank=True, default="")
    found_id = models.BigIntegerField(null=True)
