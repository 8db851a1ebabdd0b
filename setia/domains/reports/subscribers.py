"""What reports react to: a finished analysis. Idempotent: a period is frozen once, an alert raised once a day."""

from setia.domains.reports import actions
from setia.foundation.events.models import Event


def freeze_and_watch(event: Event) -> None:
    """Freeze the reports that are due and look for alerts, as of the analysis."""
    actions.make_reports(at=event.recorded_at)
    actions.watch(at=event.recorded_at)
