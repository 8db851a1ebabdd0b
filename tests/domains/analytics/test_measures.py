"""Every measure against a plain count of the same history, written without SQL."""

import statistics
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.measuring import MEASURES, WEEKLY_MEASURES, Choices, Period, measure_by_name
from setia.domains.analytics.measuring.cohorts import cohort_cells
from setia.domains.analytics.measuring.grids import month_periods, week_periods, year_before
from setia.domains.analytics.measuring.measuring import (
    lay_out,
    lay_out_outlets,
    measure_all,
    months_until,
    outlets_by_sales,
)
from setia.domains.analytics.measuring.people import score_people
from setia.domains.analytics.rules.bands import Band
from setia.domains.analytics.rules.formulas import share
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CHOICES = Choices(active_days=90, lost_days=180)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def measured(sales, *, periods=None, today=TODAY, choices=CHOICES, measures=MEASURES, **more):
    """Return {(measure, period): Value} of a history."""
    engine = DuckEngine(lake_of(sales, **more))
    try:
        lay_out(engine, today=today)
        chosen = periods or months_until(engine, today=today)
        values = measure_all(engine, chosen, today=today, choices=choices, measures=measures)
    finally:
        engine.close()
    return {(value.measure, value.period): value for value in values}


def brute(sales, period, *, merged, returns, costs, today=TODAY, choices=CHOICES):
    """Count one period by hand: {measure: (numerator, denominator)}, None where there is nothing."""
    active, lost = timedelta(days=choices.active_days), timedelta(days=choices.lost_days)
    kept = [sale for sale in sales if sale.status != "cancelled" and sale.day <= today]
    known = [(merged.get(sale.person, sale.person), sale) for sale in kept if sale.person]
    days, orders = {}, {}
    for person, sale in known:
        days.setdefault(person, {}).setdefault(sale.day, 0)
        days[person][sale.day] += sale.net - sale.returned
        orders.setdefault(person, []).append(sale.day)
    inside = [sale for sale in kept if period.start <= sale.day < period.end]
    known_inside = [(person, sale) for person, sale in known if period.start <= sale.day < period.end]
    buyers = {person for person, _ in known_inside}
    year = year_before(period.end)

    def standing(start):
        seen = {p for p, spent in days.items() if any(start - active <= day < start for day in spent)}
        stays = {p for p in seen if any(period.end - active <= day < period.end for day in days[p])}
        return len(stays), len(seen)

    stays, seen = standing(period.start)
    year_stays, year_seen = standing(year)
    in_year = {p: [v for day, v in spent.items() if year <= day < period.end] for p, spent in days.items()}
    in_year = {person: values for person, values in in_year.items() if values}
    ranked = sorted((sum(values) for values in in_year.values()), reverse=True)
    firsts = {person: min(spent) for person, spent in days.items()}
    new = [person for person, day in firsts.items() if period.start <= day < period.end]
    seconds = {person: sorted(spent)[1] for person, spent in days.items() if len(spent) > 1}
    waits = [(seconds[p] - firsts[p]).days for p in seconds if period.start <= seconds[p] < period.end]
    gaps = [
        (b - a).days for spent in days.values() for a, b in pairwise(sorted(spent)) if period.start <= b < period.end
    ]

    def silent(moment):
        before = {p: max((day for day in spent if day < moment), default=None) for p, spent in days.items()}
        return {p for p, day in before.items() if day and day <= moment - lost}

    gone = silent(period.start)
    ripe = [p for p, day in firsts.items() if day < period.end and day <= period.end - lost]
    value = sum(sale.net - sale.returned for sale in inside)
    known_value = sum(sale.net - sale.returned for _, sale in known_inside)
    loyal_value = sum(s.net - s.returned for p, s in known_inside if firsts[p] < period.start)
    year_orders = sum(year <= day < period.end for dated in orders.values() for day in dated)
    year_value = sum(sum(values) for values in in_year.values())
    won = {p: sum(costs[c] for c in costs if merged.get(c, c) == p) for p in firsts}
    won = {p: cost for p, cost in won.items() if any(merged.get(c, c) == p for c in costs)}
    won_now = [cost for p, cost in won.items() if period.start <= firsts[p] < period.end]
    won_year = [cost for p, cost in won.items() if year <= firsts[p] < period.end]
    worth = (
        year_value * year_seen / (len(in_year) * (year_seen - year_stays))
        if in_year and year_seen > year_stays
        else None
    )
    return {
        "retention": (stays, seen),
        "churn": (seen - stays, seen),
        "retention_year": (year_stays, year_seen),
        "churn_year": (year_seen - year_stays, year_seen),
        "active_customers": (standing(period.end)[1], None),
        "lost_customers": (len(silent(period.end)), None),
        "repeat_rate": (sum(len(v) > 1 for v in in_year.values()), len(in_year)),
        "second_purchase": (sum(p in seconds and (seconds[p] - firsts[p]).days <= 90 for p in new), len(new)),
        "one_time": (sum(p not in seconds or seconds[p] >= period.end for p in ripe), len(ripe)),
        "days_to_second": (statistics.median_low(waits) if waits else None, None),
        "gap": (sum(gaps), len(gaps)),
        "orders_a_year": (year_orders, len(in_year)),
        "win_back": (len(gone & buyers), len(gone)),
        "buyers": (len(buyers), None),
        "new_customers": (len(new), None),
        "revenue": (value, None),
        "order_value": (value, len(inside)),
        "frequency": (len(known_inside), len(buyers)),
        "revenue_per_customer": (known_value, len(buyers)),
        "loyal_revenue": (loyal_value, known_value),
        "return_rate": (
            sum(total for day, total in returns if period.start <= day < period.end and day <= today),
            sum(sale.net for sale in inside),
        ),
        "top_fifth": (sum(ranked[: -(-len(ranked) // 5)]), sum(ranked)),
        "top_tenth": (sum(ranked[: -(-len(ranked) // 10)]), sum(ranked)),
        "lifespan": (year_seen, year_seen - year_stays),
        "lifetime_value": (year_value * year_seen, len(in_year) * (year_seen - year_stays)),
        "acquisition_cost": (sum(won_now), len(won_now)),
        "value_to_cost": (worth, share(sum(won_year), len(won_year))),
    }


_days = st.dates(date(2025, 3, 1), date(2026, 12, 20))
_sales = st.builds(
    Sale,
    person=st.integers(0, 6),
    day=_days,
    net=st.integers(0, 500),
    returned=st.integers(0, 100),
    status=st.sampled_from(["paid", "paid", "paid", "open", "cancelled"]),
)


_histories = {
    "sales": st.lists(_sales, min_size=1, max_size=60),
    "merged": st.sampled_from([{}, {2: 1}, {2: 1, 3: 1}]),
    "returns": st.lists(st.tuples(_days, st.integers(1, 300)), max_size=5),
    "costs": st.dictionaries(st.integers(1, 6), st.integers(0, 90), max_size=4),
}


def _check(found, expected, *, choices=CHOICES):
    """Compare one period of one place with what was counted by hand."""
    assert set(found) == set(expected)
    for name, value in found.items():
        up, down = expected[name]
        if value.why in ("early", "no_data"):
            assert value.value is None
        elif measure_by_name(name).is_sum:
            assert value.value == up, name
        elif not down or up is None:
            assert (value.value, bool(value.why)) == (None, True), name
        else:
            assert (value.numerator, value.denominator) == (pytest.approx(up), pytest.approx(down)), name
            assert value.value == pytest.approx(up / down), name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**_histories, start=st.dates(date(2025, 1, 1), date(2026, 10, 31)), length=st.integers(1, 120))
def test_every_measure_is_what_a_plain_count_gives(sales, merged, returns, costs, start, length):
    period = Period(start, start + timedelta(days=length))
    found = measured(sales, periods=[period], merged=merged, returns=returns, costs=costs)
    costs = {person: cost for person, cost in costs.items() if person in {sale.person for sale in sales}}
    expected = brute(sales, period, merged=merged, returns=returns, costs=costs)
    _check({name: value for (name, _), value in found.items()}, expected)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**_histories, choices=st.sampled_from([CHOICES, Choices(20, 45), Choices(400, 500)]))
def test_many_periods_at_once_say_what_each_says_alone(sales, merged, returns, costs, choices):
    """Months share one pass over the days; each is what a plain count of it alone gives, and so are weeks."""
    months = month_periods(date(2025, 2, 1), date(2026, 12, 1))
    more = {"merged": merged, "returns": returns, "costs": costs, "choices": choices}
    found = measured(sales, periods=months, **more)
    given = {person: cost for person, cost in costs.items() if person in {sale.person for sale in sales}}
    for period in months:
        expected = brute(sales, period, merged=merged, returns=returns, costs=given, choices=choices)
        _check({name: value for (name, when), value in found.items() if when == period}, expected)
    weeks = week_periods(date(2026, 6, 1), TODAY)[-12:]
    found = measured(sales, periods=weeks, measures=WEEKLY_MEASURES, **more)
    for period in weeks:
        expected = brute(sales, period, merged=merged, returns=returns, costs=given, choices=choices)
        by_name = {name: value for (name, when), value in found.items() if when == period}
        _check(by_name, {name: expected[name] for name in by_name})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sales=st.lists(st.tuples(_sales, st.sampled_from([0, 7, 8])), min_size=1, max_size=60))
def test_each_outlet_is_a_shop_of_its_own(sales):
    """A person belongs to every outlet he bought at, and his first purchase there is his first."""
    sales = [replace(sale, outlet=outlet) for sale, outlet in sales]
    periods = month_periods(date(2026, 3, 1), date(2026, 11, 1))
    engine = DuckEngine(lake_of(sales))
    try:
        lay_out(engine, today=TODAY)
        outlets = outlets_by_sales(engine)
        scope = lay_out_outlets(engine, outlets)
        values = measure_all(engine, periods, today=TODAY, choices=CHOICES, measures=MEASURES, scope=scope)
    finally:
        engine.close()
    assert {value.place for value in values} == set(outlets)
    for outlet in outlets:
        own = [sale for sale in sales if sale.outlet == outlet]
        for period in periods:
            found = {v.measure: v for v in values if v.place == outlet and v.period == period}
            _check(found, brute(own, period, merged={}, returns=[], costs={}))


def test_more_periods_than_fit_at_once_are_answered_all_the_same():
    sales = [Sale(1, TODAY - timedelta(days=back)) for back in range(0, 1_000, 9)]
    weeks = week_periods(date(2025, 1, 1), TODAY)
    assert len(weeks) > 90
    found = measured(sales, periods=weeks)
    for period in weeks:
        expected = brute(sales, period, merged={}, returns=[], costs={})
        _check({name: value for (name, when), value in found.items() if when == period}, expected)


def _month(year, month):
    start = date(year, month, 1)
    return Period(start, (start + timedelta(days=32)).replace(day=1))


def test_a_worked_history():
    """Ten regulars of August; eight come back in September, and three are new then."""
    sales = [Sale(person, date(2026, 8, 10)) for person in range(1, 11)]
    sales += [Sale(person, date(2026, 9, 5)) for person in range(1, 9)]
    sales += [Sale(person, date(2026, 9, 20)) for person in range(11, 14)]
    found = measured(sales, choices=Choices(active_days=30, lost_days=60), periods=[_month(2026, 9)])
    value = found["retention", _month(2026, 9)]
    assert (value.numerator, value.denominator, value.value) == (8, 10, 0.8)
    assert value.is_small
    assert value.interval[0] < 0.8 < value.interval[1]
    assert value.band((Band(0.0, "low", "bad"),)) is None
    assert found["churn", _month(2026, 9)].value == pytest.approx(0.2)
    assert found["new_customers", _month(2026, 9)].value == 3


def test_what_people_will_still_do_is_not_0():
    sales = [Sale(1, date(2026, 7, 1)), Sale(1, date(2026, 7, 9)), Sale(2, date(2026, 10, 1))]
    found = measured(sales)
    assert found["second_purchase", _month(2026, 7)].value == 1.0
    late = found["second_purchase", _month(2026, 10)]
    assert (late.value, late.why) == (None, "early")
    assert found["buyers", _month(2026, 11)].is_running
    assert found["buyers", _month(2026, 8)].value == 0


def test_before_the_first_sale_nothing_is_known():
    found = measured([Sale(1, date(2026, 9, 9))], periods=[_month(2026, 5), _month(2027, 1)])
    assert {(value.value, value.why) for value in found.values()} == {(None, "no_data")}


@pytest.mark.parametrize(
    "sales",
    [
        [],
        [Sale(0, date(2026, 9, 9))],
        [Sale(1, date(2026, 9, 9))],
        [Sale(1, date(1970, 1, 1)), Sale(2, date(2026, 11, 1))],
        [Sale(1, date(2031, 1, 1))],
        [Sale(person, date(2026, 9, 9)) for person in range(1, 50)],
        [Sale(1, date(2026, 9, 9), net=100, returned=900)],
        [Sale(1, date(2026, 9, 9), net=-500)],
        [Sale(1, date(2026, 9, 9), status="cancelled")],
        [Sale(1, date(2026, 1, 1) + timedelta(days=number // 40)) for number in range(8_000)],
    ],
    ids=[
        *("nobody", "passer_by", "one", "from_1970", "from_the_future", "all_on_one_day", "refund_above_order"),
        *("negative", "cancelled", "one_with_thousands"),
    ],
)
def test_odd_shops_say_something_sensible(sales):
    """Nothing divides by zero, nothing is infinite, and scoring ends."""
    engine = DuckEngine(lake_of(sales))
    lay_out(engine, today=TODAY)
    periods = months_until(engine, today=TODAY)
    assert len(periods) <= 36
    values = measure_all(engine, periods, today=TODAY, choices=CHOICES, measures=MEASURES)
    assert all(value.value is None or abs(value.value) < 1e15 for value in values)
    assert all(bool(value.why) == (value.value is None) for value in values)
    for preset in ("levels", "fifths"):
        scored = score_people(engine, today=TODAY, preset=preset)
        past = {sale.person for sale in sales if sale.person and sale.day <= TODAY and sale.status != "cancelled"}
        assert scored.person_id.tolist() == sorted(past)
    cohort_cells(engine)
    engine.close()


def test_cohorts_of_a_small_history():
    sales = [
        *(Sale(person, date(2026, 7, 3)) for person in (1, 2, 3, 4)),
        *(Sale(person, date(2026, 8, 3)) for person in (1, 2)),
        Sale(1, date(2026, 8, 9)), Sale(1, date(2026, 9, 9)), Sale(5, date(2026, 8, 1), net=70),
    ]  # fmt: skip
    engine = DuckEngine(lake_of(sales))
    lay_out(engine, today=TODAY)
    cells = {
        (cell.cohort.month, cell.offset): (cell.people, cell.orders, cell.revenue) for cell in cohort_cells(engine)
    }
    engine.close()
    assert cells == {(7, 0): (4, 4, 400), (7, 1): (2, 3, 300), (7, 2): (1, 1, 100), (8, 0): (1, 1, 70)}


def test_merged_rows_are_one_person():
    sales = [Sale(1, date(2026, 9, 1)), Sale(2, date(2026, 9, 20))]
    apart = measured(sales, periods=[_month(2026, 9)])
    whole = measured(sales, periods=[_month(2026, 9)], merged={2: 1})
    assert [each["buyers", _month(2026, 9)].value for each in (apart, whole)] == [2, 1]
    assert whole["second_purchase", _month(2026, 9)].why == "early"
    assert whole["days_to_second", _month(2026, 9)].value == 19
