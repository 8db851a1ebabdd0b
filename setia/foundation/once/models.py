"""Rows that say which work was done."""

from typing import ClassVar

from django.db import models


class DoneOnce(models.Model):
    """Work that was done under a key, and the id of what it made."""

    key = models.BinaryField(max_length=16, primary_key=True)
    result_id = models.BigIntegerField()
    done_at = models.DateTimeField()

    class Meta:
        app_label = "foundation"
        indexes: ClassVar = [models.Index(fields=["done_at"], name="done_once_by_age")]
