"""The learned warning of churn: on a past whose law is known, on one without any, and on a real shop's file."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bench.retail import retail_lake
from setia.domains.analytics.churn.history import days_of
from setia.domains.analytics.churn.inputs import INPUTS, TOPICS, by_topic
from setia.domains.analytics.churn.judging import advantage, area, brier, calibration, lift
from setia.domains.analytics.churn.learning import back_test, chances
from setia.domains.analytics.churn.logistic import Logistic, calibrated, fit_logistic
from setia.domains.analytics.churn.trees import Trees, fit_trees
from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.rules.reasons import topic_letters
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CHOICES = Choices(active_days=60, lost_days=120)
RETAIL = os.environ.get("SETIA_RETAIL_FILE", "")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def regulars(people=900, seed=3):
    """Return a shop where everybody has a rhythm of his own and may leave: the same silence means much or little."""
    chance = np.random.default_rng(seed)
    sales = []
    for person in range(1, people + 1):
        gap = float(chance.choice([6.0, 15.0, 70.0]))
        day, end = float(chance.uniform(0, 250)), 400.0
        leaves = chance.uniform(0, 700)
        while day < min(end, leaves):
            sales.append(Sale(person, TODAY - timedelta(days=int(400 - day)), net=int(chance.integers(10, 90)) * 1_000))
            day += max(1.0, chance.normal(gap, gap / 6))
    return sales


def by_dice(people=900, seed=5):
    """Return a shop where nobody's past says anything: each day each buys by the same small chance."""
    chance = np.random.default_rng(seed)
    return [
        Sale(person, TODAY - timedelta(days=int(back)), net=50_000)
        for person in range(1, people + 1)
        for back in chance.integers(0, 400, chance.poisson(7))
    ]


def tried(sales, **more):
    engine = DuckEngine(lake_of(sales))
    try:
        lay_out(engine, today=TODAY)
        told = back_test(engine, today=TODAY, choices=CHOICES, people=len({sale.person for sale in sales}), **more)
        said = chances(engine, told, today=TODAY, choices=CHOICES) if told["state"] == "done" else None
    finally:
        engine.close()
    assert json.loads(json.dumps(told)) == json.loads(json.dumps(told, default=str))
    return told, said


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SETIA_HOME", str(tmp_path_factory.mktemp("home")))
        return tried(regulars())


def test_where_everybody_has_a_rhythm_the_learned_model_is_better(learned):
    told, _said = learned
    scores = {row["name"]: row for row in told["scores"]}
    assert told["is_better"]
    assert told["gain"][1] > 0
    assert scores[told["chosen"]]["area"] > scores["transparent"]["area"] + 0.02
    assert scores[told["chosen"]]["brier"] < scores["transparent"]["brier"]
    assert told["test"] == str(TODAY - timedelta(days=60))
    assert max(told["learn"]) == str(TODAY - timedelta(days=121))


def test_chances_are_those_that_came(learned):
    told, (milli, added) = learned
    assert milli.min() >= 0
    assert milli.max() <= 1000
    assert added.shape == (len(milli), len(TOPICS))
    for _people, said, came in next(row for row in told["scores"] if row["name"] == told["chosen"])["bins"]:
        assert abs(said - came) < 0.3


def test_the_same_past_teaches_the_same_again():
    sales = regulars(people=400)
    assert tried(sales)[0] == tried(sales)[0]


def test_where_the_past_says_nothing_no_model_may_be_switched_on():
    told, _said = tried(by_dice())
    assert told["state"] == "done"
    assert not told["is_better"]


@pytest.mark.parametrize(
    ("sales", "state"),
    [
        ([], "too_young"),
        ([Sale(1, TODAY)], "too_young"),
        ([Sale(1, TODAY - timedelta(days=number)) for number in range(500)], "too_few"),
        ([Sale(person, TODAY - timedelta(days=390)) for person in range(1, 600)], "too_few"),  # nobody ever came back
    ],
)
def test_a_shop_of_little_past_is_told_so(sales, state):
    told, said = tried(sales)
    assert told["state"] == state
    assert said is None


def test_nothing_of_the_test_is_known_when_learning():
    days = days_of(date(2010, 12, 1), date(2011, 12, 9), horizon=90, test=date(2011, 9, 10))
    assert [str(day) for day in days.learn] == ["2011-03-31", "2011-04-24", "2011-05-18", "2011-06-11"]
    assert max(days.learn) + timedelta(days=90) < days.test
    assert days_of(TODAY - timedelta(days=200), TODAY, horizon=90) is None


def test_the_model_finds_the_law_it_was_made_of():
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(20_000, 3))
    odds = 0.5 + 1.2 * inputs[:, 0] - 0.7 * inputs[:, 1]
    happened = (chance.random(20_000) < 1 / (1 + np.exp(-odds))).astype(float)
    found = fit_logistic(inputs, happened, ridge=0.0)
    assert np.allclose(found.weights / found.spread, [1.2, -0.7, 0.0], atol=0.08)
    assert np.allclose(found.log_odds(inputs), found.intercept + found.contributions(inputs).sum(axis=1))
    assert Logistic.from_json(json.loads(json.dumps(found.as_json()))).log_odds(inputs).tolist() == pytest.approx(
        found.log_odds(inputs).tolist()
    )


def test_trees_find_what_no_line_can_part():
    chance = np.random.default_rng(2)
    inputs = chance.normal(size=(8_000, 2))
    happened = ((inputs[:, 0] > 0) == (inputs[:, 1] > 0)).astype(float)
    trees, line = fit_trees(inputs, happened, seed=1, trees=40), fit_logistic(inputs, happened)
    assert area(trees.log_odds(inputs), happened) > 0.95
    assert abs(area(line.log_odds(inputs), happened) - 0.5) < 0.05
    again = Trees.from_json(json.loads(json.dumps(trees.as_json())))
    assert again.log_odds(inputs).tolist() == trees.log_odds(inputs).tolist()


def test_trees_of_one_value_say_the_mean():
    trees = fit_trees(np.zeros((200, 2)), np.r_[np.ones(50), np.zeros(150)], seed=1, trees=3)
    assert 1 / (1 + np.exp(-trees.log_odds(np.zeros((1, 2)))[0])) == pytest.approx(0.25, abs=0.01)


def test_figures_of_a_score_against_hand_made_ones():
    came = np.array([1.0, 1.0, 0.0, 0.0])
    assert area(np.array([4.0, 3.0, 2.0, 1.0]), came) == 1.0
    assert area(np.array([1.0, 1.0, 1.0, 1.0]), came) == 0.5
    assert area(np.array([4.0, 1.0, 3.0, 2.0]), came) == 0.5
    assert area(came, np.ones(4)) is None
    assert advantage(came, came, np.ones(4), seed=1) is None
    assert brier(np.array([1.0, 0.5, 0.5, 0.0]), came) == pytest.approx(0.125)
    assert lift(np.arange(10.0)[::-1], np.r_[np.ones(2), np.zeros(8)]) == pytest.approx(5.0)
    assert lift(came, np.zeros(4)) is None
    bins = calibration(np.array([0.1, 0.9]), np.array([0.0, 1.0]))
    assert [(each.people, each.said, each.came) for each in bins] == [(1, 0.1, 0.0), (1, 0.9, 1.0)]


def test_a_score_becomes_a_chance_and_never_the_other_way_round():
    scores = np.linspace(-1, 1, 2_000)
    happened = (np.random.default_rng(1).random(2_000) < 0.3 + 0.2 * scores).astype(float)
    low, slope = calibrated(scores, happened)
    assert slope > 0
    assert (1 / (1 + np.exp(-low - slope * scores))).mean() == pytest.approx(happened.mean(), abs=0.01)
    assert calibrated(-scores, happened)[1] == 0


def test_reasons_are_the_topics_that_move_most():
    assert len(TOPICS) == len(set(TOPICS)) == len({*INPUTS.values()})
    added = by_topic(np.ones((1, len(INPUTS))))
    assert added.sum() == len(INPUTS)
    assert topic_letters(np.array([[2.0, 0.0, -3.0, 0.5, 0.05]])).tolist() == ["Osm"]
    assert topic_letters(np.zeros((2, 5))).tolist() == ["", ""]


@pytest.mark.skipif(not RETAIL, reason="SETIA_RETAIL_FILE names UCI's Online Retail")
def test_on_a_real_shop_the_model_tells_leavers_from_stayers():
    engine = DuckEngine(retail_lake(Path(RETAIL)))
    lay_out(engine, today=date(2011, 12, 9))
    told = back_test(engine, today=date(2011, 12, 9), choices=Choices(), people=4_338, test=date(2011, 9, 10))
    engine.close()
    assert told["people"] == 3_370
    assert told["left"] == pytest.approx(0.430, abs=0.001)
    assert told["learn"] == ["2011-03-31", "2011-04-24", "2011-05-18", "2011-06-11"]
    assert told["is_better"]
    assert {row["name"]: row["area"] for row in told["scores"]}[told["chosen"]] >= 0.741
