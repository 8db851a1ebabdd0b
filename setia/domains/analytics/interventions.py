"""Tasks for people whose health got worse: few a day, for those worth it, each once."""

from datetime import date, datetime, timedelta

from django.db.models import F

from setia.domains.analytics.models import AnalyticsChoices, PersonScore, ZoneChange
from setia.domains.analytics.rules.health import ZONES
from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Role
from setia.domains.teamwork.actions import make_task
from setia.foundation.actors import SYSTEM
from setia.foundation.db import write_tx

SOURCE = "health"
_RED = list(ZONES).index("red")
# A change is acted upon for a week; after a task about somebody a month passes before the next.
FRESH, REST = timedelta(days=7), timedelta(days=30)


def raise_interventions(*, today: date, choices: AnalyticsChoices, at: datetime) -> int:
    """Make the tasks of this day and return how many; those who are worth most come first.

    Only for people of the best share of buyers the shop chose whose zone got worse in the last seven days and is still
    that one, and about whom no such task was made for thirty days. Never more a day than the shop chose, over all
    analyses of the day; repeating it makes none twice. Yellow goes to whoever looks after the person, red to the owner.
    """
    left = choices.tasks_a_day - ZoneChange.objects.filter(task_day=today).count()
    if left <= 0:
        return 0
    rested = ZoneChange.objects.filter(task_day__gt=today - REST).values_list("customer_id", flat=True)
    fresh = ZoneChange.objects.filter(day__gt=today - FRESH, day__lte=today, task_id=None, target__gt=F("source"))
    waiting = fresh.select_related("customer__owner").exclude(customer_id__in=list(rested)).order_by("-worth", "-id")
    made, seen = 0, set()
    # Most of those who are worth most belong to the best buyers: the walk ends long before the list does.
    for change in waiting.iterator(chunk_size=200):
        if made == left:
            break
        if change.customer_id in seen or not _is_worth_it(change, choices):
            continue
        seen.add(change.customer_id)
        _raise(change, today=today, at=at)
        made += 1
    return made


def _is_worth_it(change: ZoneChange, choices: AnalyticsChoices) -> bool:
    stands = PersonScore.objects.filter(
        customer_id=change.customer_id, zone=change.target, top_milli__lte=10 * choices.tasks_top_percent
    )
    return stands.exists()


def _raise(change: ZoneChange, *, today: date, at: datetime) -> None:
    is_red = change.target == _RED
    keeper = change.customer.owner if change.customer.owner and change.customer.owner.is_active else None
    assignee = _senior() if is_red else keeper
    with write_tx():
        task = make_task(
            # A code, as all texts of Setia: pages say it in the reader's own language.
            title=f"{SOURCE}.{change.target_name}",
            customer=change.customer,
            assignee=assignee,
            is_for_nobody=assignee is None,
            due_date=today + timedelta(days=1 if is_red else 3),
            priority=1 if is_red else 2,
            source=SOURCE,
            source_name=str(change.id),
            by=SYSTEM,
            at=at,
        )
        ZoneChange.objects.filter(id=change.id).update(task_id=task.id, task_day=today)


def _senior() -> Staff | None:
    return Staff.objects.filter(role=Role.OWNER, is_active=True).order_by("id").first()
