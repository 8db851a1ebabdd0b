"""Rows of notes. The fact that a note was written is an event; its words stay here, where they can be erased."""

from typing import ClassVar

from django.db import models

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class Note(models.Model):
    """Words somebody wrote about a customer."""

    id = IdField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    body = EncryptedTextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-id"], name="note_of_customer")]
