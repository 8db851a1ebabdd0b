"""Rows of keys, of answers given before, and of recent calls."""

from typing import ClassVar

from django.db import models

from setia.domains.apikeys.rules import Scope
from setia.foundation.actors import Actor
from setia.foundation.crypto import EncryptedTextField
from setia.foundation.db.fields import IdField


class ApiKey(models.Model):
    """A key of one program. Of its secret only a hash is kept.

    `source` names the program in the names of what it writes: a key that follows another with the same source
    finds the same orders under the same numbers.
    """

    id = IdField()
    name = models.CharField(max_length=80)
    source = models.CharField(max_length=30)
    prefix = models.CharField(max_length=8, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    @property
    def actor(self) -> Actor:
        return Actor("apikey", self.id)

    def may(self, scope: Scope) -> bool:
        return scope.value in self.scopes


class GivenAnswer(models.Model):
    """What a call with an `Idempotency-Key` was answered, to be said again to the same call.

    `lookup` is a hash of the key's id and the caller's own token. The answer may name people, so it is sealed.
    """

    id = IdField()
    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    lookup = models.BinaryField(max_length=16, unique=True)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["answered_at"], name="given_answer_by_age")]


class ApiCall(models.Model):
    """One call, without what was said in it. `item_count` and `refused_count` are of bulk calls."""

    id = IdField()
    key_id = models.BigIntegerField()
    called_at = models.DateTimeField()
    method = models.CharField(max_length=7)
    route = models.CharField(max_length=80)
    status = models.PositiveSmallIntegerField()
    duration_ms = models.PositiveIntegerField()
    code = models.CharField(max_length=40, blank=True, default="")
    field = models.CharField(max_length=120, blank=True, default="")
    item_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    has_error = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["called_at"], name="api_call_by_age"),
            models.Index(fields=["-id"], name="api_call_errors", condition=models.Q(has_error=True)),
        ]
