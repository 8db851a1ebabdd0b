"""How everybody stood at the ends of months past, and who moved from one segment to another since."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.measure import Choices
from setia.domains.analytics.measuring.measuring import sales_span
from setia.domains.analytics.rules.rfm import SEGMENTS, score, segments, thresholds
from setia.domains.analytics.rules.stages import ACTIVITIES, PYRAMID, activity, pyramid_level
from setia.domains.analytics.scoring.features import Whole, columns_of

MONTHS = 13
# People are named for so many months back; of older moves the numbers stay.
MONTHS_WITH_PEOPLE = 3

# The last day known as of some day is the one whose next lies beyond it: each person has one such row, so nothing has
# to be grouped to know how everybody stood.
STOOD = """
SELECT d.person_id, DATE_DIFF('day', d.shop_day, $as_of) AS recency_days,
       DATE_DIFF('day', p.first_day, $as_of) AS age_days, d.orders_so_far AS order_count, d.value_so_far AS value
FROM days d JOIN people p ON p.person_id = d.person_id
WHERE d.shop_day <= $as_of AND d.next_day > $as_of ORDER BY d.person_id
"""


@dataclass(frozen=True, slots=True)
class Stood:
    """How everybody who had bought stood at the end of a day: segment numbers and cells such as 545, shape (n,)."""

    as_of: date
    person_id: Whole
    segment: NDArray[np.int8]
    cell: Whole
    value: Whole
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Moves:
    """Who moved between two days, those of `month`; columns of shape (m,), ordered by person."""

    month: date
    person_id: Whole
    source: NDArray[np.int8]
    target: NDArray[np.int8]
    before: Whole
    after: Whole
    worth: Whole


def stood_on(
    engine: Engine, day: date, *, choices: Choices, preset: str, steps: dict[str, list[int]] | None = None
) -> Stood:
    """Return how everybody stood at the end of a day, after `lay_out`."""
    known = columns_of(engine, STOOD, {"as_of": day})
    days, orders, value = known["recency_days"], known["order_count"], known["value"]
    by = thresholds(preset, days, orders, value, steps=steps)
    recency, frequency, money = score(days, orders, value, by)
    found = segments(recency, frequency, money, by)
    does = activity(known["age_days"], days, active_days=choices.active_days, lost_days=choices.lost_days)
    counts = {
        "segment": _counted(found, SEGMENTS),
        "activity": _counted(does, ACTIVITIES),
        "level": _counted(pyramid_level(orders) - 1, PYRAMID),
    }
    cell = 100 * recency.astype(np.int64) + 10 * frequency + money
    return Stood(day, known["person_id"], found, cell, value, counts)


def month_ends(first: date, today: date, *, months: int = MONTHS) -> list[date]:
    """Return the last days of the months that are over since the first sale, at most so many, and today."""
    found, end = [today], today.replace(day=1) - timedelta(days=1)
    while end >= first and len(found) < months:
        found.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return sorted(set(found))


def history(
    engine: Engine, *, today: date, choices: Choices, preset: str, steps: dict[str, list[int]] | None = None
) -> tuple[dict[str, Any], list[Moves]]:
    """Return counts by month and the matrix of moves, as JSON can hold them, and the people of the youngest moves.

    After `lay_out`. Two months are in memory at a time.
    """
    span = sales_span(engine)
    told: dict[str, Any] = {"months": [], "preset": preset}
    moves: list[Moves] = []
    last: Stood | None = None
    ends = month_ends(span[0], today) if span else []
    for number, end in enumerate(ends):
        stood = stood_on(engine, end, choices=choices, preset=preset, steps=steps)
        month: dict[str, Any] = {"end": str(end), "people": len(stood.person_id), "counts": stood.counts}
        if last is not None:
            found, month["moved"] = _moved(last, stood)
            if number >= len(ends) - MONTHS_WITH_PEOPLE:
                moves.append(found)
        told["months"].append(month)
        last = stood
    return told, moves


def _moved(before: Stood, after: Stood) -> tuple[Moves, dict[str, Any]]:
    """Return who moved and in which numbers; whoever had not bought before is new and moved from nowhere."""
    # Everybody who had bought before has bought still; both are ordered by person.
    where = np.searchsorted(after.person_id, before.person_id)
    target, cell = after.segment[where], after.cell[where]
    matrix = np.zeros((len(SEGMENTS), len(SEGMENTS)), dtype=np.int64)
    np.add.at(matrix, (before.segment, target), 1)
    moved = before.segment != target
    up = int(matrix[np.tril_indices(len(SEGMENTS), -1)].sum())
    down = int(matrix[np.triu_indices(len(SEGMENTS), 1)].sum())
    told = {
        "matrix": matrix.tolist(), "up": up, "down": down, "same": int(np.trace(matrix)),
        "new": len(after.person_id) - len(before.person_id),
    }  # fmt: skip
    people = Moves(
        after.as_of.replace(day=1), before.person_id[moved], before.segment[moved], target[moved],
        before.cell[moved], cell[moved], np.maximum(after.value[where][moved], 0),
    )  # fmt: skip
    return people, told


def _counted(numbers: NDArray[np.int8], names: tuple[str, ...]) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True)}
