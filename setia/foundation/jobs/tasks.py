"""Background entry points of the foundation."""

from django_tasks import task

from setia.foundation import clock
from setia.foundation.jobs import queue
from setia.foundation.once import purge_done
from setia.foundation.throttle.limits import purge_expired


@task
def purge_jobs() -> int:
    """Remove finished jobs, spent throttle windows and marks of work done once."""
    at = clock.now()
    return queue.purge_finished(at=at) + purge_expired(at=at) + purge_done(at=at)
