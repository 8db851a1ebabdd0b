"""Loyal customers beside new ones, and those who were referred beside all others: the same figures, with intervals.

Loyal is who has bought on six days or more and is still active; new is who first bought in the last 90 days. Both are
looked at over the same 90 days. How often they buy is counted after each one's first purchase: else everybody new would
have bought once for certain. Referred and others are compared over all who have had 90 days to return.
"""

from datetime import timedelta
from typing import Any

import numpy as np

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.money.concentration import Numbers
from setia.domains.analytics.rules.formulas import FEWEST, interval

WINDOW_DAYS = 90
LOYAL_DAYS = 6
MONTH_DAYS = 30
REFERRED = ("referral", "referred", "rujukan", "referensi", "ajakan teman", "teman", "friend", "rekomendasi")
_Z = 1.959963984540054

# Per person over the window: his purchases beyond his very first day, and on how many days he could have made them.
_GROUPS = """
WITH spent AS (
    SELECT p.person_id, COUNT(*) AS orders, COUNT(DISTINCT p.shop_day) AS days, CAST(SUM(p.value) AS DOUBLE) AS value,
           CAST(SUM(p.net) AS DOUBLE) AS net, SUM(CAST(p.value AS DOUBLE) * CAST(p.value AS DOUBLE)) AS squares,
           SUM(CASE WHEN p.shop_day > q.first_day THEN 1 ELSE 0 END) AS again
    FROM purchases p JOIN people q ON q.person_id = p.person_id
    WHERE p.shop_day > $since GROUP BY p.person_id
), grouped AS (
    SELECT q.person_id,
           CASE WHEN q.day_count >= $loyal_days AND q.last_day > $active THEN 'loyal'
                WHEN q.first_day > $since AND q.day_count < $loyal_days THEN 'new' END AS kind,
           CASE WHEN q.first_day > $since THEN DATE_DIFF('day', q.first_day, $today) ELSE $window END AS exposed
    FROM people q
)
SELECT g.kind, COUNT(*) AS people, SUM(COALESCE(s.orders, 0)) AS orders, SUM(COALESCE(s.value, 0)) AS value,
       SUM(COALESCE(s.net, 0)) AS net, SUM(COALESCE(s.squares, 0)) AS squares, SUM(COALESCE(s.again, 0)) AS again,
       SUM(g.exposed) AS exposed, SUM(COALESCE(s.again, 0) * COALESCE(s.again, 0)) AS again_squares,
       SUM(COALESCE(s.again, 0) * g.exposed) AS again_exposed, SUM(g.exposed * g.exposed) AS exposed_squares,
       SUM(CASE WHEN s.days >= 2 THEN 1 ELSE 0 END) AS returned
FROM grouped g LEFT JOIN spent s ON s.person_id = g.person_id
WHERE g.kind IS NOT NULL GROUP BY g.kind
"""
_GAPS = """
SELECT CASE WHEN q.day_count >= $loyal_days AND q.last_day > $active THEN 'loyal'
            WHEN q.first_day > $since AND q.day_count < $loyal_days THEN 'new' END AS kind,
       COUNT(d.gap) AS gaps, CAST(SUM(d.gap) AS DOUBLE) AS total, SUM(CAST(d.gap AS DOUBLE) * d.gap) AS squares
FROM people q JOIN days d ON d.person_id = q.person_id
WHERE d.gap IS NOT NULL AND d.shop_day > $since GROUP BY 1
"""
_PEOPLE = """
SELECT q.person_id, q.value, LOWER(TRIM(c.source)) AS source,
       CASE WHEN q.first_day <= $since THEN 1 ELSE 0 END AS ripe,
       CASE WHEN q.day_count >= $loyal_days AND q.last_day > $active THEN 1 ELSE 0 END AS loyal,
       CASE WHEN q.first_day > $since AND q.day_count < $loyal_days THEN 1 ELSE 0 END AS fresh,
       CASE WHEN DATE_DIFF('day', q.first_day, q.second_day) <= $window THEN 1 ELSE 0 END AS soon,
       CASE WHEN q.last_day > $active THEN 1 ELSE 0 END AS active
FROM people q JOIN customers c ON c.customer_id = q.person_id
ORDER BY q.person_id
"""
_ALL_REVENUE = "SELECT CAST(SUM(value) AS DOUBLE) AS value FROM sales WHERE shop_day > $since"

Figure = dict[str, Any]


def groups(this: Round) -> dict[str, Any]:
    """Return the figures of both comparisons: for each one a value, its 95 % interval and how many are behind it."""
    known: dict[str, Any] = {
        "since": this.today - timedelta(days=WINDOW_DAYS), "today": this.today, "window": WINDOW_DAYS,
        "loyal_days": LOYAL_DAYS, "active": this.today - timedelta(days=this.choices.active_days),
    }  # fmt: skip
    table = this.engine.run(_PEOPLE, known)
    columns = {name: np.asarray(table[name].to_numpy(), dtype=np.float64) for name in table.column_names
               if name not in ("person_id", "source")}  # fmt: skip
    columns["expected"] = np.where(this.scored.expected_value >= 0, this.scored.expected_value, np.nan)
    counted = {row["kind"]: _plain(row) for row in rows(this.engine.run(_GROUPS, known))}
    gaps = {row["kind"]: _plain(row) for row in rows(this.engine.run(_GAPS, known))}
    revenue = rows(this.engine.run(_ALL_REVENUE, known))[0]["value"] or 0.0
    loyalty = {
        kind: _of_group(counted.get(kind), gaps.get(kind), columns, column, revenue)
        for kind, column in (("loyal", "loyal"), ("new", "fresh"))
    }
    referred = np.isin(np.array([str(name) for name in table["source"].to_pylist()], dtype=object), REFERRED)
    ripe = columns["ripe"] == 1
    return {
        "window_days": WINDOW_DAYS, "loyal_days": LOYAL_DAYS, "fewest": FEWEST,
        "loyalty": loyalty,
        "referral": {
            name: _of_won(columns, ripe & (referred if is_referred else ~referred))
            for name, is_referred in (("referred", True), ("others", False))
        },
    }  # fmt: skip


def _plain(row: dict[str, Any]) -> dict[str, float]:
    """Return the sums of a row as numbers; engines say some of them as decimals."""
    return {name: float(value) for name, value in row.items() if name != "kind" and value is not None}


def _figure(value: float | None, error: float | None, count: int) -> Figure:
    if value is None or not np.isfinite(value):
        return {"value": None, "low": None, "high": None, "count": count}
    if error is None or not np.isfinite(error):
        return {"value": value, "low": None, "high": None, "count": count}
    return {"value": value, "low": max(0.0, value - _Z * error), "high": value + _Z * error, "count": count}


def _share(part: float, whole: float) -> Figure:
    between = interval(part, whole)
    low, high = between or (None, None)
    return {"value": part / whole if whole else None, "low": low, "high": high, "count": int(whole)}


def _mean(total: float, squares: float, count: float) -> Figure:
    """Return a mean from sums; of one value alone nobody knows how it scatters."""
    if not count:
        return _figure(None, None, 0)
    mean = total / count
    error = (max(squares / count - mean * mean, 0.0) / (count - 1)) ** 0.5 if count > 1 else None
    return _figure(mean, error, int(count))


def _rate(row: dict[str, Any], people: int) -> Figure:
    """Return purchases a month as a ratio of sums, with the error of such (Cochran, Sampling Techniques, 6.3)."""
    exposed = float(row["exposed"])
    if not exposed:
        return _figure(None, None, people)
    rate = float(row["again"]) / exposed
    off = row["again_squares"] - 2 * rate * row["again_exposed"] + rate * rate * row["exposed_squares"]
    error = (max(float(off), 0.0) * people / (people - 1)) ** 0.5 / exposed if people > 1 else None
    return _figure(MONTH_DAYS * rate, None if error is None else MONTH_DAYS * error, people)


def _mean_of(values: Numbers) -> Figure:
    values = values[np.isfinite(values)]
    return _mean(float(values.sum()), float((values**2).sum()), len(values))


def _of_group(
    row: dict[str, Any] | None, gap: dict[str, Any] | None, columns: dict[str, Numbers], column: str, revenue: float
) -> dict[str, Figure]:
    if row is None:
        return {}
    people = int(row["people"])
    who = columns[column] == 1
    return {
        "people": {"value": people, "low": None, "high": None, "count": people},
        "frequency": _rate(row, people),
        "order_value": _mean(float(row["value"]), float(row["squares"]), float(row["orders"])),
        "repeat": _share(float(row["returned"]), people),
        "gap": _mean(float(gap["total"]), float(gap["squares"]), float(gap["gaps"])) if gap else _figure(None, None, 0),
        "returned_goods": _figure((row["net"] - row["value"]) / row["net"] if row["net"] else None, None, people),
        "so_far": _mean_of(columns["value"][who]),
        "expected": _mean_of(columns["expected"][who]),
        "revenue_share": _figure(row["value"] / revenue if revenue > 0 else None, None, people),
    }


def _of_won(columns: dict[str, Numbers], who: Any) -> dict[str, Figure]:
    people = int(who.sum())
    return {
        "people": {"value": people, "low": None, "high": None, "count": people},
        "second": _share(float(columns["soon"][who].sum()), people),
        "active": _share(float(columns["active"][who].sum()), people),
        "so_far": _mean_of(columns["value"][who]),
        "expected": _mean_of(columns["expected"][who]),
    }
