"""Rows of segments: their rules, who stands in them and until when, their size by day, and counts asked for."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.foundation.db.fields import IdField


class SegmentKind(models.TextChoices):
    DYNAMIC = "dynamic"  # by a rule
    STATIC = "static"  # by hand


class SegmentState(models.TextChoices):
    DRAFT = "draft"
    LIVE = "live"
    ARCHIVED = "archived"


class Segment(models.Model):
    """People by a rule (`rule` as JSON, see `rules.tree`) or by hand.

    `version` grows with each change of the rule; `filled_version` is the one its people are of, 0 before the first
    filling. `topics` and `uses` repeat what the rule depends on, so that news find their segments without reading
    rules. `persona` is a name and what the shop says of it (blueprint C3).
    """

    id = IdField()
    kind = models.CharField(max_length=8, choices=SegmentKind.choices)
    state = models.CharField(max_length=8, choices=SegmentState.choices, default=SegmentState.DRAFT)
    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=300, blank=True, default="")
    persona = models.CharField(max_length=60, blank=True, default="")
    persona_words = models.TextField(blank=True, default="")
    rule = models.JSONField(null=True)
    topics = models.JSONField(default=list)
    uses = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    filled_version = models.PositiveIntegerField(default=0)
    filled_at = models.DateTimeField(null=True)
    member_count = models.PositiveBigIntegerField(default=0)
    made_by = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "name"], name="segment_by_state")]

    @property
    def is_live(self) -> bool:
        return self.state == SegmentState.LIVE

    @property
    def is_dynamic(self) -> bool:
        return self.kind == SegmentKind.DYNAMIC

    @property
    def is_filling(self) -> bool:
        """Tell whether its people are not yet those of its rule."""
        return self.is_live and self.is_dynamic and self.filled_version != self.version


class Standing(models.Model):
    """How one person stands to one segment: in it, or outside with a day on which he will enter if nothing happens.

    `since` is when he came to stand so, `reason` the conditions that held then (bit n for the n-th of `version`),
    `recheck_at` the instant at which it turns over without news. Whoever is outside for good has no row. `via` names
    the merged row from which a list took him.
    """

    id = IdField()
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    is_member = models.BooleanField()
    since = models.DateTimeField()
    reason = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    recheck_at = models.DateTimeField(null=True)
    via = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "customer"], name="standing_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "segment"], name="standing_of_customer"),
            models.Index(
                fields=["segment", "-since", "-customer"], name="standing_members", condition=models.Q(is_member=True)
            ),
            models.Index(fields=["recheck_at"], name="standing_due", condition=models.Q(recheck_at__isnull=False)),
            models.Index(
                fields=["segment", "recheck_at"],
                name="standing_coming",
                condition=models.Q(recheck_at__isnull=False),
            ),
        ]


class SizeDay(models.Model):
    """How many a segment had at the end of a day of the shop on which that changed, and who came and went."""

    id = IdField()
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    size = models.PositiveBigIntegerField()
    entered = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "day"], name="size_day_once")]


class PreviewState(models.TextChoices):
    WAITING = "waiting"
    COUNTING = "counting"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Preview(models.Model):
    """A count of a rule that somebody asked for before saving; thrown away after a day.

    `found` holds the count, a sample of ids, and against the segment it would change: how many enter and leave.
    """

    id = IdField()
    state = models.CharField(max_length=8, choices=PreviewState.choices, default=PreviewState.WAITING)
    rule = models.JSONField()
    segment = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Staff, models.CASCADE, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    as_of = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    found = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="preview_by_age")]
