"""Claiming, finishing and rescuing jobs. Every write names the fence it was claimed with."""

import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q

from setia.foundation.db import write_tx
from setia.foundation.events.delivering import backoff
from setia.foundation.jobs.models import Job, JobState
from setia.foundation.redaction import redact

LEASE = timedelta(seconds=60)
KEEP_FINISHED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker; `fence` proves it."""

    job: Job
    fence: int


def claim(*, worker: str, at: datetime, limit: int = 1, queues: tuple[str, ...] = ("default",)) -> list[Claim]:
    """Take due jobs, highest priority first, none of them held by another worker."""
    rescue_expired(at=at)
    ready = Job.objects.filter(state=JobState.READY, due_at__lte=at, queue__in=queues)
    if not ready.exists():  # an idle look must not take the write lock
        return []
    claims = []
    with write_tx():
        if connection.vendor == "postgresql":
            ready = ready.select_for_update(skip_locked=True)
        for job in ready.order_by("-priority", "due_at", "id")[:limit]:
            fence = job.fence + 1
            taken = Job.objects.filter(id=job.id, fence=job.fence, state=JobState.READY).update(
                state=JobState.RUNNING,
                fence=fence,
                worker=worker,
                started_at=at,
                lease_until=at + LEASE,
                attempt_count=F("attempt_count") + 1,
            )
            if taken:
                job.attempt_count += 1
                claims.append(Claim(job, fence))
    return claims


def _held(claim: Claim) -> Any:
    return Job.objects.filter(id=claim.job.id, fence=claim.fence, state=JobState.RUNNING)


def renew(claim: Claim, *, at: datetime) -> bool:
    """Lengthen the lease; False says that the job belongs to somebody else by now."""
    return bool(_held(claim).update(lease_until=at + LEASE))


def finish(claim: Claim, *, result: Any, at: datetime) -> bool:
    """Note success; False when the fence is old, and then nothing changes."""
    return bool(_held(claim).update(state=JobState.DONE, finished_at=at, result=result, lease_until=None, error=""))


def fail(claim: Claim, *, error: BaseException, at: datetime) -> bool:
    """Note a failure: another try after a growing pause, or the end after the last attempt."""
    text = redact("".join(traceback.format_exception(error)))[-4_000:]
    if claim.job.attempt_count >= claim.job.attempt_limit:
        return bool(_held(claim).update(state=JobState.FAILED, finished_at=at, error=text, lease_until=None))
    due_at = at + backoff(claim.job.attempt_count)
    return bool(_held(claim).update(state=JobState.READY, due_at=due_at, error=text, lease_until=None))


def give_back(claim: Claim, *, at: datetime) -> bool:
    """Return an unfinished job when the worker is asked to stop; the attempt does not count."""
    return bool(
        _held(claim).update(state=JobState.READY, due_at=at, lease_until=None, attempt_count=F("attempt_count") - 1)
    )


def rescue_expired(*, at: datetime) -> int:
    """Put back jobs whose worker died; one that killed its worker each time is given up after its last attempt."""
    expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=at)
    if not expired.exists():
        return 0
    spent = Q(attempt_count__gte=F("attempt_limit"))
    lost = "The worker died while this job was running."
    with write_tx():
        ended = expired.filter(spent).update(state=JobState.FAILED, finished_at=at, error=lost, lease_until=None)
        return ended + expired.update(state=JobState.READY, due_at=at, error=lost, lease_until=None)


def purge_finished(*, at: datetime) -> int:
    """Remove finished jobs after two weeks and return how many."""
    return Job.objects.filter(finished_at__lt=at - KEEP_FINISHED).delete()[0]


def seconds_behind(*, at: datetime) -> int:
    """Return how long the oldest due job has waited, in whole seconds; 0 when nothing waits."""
    oldest = Job.objects.filter(state=JobState.READY, due_at__lte=at).order_by("due_at").first()
    return int((at - oldest.due_at).total_seconds()) if oldest else 0
