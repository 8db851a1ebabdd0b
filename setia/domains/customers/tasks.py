"""Background entry points of customers."""

from django_tasks import task

from setia.domains.customers import actions, duplicates
from setia.foundation import clock
from setia.foundation.jobs.worker import stop_wanted


@task
def find_duplicates() -> int:
    """Look for people who stand in the shop twice."""
    return duplicates.find_duplicates(at=clock.now(), should_stop=stop_wanted)


@task
def purge_custom_values() -> int:
    """Remove values of custom fields past their retention."""
    return actions.purge_old_values(at=clock.now())
