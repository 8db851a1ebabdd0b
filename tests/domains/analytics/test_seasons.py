"""Seasons: the calendar, what it does to sales, and a forecast that says how far it was off."""

from datetime import date, timedelta

import numpy as np
import pytest
from hijridate import Hijri
from hypothesis import given, settings
from hypothesis import strategies as st

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.findings import Round
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.measuring.people import score_people
from setia.domains.analytics.seasons import finding as seasons_finding
from setia.domains.analytics.seasons.daily_model import Calendar, fit_days
from setia.domains.analytics.seasons.finding import seasons
from setia.domains.analytics.seasons.forecasting import HORIZON, Days, final_fit, forecast, whole_weeks
from setia.domains.analytics.seasons.moving import moves
from setia.domains.analytics.seasons.occasions import KINDS, fasting, occasions
from tests.domains.analytics.lakes import Sale, lake_of

MONDAY = date(2023, 1, 2)


def shop(weeks, *, first=MONDAY, base=60.0, seed=7, noise=0.03, growth=0.0, **effects):
    """Return daily orders of so many weeks: a weekly rhythm, occasions times their factors, weather and chance."""
    dice = np.random.default_rng(seed)
    calendar = Calendar.of(first, 7 * weeks)
    eta = np.log(base) + np.log([1.0, 1.0, 1.0, 1.0, 1.1, 1.4, 1.2])[calendar.weekday]
    eta += growth * np.arange(7 * weeks) / 365
    for kind, factor in effects.items():
        eta += np.log(factor) * calendar.flags[:, KINDS.index(kind)]
    eta += np.repeat(dice.normal(0, noise, weeks), 7)
    return dice.poisson(np.exp(eta)).astype(float)


def test_fasting_begins_when_it_was_announced_and_by_the_calendar_afterwards():
    assert fasting(1447) == (date(2026, 2, 19), date(2026, 3, 21))
    assert fasting(1448) == (date(2027, 2, 8), date(2027, 3, 9))


@pytest.mark.parametrize("year", range(1436, 1448))
def test_announced_days_lie_within_a_day_of_the_calendar(year):
    for announced, month in zip(fasting(year), (9, 10), strict=True):
        reckoned = Hijri(year, month, 1).to_gregorian()
        assert 0 <= (announced - date(reckoned.year, reckoned.month, reckoned.day)).days <= 1


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1970, 1, 1), date(2070, 1, 1)), st.integers(1, 800))
def test_every_year_has_its_occasions_and_none_lies_outside(first, count):
    last = first + timedelta(days=count - 1)
    found = occasions(first, last)
    assert all(each.start <= last and each.end > first and each.days > 0 for each in found)
    if count >= 366:
        assert {"ramadan", "lebaran", "payday", "year_end", "holiday", "twin_date"} <= {each.kind for each in found}
    flags = Calendar.of(first, count).flags
    assert flags.sum(axis=0).tolist() == [
        len({day for each in found if each.kind == kind for day in _inside(each, first, last)}) for kind in KINDS
    ]


def _inside(each, first, last):
    days = (each.start + timedelta(days=number) for number in range(each.days))
    return [day for day in days if first <= day <= last]


def test_a_planted_ramadan_is_found_though_it_moves_every_year():
    truths, outside = {"ramadan": 1.38, "before_lebaran": 1.2, "lebaran": 0.4, "twin_date": 1.0}, 0
    for seed in range(6):
        days = Days.of(MONDAY, shop(156, seed=seed, ramadan=1.38, before_lebaran=1.2, lebaran=0.4, growth=0.2))
        fit = final_fit(days)
        for kind, truth in truths.items():
            factor, low, high = fit.effect(kind)
            outside += not low < truth < high
            assert factor == pytest.approx(truth, rel=0.15)
        assert [round(each, 1) for each in fit.weekdays()] == [0.9, 0.9, 0.9, 0.9, 1.0, 1.3, 1.1]
    assert outside <= 4  # of 24 intervals of 95 %


def test_a_ramadan_against_ordinary_days_tells_of_all_that_it_brought():
    sold = shop(120, ramadan=1.5, before_lebaran=1.2, noise=0.01)
    fit = final_fit(Days.of(MONDAY, sold))
    begin, feast = fasting(1445)
    low, high = (begin - MONDAY).days, (feast - MONDAY).days
    factor, least, most = fit.against_ordinary(sold, low, high, without=("ramadan", "before_lebaran"))
    assert least < factor < most
    assert factor == pytest.approx(1.5 * (16 + 14 * 1.2) / 30, rel=0.08)


def test_what_was_never_seen_is_not_guessed():
    sold = shop(20, first=date(2026, 6, 1))
    fit = fit_days(sold, Calendar.of(date(2026, 6, 1), 7 * 60))
    assert fit.effect("ramadan") is None
    expected = fit.expected(7 * 60)
    begin = (date(2027, 2, 8) - date(2026, 6, 1)).days  # Ramadan 1448
    before, during = expected[begin - 14 : begin], expected[begin + 7 : begin + 14]
    assert during.sum() == pytest.approx(before[:7].sum(), rel=0.25)


def test_the_forecast_of_a_shop_with_seasons_beats_last_week_and_last_year():
    days = Days.of(MONDAY, shop(150, growth=0.3, ramadan=1.6, lebaran=0.3, year_end=1.5, payday=1.2))
    said = forecast(days)
    errors = {each.name: each for each in said.judged}
    assert said.beats_naive
    assert errors["chosen"].mae < 0.8 * errors["naive"].mae < errors["year_ago"].mae * 2
    assert errors["chosen"].smape < 0.1
    assert len(said.middle) == HORIZON
    assert all(low < middle < high for low, middle, high in zip(said.low, said.middle, said.high, strict=True))
    assert 0.6 < said.coverage <= 1
    assert said.shown.startswith("calendar")


def test_the_weeks_that_came_lie_where_the_forecast_said():
    """Four of five weeks inside an interval of 80 %; over 12 shops that never saw their future."""
    inside = total = 0
    for seed in range(12):
        sold = shop(104 + HORIZON, seed=seed, noise=0.08, growth=0.15, payday=1.15)
        said = forecast(Days.of(MONDAY, sold[: 7 * 104]))
        came = sold[7 * 104 :].reshape(-1, 7).sum(axis=1)
        inside += int(((came >= said.low) & (came <= said.high)).sum())
        total += HORIZON
    assert 0.68 < inside / total <= 0.97


def test_a_growing_series_with_a_yearly_wave_is_followed():
    """Like the monthly airline passengers of Box & Jenkins: growth, and a summer that is busier each year."""
    dice = np.random.default_rng(3)
    days = np.arange(7 * 208)
    rate = 40 * np.exp(0.12 * days / 365 + 0.25 * np.sin(2 * np.pi * days / 365.25))
    said = forecast(Days.of(MONDAY, dice.poisson(rate).astype(float)))
    errors = {each.name: each.mae for each in said.judged}
    assert errors["chosen"] < 0.7 * errors["naive"]
    assert errors["chosen"] < errors["year_ago"]


def test_where_nothing_beats_last_week_again_that_is_shown():
    dice = np.random.default_rng(5)
    level = np.exp(np.log(60) + np.cumsum(dice.normal(0, 0.35, 80)))
    said = forecast(Days.of(MONDAY, dice.poisson(np.repeat(level / 7, 7)).astype(float)))
    errors = {each.name: each.mae for each in said.judged}
    cheap = min(value for name in ("naive", "year_ago") if (value := errors[name]) is not None)
    assert said.beats_naive == (errors["chosen"] < cheap)
    assert not said.beats_naive
    assert said.shown == "naive"
    assert said.middle == [said.middle[0]] * HORIZON


@pytest.mark.parametrize(("weeks", "has"), [(1, False), (7, False), (8, True), (12, True), (30, True)])
def test_a_forecast_needs_eight_weeks(weeks, has):
    said = forecast(Days.of(MONDAY, shop(weeks)))
    assert (said is not None) is has
    if has:
        assert all(np.isfinite([*said.low, *said.middle, *said.high]))


def test_weeks_in_which_the_shop_was_shut_are_left_out():
    sold = shop(40)
    shut = sold.copy()
    shut[7 * 20 : 7 * 23] = 0
    days = Days.of(MONDAY, shut)
    assert days.closed.sum() == 21
    assert np.isnan(days.week_totals()).sum() == 3
    open_always, closed_once = final_fit(Days.of(MONDAY, sold)), final_fit(days)
    assert closed_once.expected(280)[270] == pytest.approx(open_always.expected(280)[270], rel=0.05)
    said = forecast(days)
    assert said.middle[0] == pytest.approx(forecast(Days.of(MONDAY, sold)).middle[0], rel=0.1)


def test_a_shop_shut_on_sundays_is_not_expected_to_sell_on_them():
    sold = shop(60)
    sold[6::7] = 0
    days = Days.of(MONDAY, sold)
    assert not days.closed.any()
    assert final_fit(days).weekdays()[6] < 0.02


def test_the_empty_days_of_lebaran_say_what_lebaran_does():
    sold = shop(104)
    for year in (1444, 1445):
        feast = (fasting(year)[1] - MONDAY).days
        sold[feast - 1 : feast + 7] = 0
    days = Days.of(MONDAY, sold)
    assert not days.closed.any()
    assert final_fit(days).effect("lebaran")[0] < 0.2


def test_a_single_order_of_1970_is_no_season():
    today = date(2026, 11, 22)
    by_day = {date(1970, 1, 1): 1.0} | {today - timedelta(days=number): 3.0 for number in range(70)}
    first, sold = whole_weeks(by_day, today=today)
    assert (first, len(sold)) == (date(2026, 9, 14), 63)
    assert sold.min() == 3.0
    assert whole_weeks({}, today=today) is None
    assert whole_weeks({today: 5.0}, today=today) is None


def test_products_that_move_are_told_from_chance():
    dice = np.random.default_rng(11)
    before = dice.poisson(20, (300, 13)).astype(float)
    after = dice.poisson(24, (300, 13)).astype(float)  # the whole shop grew: nobody moved against it
    assert sum(move.verdict != "steady" for move in moves([str(n) for n in range(300)], before, after)) <= 2
    after[0], after[1] = dice.poisson(48, 13), dice.poisson(10, 13)
    found = {move.key: move for move in moves([str(n) for n in range(300)], before, after)}
    assert found["0"].verdict == "rising"
    assert found["0"].low < 1.0 < found["0"].high
    assert found["1"].verdict == "falling"
    assert moves(["a"], np.zeros((1, 13)), np.zeros((1, 13))) == []
    few = moves(["a", "b"], np.ones((2, 13)), np.ones((2, 13)))
    assert [move.key for move in few] == []


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(seasons_finding.customers, "wished_for", lambda: iter(["matcha"] * 6 + ["teh"] * 9))


TODAY = date(2026, 11, 22)


def found_in(sales=(), **tables):
    """Return the finding of a history; tables are questions that make some of the lake's."""
    engine = DuckEngine(lake_of(sales))
    try:
        for name, sql in tables.items():
            engine.snapshot(name, sql)
        lay_out(engine, today=TODAY)
        scored = score_people(engine, today=TODAY, preset="levels")
        return seasons(Round(engine, TODAY, Choices(), scored, "IDR"))
    finally:
        engine.close()


@pytest.mark.parametrize(
    "sales",
    [
        [],
        [Sale(1, TODAY)],
        [Sale(0, TODAY - timedelta(days=30), net=0)],
        [Sale(number, date(2026, 3, 2)) for number in range(1, 40)],
        [Sale(1, date(1970, 1, 1)), Sale(2, date(2030, 1, 1))],
        [Sale(1, TODAY - timedelta(days=number), net=10, returned=10) for number in range(100)],
    ],
)
def test_odd_shops_are_told_something_sensible(own_home, sales):
    found = found_in(sales)
    assert all(rows == [] for rows in found["moves"].values())
    assert all(measure["weekdays"] == [] or len(measure["weekdays"]) == 7 for measure in found["measures"].values())


def test_an_analysis_tells_months_peaks_and_what_moves(own_home):
    sold = shop(103, first=date(2024, 12, 2), base=6, ramadan=1.8)
    counts = ", ".join(f"({day}, {int(count)})" for day, count in enumerate(sold))
    orders = f"""
        SELECT CAST(d.day * 100 + r.k AS BIGINT) AS order_id, CAST(1 + r.k % 5 AS BIGINT) AS customer_id,
               CAST(NULL AS BIGINT) AS outlet_id, 'paid' AS status, CAST(100 AS BIGINT) AS net,
               DATE '2024-12-02' + CAST(d.day AS INT) AS shop_day, CAST(0 AS BIGINT) AS returned_total
        FROM (VALUES {counts}) AS d (day, sold) JOIN range(60) AS r (k) ON r.k < d.sold
    """
    customers = (
        "SELECT k AS customer_id, k AS person_id, '' AS source, CAST(NULL AS BIGINT) AS cost FROM range(9) AS r (k)"
    )
    lines = """
        SELECT o.order_id, o.customer_id, o.shop_day, CAST(1000 AS BIGINT) AS quantity_milli, o.net,
               CASE WHEN o.shop_day >= DATE '2026-08-17' AND o.order_id % 3 <> 0 THEN 1
                    ELSE CAST(1 + o.order_id % 4 AS BIGINT) END AS product_id
        FROM orders o
    """
    products = """
        SELECT * FROM (VALUES (1, 'Kopi'), (2, 'Teh'), (3, 'Roti'), (4, 'Roti')) AS t (product_id, category)
    """
    found = found_in(orders=orders, customers=customers, lines=lines, products=products)
    assert found["weeks"] == 102
    assert len(found["months"]) == 24
    assert found["months"][-1]["is_running"]
    # Five people buy every day: from their seventh day on each of their orders is a loyal one.
    assert found["months"][5]["loyal_orders"] == found["months"][5]["orders"]
    ramadans = {each["year"]: each for each in found["measures"]["orders"]["peaks"] if each["kind"] == "ramadan"}
    assert set(ramadans) == {2025, 2026}
    assert all(each["low"] < 1.8 < each["high"] for each in ramadans.values())
    assert found["against"] == "year_ago"
    verdicts = {move["key"]: move["verdict"] for move in found["moves"]["category"]}
    assert verdicts == {"Kopi": "rising", "Teh": "falling", "Roti": "falling"}
    assert found["wishes"] == [{"word": "matcha", "people": 6}]
    assert [gap["category"] for gap in found["gaps"]] == ["Kopi"]
