"""What was found out: measures of each month, cohorts, scores of each person; replaced by each analysis."""

from typing import ClassVar

from django.db import models

from setia.domains.analytics.measuring.measure import GRAINS
from setia.domains.analytics.rules.health import ZONES
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.risk import ALARMS
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
    # Days, counts and amounts the shop chose itself for an RFM preset: {"levels": {"days": [7, 30, 60, 90]}}.
    rfm_steps = models.JSONField(default=dict)
    is_churn_model_on = models.BooleanField(default=False)
    # How many tasks a day a worse zone of health may raise, and for which best share of buyers by spend.
    tasks_a_day = models.PositiveSmallIntegerField(default=10)
    tasks_top_percent = models.PositiveSmallIntegerField(default=20)
    # The table of benchmarks that retention is judged by, and what is left of revenue after the goods (1-100).
    band_set = models.CharField(max_length=12, default="overall")
    margin_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(margin_percent__isnull=True) | models.Q(margin_percent__range=(1, 100)),
                name="analytics_margin_is_a_share",
            ),
            models.CheckConstraint(condition=models.Q(id=1), name="analytics_choices_only_one"),
            models.CheckConstraint(
                condition=models.Q(lost_days__gt=models.F("active_days")), name="analytics_lost_after_active"
            ),
        ]


class MeasureValue(models.Model):
    """What a measure was in a month or week; NULL where it is not known, `why` is then a code.

    `outlet_id` is 0 for the whole shop; no foreign key, because a figure of the past outlives what it was of.
    """

    id = IdField()
    measure = models.CharField(max_length=30)
    grain = models.CharField(max_length=5, default="month", choices=[(name, name) for name in GRAINS])
    outlet_id = models.BigIntegerField(default=0)
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
            models.UniqueConstraint(fields=["measure", "grain", "outlet_id", "start"], name="measure_once_a_period"),
        ]


class CohortCell(models.Model):
    """What those who first bought in a month (or week) did so many of them later; their first one has offset 0."""

    id = IdField()
    grain = models.CharField(max_length=5, default="month", choices=[(name, name) for name in GRAINS])
    cohort = models.DateField()
    offset = models.PositiveSmallIntegerField()
    people = models.BigIntegerField()
    orders = models.BigIntegerField()
    revenue = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["grain", "cohort", "offset"], name="cohort_cell_once_a_grain")
        ]


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
    has 200 or less, and who spent nothing has 1000. `zone` and `alarm` number `rules.health.ZONES` and
    `rules.risk.ALARMS`; `risk_why` and `chance_why` hold the letters of `rules.reasons`.
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
    zone = models.SmallIntegerField(default=0)
    alarm = models.SmallIntegerField(default=2)
    risk_why = models.CharField(max_length=4, blank=True, default="")
    chance_why = models.CharField(max_length=4, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "-worth", "-customer"], name="score_by_segment"),
            models.Index(fields=["level", "-worth", "-customer"], name="score_by_level"),
            models.Index(fields=["zone", "-worth", "-customer"], name="score_by_zone"),
            models.Index(fields=["alarm", "-worth", "-customer"], name="score_by_alarm"),
            models.Index(fields=["-worth", "-customer"], name="score_by_worth"),
        ]

    @property
    def share_silent(self) -> float | None:
        """Return the probability of no purchase in the next 90 days as a share, or None."""
        return None if self.chance_silent is None else self.chance_silent / 1000

    @property
    def share_lost(self) -> float | None:
        """Return what the learned model says as a share, or None."""
        return None if self.chance_lost is None else self.chance_lost / 1000

    @property
    def zone_name(self) -> str:
        """Return the name of the zone of health."""
        return tuple(ZONES)[self.zone]

    @property
    def alarm_name(self) -> str:
        """Return the level of the warning of churn."""
        return ALARMS[self.alarm]


class ZoneChange(models.Model):
    """Somebody's health moved to another zone on a day of the shop; both zones are numbers in `rules.health.ZONES`.

    Within a day only the way from its first zone to its last is kept. `task_id` names the task it raised, and
    `task_day` the day of the shop on which.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    source = models.SmallIntegerField()
    target = models.SmallIntegerField()
    before = models.SmallIntegerField()
    after = models.SmallIntegerField()
    worth = models.BigIntegerField(default=0)
    task_id = models.BigIntegerField(null=True)
    task_day = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "day"], name="zone_change_once_a_day")]
        indexes: ClassVar = [
            models.Index(fields=["day", "target", "-worth", "-id"], name="zone_change_by_day"),
            models.Index(fields=["task_day"], name="zone_change_by_task"),
        ]

    @property
    def source_name(self) -> str:
        """Return the name of the zone before."""
        return tuple(ZONES)[self.source]

    @property
    def target_name(self) -> str:
        """Return the name of the zone after."""
        return tuple(ZONES)[self.target]

    @property
    def is_worse(self) -> bool:
        """Whether the zone after is the worse one."""
        return self.target > self.source


class SegmentMove(models.Model):
    """Somebody stood in another RFM segment at the end of a month (or today) than at the end of the one before.

    `month` is the first day of the month. `before` and `after` are the cells, such as 545; `worth` is what he had spent
    until then.
    """

    id = IdField()
    month = models.DateField()
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    before = models.SmallIntegerField()
    after = models.SmallIntegerField()
    worth = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "month"], name="segment_move_once")]
        indexes: ClassVar = [
            models.Index(fields=["month", "source", "target", "-worth", "-id"], name="segment_move_by_way"),
        ]


class SpendPurpose(models.TextChoices):
    ACQUISITION = "win"
    RETENTION = "keep"


class MarketingSpend(models.Model):
    """What the shop spent in a month on winning or keeping customers, by channel; `month` is its first day.

    A channel with the name of a source of customers tells what those of that source cost. Amounts in smallest units.
    """

    id = IdField()
    month = models.DateField()
    channel = models.CharField(max_length=40)
    purpose = models.CharField(max_length=4, choices=SpendPurpose.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "channel", "purpose"], name="spend_once_a_month"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="spend_positive"),
        ]
