"""Background entry points of segments."""

from django_tasks import task

from setia.domains.segments import actions, previewing
from setia.foundation import clock
from setia.foundation.jobs.worker import Stopping, stop_wanted


@task
def fill(segment_id: str) -> int:
    """Bring the people of one segment to its rule."""
    try:
        return actions.fill(segment_id=int(segment_id), now=clock.now, should_stop=stop_wanted)
    except InterruptedError:
        raise Stopping from None


@task
def fill_all() -> int:
    """Bring everybody to all rules anew; mends whatever drifted."""
    try:
        return actions.fill_all(now=clock.now, should_stop=stop_wanted)
    except InterruptedError:
        raise Stopping from None


@task
def fill_scored() -> int:
    """Bring everybody to the rules that speak of scores, after an analysis."""
    try:
        return actions.fill_all(now=clock.now, should_stop=stop_wanted, topics=["scores"])
    except InterruptedError:
        raise Stopping from None


@task
def fill_goods() -> int:
    """Bring everybody to the rules that speak of goods, after a product came into another category."""
    try:
        return actions.fill_all(now=clock.now, should_stop=stop_wanted, topics=["lines"])
    except InterruptedError:
        raise Stopping from None


@task
def recheck_due() -> int:
    """Let those whose instant has come enter and leave."""
    return actions.recheck_due(at=clock.now())


@task(priority=50)
def preview(preview_id: str) -> str:
    """Count whom a rule means."""
    return previewing.run_preview(preview_id=int(preview_id), now=clock.now)


@task
def forget_previews() -> int:
    """Throw away counts of yesterday."""
    return previewing.forget_previews(at=clock.now())
