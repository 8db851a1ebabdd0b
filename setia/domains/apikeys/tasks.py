"""Background entry points of keys."""

from django_tasks import task

from setia.domains.apikeys import actions
from setia.foundation import clock


@task
def purge_calls() -> int:
    """Forget answers given and calls logged that are old."""
    return actions.purge_old(at=clock.now())
