"""Answering the measures by an engine, for many periods at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from setia.domains.analytics.engine.base import Engine, rows
from setia.domains.analytics.measuring.grids import grids, month_periods, week_periods
from setia.domains.analytics.measuring.measure import Choices, Grain, Measure, Parts, Period, Value
from setia.domains.analytics.measuring.parts import SHOP, Scope, count_parts

# A purchase is an order that was not cancelled, of somebody who is known; its value is what was paid less what came
# back. Both are questions with a name: they are answered from the files, as narrow as they are asked.
SALES = """
SELECT order_id, customer_id, outlet_id, shop_day, net, net - returned_total AS value
FROM orders WHERE status <> 'cancelled' AND shop_day <= $today
"""
PURCHASES = """
SELECT c.person_id, s.order_id, s.outlet_id, s.shop_day, s.net, s.value
FROM sales s JOIN customers c ON c.customer_id = s.customer_id
"""
SALE_DAYS = """
SELECT outlet_id, shop_day, COUNT(*) AS order_count, CAST(SUM(net) AS BIGINT) AS net,
       CAST(SUM(value) AS BIGINT) AS value
FROM sales GROUP BY outlet_id, shop_day
"""
BROUGHT_BACK = "SELECT customer_id, outlet_id, shop_day, total FROM returns WHERE shop_day <= $today"
COSTS = """
SELECT person_id, CAST(SUM(cost) AS BIGINT) AS cost, MAX(source) AS source
FROM customers WHERE cost IS NOT NULL GROUP BY person_id
"""
# The first and the last moment there is: no day before the first, none after the last.
_NEVER = "CAST('9999-12-31' AS DATE)"


def days_sql(scope: Scope) -> str:
    """Return the question for the days on which each person bought, of the shop or of each outlet as a shop of its own.

    `number` counts his days, `gap` is days since the one before, `next_day` the one after or the end of time;
    of the whole shop also what he had spent and ordered by then.
    """
    lead, source = scope.lead, "purchases" if not scope.lead else "outlet_purchases"
    window = f"PARTITION BY {lead}person_id ORDER BY shop_day"
    before = f"{window} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    so_far = (
        ""
        if lead
        else f""",
       CAST(SUM(value) OVER ({before}) AS BIGINT) AS value_so_far,
       CAST(SUM(order_count) OVER ({before}) AS BIGINT) AS orders_so_far"""
    )
    return f"""
WITH spent AS (
    SELECT {lead}person_id, shop_day, COUNT(*) AS order_count, CAST(SUM(value) AS BIGINT) AS value
    FROM {source} GROUP BY {lead}person_id, shop_day
)
SELECT {lead}person_id, shop_day, order_count, value,
       ROW_NUMBER() OVER ({window}) AS number,
       DATE_DIFF('day', LAG(shop_day) OVER ({window}), shop_day) AS gap,
       LAG(shop_day) OVER ({window}) AS previous_day,
       COALESCE(LEAD(shop_day) OVER ({window}), {_NEVER}) AS next_day,
       FIRST_VALUE(shop_day) OVER ({window}) AS first_day{so_far}
FROM spent
"""  # noqa: S608 (texts of this file)


def people_sql(scope: Scope) -> str:
    """Return the question for what each person did in all."""
    return f"""
SELECT {scope.lead}person_id, MIN(shop_day) AS first_day, MAX(shop_day) AS last_day,
       MAX(CASE WHEN number = 2 THEN shop_day END) AS second_day,
       COUNT(*) AS day_count, CAST(SUM(order_count) AS BIGINT) AS order_count, CAST(SUM(value) AS BIGINT) AS value,
       CAST(SUM(CASE WHEN number > 1 THEN value ELSE 0 END) AS BIGINT) AS repeat_value
FROM {scope.days} GROUP BY {scope.lead}person_id
"""  # noqa: S608


def lay_out(engine: Engine, *, today: date, report: Callable[[str], None] = lambda name: None) -> None:
    """Make the tables that all measures ask, as of the end of a day of the shop; days to come are no days yet."""
    for name, sql in (("sales", SALES), ("purchases", PURCHASES), ("brought_back", BROUGHT_BACK), ("costs", COSTS)):
        engine.view(name, sql, {"today": today})
    for name, sql in (("sale_days", SALE_DAYS), ("days", days_sql(SHOP)), ("people", people_sql(SHOP))):
        report(name)
        engine.snapshot(name, sql)


def lay_out_outlets(engine: Engine, outlets: Sequence[int]) -> Scope:
    """Make the same tables for each of some outlets by itself, after `lay_out`, and return their scope.

    A person belongs to every outlet he bought at; his first purchase there is his first.
    """
    scope = Scope(lead="place, ", days="outlet_days", people="outlet_people")
    chosen = ", ".join(str(int(outlet)) for outlet in outlets) or "-1"
    engine.view(
        "outlet_purchases",
        f"SELECT outlet_id AS place, person_id, shop_day, value FROM purchases WHERE outlet_id IN ({chosen})",  # noqa: S608
    )
    engine.snapshot("outlet_days", days_sql(scope))
    engine.snapshot("outlet_people", people_sql(scope))
    return scope


def sales_span(engine: Engine) -> tuple[date, date] | None:
    """Return the first and the last day with sales, or None without any."""
    return _spans(engine, SHOP).get(0)


def _spans(engine: Engine, scope: Scope) -> dict[int, tuple[date, date]]:
    asked = f"SELECT {scope.sale_place} AS place, MIN(shop_day) AS low, MAX(shop_day) AS high FROM sale_days"  # noqa: S608
    grouped = " WHERE outlet_id IS NOT NULL GROUP BY outlet_id" if scope.lead else ""
    return {row["place"]: (row["low"], row["high"]) for row in rows(engine.run(asked + grouped)) if row["low"]}


def outlets_by_sales(engine: Engine, *, most: int = 100) -> list[int]:
    """Return the outlets that sold anything, those with most orders first; after `lay_out`."""
    asked = """SELECT outlet_id, SUM(order_count) AS orders FROM sale_days WHERE outlet_id IS NOT NULL
               GROUP BY outlet_id ORDER BY orders DESC, outlet_id"""
    return [row["outlet_id"] for row in rows(engine.run(asked))][:most]


def months_until(engine: Engine, *, today: date, most: int = 36) -> list[Period]:
    """Return the calendar months since the first sale, at most so many, the last one being that of today."""
    return periods_until(engine, "month", today=today, most=most)


def periods_until(engine: Engine, grain: Grain, *, today: date, most: int) -> list[Period]:
    """Return the months or weeks since the first sale, at most so many, the last one being that of today."""
    span = sales_span(engine)
    if not span:
        return []
    # Not from 1970 on, if that is what one order says.
    first = max(span[0], today - timedelta(days=most * (32 if grain == "month" else 7)))
    return (month_periods if grain == "month" else week_periods)(first, today)[-most:]


def measure_all(
    engine: Engine,
    periods: Sequence[Period],
    *,
    today: date,
    choices: Choices,
    measures: Sequence[Measure],
    scope: Scope = SHOP,
    report: Callable[[str], None] = lambda name: None,
) -> list[Value]:
    """Return every measure in every period, after `lay_out`; what is not known is said and why.

    In the order of measures, within each of places (one, 0, for the whole shop), within each of periods.
    """
    if not periods or not measures:
        return []
    spans: Mapping[int, tuple[date, date] | None] = _spans(engine, scope) or ({} if scope.lead else {0: None})
    with_year = any(measure.is_yearly for measure in measures)
    asks = frozenset(name for measure in measures for name in measure.asks)
    counted: dict[tuple[int, Period], Parts] = {}
    for grid in grids(periods, with_year=with_year):
        found = count_parts(engine, grid, asks=asks, choices=choices, scope=scope, report=report)
        counted |= {(place, grid.periods[number]): parts for (place, number), parts in found.items()}
    margin = 1.0 if choices.margin is None else choices.margin
    return [
        _value(measure, period, place, _with(counted.get((place, period)), margin), today=today, span=span)
        for measure in measures
        for place, span in spans.items()
        for period in periods
    ]


def _with(parts: Mapping[str, float] | None, margin: float) -> Parts:
    return Parts({**(parts or {}), "margin": margin})


def _value(
    measure: Measure, period: Period, place: int, parts: Parts, *, today: date, span: tuple[date, date] | None
) -> Value:
    people = int(parts[measure.population])

    def known(value: float | None, up: float | None, down: float | None, why: str = "") -> Value:
        is_running = period.end > today
        return Value(measure.name, period, value, up, down, people, why, is_running, measure.unit, place)

    if span is None or period.end <= span[0] or period.start > today:
        return known(None, None, None, "no_data")
    if measure.matures_after and today < period.end + timedelta(days=measure.matures_after - 1):
        return known(None, None, None, "early")
    value, up, down = measure.count(parts)
    return known(value, up, down) if value is not None else known(None, None, None, measure.why(parts))
