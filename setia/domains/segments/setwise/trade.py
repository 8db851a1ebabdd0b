"""What the lake says of people's trade: questions in the engine's words, every value of them a parameter."""

from datetime import date
from typing import Any

import numpy as np

from setia.domains.analytics.engine import Engine
from setia.domains.segments.rules.tree import Condition
from setia.domains.segments.setwise.crowd import Crowd
from setia.domains.segments.setwise.leaves import Happened, Ints

_DAY = "DATE_DIFF('day', CAST('1970-01-01' AS DATE), {day})"
_ORDERS = """
SELECT o.customer_id, o.shop_day AS day, o.order_id, o.net - o.returned_total AS value
FROM orders o WHERE o.customer_id IS NOT NULL AND o.status <> 'cancelled'
"""
_LINES = """
SELECT o.customer_id, o.shop_day AS day, o.order_id, l.value
FROM (SELECT l.order_id, CAST(SUM(l.net) AS BIGINT) AS value
      FROM lines l JOIN products p ON p.product_id = l.product_id WHERE 1 = 1{lines} GROUP BY l.order_id) l
JOIN orders o ON o.order_id = l.order_id WHERE o.customer_id IS NOT NULL AND o.status <> 'cancelled'
"""
_RETURNS = """
SELECT o.customer_id, o.shop_day AS day, o.return_id AS order_id, CAST(0 AS BIGINT) AS value
FROM returns o WHERE o.customer_id IS NOT NULL
"""
_EPOCH = date(1970, 1, 1).toordinal()


class Trade:
    """Asks the lake for what conditions count; what was asked once is kept."""

    def __init__(self, engine: Engine, crowd: Crowd, today: int, *, is_only_today: bool = False) -> None:
        self._engine, self._crowd, self._today = engine, crowd, date.fromordinal(today)
        self._is_only_today = is_only_today
        self._channels: list[str] | None = None
        self._categories: list[str] | None = None

    def happened(self, condition: Condition) -> Happened:
        """Return what a condition counts, by person and day.

        Of what has no window the past is one happening, on its last day, for nothing asks for the days between; and so
        is all of a window where no other day than today is asked about. Rows of one person are put together by where
        they belong in the crowd, which costs less than a join of millions.
        """
        sql, params = self._rows(condition)
        count, value = "COUNT(order_id)", "CAST(SUM(value) AS BIGINT)"
        if self._is_only_today:
            params["today"] = self._today
            sql, split, day = f"{sql} AND o.shop_day <= $today", "", _DAY.format(day="MAX(day)")
            if condition.field == "days_since_first":
                day = _DAY.format(day="MIN(day)")
        elif condition.within is None:
            params["today"] = self._today
            split = ", CASE WHEN day > $today THEN day ELSE CAST('0001-01-01' AS DATE) END"
            edge = "MIN" if condition.field == "days_since_first" else "MAX"
            day = _DAY.format(day=f"{edge}(day)")
        else:
            split, day = ", day", _DAY.format(day="MAX(day)")
        asked = (
            f"SELECT customer_id, {day} AS day, {count} AS n, {value} AS v FROM ({sql}) t GROUP BY customer_id{split}"  # noqa: S608 (our own words; values are parameters)
        )
        table = self._engine.run(asked, params)
        columns = [np.asarray(table[name].to_numpy(), dtype=np.int64) for name in ("customer_id", "day", "n", "v")]
        person, days, n, v = columns
        return Happened.of(self._crowd.places(person), days + _EPOCH, n, v, self._crowd.size)

    def _rows(self, condition: Condition) -> tuple[str, dict[str, Any]]:
        """Return the question for what is counted, one row an order, and its values."""
        where, params = dict(condition.where), dict[str, Any]()
        parts = ""
        if condition.within is not None:
            params["since"] = date.fromordinal(self._today.toordinal() - condition.within)
            parts += " AND o.shop_day > $since"
        if "outlet" in where:
            parts += " AND o.outlet_id IN " + _listed("outlet", where["outlet"], params)
        if "channel" in where:
            parts += " AND o.channel IN " + _listed(
                "channel", self._same(where["channel"], self._all_channels()), params
            )
        if condition.field == "return_count":
            return _RETURNS + parts, params
        if "product" not in where and "category" not in where:
            return _ORDERS + parts, params
        lines = ""
        if condition.within is not None:
            lines += " AND (l.shop_day > $since OR l.shop_day IS NULL)"
        if "product" in where:
            lines += " AND l.product_id IN " + _listed("product", where["product"], params)
        if "category" in where:
            same = self._same(where["category"], self._all_categories())
            lines += " AND p.category IN " + _listed("category", same, params)
        return _LINES.format(lines=lines) + parts, params

    def _all_channels(self) -> list[str]:
        if self._channels is None:
            self._channels = self._engine.run("SELECT DISTINCT channel FROM orders")["channel"].to_pylist()
        return self._channels

    def _all_categories(self) -> list[str]:
        if self._categories is None:
            self._categories = self._engine.run("SELECT DISTINCT category FROM products")["category"].to_pylist()
        return self._categories

    @staticmethod
    def _same(wanted: tuple[int | str, ...], there: list[str]) -> list[str]:
        """Return the lake's words that are the wanted ones but for case; where there is none, one that is nobody's."""
        folded = {str(word).casefold() for word in wanted}
        return [word for word in there if word.casefold() in folded] or ["\x00"]


def _listed(name: str, values: Any, params: dict[str, Any]) -> str:
    marks = []
    for number, value in enumerate(values):
        params[f"{name}_{number}"] = value
        marks.append(f"${name}_{number}")
    return f"({', '.join(marks)})"


def lake_people(engine: Engine) -> Ints:
    """Return the people of the lake, rising."""
    table = engine.run("SELECT customer_id FROM customers WHERE customer_id = person_id ORDER BY customer_id")
    return np.asarray(table["customer_id"].to_numpy(), dtype=np.int64)
