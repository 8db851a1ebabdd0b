"""Questions about goals."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from setia.domains.analytics.models import PersonScore
from setia.domains.analytics.queries import measure_history
from setia.domains.guidance.models import CheckIn, Initiative, KeyResult, LeavingReason, Objective
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import require, require_all_outlets
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.models import Task, TaskState
from setia.domains.timeline.models import Interaction, Note
from setia.foundation.paging import Key, Page, key_page


def live_values(names: Iterable[str]) -> dict[str, float | None]:
    """Return of each measure what it was in its last whole month that is known, None where none is."""
    found: dict[str, float | None] = {}
    for name, rows in measure_history(sorted(set(names))).items():
        known = [row.value for row in rows if row.value is not None and not row.is_running]
        found[name] = known[-1] if known else None
    return found


def _whole() -> QuerySet[Objective]:
    check_ins = CheckIn.objects.order_by("day").select_related("author")
    key_results = KeyResult.objects.order_by("position", "id").prefetch_related(Prefetch("check_ins", check_ins))
    initiatives = Initiative.objects.order_by("id")
    return Objective.objects.select_related("owner").prefetch_related(
        Prefetch("key_results", key_results), Prefetch("initiatives", initiatives)
    )


def open_objectives() -> list[Objective]:
    """Return the objectives that are not closed, latest quarter first."""
    return list(Objective.objects.filter(closed_at=None).select_related("owner").order_by("-quarter", "-id"))


def objective_page(*, is_closed: bool, cursor: str, size: int) -> Page[Objective]:
    """Return one page of objectives with all that belongs to them, latest quarter first."""
    rows = _whole().filter(closed_at__isnull=not is_closed)
    return key_page(rows, keys=(Key("quarter"), Key("id")), cursor=cursor, size=size)


def all_objectives(*, cursor: str, size: int) -> Page[Objective]:
    """Return one page of all objectives with all that belongs to them, latest first, for other programs."""
    return key_page(_whole(), keys=(Key("quarter"), Key("id")), cursor=cursor, size=size)


def access_objective(viewer: Staff, objective_id: int) -> Objective:
    """Return an objective with all that belongs to it to who may see measures; raises NotAllowed, DoesNotExist."""
    require(viewer, Capability.VIEW_MEASURES)
    require_all_outlets(viewer)
    return _whole().get(id=objective_id)


def current_value(row: KeyResult, live: dict[str, float | None]) -> float | None:
    """Return where a key result stands: its measure, or its last check-in by hand."""
    if row.measure:
        return live.get(row.measure)
    check_ins = list(row.check_ins.all())
    return check_ins[-1].value if check_ins else None


def last_check_in(objective: Objective) -> date | None:
    """Return the last day somebody said where a key result by hand stands, or None."""
    days = [each.day for row in objective.key_results.all() for each in row.check_ins.all() if each.author_id]
    return max(days, default=None)


def leaving_causes(*, since: datetime, most: int = 10_000) -> Counter[str]:
    """Return how many people left for which cause, each by his latest note since then; of the latest notes."""
    rows = LeavingReason.objects.filter(noted_at__gte=since).select_related("customer").only(
        "cause", "customer_id", "customer__canonical_id"
    )  # fmt: skip
    latest: dict[int, str] = {}
    for row in rows.order_by("-id")[:most]:
        latest.setdefault(row.customer.canonical_id or row.customer_id, row.cause)
    return Counter(latest.values())


def neglected_page(*, since: datetime, worth_from: int, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of those worth at least so much with whom nobody was in touch since, best first.

    In touch is a contact in either direction, a note, or a task done for them, on any of a person's rows; an open task
    for him counts too, for somebody is at it.
    """
    rows = PersonScore.objects.filter(worth__gte=worth_from, customer__canonical__isnull=True)
    tasks = Task.objects.exclude(state=TaskState.CANCELLED).exclude(state=TaskState.DONE, closed_at__lt=since)
    for touched in (
        Interaction.objects.filter(happened_at__gte=since), Note.objects.filter(written_at__gte=since), tasks
    ):  # fmt: skip
        rows = rows.exclude(Exists(touched.filter(customer_id=OuterRef("customer_id"))))
        rows = rows.exclude(Exists(touched.filter(customer__canonical_id=OuterRef("customer_id"))))
    return key_page(rows, keys=(Key("worth"), Key("customer_id")), cursor=cursor, size=size)
