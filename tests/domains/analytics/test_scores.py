"""Scores of persons: the tables of their rules, and what is known of each as of a day against a plain count."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.measuring.people import score_people
from setia.domains.analytics.rules.health import PRESETS, health, zone_numbers, zone_of
from setia.domains.analytics.rules.risk import PARTS, level_of, risk
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES, activity, lifecycle, place_from_top
from setia.domains.analytics.rules.weighing import weighed
from setia.domains.analytics.scoring.features import features
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CHOICES = Choices(active_days=90, lost_days=180)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def ago(days, person=1, **more):
    return Sale(person, TODAY - timedelta(days=days), **more)


def scored(sales, **more):
    engine = DuckEngine(lake_of(sales))
    try:
        lay_out(engine, today=TODAY)
        return score_people(engine, today=TODAY, preset="levels", choices=CHOICES, **more)
    finally:
        engine.close()


def one(**values):
    return {name: np.array([value], dtype=float) for name, value in values.items()}


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "engagement", "points"),
    [
        (0.0, 11, 1.0, 1.0, 100),  # yesterday, often, much, and in touch
        (1.0, 4, 0.4, 0.5, 0.6 * 30 + 0.6 * 30 + 0.5 * 20 + 0.5 * 20),
        (4.0, 0, 0.0, 0.0, 0),
        (9.0, 0, 0.0, np.nan, 0),
        (1.0, 4, 0.4, np.nan, (0.6 * 30 + 0.6 * 30 + 0.5 * 20) / 80 * 100),  # engagement not known: 80 become 100
        (1.0, np.nan, 0.4, np.nan, (0.6 * 30 + 0.5 * 20) / 50 * 100),
    ],
)
def test_health_of_a_shop_that_sells(recency, frequency, monetary, engagement, points):
    values = one(recency=recency, frequency=frequency, monetary=monetary, engagement=engagement)
    assert health("commerce", values)[0] == pytest.approx(points)


def test_health_of_subscribers_leaves_out_what_is_not_measured_yet():
    values = one(usage=0.5, engagement=np.nan, payment=1.0)
    assert health("subscription", values)[0] == pytest.approx((0.5 * 40 + 10) / 50 * 100)
    assert [part.name for part in PRESETS["subscription"] if not part.knots] == ["support"]


def test_the_weights_of_the_presets_make_a_hundred():
    assert [sum(part.weight for part in parts) for parts in (*PRESETS.values(), PARTS)] == [100, 100, 100]


def test_where_nothing_is_known_there_is_no_score():
    unknown = np.array([np.nan])
    assert np.isnan(weighed(PARTS[:2], [unknown, unknown])[0])


@pytest.mark.parametrize(
    ("score", "zone"), [(100, "green"), (80, "green"), (79, "yellow"), (60, "yellow"), (59, "red"), (0, "red")]
)
def test_zones(score, zone):
    assert zone_of(score) == zone
    assert ("green", "yellow", "red")[zone_numbers(np.array([score]))[0]] == zone


@pytest.mark.parametrize(
    ("score", "level"), [(100, "high"), (70, "high"), (69, "medium"), (40, "medium"), (39, "low"), (0, "low")]
)
def test_levels_of_risk(score, level):
    assert level_of(score) == level


@pytest.mark.parametrize(
    ("silence", "drop", "points"),
    [
        (0.0, 0.0, 0),
        (1.0, np.nan, 50),  # bought once: silence alone speaks
        (1.0, 1.0, (0.5 * 30 + 25) / 55 * 100),
        (2.0, 0.5, (0.85 * 30 + 12.5) / 55 * 100),
        (4.0, 1.0, 100),
    ],
)
def test_risk_of_churn(silence, drop, points):
    assert risk(one(silence=silence, drop=drop))[0] == pytest.approx(points)


@pytest.mark.parametrize(
    ("age", "recency", "is_now"),
    [
        (0, 0, "new"),
        (29, 29, "new"),
        (30, 30, "active"),
        (400, 90, "active"),
        (400, 91, "at_risk"),
        (400, 180, "at_risk"),
        (400, 181, "lost"),
    ],
)
def test_what_somebody_does_now(age, recency, is_now):
    found = activity(np.array([age]), np.array([recency]), active_days=90, lost_days=180)
    assert ACTIVITIES[found[0]] == is_now


@pytest.mark.parametrize(
    ("age", "half", "before", "is_in"),
    [
        (0, 1, 0, "new"), (29, 1, 0, "new"), (30, 1, 0, "growing"), (90, 1, 0, "growing"), (91, 1, 0, "mature"),
        (364, 0, 3, "mature"), (365, 2, 3, "declining"), (365, 3, 3, "mature"), (900, 0, 0, "declining"),
        (900, 4, 0, "mature"),
    ],
)  # fmt: skip
def test_where_in_life_somebody_is(age, half, before, is_in):
    assert LIFECYCLES[lifecycle(np.array([age]), np.array([half]), np.array([before]))[0]] == is_in


def test_places_in_spend_count_from_the_top():
    assert place_from_top(np.array([10, 20, 30, 40, 50])).tolist() == [1000, 800, 600, 400, 200]
    assert place_from_top(np.array([7, 7, 7])).tolist() == [1000, 1000, 1000]
    assert place_from_top(np.array([-5, 0, 9])).tolist() == [1000, 1000, 1000]
    assert place_from_top(np.array([], dtype=np.int64)).tolist() == []


@settings(max_examples=200)
@given(st.lists(st.integers(-100, 1_000), max_size=60))
def test_never_more_than_a_fifth_are_the_best_fifth(spent):
    places = place_from_top(np.array(spent, dtype=np.int64))
    assert 5 * int((places <= 200).sum()) <= len([each for each in spent if each > 0])
    assert all(1 <= place <= 1000 for place in places.tolist())


def test_a_regular_who_stays_away_is_worse_off_than_one_who_comes():
    comes = [ago(days, person=1, net=1_000) for days in range(1, 400, 20)]
    stays_away = [ago(days, person=2, net=1_000) for days in range(150, 400, 20)]
    once = [ago(100, person=3), ago(5, person=4)]
    found = scored([*comes, *stays_away, *once])
    assert found.person_id.tolist() == [1, 2, 3, 4]
    assert found.health.tolist()[0] > 80
    assert 60 <= found.health.tolist()[1] < 80
    assert found.risk.tolist()[0] < 40
    assert found.risk.tolist()[1] >= 70
    assert [ACTIVITIES[number] for number in found.activity] == ["active", "at_risk", "at_risk", "new"]
    assert found.engagement.tolist() == found.chance_lost.tolist() == [-1, -1, -1, -1]
    assert found.worth.tolist() == [19_000, 11_000, 100, 100]


SHOPS = {
    "nobody": [],
    "one": [ago(3)],
    "all on one day": [ago(3, person=number) for number in range(1, 60)],
    "negative spend": [ago(3, net=100, returned=900), ago(30, net=50, returned=900)],
    "nobody returned": [ago(number, person=number) for number in range(1, 200)],
    "tomorrow": [ago(-5)],
    "from 1970": [Sale(1, date(1970, 1, 1)), ago(1)],
}


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.parametrize("preset", ["commerce", "subscription"])
def test_odd_shops_have_scores_too(name, preset):
    found = scored(SHOPS[name], health_preset=preset)
    for column in (found.health, found.risk):
        assert all(-1 <= score <= 100 for score in column.tolist())
    assert all(1 <= place <= 1000 for place in found.top_milli.tolist())
    assert all(worth >= 0 for worth in found.worth.tolist())


DAY = st.integers(0, 800).map(lambda back: TODAY - timedelta(days=back))
SALE = st.builds(Sale, st.integers(0, 4), DAY, net=st.integers(0, 500), returned=st.integers(0, 500))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SALE, max_size=30), DAY)
def test_what_is_known_as_of_a_day_is_what_a_plain_count_gives(sales, as_of):
    engine = DuckEngine(lake_of(sales))
    try:
        lay_out(engine, today=TODAY)
        found = features(engine, as_of=as_of, active_days=45)
    finally:
        engine.close()
    wanted = {}
    for person in {sale.person for sale in sales if sale.person}:
        past = [sale for sale in sales if sale.person == person and sale.day <= as_of]
        if past:
            wanted[person] = plain(past, as_of)
    rows = {
        person: {name: found[name][row] for name in found} for row, person in enumerate(found["person_id"].tolist())
    }
    assert {person: {name: row[name] for name in wanted[person]} for person, row in rows.items()} == wanted


def plain(past, as_of):
    """Count what is known of one person without SQL."""
    days = sorted({sale.day for sale in past})
    gaps = [(after - before).days for before, after in pairwise(days)]

    def within(back):
        return [sale for sale in past if sale.day > as_of - timedelta(days=back)]

    return {
        "recency_days": (as_of - days[-1]).days,
        "age_days": (as_of - days[0]).days,
        "t_x": (days[-1] - days[0]).days,
        "day_count": len(days),
        "order_count": len(past),
        "value": sum(sale.net - sale.returned for sale in past),
        "repeat_value": sum(sale.net - sale.returned for sale in past if sale.day > days[0]),
        "days_active": len({sale.day for sale in within(45)}),
        "days_30": len({sale.day for sale in within(30)}),
        "days_90": len({sale.day for sale in within(90)}),
        "days_182": len({sale.day for sale in within(182)}),
        "days_364": len({sale.day for sale in within(364)}),
        "orders_365": len(within(365)),
        "value_90": sum(sale.net - sale.returned for sale in within(90)),
        "value_180": sum(sale.net - sale.returned for sale in within(180)),
        "value_365": sum(sale.net - sale.returned for sale in within(365)),
        "longest_gap": max(gaps, default=0),
        "last_gap": gaps[-1] if gaps else 0,
    }
