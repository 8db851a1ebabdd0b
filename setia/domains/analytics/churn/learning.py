"""Learn from days past, try it on a later one against the transparent score, and say of each how likely he is to leave.

Churn is P(no purchase in the next h days); h is the days somebody counts as active.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from setia.domains.analytics.churn.history import Snapshot, days_of, known_on, lay_out_baskets, snapshot
from setia.domains.analytics.churn.inputs import by_topic, inputs
from setia.domains.analytics.churn.judging import advantage, area, brier, calibration, lift
from setia.domains.analytics.churn.logistic import Logistic, calibrated, fit_logistic
from setia.domains.analytics.churn.trees import Trees, fit_trees
from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.measure import Choices
from setia.domains.analytics.measuring.measuring import sales_span
from setia.domains.analytics.rules.risk import risk
from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.features import Columns, Sample, Whole
from setia.domains.analytics.scoring.scores import risk_values

MOST_PEOPLE = 200_000
# So many people at a time: twelve numbers of a million and what each adds are half a gigabyte.
_STEP = 100_000
FEWEST_PEOPLE, FEWEST_OF_A_KIND = 300, 50
SEED = 20_260_101
Model = Logistic | Trees


def back_test(
    engine: Engine, *, today: date, choices: Choices, people: int, test: date | None = None, seed: int = SEED
) -> dict[str, Any]:
    """Learn from four earlier days, try it on a later one and say all of it as JSON can hold it; after `lay_out`.

    `people` is how many have bought, of whom at most 200,000 a day are asked. What cannot be tried says why:
    `too_young` or `too_few`.
    """
    span, horizon = sales_span(engine), choices.active_days
    days = days_of(span[0], today, horizon=horizon, test=test) if span else None
    if days is None:
        return {"state": "too_young", "horizon": horizon}
    sample = Sample.of(people, most=MOST_PEOPLE, seed=seed % 1_000)
    lay_out_baskets(engine)

    def on(day: date) -> Snapshot:
        return snapshot(engine, day, horizon=horizon, active_days=choices.active_days, sample=sample)

    learned, tried = [on(day) for day in days.learn], on(days.test)
    head = {
        "horizon": horizon, "test": str(days.test), "learn": [str(day) for day in days.learn], "people": tried.size,
        "rows": sum(each.size for each in learned), "left": float(tried.is_lost.mean()) if tried.size else None,
    }  # fmt: skip
    if not _speak(tried) or not _speak(*learned):
        return {"state": "too_few", **head}
    told = _compare(learned, tried, choices, seed)
    # What was tried is past now as well: the model that speaks of today learns from the day of the test too.
    model = _fitted(told["chosen"], [*learned, tried], seed)
    return {"state": "done", **head, **told, "model": model.as_json()}


def chances(
    engine: Engine, told: dict[str, Any], *, today: date, choices: Choices, known: Columns | None = None
) -> tuple[Whole, Floats]:
    """Return for everybody by person the chance to leave in thousandths, shape (n,), and what each topic adds, (n, 5).

    `told` is a back-test that was done, `known` what `features` says of today, where the caller asked already. After
    `lay_out`.
    """
    model, (low, slope) = _model_of(told), told["calibration"]
    lay_out_baskets(engine)
    all_known = known_on(engine, today, active_days=choices.active_days, sample=Sample(), known=known)
    milli, added = [], []
    for start in range(0, max(len(all_known["person_id"]), 1), _STEP):
        read = inputs({name: column[start : start + _STEP] for name, column in all_known.items()})
        milli.append(np.rint(1_000 * expit(low + slope * model.log_odds(read))).astype(np.int64))
        added.append(by_topic(model.contributions(read)))
    return np.concatenate(milli), np.vstack(added)


def _model_of(told: dict[str, Any]) -> Model:
    return Trees.from_json(told["model"]) if told["chosen"] == "trees" else Logistic.from_json(told["model"])


def _speak(*snapshots: Snapshot) -> bool:
    total = sum(each.size for each in snapshots)
    left = sum(float(each.is_lost.sum()) for each in snapshots)
    return total >= FEWEST_PEOPLE and min(left, total - left) >= FEWEST_OF_A_KIND


def _fitted(kind: str, learned: list[Snapshot], seed: int) -> Model:
    read = np.vstack([inputs(each.known) for each in learned])
    left = np.concatenate([each.is_lost for each in learned])
    return fit_trees(read, left, seed=seed) if kind == "trees" else fit_logistic(read, left)


def _compare(learned: list[Snapshot], tried: Snapshot, choices: Choices, seed: int) -> dict[str, Any]:
    """Return the comparison of all scores on the day of the test, and which learned one is chosen.

    `calibration` turns the log-odds of that one into a chance, by what came of the day of the test.
    """
    models = {kind: _fitted(kind, learned, seed) for kind in ("logistic", "trees")}
    scores: dict[str, Callable[[Snapshot], Floats]] = {
        "logistic": lambda each: models["logistic"].log_odds(inputs(each.known)),
        "trees": lambda each: models["trees"].log_odds(inputs(each.known)),
        "transparent": lambda each: risk(risk_values(each.known, choices=choices)),
        "rfm": lambda each: _weighted_rfm(each.known),
        "silence": lambda each: each.known["recency_days"].astype(np.float64),
    }
    youngest, rows, found = learned[-1], [], {}
    for name, score in scores.items():
        found[name] = score(tried)
        # A score becomes a probability by the youngest past, the same way for all: only then can they be compared.
        low, slope = calibrated(score(youngest), youngest.is_lost)
        said = expit(low + slope * found[name])
        rows.append(
            {
                "name": name, "area": area(found[name], tried.is_lost), "brier": brier(said, tried.is_lost),
                "lift": lift(found[name], tried.is_lost),
                "bins": [[each.people, each.said, each.came] for each in calibration(said, tried.is_lost)],
            }
        )  # fmt: skip
    better = advantage(found["trees"], found["logistic"], tried.is_lost, seed=seed)
    # The simpler one, unless trees are surely better: it tells its reasons straight.
    chosen = "trees" if better is not None and better[1] > 0 else "logistic"
    gain = advantage(found[chosen], found["transparent"], tried.is_lost, seed=seed)
    return {
        "scores": rows, "chosen": chosen, "gain": gain, "is_better": gain is not None and gain[1] > 0,
        "calibration": calibrated(found[chosen], tried.is_lost),
    }  # fmt: skip


def _weighted_rfm(known: Columns) -> Floats:
    """Return 0.5 R + 0.3 F + 0.2 M of mean ranks, the higher the nearer to leaving."""
    columns = (known["recency_days"], -known["order_count"], -known["value"])
    ranks = [rankdata(column) / max(len(column), 1) for column in columns]
    return np.asarray(0.5 * ranks[0] + 0.3 * ranks[1] + 0.2 * ranks[2])
