"""Cohorts: those who first bought in one month, and what they did in each month since."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from setia.domains.analytics.engine.base import Engine, rows

COHORTS = """
WITH months AS (
    SELECT d.person_id,
           YEAR(q.first_day) * 12 + MONTH(q.first_day) - 1 AS cohort,
           YEAR(d.shop_day) * 12 + MONTH(d.shop_day) - 1 AS month,
           d.order_count, d.value
    FROM days d JOIN people q ON q.person_id = d.person_id
)
SELECT cohort, month - cohort AS offset_months, COUNT(DISTINCT person_id) AS people,
       CAST(SUM(order_count) AS BIGINT) AS orders, CAST(SUM(value) AS BIGINT) AS revenue
FROM months GROUP BY cohort, month - cohort
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cohort (the first day of its month) in its month number `offset`, 0 being that of the first purchase."""

    cohort: date
    offset: int
    people: int
    orders: int
    revenue: int


def cohort_cells(engine: Engine) -> list[Cell]:
    """Return all cells with somebody in them, oldest cohort first."""

    def cell(row: dict[str, Any]) -> Cell:
        cohort = date(row["cohort"] // 12, row["cohort"] % 12 + 1, 1)
        return Cell(cohort, row["offset_months"], row["people"], row["orders"], row["revenue"])

    return sorted((cell(row) for row in rows(engine.run(COHORTS))), key=lambda each: (each.cohort, each.offset))
