"""Scores of persons: a million are scored in a few seconds, from one table of theirs."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.lifetime import Counted, UnableToFit, fit_mbgnbd, fit_spend
from setia.domains.analytics.measuring.measure import Choices
from setia.domains.analytics.rules.health import zone_numbers
from setia.domains.analytics.rules.reasons import topic_letters
from setia.domains.analytics.rules.rfm import score, segments, thresholds
from setia.domains.analytics.rules.risk import alarm_numbers
from setia.domains.analytics.rules.stages import pyramid_level
from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.engaging import engagement_of
from setia.domains.analytics.scoring.features import Columns, Whole, features
from setia.domains.analytics.scoring.scores import standing

HORIZON_DAYS = 90
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Scored:
    """Columns of shape (n,), ordered by person; -1 where a model could not tell or nothing is known.

    `segment`, `activity` and `lifecycle` are numbers in the tuples of their names; `worth` is what people are sorted
    by: the expected value, or what they spent in the last 365 days where no model could tell. `zone` and `alarm` number
    the zones of health and the levels of risk, those who are lost already last; `risk_why` and `chance_why` hold the
    letters of `rules.reasons`. `known` are the columns of `scoring.features` that all of it was reckoned from.
    """

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
    worth: Whole
    health: Whole
    risk: Whole
    chance_lost: Whole
    engagement: Whole
    activity: NDArray[np.int8]
    lifecycle: NDArray[np.int8]
    top_milli: Whole
    zone: NDArray[np.int8]
    alarm: NDArray[np.int8]
    risk_why: NDArray[np.object_]
    chance_why: NDArray[np.object_]
    known: Columns
    notes: dict[str, Any]


def score_people(
    engine: Engine,
    *,
    today: date,
    preset: str,
    choices: Choices | None = None,
    health_preset: str = "commerce",
    steps: dict[str, list[int]] | None = None,
) -> Scored:
    """Score everybody who has bought, after `lay_out`.

    `preset` is one of `rules.rfm.PRESETS`, with the shop's own `steps`; `health_preset` one of `rules.health.PRESETS`.
    """
    choices = choices or Choices()
    columns = features(engine, as_of=today, active_days=choices.active_days)
    days, counts, amounts = columns["recency_days"], columns["order_count"], columns["value"]
    by = thresholds(preset, days, counts, amounts, steps=steps)
    recency, frequency, money = score(days, counts, amounts, by)
    silent, ahead, worth, notes = _forecast(columns)
    unknown = np.full(len(days), -1, dtype=np.int64)
    touch, touches = engagement_of(engine, columns, today=today)
    stands = standing(columns, choices=choices, preset=health_preset, engagement=touch)
    return Scored(
        person_id=columns["person_id"],
        recency_days=days,
        recency=recency,
        frequency=frequency,
        money=money,
        segment=segments(recency, frequency, money, by),
        level=pyramid_level(counts),
        chance_silent=silent,
        expected_milli=ahead,
        expected_value=worth,
        worth=np.maximum(np.where(worth >= 0, worth, columns["value_365"]), 0),
        health=stands.health,
        risk=stands.risk,
        chance_lost=unknown,
        engagement=np.where(np.isfinite(touch), np.rint(np.nan_to_num(touch)), -1).astype(np.int64),
        activity=stands.activity,
        lifecycle=stands.lifecycle,
        top_milli=stands.top_milli,
        zone=zone_numbers(stands.health),
        alarm=alarm_numbers(stands.risk, stands.activity),
        risk_why=stands.risk_why,
        chance_why=np.full(len(days), "", dtype=object),
        known=columns,
        notes={
            **notes,
            "engagement": touches,
            "health": health_preset,
            "rfm": {"days": by.days, "counts": by.counts, "amounts": by.amounts},
        },
    )


def with_chances(scored: Scored, milli: Whole, added: Floats) -> Scored:
    """Return the scores with what the learned model says: chances in thousandths (n,), and what topics add (n, 5).

    From then on it is the model that raises the alarm.
    """
    alarm = alarm_numbers(milli // 10, scored.activity)
    return replace(scored, chance_lost=milli, chance_why=topic_letters(added), alarm=alarm)


def _forecast(columns: Columns) -> tuple[Whole, Whole, Whole, dict[str, Any]]:
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
