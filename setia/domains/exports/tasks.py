"""Background entry points of exports."""

from django_tasks import task

from setia.domains.exports import actions
from setia.domains.exports.models import Export
from setia.foundation import clock
from setia.foundation.jobs.worker import Stopping, stop_wanted


@task
def make(export_id: str) -> str:
    """Make the file of an export."""
    record = Export.objects.get(id=int(export_id))
    if not actions.run_export(record=record, at=clock.now(), should_stop=stop_wanted):
        raise Stopping
    return record.state


@task
def expire() -> int:
    """Remove files that are a week old."""
    return actions.expire(at=clock.now())
