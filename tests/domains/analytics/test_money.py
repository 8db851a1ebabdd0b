"""Money: published examples, concentration, acquisition cost by source, loyal beside new."""

import itertools
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.findings import Round
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.measuring.people import score_people
from setia.domains.analytics.models import MarketingSpend
from setia.domains.analytics.money.concentration import concentration, value_bins
from setia.domains.analytics.money.finding import money
from setia.domains.analytics.money.groups import groups
from setia.domains.analytics.rules.money import (
    cost_ceiling,
    keeping_budget,
    membership_break_even,
    programme_return,
    value_to_cost,
    win_or_keep,
)
from setia.domains.analytics.spending import Spent, UnableToSaveSpend, save_spend
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)


def test_the_sources_example_of_winning_and_keeping():
    found = win_or_keep(win_spent=10_000_000, won=40, keep_spent=4_000_000, kept=200)
    assert (found.each_won, found.each_kept, found.times) == (250_000, 20_000, 12.5)
    nothing = win_or_keep(win_spent=10_000_000, won=0, keep_spent=0, kept=5)
    assert (nothing.each_won, nothing.each_kept, nothing.times) == (None, 0, None)


def test_a_customer_of_six_million_may_cost_two_and_is_kept_for_less_than_one():
    assert cost_ceiling(6_000_000) == pytest.approx(1_980_000)
    assert keeping_budget(6_000_000) == pytest.approx((600_000, 900_000))
    assert value_to_cost(lifetime_value=6_000_000, cost=2_000_000) == 3.0
    assert value_to_cost(lifetime_value=6_000_000, cost=0) is None
    assert (cost_ceiling(None), keeping_budget(None)) == (None, None)


def test_the_return_of_the_case_study_is_190_percent_by_its_formula():
    assert programme_return(extra_revenue=45.0, margin=1.0, cost=15.5) == pytest.approx(1.903, abs=0.001)
    assert programme_return(extra_revenue=45.0, margin=0.3, cost=15.5) == pytest.approx(-0.129, abs=0.001)
    assert programme_return(extra_revenue=45.0, margin=1.0, cost=0) is None


def test_a_membership_of_49_thousand_pays_back_with_two_purchases_a_month():
    found = membership_break_even(
        fee=49_000, order_value=150_000, discount=0.2, extra_saving=0, margin=0.5, purchases_before=1
    )
    assert (found.saved_each, found.purchases, found.extra) == (30_000, 2, 0)
    dear = membership_break_even(
        fee=49_000, order_value=150_000, discount=0.2, extra_saving=0, margin=0.5, purchases_before=4
    )
    assert dear.extra == 2  # 4 x 30.000 - 49.000 = 71.000 lost, 45.000 earned on each purchase more
    never = membership_break_even(
        fee=49_000, order_value=150_000, discount=0.2, extra_saving=0, margin=0.1, purchases_before=4
    )
    assert never.extra is None
    nothing = membership_break_even(
        fee=49_000, order_value=150_000, discount=0, extra_saving=0, margin=0.5, purchases_before=4
    )
    assert nothing.purchases is None


def test_one_who_carries_all_and_all_who_spend_the_same():
    alone = concentration(np.array([0.0] * 9 + [500.0]), np.ones(10))
    assert alone["gini"] == pytest.approx(0.9)
    assert (alone["top_tenth"], alone["top_fifth"]) == (1.0, 1.0)
    same = concentration(np.full(10, 70.0), np.ones(10))
    assert same["gini"] == pytest.approx(0.0, abs=1e-9)
    assert same["curve"] == pytest.approx([number / 20 for number in range(21)])
    assert same["times"] == pytest.approx(1.0)
    assert concentration(np.zeros(5), np.ones(5)) is None
    assert concentration(np.array([]), np.array([])) is None
    assert concentration(np.array([-5.0, 10.0]), np.array([1.0, 1.0]))["top_fifth"] == 1.0


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_the_curve_lies_below_the_even_line_and_ends_at_everything(spent):
    found = concentration(np.array(spent, dtype=float), np.ones(len(spent)))
    if not sum(spent):
        assert found is None
        return
    curve = found["curve"]
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1.0)
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(curve))
    assert all(point <= number / 20 + 1e-9 for number, point in enumerate(curve))
    ordered = np.sort(np.array(spent, dtype=float))
    places = np.arange(1, len(ordered) + 1)
    by_definition = 2 * float((places * ordered).sum()) / (len(ordered) * ordered.sum()) - (len(ordered) + 1) / len(
        ordered
    )
    assert found["gini"] == pytest.approx(by_definition, abs=1e-9)


@given(st.lists(st.floats(0, 1e12), max_size=80))
def test_everybody_stands_in_one_class(worth):
    bins = value_bins(np.array(worth))
    assert sum(each["people"] for each in bins) == len(worth)
    assert len(bins) <= 10


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def found_in(function, sales, *, sources=None, costs=None):
    """Return a finding of a history whose people came by these sources, at these costs."""
    engine = DuckEngine(lake_of(sales))
    try:
        people = sorted({sale.person for sale in sales if sale.person}) or [0]
        rows = " UNION ALL ".join(
            f"SELECT CAST({each} AS BIGINT) AS customer_id, CAST({each} AS BIGINT) AS person_id, "
            f"'{(sources or {}).get(each, '')}' AS source, CAST({(costs or {}).get(each, 'NULL')} AS BIGINT) AS cost"
            for each in people
        )
        engine.snapshot("customers", rows)
        lay_out(engine, today=TODAY)
        return function(Round(engine, TODAY, Choices(), score_people(engine, today=TODAY, preset="levels"), "IDR"))
    finally:
        engine.close()


def first_days(count, *, days_ago, start=1):
    """Return one purchase each of so many people."""
    return [Sale(start + number, TODAY - timedelta(days=days_ago), net=100) for number in range(count)]


ODD = [
    [],
    [Sale(1, TODAY)],
    [Sale(0, TODAY, net=0)],
    [Sale(number, date(2026, 3, 2)) for number in range(1, 40)],
    [Sale(1, date(1970, 1, 1)), Sale(2, date(2030, 1, 1))],
    [Sale(1, TODAY - timedelta(days=number), net=10, returned=30) for number in range(50)],
]


@pytest.mark.django_db
@pytest.mark.parametrize("function", [money, groups])
@pytest.mark.parametrize("sales", ODD)
def test_odd_shops_divide_by_nothing(own_home, function, sales):
    assert found_in(function, sales)


@pytest.mark.django_db
def test_cost_by_source_takes_what_was_entered_before_what_was_noted(own_home):
    sales = [
        *first_days(40, days_ago=40),
        *first_days(10, days_ago=40, start=101),
        *first_days(5, days_ago=800, start=201),
    ]
    sources = {n: "Instagram" if n % 2 else "instagram " for n in range(1, 41)} | dict.fromkeys(
        range(101, 111), "Brosur"
    )
    spent = [
        Spent(date(2026, 10, 13), "INSTAGRAM", "win", 10_000_000),
        Spent(date(2026, 10, 1), "Gathering", "keep", 4_000_000),
        Spent(date(2026, 9, 1), "Radio", "win", 500_000),
    ]
    save_spend(spent=spent, by=SYSTEM, at=cast.NOW, today=TODAY)
    found = found_in(money, sales, sources=sources, costs={101: 30_000, 102: 50_000, 201: 70_000})
    by_source = {each["source"].strip().casefold(): each for each in found["sources"]}
    assert by_source["instagram"]["won"] == 40
    assert by_source["instagram"]["cost"] == 250_000
    assert (by_source["brosur"]["cost"], by_source["brosur"]["from"]) == (40_000, "noted")
    assert (by_source["radio"]["won"], by_source["radio"]["cost"]) == (0, None)
    october = next(each for each in found["months"] if each["month"] == "2026-10-01")
    assert (october["won"], october["cost"], october["from"]) == (50, 200_000, "entered")
    assert found["spend"] == {"win": 10_500_000, "keep": 4_000_000}


@pytest.mark.django_db
def test_loyal_customers_stand_beside_new_ones(own_home):
    loyal = [
        Sale(person, TODAY - timedelta(days=day), net=200 + 10 * (person % 5), returned=20 if day == 2 else 0)
        for person in range(1, 41)
        for day in range(2, 202, 10)
    ]
    fresh = first_days(50, days_ago=30, start=101)
    again = [Sale(person, TODAY - timedelta(days=10), net=100) for person in range(101, 111)]
    found = found_in(groups, [*loyal, *fresh, *again, Sale(0, TODAY, net=1_000)])["loyalty"]
    assert (found["loyal"]["people"]["value"], found["new"]["people"]["value"]) == (40, 50)
    assert found["loyal"]["frequency"]["value"] == pytest.approx(9 * 30 / 90)
    # Ten of fifty came once more within the thirty days since their first purchase.
    assert found["new"]["frequency"]["value"] == pytest.approx(10 / 50)
    assert found["new"]["frequency"]["low"] < 0.2 < found["new"]["frequency"]["high"]
    assert found["loyal"]["repeat"]["value"] == 1.0
    assert found["new"]["repeat"]["value"] == 0.2
    assert found["new"]["repeat"]["low"] == pytest.approx(0.112, abs=0.001)  # Wilson
    assert found["loyal"]["gap"]["value"] == 10
    net = sum(sale.net for sale in loyal if sale.day > TODAY - timedelta(days=90))
    assert found["loyal"]["returned_goods"]["value"] == pytest.approx(800 / net)
    value = net - 800
    assert found["loyal"]["revenue_share"]["value"] == pytest.approx(value / (value + 50 * 100 + 10 * 100 + 1_000))
    assert found["loyal"]["order_value"]["value"] == pytest.approx(value / (40 * 9))


@pytest.mark.django_db
def test_the_referred_are_compared_with_those_who_had_as_long(own_home):
    sales = [*first_days(60, days_ago=120), *first_days(40, days_ago=20, start=101)]
    sales += [Sale(person, TODAY - timedelta(days=60), net=100) for person in range(1, 16)]
    sources = dict.fromkeys(range(1, 21), "Referral") | dict.fromkeys(range(101, 141), "referral")
    found = found_in(groups, sales, sources=sources)["referral"]
    assert found["referred"]["people"]["value"] == 20  # the forty of last month had no ninety days yet
    assert found["referred"]["second"]["value"] == 15 / 20
    assert found["others"]["second"]["value"] == 0.0
    assert found["others"]["people"]["value"] == 40


@pytest.mark.django_db
def test_what_was_spent_is_written_once_and_taken_out_with_nothing():
    entry = Spent(date(2026, 10, 5), "Instagram", "win", 1_000)
    known = {"by": SYSTEM, "at": cast.NOW, "today": TODAY}
    assert save_spend(spent=[entry], **known) == 1
    assert save_spend(spent=[entry], **known) == 0
    assert save_spend(spent=[Spent(date(2026, 10, 1), " instagram", "win", 2_000)], **known) == 1
    row = MarketingSpend.objects.get()
    assert (row.month, row.channel, row.amount) == (date(2026, 10, 1), "Instagram", 2_000)
    assert Event.objects.filter(kind="analytics.spend_changed").count() == 2
    assert save_spend(spent=[Spent(date(2026, 10, 1), "Instagram", "win", 0)], **known) == 1
    assert not MarketingSpend.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Spent(date(2026, 12, 1), "Radio", "win", 5), "future"),
        (Spent(date(2026, 10, 1), " ", "win", 5), "no_channel"),
        (Spent(date(2026, 10, 1), "Radio", "win", -5), "negative"),
    ],
)
def test_what_cannot_have_been_spent_is_refused_whole(entry, code):
    good = Spent(date(2026, 10, 1), "Radio", "keep", 5)
    with pytest.raises(UnableToSaveSpend, match=code):
        save_spend(spent=[good, entry], by=SYSTEM, at=cast.NOW, today=TODAY)
    assert not MarketingSpend.objects.exists()
