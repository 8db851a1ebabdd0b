"""Rows of imports and of mappings to remember."""

from typing import Any, ClassVar

from django.db import models

from setia.foundation.actors import Actor
from setia.foundation.db.fields import IdField


class ImportState(models.TextChoices):
    """Where an import stands. Checking and writing are background work; the others wait for a person or are ends."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    ASKING = "asking"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"


class Import(models.Model):
    """One file. `options` says how to read it, `counts` what is in it, `written` what it changed.

    `position` is the last unit (order or return) that is written; it moves in the same transaction as the unit,
    which is what makes a killed import go on without writing a row twice. `is_short` says that rows which this file
    shared with an earlier one went when that one was taken back.
    """

    id = IdField()
    kind = models.CharField(max_length=20, default="lines")
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    byte_count = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    written = models.JSONField(default=dict)
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    problem = models.JSONField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    work_seconds = models.FloatField(default=0)
    peak_mib = models.FloatField(default=0)
    files_gone_at = models.DateTimeField(null=True)
    is_short = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-created_at"], name="import_latest"),
            models.Index(fields=["file_hash"], name="import_by_file"),
        ]

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done_count // self.total_count) if self.total_count else 0

    @property
    def is_working(self) -> bool:
        return self.state in (ImportState.CHECKING, ImportState.WRITING, ImportState.UNDOING)

    @property
    def can_undo(self) -> bool:
        return self.state in (ImportState.DONE, ImportState.FAILED, ImportState.WRITING) and self.position > 0

    def option(self, name: str, default: Any = None) -> Any:
        """Return one reading option."""
        return self.options.get(name, default)


class SavedMapping(models.Model):
    """How a file with these headings was read last, offered again for the next one."""

    signature = models.CharField(max_length=64, primary_key=True)
    options = models.JSONField()
    used_at = models.DateTimeField()
