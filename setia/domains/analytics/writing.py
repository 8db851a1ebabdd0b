"""Writing what was found back into the shop's tables: only what changed, a few thousand rows a transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from setia.domains.analytics.measuring.cohorts import Cell
from setia.domains.analytics.measuring.measure import Value
from setia.domains.analytics.measuring.people import Scored
from setia.domains.analytics.models import CohortCell, Finding, MeasureValue, PersonScore
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES
from setia.domains.customers.models import Customer
from setia.foundation.db import write_tx
from setia.foundation.ids import new_ids

STEP = 2_000
_READ = 50_000
_COLUMNS = (
    *("recency_days", "recency", "frequency", "money", "segment", "level"),
    *("chance_silent", "expected_milli", "expected_value", "worth"),
    *("health", "risk", "chance_lost", "engagement", "activity", "lifecycle", "top_milli"),
)
# Columns that are numbers in a tuple of names, and those that may be unknown.
_NAMES = {"segment": SEGMENTS, "activity": ACTIVITIES, "lifecycle": LIFECYCLES}
_MAY_BE_UNKNOWN = {"chance_silent", "expected_milli", "expected_value", "chance_lost", "engagement"}


def write_measures(values: Sequence[Value]) -> None:
    """Replace all measures of all months in one transaction: readers see the old or the new ones."""
    rows = [
        MeasureValue(
            id=row_id, measure=value.measure, start=value.period.start, end=value.period.end, value=value.value,
            numerator=value.numerator, denominator=value.denominator, population=value.population, why=value.why,
            is_running=value.is_running,
        )
        for row_id, value in zip(new_ids(len(values)), values, strict=True)
    ]  # fmt: skip
    with write_tx():
        MeasureValue.objects.all().delete()
        MeasureValue.objects.bulk_create(rows, batch_size=500)


def write_cohorts(cells: Sequence[Cell]) -> None:
    """Replace all cohorts in one transaction."""
    rows = [
        CohortCell(
            id=row_id, cohort=cell.cohort, offset=cell.offset, people=cell.people, orders=cell.orders,
            revenue=cell.revenue,
        )
        for row_id, cell in zip(new_ids(len(cells)), cells, strict=True)
    ]  # fmt: skip
    with write_tx():
        CohortCell.objects.all().delete()
        CohortCell.objects.bulk_create(rows, batch_size=500)


def write_findings(found: Mapping[str, dict[str, Any]], *, as_of: date) -> None:
    """Replace all findings in one transaction: readers see those of the last analysis or of this one."""
    with write_tx():
        Finding.objects.all().delete()
        Finding.objects.bulk_create([Finding(name=name, as_of=as_of, found=each) for name, each in found.items()])


def write_scores(
    scored: Scored,
    *,
    report: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """Bring the scores of persons to what was found and return how many rows changed.

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
            _upsert(step)
        for step in _steps(gone):
            with write_tx():
                PersonScore.objects.filter(customer_id__in=step).delete()
        changed += len(fresh) + len(gone)
        report(min(1.0, (low + _READ) / max(len(ids), 1)))
    return changed


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


def _upsert(rows: list[Any]) -> None:
    table = PersonScore._meta.db_table
    marks = ", ".join(["%s"] * (len(_COLUMNS) + 1))
    sets = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
    sql = (
        f"INSERT INTO {table} (customer_id, {', '.join(_COLUMNS)}) VALUES {{rows}} "  # noqa: S608 (our own names)
        f"ON CONFLICT (customer_id) DO UPDATE SET {sets}"
    )
    with write_tx(), connection.cursor() as cursor:
        # Whoever was erased since the lake was filled has no row any more that a score could belong to.
        alive = set(Customer.objects.filter(id__in=[row[0] for row in rows]).values_list("id", flat=True))
        kept = [row for row in rows if row[0] in alive]
        for start in range(0, len(kept), 500):
            some = kept[start : start + 500]
            text = sql.format(rows=", ".join([f"({marks})"] * len(some)))
            cursor.execute(text, [value for row in some for value in row])
