"""From what is known of everybody to scores of each: health, risk of churn, stage, place in spend. No model, no SQL."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.measuring.measure import Choices
from setia.domains.analytics.rules.health import health
from setia.domains.analytics.rules.reasons import first_letters
from setia.domains.analytics.rules.risk import risk
from setia.domains.analytics.rules.stages import NEW_DAYS, Numbers, activity, lifecycle, place_from_top
from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.features import Columns, Whole

# From which drop on it is told as a reason.
_DROP = 0.3


@dataclass(frozen=True, slots=True)
class Standing:
    """Columns of shape (n,), in the order of the people they were reckoned of."""

    health: Whole
    risk: Whole
    activity: Numbers
    lifecycle: Numbers
    top_milli: Whole
    risk_why: NDArray[np.object_]


def standing(columns: Columns, *, choices: Choices, preset: str, engagement: Floats) -> Standing:
    """Return the scores of everybody; `engagement` is 0-100, NaN where it is not known."""
    top = place_from_top(columns["value_365"])
    return Standing(
        health=_rounded(health(preset, health_values(columns, choices=choices, top=top, engagement=engagement))),
        risk=_rounded(risk(risk_values(columns, choices=choices))),
        activity=activity(
            columns["age_days"],
            columns["recency_days"],
            active_days=choices.active_days,
            lost_days=choices.lost_days,
        ),
        lifecycle=lifecycle(
            columns["age_days"], columns["days_182"], columns["days_364"] - columns["days_182"]
        ),
        top_milli=top,
        risk_why=first_letters(_signs(columns, choices)),
    )  # fmt: skip


def _signs(columns: Columns, choices: Choices) -> dict[str, NDArray[np.bool_]]:
    """Return which signs of `rules.reasons` hold for each."""
    away, days = columns["recency_days"], columns["day_count"]
    drop = np.nan_to_num(risk_values(columns, choices=choices)["drop"])
    before = columns["value_180"] - columns["value_90"]
    return {
        "longer_than_ever": (days > 2) & (away > columns["longest_gap"]),
        "silent": away > choices.active_days,
        "rarer": drop >= _DROP,
        "once": (days == 1) & (columns["age_days"] >= NEW_DAYS),
        "spends_less": (before > 0) & (columns["value_90"] < before * (1 - _DROP)),
    }


def health_values(columns: Columns, *, choices: Choices, top: Whole, engagement: Floats) -> dict[str, Floats]:
    """Return the values of the parts of health, as the table in `rules.health` defines them."""
    before = (columns["value_180"] - columns["value_90"]).astype(np.float64)
    return {
        "recency": columns["recency_days"] / choices.active_days,
        "frequency": np.where(columns["age_days"] < NEW_DAYS, np.nan, columns["orders_365"].astype(np.float64)),
        "monetary": 1.0 - top / 1_000,
        "engagement": engagement / 100.0,
        "usage": columns["days_active"] / _pace(columns, choices),
        "payment": np.divide(columns["value_90"], before, out=np.full_like(before, np.nan), where=before > 0),
    }


def risk_values(columns: Columns, *, choices: Choices) -> dict[str, Floats]:
    """Return the values of the parts of the risk of churn, as the table in `rules.risk` defines them."""
    return {
        "silence": columns["recency_days"] / choices.active_days,
        "drop": 1.0 - columns["days_active"] / _pace(columns, choices),
    }


def _pace(columns: Columns, choices: Choices) -> Floats:
    """Return on how many days somebody used to buy in the days one counts as active, before the last such days.

    NaN for who bought on one day only, whose pace is nothing but a guess, and for who is not here twice as long.
    """
    earlier = columns["age_days"] + 1 - choices.active_days
    known = (
        (columns["day_count"] > 1) & (earlier >= choices.active_days) & (columns["day_count"] > columns["days_active"])
    )
    bought = (columns["day_count"] - columns["days_active"]) * choices.active_days
    return np.asarray(np.divide(bought, earlier, out=np.full(len(bought), np.nan), where=known))


def _rounded(scores: Floats) -> Whole:
    """Return whole scores of 0-100, -1 where it is not known."""
    return np.where(np.isfinite(scores), np.rint(np.nan_to_num(scores)), -1).astype(np.int64)
