"""Rows of mail."""

from typing import ClassVar

from django.db import models

from setia.domains.staff.models import Staff
from setia.foundation.db.fields import IdField


class LetterState(models.TextChoices):
    """Where a letter stands. `captured`: no mail server is configured, so it is kept to be read in Setia."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CAPTURED = "captured"
    FAILED = "failed"


class Letter(models.Model):
    """One e-mail to one member of staff. `key` says what it is about, so that it is written once.

    The address is read when it is sent: whoever changed it meanwhile gets it at the new one. `leased_until` is until
    when the attempt under way may last; an attempt that was killed is over then.
    """

    id = IdField()
    key = models.CharField(max_length=80, unique=True)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    state = models.CharField(max_length=8, choices=LetterState.choices, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="letter_due", condition=models.Q(state__in=["waiting", "sending"])),
            models.Index(fields=["-made_at", "-id"], name="letter_latest"),
        ]


class Attachment(models.Model):
    """A file that goes with a letter."""

    id = IdField()
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    content = models.BinaryField()
