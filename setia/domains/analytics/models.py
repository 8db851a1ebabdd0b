"""What was found out: measures of each month, cohorts, scores of each person; replaced by each analysis."""

from typing import ClassVar

from django.db import models

from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES
from setia.domains.customers.models import Customer
from setia.foundation.db.fields import IdField


class AnalysisState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Analysis(models.Model):
    """One pass over the lake. `today` is the shop's day it speaks of, `sequence` the state of the lake it read.

    `notes` holds what the models said about themselves: parameters, and what they could not tell.
    """

    id = IdField()
    state = models.CharField(max_length=8, choices=AnalysisState.choices, default=AnalysisState.RUNNING)
    today = models.DateField()
    sequence = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=40, blank=True, default="")
    share_done = models.FloatField(default=0)
    problem = models.CharField(max_length=200, blank=True, default="")
    notes = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="analysis_latest")]


class AnalyticsChoices(models.Model):
    """What the shop decides about its figures; its row has id 1 and is made when it is first saved."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    active_days = models.PositiveIntegerField(default=90)
    lost_days = models.PositiveIntegerField(default=180)
    industry = models.CharField(max_length=20, default="general")
    rfm_preset = models.CharField(max_length=10, default="levels")
    health_preset = models.CharField(max_length=12, default="commerce")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="analytics_choices_only_one"),
            models.CheckConstraint(
                condition=models.Q(lost_days__gt=models.F("active_days")), name="analytics_lost_after_active"
            ),
        ]


class MeasureValue(models.Model):
    """What a measure was in a calendar month; NULL where it is not known, `why` is then a code."""

    id = IdField()
    measure = models.CharField(max_length=30)
    start = models.DateField()
    end = models.DateField()
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    population = models.BigIntegerField(default=0)
    why = models.CharField(max_length=10, blank=True, default="")
    is_running = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "start"], name="measure_once_a_month"),
        ]


class CohortCell(models.Model):
    """What those who first bought in a month did so many months later; their first month has offset 0."""

    id = IdField()
    cohort = models.DateField()
    offset = models.PositiveSmallIntegerField()
    people = models.BigIntegerField()
    orders = models.BigIntegerField()
    revenue = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cohort", "offset"], name="cohort_cell_once")]


class Finding(models.Model):
    """What the last analysis found out about the whole shop under one name, as its page reads it.

    `found` is whatever the function in `findings.FINDINGS` returned; it holds figures and ids, and nobody's name.
    """

    name = models.CharField(primary_key=True, max_length=40)
    as_of = models.DateField()
    found = models.JSONField(default=dict)


class PersonScore(models.Model):
    """What the last analysis says of one person who has bought; of merged rows only the one that stands has a row.

    `chance_silent` is the probability (in thousandths) of no purchase in the next 90 days, `expected_milli` the
    expected number of purchases in the next 365 days in thousandths, `expected_value` what they are worth in smallest
    units; NULL where the models could not tell. `worth` is what people are sorted by: the expected value, or what they
    spent in the last 365 days where no model could tell.

    `health`, `risk` (of churn, transparent) and `engagement` are scores of 0-100, `engagement` NULL where nothing of it
    is known. `chance_lost` is what the learned model of churn says in thousandths, NULL while it is not switched on.
    `top_milli` is the share of buyers of the last 365 days who spent as much or more, in thousandths: the best fifth
    has 200 or less, and who spent nothing has 1000.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    recency_days = models.IntegerField()
    recency = models.SmallIntegerField()
    frequency = models.SmallIntegerField()
    money = models.SmallIntegerField()
    segment = models.CharField(max_length=20, choices=[(name, name) for name in SEGMENTS])
    level = models.SmallIntegerField()
    chance_silent = models.SmallIntegerField(null=True)
    expected_milli = models.IntegerField(null=True)
    expected_value = models.BigIntegerField(null=True)
    worth = models.BigIntegerField(default=0)
    health = models.SmallIntegerField(default=0)
    risk = models.SmallIntegerField(default=0)
    chance_lost = models.SmallIntegerField(null=True)
    engagement = models.SmallIntegerField(null=True)
    activity = models.CharField(max_length=10, choices=[(name, name) for name in ACTIVITIES], default="active")
    lifecycle = models.CharField(max_length=10, choices=[(name, name) for name in LIFECYCLES], default="mature")
    top_milli = models.SmallIntegerField(default=1000)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "-worth", "-customer"], name="score_by_segment"),
            models.Index(fields=["level", "customer"], name="score_by_level"),
        ]

    @property
    def share_silent(self) -> float | None:
        """Return the probability of no purchase in the next 90 days as a share, or None."""
        return None if self.chance_silent is None else self.chance_silent / 1000
