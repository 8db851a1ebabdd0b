"""Background entry points of staff."""

from django_tasks import task

from setia.domains.staff import actions
from setia.foundation import clock


@task
def purge_sessions() -> int:
    """Remove sessions and login links that are over."""
    return actions.purge_expired(at=clock.now())
