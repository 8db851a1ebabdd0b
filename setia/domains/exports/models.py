"""Rows of exports."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from setia.domains.exports.rules import KEEP_FILES, Form
from setia.foundation.actors import Actor
from setia.foundation.db.fields import IdField


class ExportState(models.TextChoices):
    """Where an export stands. `waiting` and `running` are background work; the file is there while it is `done`."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELETED = "deleted"


class Export(models.Model):
    """One file that was asked for. `filters` says which rows (days, outlet); `as_of` is the moment it shows.

    The row outlives the file: who took what out of the shop, and when, is kept.
    """

    id = IdField()
    kind = models.CharField(max_length=20)
    form = models.CharField(max_length=8)
    filters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(default=0)
    byte_count = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=80, blank=True, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    as_of = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="export_latest"),
            models.Index(fields=["finished_at"], name="export_to_expire", condition=models.Q(state="done")),
        ]

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done_count // self.total_count) if self.total_count else 0

    @property
    def is_working(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)

    @property
    def expires_at(self) -> datetime | None:
        return self.finished_at + KEEP_FILES if self.finished_at else None

    @property
    def file_name(self) -> str:
        return f"setia-{self.kind}-{self.created_at:%Y%m%d-%H%M}.{Form(self.form).suffix}"
