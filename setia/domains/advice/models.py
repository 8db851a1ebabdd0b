"""Rows of advice: what the shop decided about it, each round, lists and suggestions by customer, and decisions."""

import struct
from dataclasses import dataclass
from typing import ClassVar

from django.db import models

from setia.domains.commerce.models import Product
from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.domains.teamwork.models import Task
from setia.foundation.db.fields import IdField

AGAIN = struct.Struct(">qHHH")
ALSO = struct.Struct(">q")


class AdviceState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class AdviceChoices(models.Model):
    """What the shop decides about advice; its row has id 1 and is made when it is first saved.

    Money is in smallest units; `margin_percent` is what is left of a sale's net after the goods.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    excluded_categories = models.JSONField(default=list)
    excluded_products = models.JSONField(default=list)
    out_of_sale_days = models.PositiveIntegerField(default=90)
    least_together = models.PositiveIntegerField(default=3)
    margin_percent = models.PositiveSmallIntegerField(default=30)
    message_cost = models.PositiveIntegerField(default=660)
    minute_cost = models.PositiveIntegerField(default=500)
    pause_days = models.PositiveSmallIntegerField(default=7)
    daily_capacity = models.PositiveSmallIntegerField(default=20)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="advice_choices_only_one"),
            models.CheckConstraint(condition=models.Q(margin_percent__range=(1, 100)), name="advice_margin_is_a_share"),
        ]


class AdviceRound(models.Model):
    """One pass that made all lists and suggestions from one analysis.

    `notes` holds how the lists did on the shop's past, the windows' calibration and what is popular; no person.
    """

    id = IdField()
    state = models.CharField(max_length=8, choices=AdviceState.choices, default=AdviceState.RUNNING)
    analysis_id = models.BigIntegerField(default=0)
    today = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True, default="")
    notes = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="advice_round_latest")]


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product somebody buys again: on how many days so far, mean gap in days, last day since 1970."""

    product_id: int
    times: int
    gap: float
    last_day: int


class Recommended(models.Model):
    """The two lists of one person who has bought, packed: a million of these rows are read and written at once.

    `day_count`, `gap_tenths` and `last_day` (since 1970) are of all purchases together, as in `OwnProduct`.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    day_count = models.IntegerField()
    gap_tenths = models.IntegerField()
    last_day = models.IntegerField()
    again = models.BinaryField()
    also = models.BinaryField()

    @property
    def own_products(self) -> list[OwnProduct]:
        """Return what this person buys again, best first."""
        return [
            OwnProduct(one, times, gap / 10, last) for one, times, gap, last in AGAIN.iter_unpack(bytes(self.again))
        ]

    @property
    def new_products(self) -> list[int]:
        """Return the ids of what this person may also like, best first."""
        return [row[0] for row in ALSO.iter_unpack(bytes(self.also))]


class Companion(models.Model):
    """A product's companion in the baskets of a year: how many held both, the one, and the other."""

    id = IdField()
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_index=False)
    place = models.SmallIntegerField()
    other = models.ForeignKey(Product, models.CASCADE, related_name="+")
    both = models.IntegerField()
    alone = models.IntegerField()
    other_alone = models.IntegerField()
    baskets = models.IntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["product", "place"], name="companion_place_once")]

    @property
    def lift(self) -> float:
        """Return how many times oftener the two are together than chance would have it."""
        return self.both * self.baskets / (self.alone * self.other_alone)

    @property
    def support(self) -> float:
        """Return the share of all baskets that hold both."""
        return self.both / self.baskets

    @property
    def confidence(self) -> float:
        """Return the share of the product's baskets that hold the other too."""
        return self.both / self.alone


class NextAction(models.Model):
    """The best suggestion for one customer at the last round; nobody has a row for whom it is to do nothing.

    `net` is its expected value less its cost in smallest units, drawn down by how seldom the team takes such advice
    up. Why is told anew whenever it is shown, for what a day says is wrong on the next.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="+")
    kind = models.CharField(max_length=16)
    net = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-net", "-customer"], name="next_action_ranked"),
            models.Index(fields=["kind", "-net", "-customer"], name="next_action_of_kind"),
        ]


class Decision(models.Model):
    """Somebody took a suggestion up, or dismissed it; it stays away `until` a day, and while its task is open.

    Of one customer and kind one decision stands at a time. `expected` is the value it promised, `chance_anyway` how
    probable a purchase within 30 days was without it, in thousandths; `has_bought` is known 30 days later.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    is_accepted = models.BooleanField()
    reason = models.CharField(max_length=16, blank=True, default="")
    expected = models.BigIntegerField(default=0)
    chance_anyway = models.SmallIntegerField(default=0)
    decided_at = models.DateTimeField()
    until = models.DateField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    staff = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+", db_index=False)
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    stands = models.BooleanField(default=True)
    undone_at = models.DateTimeField(null=True)
    has_bought = models.BooleanField(null=True)
    bought_net = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind"], name="decision_stands_once", condition=models.Q(stands=True)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-id"], name="decision_of_customer"),
            models.Index(fields=["-decided_at"], name="decision_latest"),
            models.Index(fields=["decided_at"], name="decision_unjudged", condition=models.Q(has_bought__isnull=True)),
        ]
