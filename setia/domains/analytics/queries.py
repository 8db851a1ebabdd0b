"""Questions about what was found out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Sum

from setia.domains.analytics.models import (
    Analysis,
    AnalysisState,
    CohortCell,
    Finding,
    MeasureValue,
    PersonScore,
)
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


def measure_history(names: Sequence[str]) -> dict[str, list[MeasureValue]]:
    """Return the months of some measures, oldest first."""
    found: dict[str, list[MeasureValue]] = {name: [] for name in names}
    for row in MeasureValue.objects.filter(measure__in=names).order_by("start"):
        found[row.measure].append(row)
    return found


def cohorts() -> dict[date, dict[int, CohortCell]]:
    """Return the cells of each cohort by offset, oldest cohort first."""
    found: dict[date, dict[int, CohortCell]] = {}
    for cell in CohortCell.objects.order_by("cohort", "offset"):
        found.setdefault(cell.cohort, {})[cell.offset] = cell
    return found


def finding(name: str) -> Finding | None:
    """Return what the last analysis found out under a name, or None where it was not asked yet."""
    return Finding.objects.filter(name=name).first()


def segment_sizes() -> dict[str, tuple[int, int]]:
    """Return for each RFM segment with somebody in it how many and what they are expected to spend in a year."""
    rows = PersonScore.objects.values("segment").annotate(people=Count("customer"), worth=Sum("expected_value"))
    return {row["segment"]: (row["people"], row["worth"] or 0) for row in rows}


def level_sizes() -> dict[int, int]:
    """Return how many stand on each level of the pyramid."""
    return dict(PersonScore.objects.values_list("level").annotate(people=Count("customer")))


def segment_page(segment: str, *, cursor: str, size: int) -> Page[PersonScore]:
    """Return one page of the people of a segment, those first who are worth most."""
    rows = PersonScore.objects.filter(segment=segment, customer__canonical__isnull=True)
    return key_page(rows, keys=(Key("worth"), Key("customer_id")), cursor=cursor, size=size)
