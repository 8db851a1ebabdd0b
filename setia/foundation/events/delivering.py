"""Handing facts to their subscribers, from the worker."""

import logging
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max, Min

from setia.foundation import clock
from setia.foundation.db import write_tx
from setia.foundation.events.models import Delivery
from setia.foundation.events.subscribing import ManySubscriber, many_subscribers, subscriber
from setia.foundation.redaction import redact

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
# Handed over at once to whoever takes many: a till waits for no more than these.
MANY = 200
_MANY_FAILURES = 3
LONGEST_PAUSE = timedelta(hours=6)


def backoff(attempt_count: int) -> timedelta:
    """Return how long to rest after the n-th failure: 10 s, 20 s, 40 s … at most six hours."""
    return min(timedelta(seconds=10 * 2 ** min(attempt_count - 1, 20)), LONGEST_PAUSE)


def deliver_due(*, at: datetime, limit: int = 100) -> int:
    """Deliver facts that are owed by now and return how many were handed over.

    Each is claimed by moving its `due_at` into the future where no other worker has done so; a worker that dies
    leaves it to be tried again after the lease. A failing subscriber holds up nobody but itself.
    """
    at_once = {name: _deliver_many(name, call, at=at) for name, call in many_subscribers().items()}
    done = sum(count or 0 for count in at_once.values())
    waiting = Delivery.objects.filter(due_at__lte=at)
    if well := [name for name, count in at_once.items() if count is not None]:
        waiting = waiting.exclude(subscriber__in=well, attempt_count=0)
    owed = list(waiting.order_by("due_at").values_list("id", "due_at")[:limit])
    for delivery_id, due_at in owed:
        # The lease counts from now, not from the beginning of a round of which some subscriber is slow.
        until = max(clock.now(), at) + LEASE
        if Delivery.objects.filter(id=delivery_id, due_at=due_at).update(due_at=until):
            done += _deliver(delivery_id, until, at)
    return done


def _deliver_many(name: str, call: ManySubscriber, *, at: datetime) -> int | None:
    """Hand many first deliveries of one subscriber over in one transaction and return how many, None where it failed.

    On PostgreSQL other workers pass these by; on SQLite the transaction is the lock. What fails is left to be handed
    over fact by fact, so that one bad fact holds up nobody.
    """
    owed = Delivery.objects.filter(subscriber=name, due_at__lte=at, attempt_count=0)
    if not owed.exists():  # an idle look must not take the write lock
        return 0
    try:
        with write_tx():
            locked = owed.select_for_update(skip_locked=True, of=("self",)) if _is_postgres() else owed
            rows = list(locked.select_related("event").order_by("due_at", "id")[:MANY])
            Delivery.objects.filter(id__in=[row.id for row in rows]).delete()
            if rows:
                call([row.event for row in rows])
    except Exception:
        log.exception("Subscriber %s failed on many events; each is tried by itself", name)
        return None
    return len(rows)


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def delivery_health(*, at: datetime) -> tuple[int, list[tuple[str, int, str]]]:
    """Return by how many seconds the oldest first delivery is late, and who fails: name, how many facts, an error.

    Somebody fails when he has refused a fact three times; one or two failures are the network's.
    """
    oldest = Delivery.objects.filter(attempt_count=0, due_at__lt=at).aggregate(Min("due_at"))["due_at__min"]
    stuck = Delivery.objects.filter(attempt_count__gte=_MANY_FAILURES).values("subscriber")
    failing = stuck.annotate(count=Count("id"), error=Max("last_error")).order_by("subscriber")
    behind = int((at - oldest).total_seconds()) if oldest else 0
    return behind, [(row["subscriber"], row["count"], row["error"]) for row in failing]


def _deliver(delivery_id: int, claimed_until: datetime, at: datetime) -> int:
    """Hand over one fact; whoever slept through its lease finds it gone and does nothing."""
    mine = Delivery.objects.filter(id=delivery_id, due_at=claimed_until)
    delivery = mine.select_related("event").first()
    if delivery is None:
        return 0
    call = subscriber(delivery.event.kind, delivery.subscriber)
    try:
        # The subscriber's writes and the end of the debt are one transaction.
        with write_tx():
            if not mine.delete()[0]:
                return 0
            if call is not None:
                call(delivery.event)
    except Exception as error:
        log.exception("Subscriber %s failed on event %s", delivery.subscriber, delivery.event_id)
        attempts = delivery.attempt_count + 1
        mine.update(attempt_count=attempts, due_at=at + backoff(attempts), last_error=redact(repr(error))[:500])
        return 0
    return 1
