"""Background entry points of the foundation."""

from django_tasks import task

from setia.foundation import clock
from setia.foundation.events import sealing, verifying
from setia.foundation.jobs import queue
from setia.foundation.once import purge_done
from setia.foundation.throttle.limits import purge_expired


@task
def purge_jobs() -> int:
    """Remove finished jobs, spent throttle windows and marks of work done once."""
    at = clock.now()
    return queue.purge_finished(at=at) + purge_expired(at=at) + purge_done(at=at)


@task
def seal_audit() -> int:
    """Seal facts and looks at personal data that are old enough."""
    return sealing.seal_due(at=clock.now())


@task
def verify_audit() -> bool:
    """Walk the whole audit and write down whether it is as it was sealed."""
    return verifying.verify(at=clock.now()).is_intact
