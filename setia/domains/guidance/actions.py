"""Verbs of goals: set and close an objective, add key results and initiatives, check in, remind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from setia.domains.analytics.measuring import MEASURES
from setia.domains.customers.models import Customer
from setia.domains.guidance.events import (
    CheckedIn,
    InitiativeChanged,
    KeyResultChanged,
    LeavingNoted,
    ObjectiveClosed,
    ObjectiveSaved,
)
from setia.domains.guidance.models import CheckIn, Initiative, KeyResult, LeaveCause, LeavingReason, Objective, Rhythm
from setia.domains.guidance.queries import live_values, open_objectives
from setia.domains.guidance.rules.goals import due_since, quarter_of
from setia.domains.staff.models import Staff
from setia.domains.teamwork.actions import make_task
from setia.domains.teamwork.models import Task
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record

MOST_KEY_RESULTS = 8
_UNITS = ("share", "money", "count", "number", "days")


class UnableToSetGoal(Exception):
    """Raised with a code: `empty`, `closed`, `nowhere` (start is target), `measure`, `unit`, `many` or `live`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A key result to be set; `measure` is empty for one by hand, and its unit counts only then."""

    title: str
    start: float
    target: float
    measure: str = ""
    unit: str = "number"


def set_objective(
    *, title: str, quarter: date, rhythm: str, owner: Staff, aims: Sequence[Aim], by: Actor, at: datetime
) -> Objective:
    """Set an objective with its key results, all or nothing; each call sets one more. Raises UnableToSetGoal."""
    if not title.strip():
        raise UnableToSetGoal("empty")
    with write_tx():
        objective = Objective.objects.create(
            title=title.strip(), quarter=quarter_of(quarter), rhythm=Rhythm(rhythm), owner=owner, created_at=at
        )
        record(ObjectiveSaved(objective_id=objective.id, created=True), by=by, at=at)
        for aim in aims:
            add_key_result(objective=objective, aim=aim, by=by, at=at)
    return objective


def change_objective(*, objective: Objective, title: str, rhythm: str, owner: Staff, by: Actor, at: datetime) -> bool:
    """Change an open objective; returns whether anything is different now. Raises UnableToSetGoal."""
    if not title.strip():
        raise UnableToSetGoal("empty")
    with write_tx():
        standing = _open(objective)
        wanted = {"title": title.strip(), "rhythm": Rhythm(rhythm), "owner_id": owner.id}
        if all(getattr(standing, name) == value for name, value in wanted.items()):
            return False
        Objective.objects.filter(id=objective.id).update(**wanted)
        record(ObjectiveSaved(objective_id=objective.id, created=False), by=by, at=at)
    return True


def close_objective(*, objective: Objective, result: str, by: Actor, at: datetime) -> bool:
    """Close an objective with a word on what came of it; returns whether it was open."""
    with write_tx():
        rows = Objective.objects.filter(id=objective.id, closed_at=None)
        if not rows.update(closed_at=at, result=result.strip()[:500]):
            return False
        record(ObjectiveClosed(objective_id=objective.id, reopened=False), by=by, at=at)
    return True


def reopen_objective(*, objective: Objective, by: Actor, at: datetime) -> bool:
    """Open a closed objective again; returns whether it was closed."""
    with write_tx():
        if not Objective.objects.filter(id=objective.id, closed_at__isnull=False).update(closed_at=None):
            return False
        record(ObjectiveClosed(objective_id=objective.id, reopened=True), by=by, at=at)
    return True


def add_key_result(*, objective: Objective, aim: Aim, by: Actor, at: datetime) -> KeyResult:
    """Add a key result to an open objective; raises UnableToSetGoal. Each call adds one more."""
    known = {measure.name: measure.unit for measure in MEASURES}
    if not aim.title.strip():
        raise UnableToSetGoal("empty")
    if aim.start == aim.target:
        raise UnableToSetGoal("nowhere")
    if aim.measure and aim.measure not in known:
        raise UnableToSetGoal("measure")
    if not aim.measure and aim.unit not in _UNITS:
        raise UnableToSetGoal("unit")
    with write_tx():
        _open(objective)
        count = KeyResult.objects.filter(objective=objective).count()
        if count >= MOST_KEY_RESULTS:
            raise UnableToSetGoal("many")
        row = KeyResult.objects.create(
            objective=objective, title=aim.title.strip(), measure=aim.measure, unit=known.get(aim.measure, aim.unit),
            start=aim.start, target=aim.target, position=count,
        )  # fmt: skip
        fact = KeyResultChanged(objective_id=objective.id, key_result_id=row.id, removed=False)
        record(fact, by=by, at=at)
    return row


def remove_key_result(*, key_result: KeyResult, by: Actor, at: datetime) -> bool:
    """Take a key result out of an open objective with its check-ins; returns whether it was there."""
    with write_tx():
        _open(key_result.objective)
        removed, _rows = KeyResult.objects.filter(id=key_result.id).delete()
        if removed:
            fact = KeyResultChanged(objective_id=key_result.objective_id, key_result_id=key_result.id, removed=True)
            record(fact, by=by, at=at)
    return bool(removed)


def check_in(*, key_result: KeyResult, value: float, word: str, day: date, by: Staff, at: datetime) -> CheckIn:
    """Say what a key result by hand was on a day; a second time on the same day replaces the first.

    Raises UnableToSetGoal for a live one, whose measure speaks for itself, and for a closed objective.
    """
    if key_result.measure:
        raise UnableToSetGoal("live")
    with write_tx():
        _open(key_result.objective)
        row, _is_new = CheckIn.objects.update_or_create(
            key_result=key_result, day=day, defaults={"value": value, "word": word.strip()[:300], "author": by}
        )
        fact = CheckedIn(objective_id=key_result.objective_id, key_result_id=key_result.id)
        record(fact, by=by.actor, at=at)
    return row


def add_initiative(*, objective: Objective, title: str, due_date: date | None, by: Actor, at: datetime) -> Initiative:
    """Add something to be done for an open objective; raises UnableToSetGoal. Each call adds one more."""
    if not title.strip():
        raise UnableToSetGoal("empty")
    with write_tx():
        _open(objective)
        row = Initiative.objects.create(objective=objective, title=title.strip(), due_date=due_date, created_at=at)
        record(InitiativeChanged(objective_id=objective.id, initiative_id=row.id, step="added"), by=by, at=at)
    return row


def finish_initiative(*, initiative: Initiative, by: Actor, at: datetime) -> bool:
    """Mark an initiative as done; returns whether it was not. Repeating it changes nothing."""
    return _step(initiative, {"done_at": None}, {"done_at": at}, "done", by, at)


def reopen_initiative(*, initiative: Initiative, by: Actor, at: datetime) -> bool:
    """Take "done" back; returns whether it was done. Repeating it changes nothing."""
    return _step(initiative, {"done_at__isnull": False}, {"done_at": None}, "reopened", by, at)


def _step(
    initiative: Initiative,
    where: dict[str, object],
    values: dict[str, object],
    step: str,
    by: Actor,
    at: datetime,
) -> bool:
    with write_tx():
        if not Initiative.objects.filter(id=initiative.id, **where).update(**values):
            return False
        fact = InitiativeChanged(objective_id=initiative.objective_id, initiative_id=initiative.id, step=step)
        record(fact, by=by, at=at)
    return True


def note_progress(*, today: date) -> int:
    """Write down what live key results of open objectives are today, and return how many; once a day each."""
    rows = list(KeyResult.objects.filter(objective__closed_at=None).exclude(measure=""))
    values = live_values({row.measure for row in rows})
    count = 0
    with write_tx():
        for row in rows:
            value = values.get(row.measure)
            if value is not None:
                CheckIn.objects.update_or_create(
                    key_result=row, day=today, defaults={"value": value, "word": "", "author": None}
                )
                count += 1
    return count


def remind(*, today: date, at: datetime, title: str) -> int:
    """Make a task for the owner of each open objective whose check-in fell due, and return how many were made now.

    The same one is made once, ever. `title` holds %(goal)s and is in the language of the shop.
    """
    made = Task.objects.filter(source="objective")
    before = made.count()
    for objective in open_objectives():
        due = due_since(objective.rhythm, objective.quarter, today)
        if due is None or due < objective.created_at.date() or not objective.owner.is_active:
            continue
        name = f"{objective.id}|{due}"
        make_task(
            title=(title % {"goal": objective.title})[:160], by=SYSTEM, at=at, assignee=objective.owner, due_date=today,
            source="objective", source_name=name,
        )  # fmt: skip
    return made.count() - before


def note_leaving(*, customer: Customer, cause: str, words: str, by: Staff, at: datetime) -> LeavingReason:
    """Note why a customer left; each call notes once more, and the latest counts."""
    with write_tx():
        row = LeavingReason.objects.create(
            customer=customer, cause=LeaveCause(cause), words=words.strip()[:500], author=by, noted_at=at
        )
        record(LeavingNoted(cause=row.cause), by=by.actor, at=at, customer_id=customer.id)
    return row


def _open(objective: Objective) -> Objective:
    standing = Objective.objects.select_for_update().get(id=objective.id)
    if standing.closed_at is not None:
        raise UnableToSetGoal("closed")
    return standing
