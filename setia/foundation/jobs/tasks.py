"""Background entry points of the foundation."""

from django_tasks import task

from setia.foundation import clock
from setia.foundation.jobs import queue
from setia.foundation.throttle.limits import purge_expired


@task
def purge_jobs() -> int:
    """Remove finished jobs and spent throttle windows."""
    return queue.purge_finished(at=clock.now()) + purge_expired(at=clock.now())
