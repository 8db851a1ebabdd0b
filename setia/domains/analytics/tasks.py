"""Background entry points of analytics."""

from datetime import date

from django_tasks import task

from setia.domains.analytics import actions
from setia.domains.analytics.lake import LakeBusy
from setia.domains.analytics.lists import ListKey
from setia.foundation import clock
from setia.foundation.jobs.worker import Stopping, stop_wanted


@task
def analyze(whole: bool = False) -> str:
    """Bring all figures up to date; two at once are one."""
    try:
        found = actions.analyze(at=clock.now(), now=clock.now, whole=whole, should_stop=stop_wanted)
    except LakeBusy:
        return "busy"
    except InterruptedError:
        raise Stopping from None
    return found.state


@task
def analyze_whole() -> str:
    """Read the whole shop anew: what the nightly run does, which mends whatever drifted."""
    found: str = analyze.func(whole=True)
    return found


@task
def list_people(sequence: int, groups: list[str], start: str, end: str, outlet: int) -> bool:
    """Make the lists of the people behind a number."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return actions.list_people(keys=[ListKey(sequence, group, first, last, outlet) for group in groups])
