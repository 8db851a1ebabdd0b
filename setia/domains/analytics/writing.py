"""Writing what was found back into the shop's tables: only what changed, a few thousand rows a transaction."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db.models import F

from setia.domains.analytics.measuring.cohorts import Cell
from setia.domains.analytics.measuring.measure import Grain, Value
from setia.domains.analytics.measuring.people import Scored
from setia.domains.analytics.models import (
    CohortCell,
    Finding,
    MeasureValue,
    PersonScore,
    SegmentMove,
    ZoneChange,
)
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES
from setia.domains.analytics.scoring.history import Moves
from setia.domains.customers.models import Customer
from setia.foundation.db import bulk_put, write_tx
from setia.foundation.ids import new_ids

STEP = 2_000
_READ = 50_000
_COLUMNS = (
    *("recency_days", "recency", "frequency", "money", "segment", "level"),
    *("chance_silent", "expected_milli", "expected_value", "worth"),
    *("health", "risk", "chance_lost", "engagement", "activity", "lifecycle", "top_milli"),
    *("zone", "alarm", "risk_why", "chance_why"),
)
_ZONE, _HEALTH, _WORTH = (_COLUMNS.index(name) for name in ("zone", "health", "worth"))
_MOVED = ("source", "target", "before", "after", "worth")
# Columns that are numbers in a tuple of names, and those that may be unknown.
_NAMES = {"segment": SEGMENTS, "activity": ACTIVITIES, "lifecycle": LIFECYCLES}
_MAY_BE_UNKNOWN = {"chance_silent", "expected_milli", "expected_value", "chance_lost", "engagement"}


def write_measures(values: Sequence[tuple[Grain, Value]]) -> None:
    """Replace all measures of all periods in one transaction: readers see the old or the new ones."""
    rows = [
        MeasureValue(
            id=row_id, measure=value.measure, grain=grain, outlet_id=value.place, start=value.period.start,
            end=value.period.end, value=value.value, numerator=value.numerator, denominator=value.denominator,
            population=value.population, why=value.why, is_running=value.is_running,
        )
        for row_id, (grain, value) in zip(new_ids(len(values)), values, strict=True)
    ]  # fmt: skip
    with write_tx():
        MeasureValue.objects.all().delete()
        MeasureValue.objects.bulk_create(rows, batch_size=500)


def write_cohorts(cells: Sequence[tuple[Grain, Cell]]) -> None:
    """Replace all cohorts in one transaction."""
    rows = [
        CohortCell(
            id=row_id, grain=grain, cohort=cell.cohort, offset=cell.offset, people=cell.people, orders=cell.orders,
            revenue=cell.revenue,
        )
        for row_id, (grain, cell) in zip(new_ids(len(cells)), cells, strict=True)
    ]  # fmt: skip
    with write_tx():
        CohortCell.objects.all().delete()
        CohortCell.objects.bulk_create(rows, batch_size=500)


def write_findings(found: Mapping[str, dict[str, Any]], *, as_of: date, keep: Collection[str] = ()) -> None:
    """Replace all findings in one transaction: readers see those of the last analysis or of this one.

    Those named in `keep` stay as an earlier analysis left them; each says of which day it speaks.
    """
    with write_tx():
        Finding.objects.exclude(name__in=keep).delete()
        Finding.objects.bulk_create([Finding(name=name, as_of=as_of, found=each) for name, each in found.items()])


def write_scores(
    scored: Scored,
    *,
    zone_day: date | None = None,
    report: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """Bring the scores of persons to what was found and return how many rows changed.

    With a `zone_day` whoever stands in another zone of health than before has moved to it on that day.

    Safe to repeat and to kill: each step is a whole transaction, and the next run writes what is left. Raises
    InterruptedError when it was told to stop.
    """
    columns = _plain(scored)
    ids = scored.person_id
    changed = 0
    for low in range(0, max(len(ids), 1), _READ):
        some = ids[low : low + _READ]
        first = -(2**62) if low == 0 else int(some[0])
        last = 2**62 if low + _READ >= len(ids) else int(ids[low + _READ]) - 1
        stands = {
            row[0]: row[1:]
            for row in PersonScore.objects.filter(customer_id__gte=first, customer_id__lte=last).values_list(
                "customer_id", *_COLUMNS
            )
        }
        parts = (column[low : low + _READ] for column in columns)
        wanted = {row[0]: tuple(row[1:]) for row in zip(some.tolist(), *parts, strict=True)}
        fresh = [(row_id, *row) for row_id, row in wanted.items() if stands.get(row_id) != row]
        gone = [row_id for row_id in stands if row_id not in wanted]
        for step in _steps(fresh):
            if should_stop():
                raise InterruptedError
            _upsert(step, _zone_changes(step, stands, zone_day))
        for step in _steps(gone):
            with write_tx():
                PersonScore.objects.filter(customer_id__in=step).delete()
        changed += len(fresh) + len(gone)
        report(min(1.0, (low + _READ) / max(len(ids), 1)))
    return changed


def _zone_changes(rows: list[Any], stands: dict[int, Any], day: date | None) -> list[ZoneChange]:
    if day is None:
        return []
    moved = ((row, stands[row[0]]) for row in rows if row[0] in stands)
    return [
        ZoneChange(
            customer_id=row[0], day=day, source=old[_ZONE], target=row[1 + _ZONE], before=old[_HEALTH],
            after=row[1 + _HEALTH], worth=row[1 + _WORTH],
        )
        for row, old in moved
        if old[_ZONE] != row[1 + _ZONE]
    ]  # fmt: skip


def _plain(scored: Scored) -> list[list[Any]]:
    """Return the columns as lists of plain values, in the order of the table's; None where it is not known."""
    found: list[list[Any]] = []
    for name in _COLUMNS:
        column = getattr(scored, name)
        if name in _NAMES:
            column = np.array(_NAMES[name], dtype=object)[column]
        values = column.tolist()
        if name in _MAY_BE_UNKNOWN:
            values = [None if value < 0 else value for value in values]
        found.append(values)
    return found


def _steps(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), STEP):
        yield rows[start : start + STEP]


def _upsert(rows: list[Any], changes: list[ZoneChange]) -> None:
    with write_tx():
        # Whoever was erased since the lake was filled has no row any more that a score could belong to.
        alive = set(Customer.objects.filter(id__in=[row[0] for row in rows]).values_list("id", flat=True))
        bulk_put(PersonScore, ("customer", *_COLUMNS), (row for row in rows if row[0] in alive))
        changes = [change for change in changes if change.customer_id in alive]
        if changes:
            _keep_changes(changes)


def _keep_changes(changes: list[ZoneChange]) -> None:
    """Keep the way from the first zone of the day to the last; whoever is back where he was has not moved."""
    ZoneChange.objects.bulk_create(
        changes,
        update_conflicts=True,
        unique_fields=["customer", "day"],
        update_fields=["target", "after", "worth"],
        batch_size=500,
    )
    of_today = ZoneChange.objects.filter(customer_id__in=[each.customer_id for each in changes], day=changes[0].day)
    of_today.filter(source=F("target"), task_id=None).delete()


def forget_zone_changes(*, before: date) -> int:
    """Delete changes of days long past and return how many."""
    with write_tx():
        return ZoneChange.objects.filter(day__lt=before).delete()[0]


def write_moves(found: Sequence[Moves], *, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Bring the people of each month's moves to what was found and return how many rows changed; other months go.

    Safe to repeat and to kill, as `write_scores`.
    """
    changed = 0
    with write_tx():
        SegmentMove.objects.exclude(month__in=[moves.month for moves in found]).delete()
    for moves in found:
        names = np.array(SEGMENTS, dtype=object)
        columns = (names[moves.source], names[moves.target], moves.before, moves.after, moves.worth)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        wanted = dict(zip(moves.person_id.tolist(), rows, strict=True))
        stands = {
            row[0]: row[1:]
            for row in SegmentMove.objects.filter(month=moves.month).values_list("customer_id", *_MOVED).iterator()
        }
        fresh = [(person, *row) for person, row in wanted.items() if stands.get(person) != row]
        gone = [person for person, row in stands.items() if wanted.get(person) != row]
        for step in _steps(gone):
            with write_tx():
                SegmentMove.objects.filter(month=moves.month, customer_id__in=step).delete()
        for step in _steps(fresh):
            if should_stop():
                raise InterruptedError
            _insert_moves(step, moves.month)
        changed += len(fresh) + len(gone)
    return changed


def _insert_moves(rows: list[Any], month: date) -> None:
    with write_tx():
        alive = set(Customer.objects.filter(id__in=[row[0] for row in rows]).values_list("id", flat=True))
        SegmentMove.objects.bulk_create(
            [
                SegmentMove(id=row_id, customer_id=row[0], month=month, **dict(zip(_MOVED, row[1:], strict=True)))
                for row_id, row in zip(new_ids(len(rows)), rows, strict=True)
                if row[0] in alive
            ],
            batch_size=500,
            ignore_conflicts=True,
        )
