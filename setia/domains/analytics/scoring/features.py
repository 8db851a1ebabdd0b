"""What is known of everybody as of the end of a day: one question to the engine, the same for today and for a day past.

Scores and models read nothing else, so that what a model learned from an earlier day holds for today.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import Engine, Params

Whole = NDArray[np.int64]
Columns = dict[str, Whole]

# `number`, `gap` and `next_day` of a day speak of the days before it and the one after: the last day known as of some
# day is the one whose next lies beyond it. 364 days are two halves of 182.
FEATURES = """
SELECT person_id,
       DATE_DIFF('day', MAX(shop_day), $as_of) AS recency_days,
       DATE_DIFF('day', MIN(shop_day), MAX(shop_day)) AS t_x,
       DATE_DIFF('day', MIN(shop_day), $as_of) AS age_days,
       COUNT(*) AS day_count,
       CAST(SUM(order_count) AS BIGINT) AS order_count,
       CAST(SUM(value) AS BIGINT) AS value,
       CAST(SUM(CASE WHEN number > 1 THEN value ELSE 0 END) AS BIGINT) AS repeat_value,
       CAST(SUM(CASE WHEN shop_day > $active THEN 1 ELSE 0 END) AS BIGINT) AS days_active,
       CAST(SUM(CASE WHEN shop_day > $month THEN 1 ELSE 0 END) AS BIGINT) AS days_30,
       CAST(SUM(CASE WHEN shop_day > $quarter THEN 1 ELSE 0 END) AS BIGINT) AS days_90,
       CAST(SUM(CASE WHEN shop_day > $half THEN 1 ELSE 0 END) AS BIGINT) AS days_182,
       CAST(SUM(CASE WHEN shop_day > $halves THEN 1 ELSE 0 END) AS BIGINT) AS days_364,
       CAST(SUM(CASE WHEN shop_day > $year THEN order_count ELSE 0 END) AS BIGINT) AS orders_365,
       CAST(SUM(CASE WHEN shop_day > $quarter THEN value ELSE 0 END) AS BIGINT) AS value_90,
       CAST(SUM(CASE WHEN shop_day > $two_quarters THEN value ELSE 0 END) AS BIGINT) AS value_180,
       CAST(SUM(CASE WHEN shop_day > $year THEN value ELSE 0 END) AS BIGINT) AS value_365,
       COALESCE(MAX(gap), 0) AS longest_gap,
       COALESCE(MAX(CASE WHEN next_day > $as_of THEN gap END), 0) AS last_gap
FROM days WHERE shop_day <= $as_of AND (person_id % 1000003 * 7919 + $seed) % 1000 < $keep
GROUP BY person_id ORDER BY person_id
"""
_BACK = {"month": 30, "quarter": 90, "half": 182, "halves": 364, "two_quarters": 180, "year": 365}


@dataclass(frozen=True, slots=True)
class Sample:
    """Which people are asked: `keep` of every thousand, always the same ones for a `seed` of 0 or more."""

    keep: int = 1_000
    seed: int = 0

    @classmethod
    def of(cls, people: int, *, most: int, seed: int) -> "Sample":
        """Return a sample of at most about so many of so many people."""
        return cls(max(1, min(1_000, 1_000 * most // max(people, 1))), seed)


def features(engine: Engine, *, as_of: date, active_days: int, sample: Sample = Sample()) -> Columns:
    """Return a column of shape (n,) for each name, of all who had bought by the end of a day; after `lay_out`."""
    days = {name: as_of - timedelta(days=back) for name, back in _BACK.items()}
    days |= {"as_of": as_of, "active": as_of - timedelta(days=active_days)}
    return columns_of(engine, FEATURES, {**days, "keep": sample.keep, "seed": sample.seed})


def columns_of(engine: Engine, question: str, params: Params) -> Columns:
    """Return the columns of an answer that holds whole numbers only."""
    table = engine.run(question, params)
    return {name: np.asarray(table[name].to_numpy(), dtype=np.int64) for name in table.column_names}
