"""Rows of identities: how people are recognized, what is no identity, and what nobody could decide yet."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models.people import Customer
from setia.domains.customers.rules import IdentityKind
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField

_KINDS = [(kind.value, kind.value) for kind in IdentityKind]


class Identity(models.Model):
    """One way to recognize a person. The value is encrypted; `lookup` finds it whole, `tail` by its last four."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=_KINDS)
    value = EncryptedTextField()
    lookup = models.BinaryField(max_length=32)
    tail = models.BigIntegerField(null=True)
    origin_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "lookup"], name="identity_one_owner"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tail"], name="identity_tail", condition=models.Q(tail__isnull=False)),
            models.Index(fields=["origin_id"], name="identity_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class BlockedIdentity(models.Model):
    """A value that identifies nobody: the shop's own number, the e-mail on the till's tablet."""

    id = IdField()
    kind = models.CharField(max_length=12, choices=_KINDS)
    value = EncryptedTextField()
    lookup = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=120, blank=True, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "lookup"], name="blocked_identity_once"),
        ]


class IdentityAnswer(models.TextChoices):
    """What somebody decided about two names on one number."""

    OPEN = "open"
    SAME = "same"  # one person with two names
    MOVED = "moved"  # the number belongs to somebody else now
    SHARED = "shared"  # two people, one number: a family, an office


class IdentityQuestion(models.Model):
    """One number (or e-mail) with two names: the holder's, and that of a newcomer who gave it too.

    Until it is answered the newcomer is a customer of his own without that number; whoever gives the number with the
    newcomer's name is him. `name_key` is a keyed hash of the words of that name.
    """

    id = IdField()
    kind = models.CharField(max_length=12, choices=_KINDS)
    lookup = models.BinaryField(max_length=32)
    name_key = models.BinaryField(max_length=32)
    holder = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    newcomer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    value = EncryptedTextField()
    answer = models.CharField(max_length=8, choices=IdentityAnswer.choices, default=IdentityAnswer.OPEN)
    door = models.CharField(max_length=12)
    origin_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "lookup", "name_key"], name="identity_question_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-asked_at"], name="identity_question_open", condition=models.Q(answer="open")),
            models.Index(
                fields=["origin_id"], name="identity_question_origin", condition=models.Q(origin_id__isnull=False)
            ),
        ]


class DuplicateState(models.TextChoices):
    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


class DuplicateSuggestion(models.Model):
    """Two customers who may be one person; `left_id` is the smaller id, `score` 0-100, `reasons` codes of rules."""

    id = IdField()
    left = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    right = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=DuplicateState.choices, default=DuplicateState.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["left", "right"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=models.Q(left__lt=models.F("right")), name="duplicate_pair_ordered"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-score", "-id"], name="duplicate_open_by_score", condition=models.Q(state="open")),
        ]
