"""Questions about keys and calls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from setia.domains.apikeys.models import ApiCall, ApiKey
from setia.domains.apikeys.rules import MARK, is_secret, split_token
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page

_NOBODY = bytes(32)
UNUSED = timedelta(days=90)


class KeyRefused(Exception):
    """Raised with a code when a key opens nothing: key_missing, key_unknown, key_revoked or key_expired.

    `.key` is the key where it is known, so that the call can be logged.
    """

    def __init__(self, code: str, key: ApiKey | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.key = key


def key_of_token(token: str, *, at: datetime) -> ApiKey:
    """Return the key a program sent; raises KeyRefused. Read afresh each time, so that revoking works at once."""
    if not token:
        raise KeyRefused("key_missing")
    parts = split_token(token)
    if parts is None:
        raise KeyRefused("key_unknown")
    prefix, secret = parts
    key = ApiKey.objects.filter(prefix=prefix).first()
    if not is_secret(secret, bytes(key.secret_hash) if key else _NOBODY) or key is None:
        raise KeyRefused("key_unknown")
    # Told only to who knows the secret.
    if key.revoked_at is not None:
        raise KeyRefused("key_revoked", key)
    if key.expires_at is not None and key.expires_at <= at:
        raise KeyRefused("key_expired", key)
    return key


def all_keys() -> QuerySet[ApiKey]:
    """Return all keys, those in force first, latest first."""
    return ApiKey.objects.order_by(F("revoked_at").asc(nulls_first=True), "-id")


def access_key(viewer: Any, key_id: int) -> ApiKey:
    """Return a key to somebody who manages the API; raises NotAllowed and ApiKey.DoesNotExist."""
    require(viewer, Capability.MANAGE_API)
    return ApiKey.objects.get(id=key_id)


def call_page(*, only_errors: bool, key_id: int | None, cursor: str, size: int) -> Page[ApiCall]:
    """Return one page of recent calls, latest first."""
    rows = ApiCall.objects.all()
    if only_errors:
        rows = rows.filter(has_error=True)
    if key_id is not None:
        rows = rows.filter(key_id=key_id)
    return key_page(rows, keys=(Key("id"),), cursor=cursor, size=size)


def names_of_keys(ids: Collection[int]) -> dict[int, str]:
    """Return the names of keys, for lists that show who did something."""
    return dict(ApiKey.objects.filter(id__in=ids).values_list("id", "name"))


def key_named(text: str) -> ApiKey | None:
    """Return the key whose id, prefix or whole token this is, or None; proves nothing."""
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return ApiKey.objects.filter(id=int(text)).first()
    return ApiKey.objects.filter(prefix=text.removeprefix(f"{MARK}_")[:8]).first()


@dataclass(frozen=True, slots=True)
class KeyReview:
    """Keys in force that need a look: those no program used for 90 days, and those that never end."""

    unused: list[ApiKey]
    endless: list[ApiKey]


def key_review(viewer: Any, *, at: datetime) -> KeyReview:
    """Return the keys that need a look, to somebody who may see the audit; raises NotAllowed."""
    require(viewer, Capability.VIEW_AUDIT)
    in_force = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)
    keys = list(in_force.order_by("name", "id"))
    return KeyReview(
        unused=[key for key in keys if at - (key.last_used_at or key.created_at) > UNUSED],
        endless=[key for key in keys if key.expires_at is None],
    )
