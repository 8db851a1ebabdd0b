"""Answering the measures by an engine, for many periods at once."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from setia.domains.analytics.engine.base import Engine, rows
from setia.domains.analytics.measuring.measure import Choices, Measure, Period, Value, month_periods
from setia.domains.analytics.rules.formulas import share

# A purchase is an order that was not cancelled, of somebody who is known; its value is what was paid less what came
# back.
SALES = """
SELECT order_id, customer_id, outlet_id, shop_day, net, net - returned_total AS value
FROM orders WHERE status <> 'cancelled' AND shop_day <= $today
"""
PURCHASES = """
SELECT c.person_id, s.order_id, s.shop_day, s.net, s.value
FROM sales s JOIN customers c ON c.customer_id = s.customer_id
"""
DAYS = """
WITH spent AS (
    SELECT person_id, shop_day, COUNT(*) AS order_count, CAST(SUM(value) AS BIGINT) AS value
    FROM purchases GROUP BY person_id, shop_day
)
SELECT person_id, shop_day, order_count, value,
       ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY shop_day) AS number,
       DATE_DIFF('day', LAG(shop_day) OVER (PARTITION BY person_id ORDER BY shop_day), shop_day) AS gap,
       COALESCE(LEAD(shop_day) OVER (PARTITION BY person_id ORDER BY shop_day), CAST('9999-12-31' AS DATE)) AS next_day,
       CAST(SUM(value) OVER (PARTITION BY person_id ORDER BY shop_day
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS value_so_far,
       CAST(SUM(order_count) OVER (PARTITION BY person_id ORDER BY shop_day
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS orders_so_far
FROM spent
"""
PEOPLE = """
SELECT person_id, MIN(shop_day) AS first_day, MAX(shop_day) AS last_day,
       MAX(CASE WHEN number = 2 THEN shop_day END) AS second_day,
       COUNT(*) AS day_count, CAST(SUM(order_count) AS BIGINT) AS order_count, CAST(SUM(value) AS BIGINT) AS value,
       CAST(SUM(CASE WHEN number > 1 THEN value ELSE 0 END) AS BIGINT) AS repeat_value
FROM days GROUP BY person_id
"""
BROUGHT_BACK = "SELECT customer_id, shop_day, total FROM returns WHERE shop_day <= $today"


def lay_out(engine: Engine, *, today: date, report: Callable[[str], None] = lambda name: None) -> None:
    """Make the tables that all measures ask, as of the end of a day of the shop; days to come are no days yet."""
    for name, sql in (
        ("sales", SALES),
        ("purchases", PURCHASES),
        ("days", DAYS),
        ("people", PEOPLE),
        ("brought_back", BROUGHT_BACK),
    ):
        report(name)
        engine.snapshot(name, sql, {"today": today})


def sales_span(engine: Engine) -> tuple[date, date] | None:
    """Return the first and the last day with sales, or None without any."""
    found = rows(engine.run("SELECT MIN(shop_day) AS low, MAX(shop_day) AS high FROM sales"))[0]
    return (found["low"], found["high"]) if found["low"] else None


def months_until(engine: Engine, *, today: date, most: int = 36) -> list[Period]:
    """Return the calendar months since the first sale, at most so many, the last one being that of today."""
    span = sales_span(engine)
    return month_periods(span[0], today)[-most:] if span else []


def measure_all(
    engine: Engine,
    periods: Sequence[Period],
    *,
    today: date,
    choices: Choices,
    measures: Sequence[Measure],
    report: Callable[[str], None] = lambda name: None,
) -> list[Value]:
    """Return every measure in every period, after `lay_out`; what is not known is said and why."""
    if not periods:
        return []
    span = sales_span(engine)
    _lay_out_periods(engine, periods, choices)
    params = {"active_days": choices.active_days, "lost_days": choices.lost_days}
    found: list[Value] = []
    for measure in measures:
        report(measure.name)
        answers = {row["period"]: row for row in rows(engine.run(measure.question, params))}
        found += [
            _value(measure, period, answers.get(number), today=today, span=span)
            for number, period in enumerate(periods)
        ]
    return found


def _lay_out_periods(engine: Engine, periods: Sequence[Period], choices: Choices) -> None:
    """Make the table of periods with all days that questions reckon from them; engines add days each in its own way."""
    active, lost, year = (timedelta(days=days) for days in (choices.active_days, choices.lost_days, 365))
    parts: list[str] = []
    values: dict[str, date] = {}
    for number, period in enumerate(periods):
        days = {
            "first_day": period.start,
            "end_day": period.end,
            "active_day": period.start - active,
            "still_active_day": period.end - active,
            "lost_day": period.start - lost,
            "year_day": period.end - year,
            "year_active_day": period.end - year - active,
        }
        values |= {f"{name}_{number}": day for name, day in days.items()}
        parts.append(f"SELECT {number} AS period, " + ", ".join(f"${name}_{number} AS {name}" for name in days))
    engine.snapshot("periods", " UNION ALL ".join(parts), values)


def _value(
    measure: Measure, period: Period, row: dict[str, Any] | None, *, today: date, span: tuple[date, date] | None
) -> Value:
    def known(value: float | None, why: str = "") -> Value:
        there = row if row is not None and value is not None else {}
        people = int(row["population"] or 0) if row else 0
        up, down = there.get("numerator"), there.get("denominator")
        return Value(measure.name, period, value, up, down, people, why, period.end > today, measure.unit)

    if span is None or period.end <= span[0] or period.start > today:
        return known(None, "no_data")
    if measure.matures_after and today < period.end + timedelta(days=measure.matures_after - 1):
        return known(None, "early")
    if row is None:
        return known(0.0) if measure.is_sum and measure.unit != "days" else known(None, "nobody")
    if measure.is_sum:
        return known(row["numerator"], "" if row["numerator"] is not None else "nobody")
    value = share(row["numerator"], row["denominator"])
    return known(value, "" if value is not None else "nobody")
