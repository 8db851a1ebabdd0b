"""Rows of tasks, hand-overs and mentions. Words people wrote are sealed, for they speak of customers."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.domains.timeline.models import Interaction, Note
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class TaskState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Task(models.Model):
    """Something to do; nobody's where it has no assignee.

    `source_key` names one that Setia made itself, so that it is made once; by hand it is NULL.
    """

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+", db_index=False)
    title = EncryptedTextField()
    note = EncryptedTextField(blank=True, default="")
    due_date = models.DateField(null=True)
    priority = models.PositiveSmallIntegerField(default=2)
    assignee = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", db_index=False)
    creator = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    source = models.CharField(max_length=20, default="hand")
    source_key = models.BinaryField(max_length=16, null=True, unique=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=TaskState.values), name="task_known_state"),
            models.CheckConstraint(condition=models.Q(priority__range=(1, 3)), name="task_known_priority"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["assignee", "due_date"], name="task_open", condition=models.Q(state="open")),
            models.Index(fields=["assignee", "-id"], name="task_of_person"),
            models.Index(fields=["customer", "-id"], name="task_of_customer"),
        ]


class Handover(models.Model):
    """A task went from one colleague to another, with a word; `giver` is empty where it was nobody's."""

    id = IdField()
    task = models.ForeignKey(Task, models.CASCADE, related_name="handovers")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+", db_index=False)
    giver = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+", db_index=False)
    receiver = models.ForeignKey(Staff, models.PROTECT, related_name="+", db_index=False)
    word = EncryptedTextField(blank=True, default="")
    handed_at = models.DateTimeField()


class Mention(models.Model):
    """Somebody told a colleague of a contact or of a note; read once `seen_at` is set."""

    id = IdField()
    person = models.ForeignKey(Staff, models.CASCADE, related_name="+", db_index=False)
    interaction = models.ForeignKey(Interaction, models.CASCADE, null=True, related_name="+")
    note = models.ForeignKey(Note, models.CASCADE, null=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "interaction"], name="mention_once"),
            models.UniqueConstraint(fields=["person", "note"], name="mention_once_in_note"),
            models.CheckConstraint(
                condition=models.Q(interaction__isnull=False) ^ models.Q(note__isnull=False), name="mention_of_one_text"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "-id"], name="mention_of_person")]

    @property
    def words(self) -> str:
        """Return what the contact or the note says."""
        text = self.interaction or self.note
        return text.body if text else ""

    @property
    def writer(self) -> str:
        """Return who wrote it."""
        text = self.interaction or self.note
        return text.author.name if text and text.author else ""
