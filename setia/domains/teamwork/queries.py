"""Questions about tasks and mentions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, require
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.models import Mention, Task, TaskState
from setia.foundation.paging import Key, Page, capped_count, key_page

SHOWS = ("today", "overdue", "later", "done", "nobody")


def task_page(viewer: Any, *, show: str, is_all: bool, today: date, cursor: str, size: int) -> Page[Task]:
    """Return one page of tasks: one's own, or everybody's for whoever may assign. Raises NotAllowed.

    `today` also holds what has no day; `nobody` holds open tasks of people who are suspended.
    """
    require(viewer, Capability.DO_TASKS)
    rows = Task.objects.select_related("customer", "assignee")
    if not may(viewer, Capability.ASSIGN_TASKS) or not (is_all or show == "nobody"):
        rows = rows.filter(assignee=viewer)
    return key_page(
        _shown(rows, show, today), keys=(Key("priority", descending=False), Key("id")), cursor=cursor, size=size
    )


def open_counts(viewer: Staff, *, today: date) -> tuple[int, int]:
    """Return how many of somebody's tasks are due by today, and how many of these are overdue."""
    mine = Task.objects.filter(assignee=viewer, state=TaskState.OPEN)
    return capped_count(mine.filter(Q(due_date__lte=today) | Q(due_date=None))), capped_count(
        mine.filter(due_date__lt=today)
    )


def access_task(viewer: Any, task_id: int) -> Task:
    """Return a task to whoever has it, made it or may assign; to others it is not there. Raises Task.DoesNotExist."""
    require(viewer, Capability.DO_TASKS)
    rows = Task.objects.select_related("customer", "assignee", "creator")
    if not may(viewer, Capability.ASSIGN_TASKS):
        rows = rows.filter(Q(assignee=viewer) | Q(creator=viewer))
    return rows.get(id=task_id)


def tasks_of_customer(customer_ids: list[int], *, limit: int) -> list[Task]:
    """Return the open tasks about a person, latest first."""
    rows = Task.objects.select_related("assignee").filter(customer_id__in=customer_ids, state=TaskState.OPEN)
    return list(rows.order_by("-id")[:limit])


def customers_with_tasks(customer_ids: Sequence[int]) -> set[int]:
    """Return which of these customers somebody has, or had, something to do about."""
    return set(Task.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True)) - {None}


def colleagues(viewer: Staff) -> QuerySet[Staff]:
    """Return to whom somebody may give a task: everybody at work, or only oneself."""
    people = Staff.objects.filter(is_active=True).order_by("name", "id")
    return people if may(viewer, Capability.ASSIGN_TASKS) else people.filter(id=viewer.id)


def mention_page(viewer: Staff, *, cursor: str, size: int) -> Page[Mention]:
    """Return one page of where somebody was named, latest first."""
    rows = Mention.objects.select_related("interaction__author", "customer").filter(person=viewer)
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
        return waiting.filter(assignee__is_active=False)
    return waiting.filter(Q(due_date=today) | Q(due_date=None))
