"""Rows of consent: what people were asked, what they said, and the proof. Answers are never changed, only followed."""

from typing import ClassVar

from django.db import models

from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.append_only import append_only
from setia.foundation.db.fields import IdField


@append_only
class ConsentWording(models.Model):
    """One version of the words in which consent to a purpose is asked; an answer names the version it was given to."""

    id = IdField()
    purpose = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    text_id = models.TextField()
    text_en = models.TextField(blank=True, default="")
    text_hash = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consent_wording_version"),
        ]


@append_only
class ConsentEvent(models.Model):
    """One answer of one person about one purpose on one channel (`any` where the purpose has none).

    `customer_id` has no foreign key: the proof outlives the person's row. What could name the person is not here but
    in `ConsentEvidence`, which can be erased. `source_key` keeps one answer from being written twice.
    """

    id = IdField()
    customer_id = models.BigIntegerField()
    purpose = models.CharField(max_length=20)
    channel = models.CharField(max_length=12)
    is_granted = models.BooleanField()
    is_guardian = models.BooleanField(default=False)
    wording = models.ForeignKey(ConsentWording, models.PROTECT, null=True, related_name="+")
    door = models.CharField(max_length=12)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    origin_id = models.BigIntegerField(null=True)
    source_key = models.BinaryField(max_length=16, unique=True)

    class Meta:
        constraints: ClassVar = [
            # Consent without the words it was given to proves nothing (UU PDP 27/2022, articles 22-24).
            models.CheckConstraint(
                condition=models.Q(is_granted=False) | models.Q(wording__isnull=False), name="consent_has_wording"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "purpose", "channel", "-given_at", "-id"], name="consent_standing"),
            models.Index(fields=["origin_id"], name="consent_origin", condition=models.Q(origin_id__isnull=False)),
        ]


class ConsentEvidence(models.Model):
    """What proves an answer: words, a message, the guardian's name. Erasable, unlike the answer itself."""

    event = models.OneToOneField(ConsentEvent, models.PROTECT, primary_key=True, related_name="evidence")
    customer_id = models.BigIntegerField(db_index=True)
    text = EncryptedTextField()
