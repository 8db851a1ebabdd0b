"""All measures. Their words stand in `console/measure_words.py`; docs/measures.md is made from both."""

from functools import cache

from setia.domains.analytics.measuring.measure import Measure
from setia.domains.analytics.rules.bands import REPEAT, RETENTION, RETURNS

# Tables: periods (period, first_day, end_day, and the days reckoned from them, see `_lay_out_periods`), sales (all
# orders, also those of passers-by), purchases (person_id, order_id, shop_day, net, value), days (person_id, shop_day,
# value: what somebody spent on a day; value_so_far; number: of that day among his days; gap: days since the one before;
# next_day: the one after, or the end of time), people (person_id, first_day, last_day, second_day …), brought_back.

_REVENUE = """
SELECT p.period, CAST(SUM(s.value) AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator,
       COUNT(*) AS population
FROM periods p JOIN sales s ON s.shop_day >= p.first_day AND s.shop_day < p.end_day
GROUP BY p.period
"""

_AOV = """
SELECT p.period, CAST(SUM(s.value) AS DOUBLE) AS numerator, CAST(COUNT(*) AS DOUBLE) AS denominator,
       COUNT(*) AS population
FROM periods p JOIN sales s ON s.shop_day >= p.first_day AND s.shop_day < p.end_day
GROUP BY p.period
"""

_BUYERS = """
SELECT p.period, CAST(COUNT(DISTINCT d.person_id) AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator,
       COUNT(DISTINCT d.person_id) AS population
FROM periods p JOIN days d ON d.shop_day >= p.first_day AND d.shop_day < p.end_day
GROUP BY p.period
"""

_NEW = """
SELECT p.period, CAST(COUNT(*) AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator, COUNT(*) AS population
FROM periods p JOIN people q ON q.first_day >= p.first_day AND q.first_day < p.end_day
GROUP BY p.period
"""

_FREQUENCY = """
SELECT p.period, CAST(COUNT(*) AS DOUBLE) AS numerator, CAST(COUNT(DISTINCT u.person_id) AS DOUBLE) AS denominator,
       COUNT(DISTINCT u.person_id) AS population
FROM periods p JOIN purchases u ON u.shop_day >= p.first_day AND u.shop_day < p.end_day
GROUP BY p.period
"""

_PER_CUSTOMER = """
SELECT p.period, CAST(SUM(u.value) AS DOUBLE) AS numerator, CAST(COUNT(DISTINCT u.person_id) AS DOUBLE) AS denominator,
       COUNT(DISTINCT u.person_id) AS population
FROM periods p JOIN purchases u ON u.shop_day >= p.first_day AND u.shop_day < p.end_day
GROUP BY p.period
"""

# Who was active at a moment: his last day before it lies no further back than that. The day after which nobody knows of
# another has its next one at the end of time, so each person has one such row and nothing is grouped.
_ACTIVE_AT_START = """
    SELECT p.period, d.person_id FROM periods p
    JOIN days d ON d.shop_day >= p.active_day AND d.shop_day < p.first_day AND d.next_day >= p.first_day
"""
_ACTIVE_AT_END = """
    SELECT p.period, d.person_id FROM periods p
    JOIN days d ON d.shop_day >= p.still_active_day AND d.shop_day < p.end_day AND d.next_day >= p.end_day
"""
_ACTIVE_A_YEAR_BEFORE = """
    SELECT p.period, d.person_id FROM periods p
    JOIN days d ON d.shop_day >= p.year_active_day AND d.shop_day < p.year_day AND d.next_day >= p.year_day
"""


def _stayed(since: str, *, numerator: str) -> str:
    """Return the question how many of those active at one moment are active at the end of the period."""
    return f"""
WITH before AS ({since}), after AS ({_ACTIVE_AT_END})
SELECT b.period, CAST({numerator} AS DOUBLE) AS numerator, CAST(COUNT(*) AS DOUBLE) AS denominator,
       COUNT(*) AS population
FROM before b LEFT JOIN after a ON a.period = b.period AND a.person_id = b.person_id
GROUP BY b.period
"""  # noqa: S608 (texts of this file)


_RETENTION = _stayed(_ACTIVE_AT_START, numerator="COUNT(a.person_id)")
_CHURN = _stayed(_ACTIVE_AT_START, numerator="COUNT(*) - COUNT(a.person_id)")
# The same over a year, which is what the benchmarks of the trades speak of.
_RETENTION_YEAR = _stayed(_ACTIVE_A_YEAR_BEFORE, numerator="COUNT(a.person_id)")

# Of each buyer's last day in the year: whether the day before it lies in the year too.
_REPEAT = """
SELECT p.period,
       CAST(SUM(CASE WHEN d.gap <= DATE_DIFF('day', p.year_day, d.shop_day) THEN 1 ELSE 0 END) AS DOUBLE) AS numerator,
       CAST(COUNT(*) AS DOUBLE) AS denominator, COUNT(*) AS population
FROM periods p JOIN days d ON d.shop_day >= p.year_day AND d.shop_day < p.end_day AND d.next_day >= p.end_day
GROUP BY p.period
"""

_RETURNED = """
WITH sold AS (
    SELECT p.period, CAST(SUM(s.net) AS DOUBLE) AS total, COUNT(*) AS orders
    FROM periods p JOIN sales s ON s.shop_day >= p.first_day AND s.shop_day < p.end_day
    GROUP BY p.period
), came AS (
    SELECT p.period, CAST(SUM(b.total) AS DOUBLE) AS total
    FROM periods p JOIN brought_back b ON b.shop_day >= p.first_day AND b.shop_day < p.end_day
    GROUP BY p.period
)
SELECT sold.period, COALESCE(came.total, 0) AS numerator, sold.total AS denominator, sold.orders AS population
FROM sold LEFT JOIN came ON came.period = sold.period
"""

_SECOND = """
SELECT p.period,
       CAST(SUM(CASE WHEN DATE_DIFF('day', q.first_day, q.second_day) <= 90 THEN 1 ELSE 0 END) AS DOUBLE) AS numerator,
       CAST(COUNT(*) AS DOUBLE) AS denominator, COUNT(*) AS population
FROM periods p JOIN people q ON q.first_day >= p.first_day AND q.first_day < p.end_day
GROUP BY p.period
"""

_TO_SECOND = """
WITH waited AS (
    SELECT p.period, DATE_DIFF('day', q.first_day, q.second_day) AS day_count, q.person_id
    FROM periods p JOIN people q ON q.second_day >= p.first_day AND q.second_day < p.end_day
), ranked AS (
    SELECT period, day_count, ROW_NUMBER() OVER (PARTITION BY period ORDER BY day_count, person_id) AS place,
           COUNT(*) OVER (PARTITION BY period) AS total
    FROM waited
)
SELECT period, CAST(MAX(CASE WHEN place * 2 >= total AND (place - 1) * 2 < total THEN day_count END) AS DOUBLE)
           AS numerator,
       CAST(NULL AS DOUBLE) AS denominator, MAX(total) AS population
FROM ranked GROUP BY period
"""

_GAP = """
SELECT p.period, CAST(SUM(d.gap) AS DOUBLE) AS numerator, CAST(COUNT(d.gap) AS DOUBLE) AS denominator,
       COUNT(d.gap) AS population
FROM periods p JOIN days d ON d.shop_day >= p.first_day AND d.shop_day < p.end_day
WHERE d.gap IS NOT NULL
GROUP BY p.period
"""

# Of those lost when the period began, who bought in it: the day that ended his silence lies there.
_WON_BACK = """
SELECT p.period, CAST(SUM(CASE WHEN d.next_day < p.end_day THEN 1 ELSE 0 END) AS DOUBLE) AS numerator,
       CAST(COUNT(*) AS DOUBLE) AS denominator, COUNT(*) AS population
FROM periods p JOIN days d ON d.shop_day <= p.lost_day AND d.next_day >= p.first_day
GROUP BY p.period
"""

# What somebody spent in the year is what he had spent by its end less what he had by its beginning.
_TOP_FIFTH = """
WITH by_end AS (
    SELECT p.period, d.person_id, d.value_so_far AS value FROM periods p
    JOIN days d ON d.shop_day >= p.year_day AND d.shop_day < p.end_day AND d.next_day >= p.end_day
), by_start AS (
    SELECT p.period, d.person_id, d.value_so_far AS value FROM periods p
    JOIN days d ON d.shop_day < p.year_day AND d.next_day >= p.year_day
), spent AS (
    SELECT e.period, e.person_id, e.value - COALESCE(s.value, 0) AS value
    FROM by_end e LEFT JOIN by_start s ON s.period = e.period AND s.person_id = e.person_id
), ranked AS (
    SELECT period, value, ROW_NUMBER() OVER (PARTITION BY period ORDER BY value DESC, person_id) AS place,
           COUNT(*) OVER (PARTITION BY period) AS total
    FROM spent
)
SELECT period, CAST(SUM(CASE WHEN (place - 1) * 5 < total THEN value ELSE 0 END) AS DOUBLE) AS numerator,
       CAST(SUM(value) AS DOUBLE) AS denominator, MAX(total) AS population
FROM ranked GROUP BY period
"""

MEASURES = (
    Measure("retention", "share", _RETENTION, source="CRR = (E - N) / S"),
    Measure("retention_year", "share", _RETENTION_YEAR, window=365, bands=RETENTION, source="CRR = (E - N) / S"),
    Measure("churn", "share", _CHURN, more_is_better=False, source="1 - CRR"),
    Measure("repeat_rate", "share", _REPEAT, window=365, bands=REPEAT),
    Measure("second_purchase", "share", _SECOND, matures_after=90),
    Measure("days_to_second", "days", _TO_SECOND, is_sum=True, more_is_better=False),
    Measure("gap", "days", _GAP, more_is_better=False),
    Measure("win_back", "share", _WON_BACK),
    Measure("buyers", "count", _BUYERS, is_sum=True),
    Measure("new_customers", "count", _NEW, is_sum=True),
    Measure("revenue", "money", _REVENUE, is_sum=True),
    Measure("order_value", "money", _AOV),
    Measure("frequency", "number", _FREQUENCY),
    Measure("revenue_per_customer", "money", _PER_CUSTOMER),
    Measure("return_rate", "share", _RETURNED, bands={"general": RETURNS}, more_is_better=False),
    Measure("top_fifth", "share", _TOP_FIFTH, window=365, more_is_better=None, source="Pareto; Juran"),
)


@cache
def measure_by_name(name: str) -> Measure:
    """Return a measure; raises KeyError."""
    return {measure.name: measure for measure in MEASURES}[name]
