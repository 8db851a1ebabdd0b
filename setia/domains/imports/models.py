"""Rows of imports and of mappings to remember."""

from typing import Any, ClassVar

from django.db import models

from setia.foundation.actors import Actor
from setia.foundation.crypto import EncryptedTextField
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
    folder = models.ForeignKey("WatchFolder", models.SET_NULL, null=True, related_name="+")

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


class NamedMapping(models.Model):
    """A mapping somebody gave a name: which heading holds which field, for files of one kind.

    `columns` are headings by field, so that it fits files whose columns stand in another order; `options` are the
    other choices of how to read.
    """

    id = IdField()
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)
    columns = models.JSONField(default=dict)
    line_columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class WatchFolder(models.Model):
    """A folder whose files are imported by themselves. An empty `path` is the kind's own inbox in the shop's home.

    `failed_at` is when a file of it failed last; somebody who has seen that sets it back to nothing.
    """

    id = IdField()
    path = models.CharField(max_length=400, blank=True, default="")
    kind = models.CharField(max_length=20)
    mapping = models.ForeignKey(NamedMapping, models.SET_NULL, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failed_file = models.CharField(max_length=200, blank=True, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["path", "kind"], name="watch_folder_once")]


class ImportChange(models.Model):
    """A value that an import changed, so that it can be taken back: what stood before and what the file said.

    `subject` is customer, tag, custom or product, `subject_id` the row, `field` what of it. Both texts are JSON,
    sealed, for they may be personal; they go when the import is undone.
    """

    id = IdField()
    record = models.ForeignKey(Import, models.CASCADE, related_name="changes", db_index=False)
    subject = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    before = EncryptedTextField(blank=True, default="")
    after = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "subject", "subject_id", "field"], name="import_change_once"),
        ]
