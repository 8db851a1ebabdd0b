"""Making all advice anew: lists of products for everybody, pairs of products, the next action of each customer."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from setia.domains.advice.models import AdviceRound, AdviceState, Decision
from setia.domains.advice.queries import bought_after, choices_row, learned, terms_of, unjudged_before, usual_order
from setia.domains.advice.rules.actions import AHEAD_DAYS
from setia.domains.analytics.queries import latest_analysis
from setia.foundation import home
from setia.foundation.db import write_tx
from setia.foundation.ids import new_id

Report = Callable[[str], None]
KEPT_ROUNDS = 50
_OUTCOMES = 2_000


class AdviceBusy(Exception):
    """Raised where another round is under way."""


def advise(
    *,
    at: datetime,
    now: Callable[[], datetime],
    report: Report = lambda step: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> AdviceRound | None:
    """Make all advice from the last analysis and return the round; None where nothing was analyzed yet.

    Safe to repeat and to kill: rows that differ are written, a few thousand a transaction, and the next round writes
    what is left. Raises AdviceBusy, and InterruptedError when it was told to stop.
    """
    analysis = latest_analysis()
    if analysis is None:
        return None
    with _alone():
        found = AdviceRound.objects.create(id=new_id(), analysis_id=analysis.id, today=analysis.today, started_at=at)
        try:
            found.notes = _advise(found, at, report, should_stop)
            found.state = AdviceState.DONE
        except BaseException as error:
            is_stopped = isinstance(error, InterruptedError)
            found.problem = "stopped" if is_stopped else f"{type(error).__name__}: {error}"[:200]
            found.state = AdviceState.FAILED
            raise
        finally:
            found.finished_at = now()
            found.save()
    _forget_old()
    return found


def _advise(this: AdviceRound, at: datetime, report: Report, should_stop: Callable[[], bool]) -> dict[str, Any]:
    # Engines and sparse matrices are memory that no page needs.
    from setia.domains.advice.recommending.rounds import Wishes, learn, pieces
    from setia.domains.advice.writing import write_actions, write_companions, write_lists
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.lake import read_manifest

    lake, chosen = read_manifest(), choices_row()
    if lake is None:
        return {}
    wishes = Wishes(
        tuple(chosen.excluded_categories),
        tuple(int(one) for one in chosen.excluded_products),
        chosen.out_of_sale_days,
        chosen.least_together,
    )
    engine = open_engine(lake)
    try:
        known = learn(engine, today=this.today, wishes=wishes, report=report)
        report("lists")
        changed = write_lists(pieces(engine, known, today=this.today), should_stop=should_stop)
    finally:
        engine.close()
    pairs = write_companions(known.companions, known.catalogue.product_id)
    report("actions")
    judge_outcomes(at=at)
    notes = {**known.notes, "usual_order": usual_order()}
    actions = write_actions(terms=terms_of(notes), learned=learned(), at=at, should_stop=should_stop)
    return {**notes, "changed": changed, "pairs": pairs, **actions}


def judge_outcomes(*, at: datetime) -> int:
    """Note of suggestions taken up 30 days ago or longer whether a purchase followed; returns how many were judged."""
    old = at - timedelta(days=AHEAD_DAYS)
    done = 0
    while rows := unjudged_before(old, limit=_OUTCOMES):
        with write_tx():
            for row in rows:
                total = bought_after(row)
                Decision.objects.filter(id=row.id).update(has_bought=total is not None, bought_net=total or 0)
        done += len(rows)
    return done


def _forget_old() -> None:
    keep = list(AdviceRound.objects.order_by("-id").values_list("id", flat=True)[:KEPT_ROUNDS])
    if len(keep) == KEPT_ROUNDS:
        AdviceRound.objects.filter(id__lt=keep[-1]).delete()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    descriptor = os.open(home.folder("lake") / "advising.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AdviceBusy from error
        yield
    finally:
        os.close(descriptor)
