"""Rows of lists: saved views, and acts on many people with what each of them changed."""

from typing import ClassVar

from django.db import models

from setia.domains.staff.models import Staff
from setia.foundation.actors import Actor
from setia.foundation.db.fields import IdField


class SavedView(models.Model):
    """A list somebody keeps: its filters, sort and columns under a name.

    `query` is the list's own query string without page and search text; `columns` empty (null) means each reader's
    own. A removed view stays for its undo. Others see a shared one and may copy it; only its owner changes it.
    """

    id = IdField()
    table = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, default="")
    columns = models.JSONField(null=True)
    owner = models.ForeignKey(Staff, models.CASCADE, related_name="+", db_index=False)
    is_shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "table", "position", "id"], name="saved_view_of_owner"),
            models.Index(
                fields=["table", "name"],
                name="saved_view_shared",
                condition=models.Q(is_shared=True, removed_at__isnull=True),
            ),
        ]


class DefaultView(models.Model):
    """The view somebody's list opens with."""

    id = IdField()
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+", db_index=False)
    table = models.CharField(max_length=20)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "table"], name="default_view_once")]


class BulkKind(models.TextChoices):
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    ASSIGN = "assign"  # to nobody, where `owner` is empty
    DELETE_TAG = "delete_tag"  # off everybody, and then the tag itself
    MERGE_TAGS = "merge_tags"  # everybody of one tag gets another, and then the first goes


class BulkState(models.TextChoices):
    COLLECTING = "collecting"  # its people are being noted
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class BulkAct(models.Model):
    """One act on many people. Its people are noted in `BulkChunk` before the first is touched.

    `tag_id` and `tag_name` say what was put on or taken off, `other_id` and `other_name` the tag that others are
    merged into. There is no foreign key: an act outlives its tag. `selection` says whom the act means where they were
    not picked one by one. `batch_id` of its facts is its id, of its undo's facts `undo_id`.
    """

    id = IdField()
    kind = models.CharField(max_length=12, choices=BulkKind.choices)
    state = models.CharField(max_length=12, choices=BulkState.choices)
    tag_id = models.BigIntegerField(null=True)
    tag_name = models.CharField(max_length=40, blank=True, default="")
    other_id = models.BigIntegerField(null=True)
    other_name = models.CharField(max_length=40, blank=True, default="")
    owner = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+")
    selection = models.JSONField(default=dict)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    restored_count = models.PositiveIntegerField(default=0)
    left_count = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    undo_id = models.BigIntegerField(null=True)
    undone_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    # When what it changed was forgotten: from then on there is no undo.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="bulk_act_latest")]

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done_count // self.total_count) if self.total_count else 0

    @property
    def is_working(self) -> bool:
        return self.state in (BulkState.COLLECTING, BulkState.WORKING, BulkState.UNDOING)

    @property
    def can_undo(self) -> bool:
        undone = self.state in (BulkState.UNDOING, BulkState.UNDONE)
        return not undone and self.forgotten_at is None


class BulkChunk(models.Model):
    """Some people of an act, written in one transaction with what it did to them.

    `changed` holds who was changed, by what: `added` and `removed` are people, `owners` pairs of a person and the
    former owner. `left` holds those whom the undo left alone.
    """

    id = IdField()
    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    customer_ids = models.JSONField()
    changed = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    left = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["act", "position"], name="bulk_chunk_position")]
