"""Rows of reports."""

from typing import ClassVar

from django.db import models

from setia.domains.staff.models import Staff
from setia.foundation.db.fields import IdField


class ReportKind(models.TextChoices):
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class AlertKind(models.TextChoices):
    CHURN_SPIKE = "churn_spike"
    CRITICAL = "critical"
    SALES_FALLEN = "sales_fallen"
    STALE = "stale"


class Report(models.Model):
    """What the figures said of a week or a month. `content` is frozen: a report read in a year says the same."""

    id = IdField()
    kind = models.CharField(max_length=8, choices=ReportKind.choices)
    start = models.DateField()
    end = models.DateField()
    made_at = models.DateTimeField()
    content = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "start"], name="report_once_a_period")]
        indexes: ClassVar = [models.Index(fields=["-start", "-id"], name="report_latest")]


class Alert(models.Model):
    """Something that needs a look, raised on a day of the shop. `figures` hold what it rests on."""

    id = IdField()
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    day = models.DateField()
    raised_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "day"], name="alert_once_a_day")]
        indexes: ClassVar = [
            models.Index(fields=["-raised_at", "-id"], name="alert_latest"),
            models.Index(fields=["kind"], name="alert_open", condition=models.Q(closed_at=None)),
        ]


class ReportWish(models.Model):
    """What somebody wants by e-mail. Owners without a row get all of it, everybody else nothing."""

    staff = models.OneToOneField(Staff, models.CASCADE, primary_key=True, related_name="+")
    weekly = models.BooleanField(default=False)
    monthly = models.BooleanField(default=False)
    alerts = models.BooleanField(default=False)
