"""What was known on days past, and who bought in the days that followed."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.features import Columns, Sample, columns_of, features

# How many lines people bought on a day. A line of a canceled order counts where another order of that day does not let
# the day go: how wide a basket is does not hang on it.
LINES = """
SELECT c.person_id, l.shop_day, COUNT(*) AS line_count
FROM lines l JOIN customers c ON c.customer_id = l.customer_id GROUP BY c.person_id, l.shop_day
"""
# `wait_days` is how long after the day somebody bought again; thousands of years where he has not.
BASKETS = """
SELECT d.person_id,
       CAST(SUM(COALESCE(b.line_count, 0)) AS BIGINT) AS line_count,
       CAST(SUM(CASE WHEN d.next_day > $as_of THEN COALESCE(b.line_count, 0) ELSE 0 END) AS BIGINT) AS last_line_count,
       MIN(CASE WHEN d.next_day > $as_of THEN DATE_DIFF('day', $as_of, d.next_day) END) AS wait_days
FROM days d LEFT JOIN basket_lines b ON b.person_id = d.person_id AND b.shop_day = d.shop_day
WHERE d.shop_day <= $as_of AND (d.person_id % 1000003 * 7919 + $seed) % 1000 < $keep
GROUP BY d.person_id ORDER BY d.person_id
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was known at the end of a day of those who had bought, and whether each bought in no day of the horizon."""

    as_of: date
    known: Columns
    is_lost: Floats

    @property
    def size(self) -> int:
        """How many people it speaks of."""
        return len(self.is_lost)


def lay_out_baskets(engine: Engine) -> None:
    """Make the table of lines a day, after `lay_out`, unless it stands: it is the longest question of all."""
    if "basket_lines" not in engine.tables():
        engine.snapshot("basket_lines", LINES)


def known_on(engine: Engine, day: date, *, active_days: int, sample: Sample, known: Columns | None = None) -> Columns:
    """Return all that a model reads of each person as of the end of a day, after `lay_out_baskets`.

    `known` is what `features` says of that day, where the caller asked already.
    """
    if known is None:
        known = features(engine, as_of=day, active_days=active_days, sample=sample)
    baskets = columns_of(engine, BASKETS, {"as_of": day, "keep": sample.keep, "seed": sample.seed})
    if not np.array_equal(known["person_id"], baskets["person_id"]):
        raise ValueError("two questions about the same people were answered about different ones")
    return {**baskets, **known}


def snapshot(engine: Engine, day: date, *, horizon: int, active_days: int, sample: Sample) -> Snapshot:
    """Return what was known on a day and what came of it in the `horizon` days after, all of which must be over."""
    known = known_on(engine, day, active_days=active_days, sample=sample)
    return Snapshot(day, known, (known["wait_days"] > horizon).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Days:
    """On which days a model learns, and on which later one it is tried; the horizon of the last is over today."""

    learn: tuple[date, ...]
    test: date
    horizon: int


STEP, SNAPSHOTS, FEWEST_SNAPSHOTS, WARM_UP = 24, 4, 2, 60


def days_of(first: date, today: date, *, horizon: int, test: date | None = None) -> Days | None:
    """Return the days of a back-test of a shop that sells since `first`, or None where its past is too short.

    The last day a model learns from lies a horizon and a day before the test, so that it knows nothing of what the test
    asks; each day has 60 days of sales behind it.
    """
    tried = test or today - timedelta(days=horizon)
    last = tried - timedelta(days=horizon + 1)
    wanted = (last - timedelta(days=STEP * back) for back in range(SNAPSHOTS))
    learn = sorted(day for day in wanted if (day - first).days >= WARM_UP)
    return Days(tuple(learn), tried, horizon) if len(learn) >= FEWEST_SNAPSHOTS else None
