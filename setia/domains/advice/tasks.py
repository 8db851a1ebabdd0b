"""Background entry points of advice."""

from django_tasks import task

from setia.domains.advice.actions import AdviceBusy
from setia.domains.advice.actions.rounds import advise as make_advice
from setia.domains.advice.queries import latest_round
from setia.domains.analytics.queries import latest_analysis
from setia.foundation import clock
from setia.foundation.jobs.worker import Stopping, stop_wanted

# A round may take a tenth of the time: a large shop makes its advice every few analyses, a small one after each.
_SHARE = 10


@task
def advise() -> str:
    """Make all advice anew, unless the last round was for this analysis, or so long that it is too soon again."""
    last, analysis, at = latest_round(), latest_analysis(), clock.now()
    if last is not None and analysis is not None and last.finished_at is not None:
        if last.analysis_id == analysis.id:
            return "known"
        if last.today == analysis.today and at - last.finished_at < _SHARE * (last.finished_at - last.started_at):
            return "soon"
    return _advise()


@task
def advise_now() -> str:
    """Make all advice anew: somebody changed what it reckons with."""
    return _advise()


def _advise() -> str:
    try:
        found = make_advice(at=clock.now(), now=clock.now, should_stop=stop_wanted)
    except AdviceBusy:
        return "busy"
    except InterruptedError:
        raise Stopping from None
    return found.state if found else "nothing"
