"""Scores of persons: a million are scored in a few seconds, from one table of theirs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.lifetime import Counted, UnableToFit, fit_mbgnbd, fit_spend
from setia.domains.analytics.rules.rfm import CELLS, FIVE_LEVELS, Thresholds, quantile_thresholds, score
from setia.domains.analytics.rules.stages import pyramid_level

Whole = NDArray[np.int64]
HORIZON_DAYS = 90
YEAR_DAYS = 365

_QUESTION = """
SELECT person_id, DATE_DIFF('day', last_day, $today) AS recency_days, DATE_DIFF('day', first_day, last_day) AS t_x,
       DATE_DIFF('day', first_day, $today) AS age_days, day_count, order_count, value, repeat_value
FROM people ORDER BY person_id
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """Columns of shape (n,), ordered by person; -1 in the last three where a model could not tell."""

    person_id: Whole
    recency_days: Whole
    recency: NDArray[np.int8]
    frequency: NDArray[np.int8]
    money: NDArray[np.int8]
    segment: NDArray[np.int8]
    level: NDArray[np.int8]
    chance_silent: Whole
    expected_milli: Whole
    expected_value: Whole
    notes: dict[str, Any]


def score_people(engine: Engine, *, today: date, preset: str) -> Scored:
    """Score everybody who has bought, after `lay_out`. `preset` is "levels" or "fifths"."""
    table = engine.run(_QUESTION, {"today": today})
    columns = {name: np.asarray(table[name].to_numpy(), dtype=np.int64) for name in table.column_names}
    days, counts, amounts = columns["recency_days"], columns["order_count"], columns["value"]
    by: Thresholds = quantile_thresholds(days, counts, amounts) if preset == "fifths" else FIVE_LEVELS
    recency, frequency, money = score(days, counts, amounts, by)
    silent, ahead, worth, notes = _forecast(columns)
    return Scored(
        person_id=columns["person_id"],
        recency_days=days,
        recency=recency,
        frequency=frequency,
        money=money,
        segment=CELLS[recency, frequency, money],
        level=pyramid_level(counts),
        chance_silent=silent,
        expected_milli=ahead,
        expected_value=worth,
        notes={**notes, "rfm": {"days": by.days, "counts": by.counts, "amounts": by.amounts}},
    )


def _forecast(columns: dict[str, Whole]) -> tuple[Whole, Whole, Whole, dict[str, Any]]:
    unknown = np.full(len(columns["person_id"]), -1, dtype=np.int64)
    repeats = columns["day_count"] - 1
    people = Counted.of(repeats, columns["t_x"], columns["age_days"])
    try:
        fit = fit_mbgnbd(people)
    except UnableToFit as error:
        return unknown, unknown, unknown, {"buying": {"problem": error.code}}
    notes: dict[str, Any] = {
        "buying": {
            "model": "MBG/NBD", "r": fit.r, "alpha": fit.alpha, "a": fit.a, "b": fit.b,
            "log_likelihood": fit.log_likelihood, "tells_dropout": fit.tells_dropout,
        }
    }  # fmt: skip
    silent = np.rint(1_000 * fit.p_none(people, within=HORIZON_DAYS))[people.where].astype(np.int64)
    expected = fit.expected(people, within=YEAR_DAYS)[people.where]
    ahead = np.rint(1_000 * expected).astype(np.int64)
    try:
        mean = columns["repeat_value"] / np.maximum(repeats, 1)
        spend = fit_spend(repeats, mean)
        notes["spending"] = {"p": spend.p, "q": spend.q, "gamma": spend.gamma, "correlation": spend.correlation}
        worth = np.rint(expected * spend.expected(np.where(mean > 0, repeats, 0), mean)).astype(np.int64)
    except UnableToFit as error:
        notes["spending"] = {**notes.get("spending", {}), "problem": error.code}
        worth = unknown
    return silent, ahead, worth, notes
