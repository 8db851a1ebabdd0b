"""Rows of background work."""

from typing import ClassVar

from django.db import models

from setia.foundation.db.fields import IdField


class JobState(models.TextChoices):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(models.Model):
    """One piece of work.

    `fence` rises with each claim: a worker that slept through its lease and wakes again writes with an old fence
    and changes nothing. `unique_key` is held while the job is waiting or running.
    """

    id = IdField()
    task_path = models.CharField(max_length=200)
    queue = models.CharField(max_length=30, default="default")
    priority = models.SmallIntegerField(default=0)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    unique_key = models.CharField(max_length=120, null=True)  # noqa: DJ001 (NULL is what lets many jobs have none)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.READY)
    due_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveIntegerField(default=0)
    attempt_limit = models.PositiveIntegerField(default=5)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=60, blank=True, default="")
    error = models.TextField(blank=True, default="")
    result = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unique_key"],
                name="job_unique_while_open",
                condition=models.Q(state__in=["ready", "running"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-priority", "due_at", "id"], name="job_due", condition=models.Q(state=JobState.READY)
            ),
            models.Index(fields=["lease_until"], name="job_leased", condition=models.Q(state=JobState.RUNNING)),
            models.Index(fields=["finished_at"], name="job_finished", condition=models.Q(finished_at__isnull=False)),
        ]


class ScheduledRun(models.Model):
    """The last time a periodic job was put in the queue."""

    name = models.CharField(max_length=60, primary_key=True)
    last_due_at = models.DateTimeField()
