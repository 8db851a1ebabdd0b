"""Questions about tasks and mentions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, require
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.models import Mention, Task, TaskState
from setia.domains.teamwork.rules import task_key
from setia.foundation.paging import Key, Page, capped_count, key_page

SHOWS = ("today", "overdue", "later", "done", "nobody")


def task_page(
    viewer: Any, *, show: str, is_all: bool, today: date, cursor: str, size: int, person_id: int | None = None
) -> Page[Task]:
    """Return one page of tasks: one's own, or a colleague's or everybody's for whoever may assign. Raises NotAllowed.

    By the day they are due, then by priority; closed ones latest first. `today` also holds what has no day, at its
    end; `nobody` holds open tasks that have nobody, or somebody who is suspended.
    """
    require(viewer, Capability.DO_TASKS)
    rows = Task.objects.select_related("customer", "assignee")
    if not may(viewer, Capability.ASSIGN_TASKS):
        rows = rows.filter(assignee=viewer)
    elif not is_all and show != "nobody":
        rows = rows.filter(assignee_id=person_id or viewer.id)
    found = _shown(rows, show, today)
    if show == "done":
        return key_page(found, keys=(Key("id"),), cursor=cursor, size=size)
    # A key to page by is never NULL: what has no day stands behind all days.
    found = found.annotate(due_key=Coalesce("due_date", Value(date.max), output_field=DateField()))
    keys = (Key("due_key", descending=False), Key("priority", descending=False), Key("id", descending=False))
    return key_page(found, keys=keys, cursor=cursor, size=size)


def open_counts(viewer: Staff, *, today: date) -> tuple[int, int]:
    """Return how many of somebody's tasks are due by today, and how many of these are overdue."""
    mine = Task.objects.filter(assignee=viewer, state=TaskState.OPEN)
    return capped_count(mine.filter(Q(due_date__lte=today) | Q(due_date=None))), capped_count(
        mine.filter(due_date__lt=today)
    )


def due_count(viewer: Staff, *, today: date) -> int:
    """Return how many of somebody's own tasks are overdue or due today, counted up to 10,001."""
    return capped_count(Task.objects.filter(assignee=viewer, state=TaskState.OPEN, due_date__lte=today))


def access_task(viewer: Any, task_id: int) -> Task:
    """Return a task to whoever has it, made it or may assign tasks; to others it is not there.

    Whoever made it may follow it after it went to a colleague. Raises NotAllowed and Task.DoesNotExist.
    """
    require(viewer, Capability.DO_TASKS)
    rows = Task.objects.select_related("customer", "assignee", "creator")
    if not may(viewer, Capability.ASSIGN_TASKS):
        rows = rows.filter(Q(assignee=viewer) | Q(creator=viewer))
    return rows.get(id=task_id)


def tasks_of_customer(viewer: Any, customer_ids: Sequence[int], *, limit: int) -> list[Task]:
    """Return the open tasks about a person that the viewer may see, those due first before the others."""
    rows = Task.objects.select_related("assignee").filter(customer_id__in=customer_ids, state=TaskState.OPEN)
    if not may(viewer, Capability.ASSIGN_TASKS):
        rows = rows.filter(Q(assignee=viewer) | Q(creator=viewer))
    return list(rows.order_by(F("due_date").asc(nulls_last=True), "priority", "id")[:limit])


def due_tasks(viewer: Staff, *, today: date, limit: int) -> list[Task]:
    """Return somebody's own tasks that are overdue or due today, the oldest day first."""
    rows = Task.objects.select_related("customer").filter(assignee=viewer, state=TaskState.OPEN, due_date__lte=today)
    return list(rows.order_by("due_date", "priority", "id")[:limit])


def follow_up_of(interaction_id: int) -> Task | None:
    """Return the task that was made with a contact, if any."""
    return Task.objects.filter(source_key=task_key("interaction", str(interaction_id))).first()


def open_tasks_by_person() -> list[tuple[Staff, int]]:
    """Return who has open tasks though the account is suspended, with how many."""
    rows = Task.objects.filter(state=TaskState.OPEN, assignee__is_active=False).values("assignee_id")
    counts = dict(rows.annotate(count=Count("id")).values_list("assignee_id", "count"))
    people = Staff.objects.filter(id__in=[row for row in counts if row]).order_by("name", "id")
    return [(person, counts[person.id]) for person in people]


def open_task_count(person: Staff) -> int:
    """Return how many open tasks somebody has, counted up to 10,001."""
    return capped_count(Task.objects.filter(assignee=person, state=TaskState.OPEN))


def tasks_closed_between(first: datetime, end: datetime) -> int:
    """Return how many tasks were done from one moment to before another."""
    return Task.objects.filter(state=TaskState.DONE, closed_at__gte=first, closed_at__lt=end).count()


def customers_with_tasks(customer_ids: Sequence[int]) -> set[int]:
    """Return which of these customers somebody has, or had, something to do about."""
    return set(Task.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True)) - {None}


def colleagues(viewer: Staff) -> QuerySet[Staff]:
    """Return to whom somebody may give a task: everybody at work, or only oneself."""
    people = Staff.objects.filter(is_active=True).order_by("name", "id")
    return people if may(viewer, Capability.ASSIGN_TASKS) else people.filter(id=viewer.id)


def mention_page(viewer: Staff, *, cursor: str, size: int) -> Page[Mention]:
    """Return one page of where somebody was named, latest first."""
    rows = Mention.objects.select_related("interaction__author", "note__author", "customer").filter(person=viewer)
    return key_page(rows, keys=(Key("id"),), cursor=cursor, size=size)


def _shown(rows: QuerySet[Task], show: str, today: date) -> QuerySet[Task]:
    waiting = rows.filter(state=TaskState.OPEN)
    if show == "overdue":
        return waiting.filter(due_date__lt=today)
    if show == "later":
        return waiting.filter(due_date__gt=today)
    if show == "done":
        return rows.exclude(state=TaskState.OPEN)
    if show == "nobody":
        return waiting.filter(Q(assignee=None) | Q(assignee__is_active=False))
    return waiting.filter(Q(due_date=today) | Q(due_date=None))
