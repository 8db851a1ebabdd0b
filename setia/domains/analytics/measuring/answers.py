"""What an analysis answers and keeps: months and weeks of the whole shop, and months of each outlet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.cohorts import Cell, cohort_cells
from setia.domains.analytics.measuring.measure import Choices, Grain, Value
from setia.domains.analytics.measuring.measuring import (
    lay_out_outlets,
    measure_all,
    months_until,
    outlets_by_sales,
    periods_until,
)
from setia.domains.analytics.measuring.registry import MEASURES, WEEKLY_MEASURES

MONTHS = 36
WEEKS = 53
# A year of months and the one it began after; so many outlets fit into a few thousand rows of answers.
OUTLET_MONTHS = 13
MOST_OUTLETS = 100

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """Values with the grain they are of, and cohorts likewise."""

    values: list[tuple[Grain, Value]]
    cells: list[tuple[Grain, Cell]]


def answer_all(engine: Engine, *, today: date, choices: Choices, report: Report = lambda name: None) -> Answers:
    """Answer everything that is kept, after `lay_out`. A shop with one outlet is that outlet and is asked once."""
    months = months_until(engine, today=today, most=MONTHS)
    values: list[tuple[Grain, Value]] = [
        ("month", value)
        for value in measure_all(engine, months, today=today, choices=choices, measures=MEASURES, report=report)
    ]
    weeks = periods_until(engine, "week", today=today, most=WEEKS)
    report("weeks")
    values += [
        ("week", value) for value in measure_all(engine, weeks, today=today, choices=choices, measures=WEEKLY_MEASURES)
    ]
    outlets = outlets_by_sales(engine, most=MOST_OUTLETS)
    if len(outlets) > 1:
        report("outlets")
        scope = lay_out_outlets(engine, outlets)
        values += [
            ("month", value)
            for value in measure_all(
                engine, months[-OUTLET_MONTHS:], today=today, choices=choices, measures=MEASURES, scope=scope
            )
        ]
    report("cohorts")
    since = today - timedelta(days=7 * WEEKS)
    cells: list[tuple[Grain, Cell]] = [("month", cell) for cell in cohort_cells(engine)]
    # Of weeks only cohorts that began in full.
    cells += [
        ("week", cell) for cell in cohort_cells(engine, grain="week", since=since - timedelta(days=since.weekday()))
    ]
    return Answers(values, cells)
