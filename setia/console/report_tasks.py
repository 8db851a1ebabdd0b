"""Background entry points of reports: freeze what is due, watch, and write the letters."""

from django_tasks import task

from setia.console.report_letters import write_letters
from setia.domains.reports import actions
from setia.foundation import clock


@task
def report() -> int:
    """Freeze reports that are due, raise alerts, put letters about both in the outbox; returns how many letters."""
    at = clock.now()
    actions.make_reports(at=at)
    actions.watch(at=at)
    return write_letters(at=at)
