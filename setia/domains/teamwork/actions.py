"""Verbs of teamwork: make a task, close and reopen it, hand it over; log a contact with all that follows from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from setia.domains.customers.models import Customer
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.events import PersonMentioned, TaskChanged, TaskHandedOver, TaskMade, TaskStateChanged
from setia.domains.teamwork.models import Handover, Mention, Task, TaskState
from setia.domains.teamwork.queries import follow_up_of
from setia.domains.teamwork.rules import mentioned, task_key
from setia.domains.timeline.actions import log_interaction, remove_interaction, write_note
from setia.domains.timeline.models import Interaction, Note
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


class UnableToChangeTask(Exception):
    """Raised with a code: `empty`, `suspended` (the receiver), `not_yours` (needs ASSIGN_TASKS) or `closed`."""


_CHANGEABLE = ("title", "note", "due_date", "priority")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What is to be done after a contact."""

    title: str
    due_date: date | None = None
    assignee: Staff | None = None


def make_task(
    *,
    title: str,
    by: Staff | Actor,
    at: datetime,
    customer: Customer | None = None,
    assignee: Staff | None = None,
    is_for_nobody: bool = False,
    due_date: date | None = None,
    priority: int = 2,
    note: str = "",
    source: str = "hand",
    source_name: str = "",
) -> Task:
    """Make a task for oneself, or for a colleague or nobody yet by whoever may assign; raises UnableToChangeTask.

    Setia itself (`by` an actor) makes tasks for anybody, and without an assignee for nobody. With a
    `source_name` the same task is made once, ever, and a second call returns it; without, each call makes one.
    """
    maker = by if isinstance(by, Staff) else None
    receiver = None if is_for_nobody else assignee or maker
    if not title.strip():
        raise UnableToChangeTask("empty")
    _guard_receiver(receiver, maker)
    key = task_key(source, source_name) if source_name else None
    values = {
        "title": title.strip(),
        "customer": customer,
        "assignee": receiver,
        "creator": maker,
        "due_date": due_date,
        "priority": priority,
        "note": note.strip(),
        "source": source,
        "created_at": at,
    }
    with write_tx():
        if key is None:
            task, is_new = Task.objects.create(**values), True
        else:
            task, is_new = Task.objects.get_or_create(source_key=key, defaults=values)
        if is_new:
            fact = TaskMade(task_id=task.id, assignee_id=receiver.id if receiver else None, source=source)
            record(fact, by=by.actor if isinstance(by, Staff) else by, at=at, customer_id=task.customer_id)
    return task


def change_task(*, task: Task, changes: Mapping[str, object], by: Staff, at: datetime) -> bool:
    """Change a task's `title`, `note`, `due_date` or `priority`; returns whether anything is different now.

    Repeating it changes nothing. Raises UnableToChangeTask with `empty`.
    """
    wanted = {name: changes[name] for name in _CHANGEABLE if name in changes}
    wanted |= {name: str(wanted[name]).strip() for name in ("title", "note") if name in wanted}
    if wanted.get("title") == "":
        raise UnableToChangeTask("empty")
    with write_tx():
        standing = Task.objects.select_for_update().get(id=task.id)
        fields = tuple(sorted(name for name, value in wanted.items() if getattr(standing, name) != value))
        if not fields:
            return False
        for name in fields:
            setattr(standing, name, wanted[name])
        standing.save(update_fields=fields)
        record(TaskChanged(task_id=task.id, fields=fields), by=by.actor, at=at, customer_id=task.customer_id)
    return True


def finish_task(*, task: Task, by: Staff, at: datetime) -> bool:
    """Mark a task as done; returns whether it was open. Repeating it changes nothing."""
    return _move(task, (TaskState.OPEN,), TaskState.DONE, by, at)


def cancel_task(*, task: Task, by: Staff, at: datetime) -> bool:
    """Give a task up; returns whether it was open. Repeating it changes nothing."""
    return _move(task, (TaskState.OPEN,), TaskState.CANCELLED, by, at)


def reopen_task(*, task: Task, by: Staff, at: datetime) -> bool:
    """Open a task again; returns whether it was closed. Repeating it changes nothing."""
    return _move(task, (TaskState.DONE, TaskState.CANCELLED), TaskState.OPEN, by, at)


def hand_over(*, task: Task, receiver: Staff, word: str, by: Staff, at: datetime) -> bool:
    """Give an open task to a colleague with a word; returns whether it moved. Raises UnableToChangeTask.

    The update asks for the giver that the caller saw, so of two hand-overs at once only one counts.
    """
    _guard_receiver(receiver, by)
    if receiver.id == task.assignee_id:
        return False
    with write_tx():
        mine = Task.objects.filter(id=task.id, state=TaskState.OPEN, assignee_id=task.assignee_id)
        if not mine.update(assignee=receiver):
            raise UnableToChangeTask("closed")
        Handover.objects.create(
            task=task,
            customer_id=task.customer_id,
            giver_id=task.assignee_id,
            receiver=receiver,
            word=word.strip(),
            handed_at=at,
        )
        fact = TaskHandedOver(task_id=task.id, giver_id=task.assignee_id, receiver_id=receiver.id)
        record(fact, by=by.actor, at=at, customer_id=task.customer_id)
    return True


def hand_over_all(*, leaver: Staff, receiver: Staff, by: Staff, at: datetime) -> int:
    """Give all open tasks of somebody who left to a colleague in one go; returns how many. Repeating it moves none."""
    with write_tx():
        tasks = list(Task.objects.select_for_update().filter(assignee=leaver, state=TaskState.OPEN))
        return sum(hand_over(task=task, receiver=receiver, word="", by=by, at=at) for task in tasks)


def log_contact(
    *,
    customer: Customer,
    kind: str,
    happened_at: datetime,
    by: Staff,
    at: datetime,
    is_inbound: bool = False,
    outcome: str = "",
    duration_seconds: int = 0,
    body: str = "",
    follow_up: FollowUp | None = None,
    tell: Collection[int] = (),
) -> Interaction:
    """Log a contact with the colleagues it names and the task that follows, all or nothing. Each call logs one more.

    `tell` are colleagues who are told though the words do not name them.

    Raises UnableToLogInteraction and UnableToChangeTask.
    """
    with write_tx():
        interaction = log_interaction(
            customer=customer,
            kind=kind,
            happened_at=happened_at,
            by=by,
            at=at,
            is_inbound=is_inbound,
            outcome=outcome,
            duration_seconds=duration_seconds,
            body=body,
        )
        _tell(body, tell, interaction=interaction, note=None, customer=customer, by=by, at=at)
        _follow(follow_up, customer, "interaction", interaction.id, by=by, at=at)
    return interaction


def leave_note(
    *,
    customer: Customer,
    body: str,
    author: Staff,
    at: datetime,
    follow_up: FollowUp | None = None,
    tell: Collection[int] = (),
) -> Note:
    """Write a note with the colleagues it names or `tell`, and the task that follows, all or nothing.

    Each call writes one more. Raises UnableToWriteNote and UnableToChangeTask.
    """
    with write_tx():
        note = write_note(customer=customer, body=body, author=author, at=at)
        _tell(body, tell, interaction=None, note=note, customer=customer, by=author, at=at)
        _follow(follow_up, customer, "note", note.id, by=author, at=at)
    return note


def remove_contact(*, interaction: Interaction, by: Staff, at: datetime) -> None:
    """Take a contact back and cancel the open task that followed from it. Changes nothing when it is gone already."""
    with write_tx():
        task = follow_up_of(interaction.id)
        remove_interaction(interaction=interaction, by=by, at=at)
        if task is not None:
            cancel_task(task=task, by=by, at=at)


def see_mentions(*, person: Staff, at: datetime) -> int:
    """Mark all mentions of somebody as read and return how many were not. Repeating it changes nothing."""
    return Mention.objects.filter(person=person, seen_at=None).update(seen_at=at)


def _follow(
    follow_up: FollowUp | None, customer: Customer, source: str, row_id: int, *, by: Staff, at: datetime
) -> None:
    if follow_up:
        make_task(
            title=follow_up.title,
            by=by,
            at=at,
            customer=customer,
            assignee=follow_up.assignee,
            due_date=follow_up.due_date,
            source=source,
            source_name=str(row_id),
        )


def _tell(
    body: str,
    also: Collection[int],
    *,
    interaction: Interaction | None,
    note: Note | None,
    customer: Customer,
    by: Staff,
    at: datetime,
) -> None:
    team = dict(Staff.objects.filter(is_active=True).exclude(id=by.id).values_list("id", "name"))
    for person_id in sorted(mentioned(body, team) | (set(also) & set(team))):
        Mention.objects.create(person_id=person_id, interaction=interaction, note=note, customer=customer, made_at=at)
        fact = PersonMentioned(
            interaction_id=interaction.id if interaction else None,
            note_id=note.id if note else None,
            person_id=person_id,
        )
        record(fact, by=by.actor, at=at, customer_id=customer.id)


def _guard_receiver(receiver: Staff | None, by: Staff | None) -> None:
    if receiver is not None and not receiver.is_active:
        raise UnableToChangeTask("suspended")
    if by is not None and (receiver is None or receiver.id != by.id) and not may(by, Capability.ASSIGN_TASKS):
        raise UnableToChangeTask("not_yours")


def _move(task: Task, old: tuple[TaskState, ...], new: TaskState, by: Staff, at: datetime) -> bool:
    with write_tx():
        standing = Task.objects.select_for_update().filter(id=task.id, state__in=old).first()
        if standing is None:
            return False
        closed_at = None if new == TaskState.OPEN else at
        Task.objects.filter(id=task.id, state=standing.state).update(state=new, closed_at=closed_at)
        fact = TaskStateChanged(task_id=task.id, old_state=standing.state, new_state=new)
        record(fact, by=by.actor, at=at, customer_id=task.customer_id)
    return True
