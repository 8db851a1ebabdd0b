"""Rows of throttles."""

from django.db import models


class Bucket(models.Model):
    """Attempts counted in one window; the key holds a hash, not an address or a name."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    resets_at = models.DateTimeField(db_index=True)
