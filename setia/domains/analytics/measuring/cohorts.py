"""Cohorts: those who first bought in one month or week, and what they did in each one since."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from setia.domains.analytics.engine.base import Engine, rows
from setia.domains.analytics.measuring.measure import Grain

# A week is the number of days from a Monday long ago to its own.
_FIRST_MONDAY = date(1, 1, 1)
_WEEK = "(DATE_DIFF('day', $monday, {day}) - MOD(DATE_DIFF('day', $monday, {day}), 7))"
_NUMBER: dict[Grain, str] = {"month": "(YEAR({day}) * 12 + MONTH({day}) - 1)", "week": _WEEK}

# A person counts once in a month: on the day whose day before lies in another one.
_COHORTS = """
WITH numbered AS (
    SELECT {first} AS cohort, {this} AS number, CASE WHEN previous_day IS NULL THEN -1 ELSE {previous} END AS before,
           order_count, value
    FROM days WHERE first_day >= $since
)
SELECT cohort, number, CAST(SUM(CASE WHEN before <> number THEN 1 ELSE 0 END) AS BIGINT) AS people,
       CAST(SUM(order_count) AS BIGINT) AS orders, CAST(SUM(value) AS BIGINT) AS revenue
FROM numbered GROUP BY cohort, number
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cohort (the first day of its month or week) in its period number `offset`, 0 that of the first purchase."""

    cohort: date
    offset: int
    people: int
    orders: int
    revenue: int


def cohort_cells(engine: Engine, *, grain: Grain = "month", since: date = date.min) -> list[Cell]:
    """Return all cells with somebody in them of those who first bought since a day, oldest cohort first."""

    def number(day: str) -> str:
        return _NUMBER[grain].format(day=day)

    def cell(row: dict[str, Any]) -> Cell:
        cohort, offset = row["cohort"], row["number"] - row["cohort"]
        if grain == "week":
            return Cell(_FIRST_MONDAY + timedelta(days=cohort), offset // 7, *counts(row))
        return Cell(date(cohort // 12, cohort % 12 + 1, 1), offset, *counts(row))

    def counts(row: dict[str, Any]) -> tuple[int, int, int]:
        return row["people"], row["orders"], row["revenue"]

    asked = _COHORTS.format(first=number("first_day"), this=number("shop_day"), previous=number("previous_day"))
    found = rows(engine.run(asked, {"monday": _FIRST_MONDAY, "since": since}))
    return sorted((cell(row) for row in found), key=lambda each: (each.cohort, each.offset))
