"""Counting attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from setia.foundation.crypto.blind import blind_index
from setia.foundation.db import write_tx
from setia.foundation.throttle.models import Bucket


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts in `window`, under one name."""

    name: str
    count: int
    window: timedelta


def _key(limit: Limit, who: str) -> str:
    return f"{limit.name}:{blind_index('throttle', who.casefold()).hex()[:32]}"


def allowed(limit: Limit, who: str, *, at: datetime) -> bool:
    """Count one attempt of somebody and tell whether it is still within the limit.

    One conditional UPDATE decides, so racing processes cannot pass together where one place is left.
    """
    key = _key(limit, who)
    with write_tx():
        Bucket.objects.filter(key=key, resets_at__lte=at).update(count=0, resets_at=at + limit.window)
        if Bucket.objects.filter(key=key, count__lt=limit.count).update(count=F("count") + 1):
            return True
        _, created = Bucket.objects.get_or_create(key=key, defaults={"count": 1, "resets_at": at + limit.window})
        # Another process made the bucket in between: its places are counted like any other's.
        return created or bool(Bucket.objects.filter(key=key, count__lt=limit.count).update(count=F("count") + 1))


def forgive(limit: Limit, who: str) -> None:
    """Forget the attempts of somebody, after a success."""
    Bucket.objects.filter(key=_key(limit, who)).delete()


def purge_expired(*, at: datetime) -> int:
    """Remove windows that are over and return how many."""
    return Bucket.objects.filter(resets_at__lt=at).delete()[0]
