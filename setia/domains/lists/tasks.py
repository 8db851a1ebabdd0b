"""Background entry points of lists."""

from django_tasks import task

from setia.domains.lists import actions
from setia.domains.lists.models import BulkAct
from setia.foundation import clock
from setia.foundation.jobs.worker import Stopping, stop_wanted


@task
def act(act_id: str) -> str:
    """Do an act on many people."""
    record = BulkAct.objects.get(id=int(act_id))
    try:
        finished = actions.run_act(act=record, now=clock.now, should_stop=stop_wanted)
    except Exception as error:
        actions.note_trouble(act=record, error=error)
        raise
    if not finished:
        raise Stopping
    return record.state


@task
def undo(act_id: str) -> str:
    """Take an act back."""
    record = BulkAct.objects.get(id=int(act_id))
    try:
        finished = actions.run_undo(act=record, now=clock.now, should_stop=stop_wanted)
    except Exception as error:
        actions.note_trouble(act=record, error=error)
        raise
    if not finished:
        raise Stopping
    return record.state


@task
def forget_old_acts() -> int:
    """Forget whom acts of long ago changed."""
    return actions.forget_old_acts(at=clock.now())
