"""Questions about what was found out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from setia.domains.analytics.measuring.measure import Grain
from setia.domains.analytics.models import (
    Analysis,
    AnalysisState,
    CohortCell,
    Finding,
    MarketingSpend,
    MeasureValue,
    PersonScore,
    SegmentMove,
    ZoneChange,
)
from setia.domains.analytics.rules.health import ZONES
from setia.domains.analytics.rules.risk import ALARMS
from setia.domains.analytics.rules.stages import PYRAMID
from setia.domains.commerce.models import CustomerCounters
from setia.foundation.paging import Key, Page, key_page

# No analysis takes longer; a row that says so after that is of one that was killed.
LONGEST = timedelta(hours=2)


def latest_analysis() -> Analysis | None:
    """Return the last analysis that was finished, or None."""
    return Analysis.objects.filter(state=AnalysisState.DONE).order_by("-id").first()


def running_analysis(*, at: datetime) -> Analysis | None:
    """Return the analysis under way, or None; one that was killed is not told for ever."""
    last = Analysis.objects.exclude(problem="busy").order_by("-id").first()
    is_running = last is not None and last.state == AnalysisState.RUNNING and at - last.started_at < LONGEST
    return last if is_running else None


def is_disk_full() -> bool:
    """Tell whether the last analysis that ended found no room on the disk; what stands is older then."""
    last = Analysis.objects.exclude(problem="busy").exclude(state=AnalysisState.RUNNING).order_by("-id").first()
    return last is not None and last.problem == "disk_full"


def measure_history(
    names: Sequence[str], *, grain: Grain = "month", outlet_id: int = 0
) -> dict[str, list[MeasureValue]]:
    """Return the months (or weeks) of some measures, of the whole shop or of one outlet, oldest first."""
    found: dict[str, list[MeasureValue]] = {name: [] for name in names}
    for row in MeasureValue.objects.filter(measure__in=names, grain=grain, outlet_id=outlet_id).order_by("start"):
        found[row.measure].append(row)
    return found


def outlet_history(name: str) -> dict[int, list[MeasureValue]]:
    """Return the months of a measure at each outlet, oldest first; empty where the shop has only one."""
    found: dict[int, list[MeasureValue]] = {}
    rows = MeasureValue.objects.filter(measure=name, grain="month", outlet_id__gt=0)
    for row in rows.order_by("outlet_id", "start"):
        found.setdefault(row.outlet_id, []).append(row)
    return found


def measure_value(name: str, *, grain: str, start: date, outlet_id: int = 0) -> MeasureValue | None:
    """Return a measure of one period, or None where it was not measured."""
    return MeasureValue.objects.filter(measure=name, grain=grain, start=start, outlet_id=outlet_id).first()


def cohorts(*, grain: Grain = "month") -> dict[date, dict[int, CohortCell]]:
    """Return the cells of each cohort by offset, oldest cohort first."""
    found: dict[date, dict[int, CohortCell]] = {}
    for cell in CohortCell.objects.filter(grain=grain).order_by("cohort", "offset"):
        found.setdefault(cell.cohort, {})[cell.offset] = cell
    return found


def finding(name: str) -> Finding | None:
    """Return what the last analysis found out under a name, or None where it was not asked yet."""
    return Finding.objects.filter(name=name).first()


def findings(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what the last analysis found out under some names; those it was not asked are left out."""
    return {row.name: row.found for row in Finding.objects.filter(name__in=names)}


def group_sizes(kind: str) -> dict[str, tuple[int, int, int]]:
    """Return for each group of a kind (people, worth, revenue of the last 365 days), as the last analysis counted them.

    Kinds are `segment`, `level`, `activity`, `lifecycle`, `zone` and `alarm`; empty before the first analysis.
    """
    found = finding("people")
    groups = found.found.get(kind, {}) if found else {}
    return {name: (each[0], each[1], each[2]) for name, each in groups.items()}


def segment_sizes() -> dict[str, tuple[int, int]]:
    """Return for each RFM segment with somebody in it how many and what they are expected to spend in a year."""
    return {name: each[:2] for name, each in group_sizes("segment").items() if each[0]}


def segment_page(segment: str, *, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of the people of a segment, those first who are worth most."""
    return _people_page(PersonScore.objects.filter(segment=segment), cursor=cursor, size=size)


def zone_page(zone: str, *, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of the people of a zone of health, those first who are worth most; raises ValueError."""
    return _people_page(PersonScore.objects.filter(zone=list(ZONES).index(zone)), cursor=cursor, size=size)


def alarm_page(alarm: str, *, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of the people of a level of the warning, those first who are worth most; raises ValueError."""
    return _people_page(PersonScore.objects.filter(alarm=ALARMS.index(alarm)), cursor=cursor, size=size)


def level_page(level: str, *, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of the people of a level of the pyramid, those first who are worth most; raises ValueError."""
    return _people_page(PersonScore.objects.filter(level=PYRAMID.index(level) + 1), cursor=cursor, size=size)


def score_page(*, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of all scores by customer, for programs; raises BadCursor."""
    rows = PersonScore.objects.filter(customer__canonical__isnull=True)
    keys = (Key("customer_id", descending=False),)
    return key_page(rows, keys=keys, cursor=cursor, size=size, is_strict=True)


def counters_and_score(customer_id: int) -> tuple[CustomerCounters, PersonScore | None]:
    """Return the counters of a person and his scores in one question; raises CustomerCounters.DoesNotExist."""
    told = {name: name for name in _SHOWN}
    scores = PersonScore.objects.filter(customer_id=OuterRef("customer_id")).values(told=JSONObject(**told))
    rows = CustomerCounters.objects.annotate(score=Subquery(scores, output_field=JSONField()))
    counters = rows.get(customer_id=customer_id)
    found = counters.score
    return counters, PersonScore(customer_id=customer_id, **found) if found else None


_SHOWN = (
    *("health", "zone", "risk", "alarm", "risk_why", "chance_lost", "chance_why", "activity", "lifecycle", "segment"),
    *("level", "engagement", "expected_value", "top_milli", "recency_days", "recency", "frequency", "money"),
)


def score_of(customer_id: int) -> PersonScore | None:
    """Return the scores of a person, or None who has not bought or was not measured yet."""
    return PersonScore.objects.filter(customer_id=customer_id).first()


def _people_page(rows: QuerySet[PersonScore], *, cursor: str, size: int) -> Page[PersonScore]:
    rows = rows.filter(customer__canonical__isnull=True)
    return key_page(rows, keys=(Key("worth"), Key("customer_id")), cursor=cursor, size=size)


def zone_changes(*, since: date, target: str = "", cursor: str, size: int) -> Page[ZoneChange]:
    """Return one page of changes of zone since a day, youngest first; into one zone only where it is named."""
    rows = ZoneChange.objects.filter(day__gte=since)
    if target:
        rows = rows.filter(target=list(ZONES).index(target))
    return key_page(rows, keys=(Key("day"), Key("worth"), Key("id")), cursor=cursor, size=size)


def zone_change_counts(*, since: date) -> dict[tuple[str, str], int]:
    """Return how many moved from which zone to which since a day."""
    names = tuple(ZONES)
    rows = ZoneChange.objects.filter(day__gte=since).values_list("source", "target").annotate(people=Count("id"))
    return {(names[source], names[target]): people for source, target, people in rows.order_by()}


def moves_page(month: date, source: str, target: str, *, cursor: str, size: int) -> Page[SegmentMove]:
    """Return one page of those who moved from one segment to another in a month, those first who spent most."""
    rows = SegmentMove.objects.filter(month=month, source=source, target=target)
    return key_page(rows, keys=(Key("worth"), Key("id")), cursor=cursor, size=size)


def spend_by_month(*, most: int) -> tuple[list[tuple[date, list[MarketingSpend]]], bool]:
    """Return what was spent on customers in the latest months, and whether there are older ones."""
    months = list(MarketingSpend.objects.order_by("-month").values_list("month", flat=True).distinct()[: most + 1])
    found: dict[date, list[MarketingSpend]] = {month: [] for month in months[:most]}
    for row in MarketingSpend.objects.filter(month__in=list(found)).order_by("purpose", "channel", "id"):
        found[row.month].append(row)
    return list(found.items()), len(months) > most
