"""Verbs of keys: make, revoke, note that one was used; forget answers and calls that are old."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from setia.domains.apikeys.events import KeyMade, KeyRevoked
from setia.domains.apikeys.models import ApiCall, ApiKey, GivenAnswer
from setia.domains.apikeys.rules import Scope, is_source, secret_hash, written_token
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_ids

KEEP_ANSWERS = timedelta(days=7)
KEEP_CALLS = timedelta(days=30)
USED_EVERY = timedelta(minutes=1)
_PREFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_PURGE_ROWS = 10_000


class UnableToMakeKey(Exception):
    """Raised with a code when a key cannot be made so: no_name, no_scopes, bad_source, expired."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A fresh key and the only copy of its token."""

    key: ApiKey
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDraft:
    """A call to log; nothing in it names a person."""

    key_id: int
    called_at: datetime
    method: str
    route: str
    status: int
    duration_ms: int
    code: str = ""
    field: str = ""
    item_count: int = 0
    refused_count: int = 0


def make_key(
    *, name: str, source: str, scopes: Sequence[Scope], by: Actor, at: datetime, expires_at: datetime | None = None
) -> MadeKey:
    """Make a key and return it with its token, which nobody can read again. Each call makes one more.

    Raises UnableToMakeKey.
    """
    name = name.strip()
    if not name:
        raise UnableToMakeKey("no_name")
    if not scopes:
        raise UnableToMakeKey("no_scopes")
    if not is_source(source):
        raise UnableToMakeKey("bad_source")
    if expires_at is not None and expires_at <= at:
        raise UnableToMakeKey("expired")
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    with write_tx():
        key = ApiKey.objects.create(
            name=name[:80],
            source=source,
            prefix=prefix,
            secret_hash=secret_hash(secret),
            scopes=[scope.value for scope in scopes],
            created_at=at,
            expires_at=expires_at,
        )
        record(KeyMade(key_id=key.id, scopes=tuple(key.scopes)), by=by, at=at)
    return MadeKey(key, written_token(prefix, secret))


def revoke_key(*, key: ApiKey, by: Actor, at: datetime) -> bool:
    """Take a key back for good and tell whether this call did it; the very next request with it is refused."""
    with write_tx():
        revoked = ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=at)
        if revoked:
            record(KeyRevoked(key_id=key.id), by=by, at=at)
    return bool(revoked)


def note_used(*, key: ApiKey, at: datetime) -> None:
    """Note that a key is in use, at most once a minute, so that calls that only read stay free of writes."""
    if key.last_used_at is None or at - key.last_used_at >= USED_EVERY:
        recently = Q(last_used_at=None) | Q(last_used_at__lte=at - USED_EVERY)
        ApiKey.objects.filter(recently, id=key.id).update(last_used_at=at)


def log_calls(*, drafts: Sequence[CallDraft]) -> None:
    """Write calls down, many in one statement. A log only: what is lost with a killed process is lost."""
    columns = (
        *("id", "key_id", "called_at", "method", "route", "status", "duration_ms"),
        *("code", "field", "item_count", "refused_count", "has_error"),
    )
    with write_tx():
        bulk_insert(
            ApiCall,
            columns,
            (
                (
                    row_id,
                    draft.key_id,
                    draft.called_at,
                    draft.method[:7],
                    draft.route[:80],
                    draft.status,
                    draft.duration_ms,
                    draft.code[:40],
                    draft.field[:120],
                    draft.item_count,
                    draft.refused_count,
                    draft.status >= 400 or draft.refused_count > 0,
                )
                for row_id, draft in zip(new_ids(len(drafts)), drafts, strict=True)
            ),
        )


def purge_old(*, at: datetime) -> int:
    """Forget answers after a week and calls after thirty days, a portion at a time; return how many rows went."""
    count = 0
    for rows in (
        GivenAnswer.objects.filter(answered_at__lt=at - KEEP_ANSWERS),
        ApiCall.objects.filter(called_at__lt=at - KEEP_CALLS),
    ):
        while ids := list(rows.values_list("id", flat=True)[:_PURGE_ROWS]):
            count += rows.model.objects.filter(id__in=ids).delete()[0]
    return count
