"""What to do next: from facts of one customer to a ranked, explained suggestion; and what decisions teach."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.advice.rules.actions import KINDS, PRIORS, Facts, Terms, judge
from setia.domains.advice.rules.learning import KindLearned
from setia.domains.advice.writing import coarse

TERMS = Terms(margin=0.3, message_cost=660, minute_cost=500, pause_days=7, usual_order=60_000, usual_gap=30.0)
REGULAR = Facts(
    order_count=12, silent=10, gap=20.0, average_order=80_000, worth=1_500_000, health=80, risk=10, activity="active",
    top_milli=400, chance_silent=100, may_message=True, may_call=True, was_asked=True, has_contact=True,
)  # fmt: skip


def kinds(facts, learned=None, terms=TERMS):
    """Return the kinds suggested, best first."""
    return [one.kind for one in judge(facts, terms, learned or {}).suggestions]


def forbidden(facts):
    """Return {kind: why} of what would be worth it and may not be."""
    return {one.kind: why for one, why in judge(facts, TERMS, {}).forbidden}


@pytest.mark.parametrize(
    ("changes", "best"),
    [
        ({}, None),
        ({"silent": 45, "chance_silent": 800}, "win_back"),
        ({"brought_back": 2}, "check_in"),
        ({"late_parcel": 3, "may_message": False, "may_call": False}, "check_in"),
        ({"cart_age": 1, "cart_total": 250_000}, "cart"),
        ({"birthday_in": 3, "chance_silent": 700}, "birthday"),
        ({"top_milli": 50, "order_count": 30}, "thank"),
        ({"top_milli": 50, "silent": 35, "chance_silent": 700}, "vip"),
        ({"order_count": 1, "gap": None, "silent": 20, "chance_silent": 800}, "second"),
        ({"also_product": 5, "chance_silent": 900}, "cross_sell"),
        ({"due_product": 5, "due_silent": 25, "due_gap": 20.0, "chance_silent": 900, "average_order": 200_000},
         "replenish"),
        ({"missing": ("birthday",), "worth": 3_000_000}, "complete"),
    ],
)  # fmt: skip
def test_each_occasion_has_its_action(changes, best):
    found = judge(replace(REGULAR, **changes), TERMS, {}).best
    assert (found.kind if found else None) == best
    if found:
        assert found.value > found.cost
        assert found.net == found.value - found.cost


def test_value_is_uplift_times_room_times_spend_times_margin():
    facts = replace(REGULAR, cart_age=1, cart_total=500_000, chance_silent=1000)
    one = judge(facts, TERMS, {}).best
    assert (one.kind, one.value, one.cost) == ("cart", int(0.06 * 500_000 * 0.3), 500 + 660)
    half = replace(facts, chance_silent=125)  # half buy within 30 days anyway
    assert judge(half, TERMS, {}).best.value == int(0.06 * 0.5 * 500_000 * 0.3)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"may_message": False}, "no_consent"),
        ({"contacted": 2}, "just_contacted"),
        ({"has_open_task": True}, "open_task"),
        ({"has_contact": False}, "no_contact"),
    ],
)
def test_what_forbids_an_action_is_told(changes, why):
    facts = replace(REGULAR, silent=45, chance_silent=900, **changes)
    assert "win_back" not in kinds(facts)
    assert forbidden(facts)["win_back"] == why


def test_who_does_not_want_to_be_measured_is_left_alone():
    assert kinds(replace(REGULAR, silent=45, brought_back=1, objects=True)) == []


def test_consent_is_asked_for_where_it_would_be_worth_it_and_never_twice():
    wanting = replace(REGULAR, silent=45, chance_silent=900, may_message=False, was_asked=False)
    assert kinds(wanting) == ["ask_consent"]
    assert kinds(replace(wanting, was_asked=True)) == []
    assert kinds(replace(wanting, average_order=1_000, worth=1_000)) == []


def test_an_apology_waits_for_no_consent_and_is_not_made_twice():
    trouble = replace(REGULAR, brought_back=5, may_message=False, may_call=False)
    assert kinds(trouble)[0] == "check_in"
    assert "check_in" not in kinds(replace(trouble, contacted=3))


def test_what_was_decided_stays_away():
    facts = replace(REGULAR, silent=45, chance_silent=900)
    assert "win_back" in kinds(facts)
    assert kinds(replace(facts, away=frozenset({"win_back"}))) == []


def test_what_the_team_always_dismisses_sinks():
    facts = replace(REGULAR, cart_age=1, cart_total=300_000, birthday_in=1, chance_silent=900)
    assert kinds(facts)[0] == "cart"
    tired = {"cart": KindLearned(PRIORS["cart"].uplift, accepted=0, dismissed=60)}
    assert kinds(facts, tired)[0] == "birthday"


def test_only_purchases_beyond_those_expected_anyway_teach():
    prior = KindLearned(0.05)
    assert prior.uplift == pytest.approx(0.05)
    as_expected = KindLearned(0.05, accepted=100, judged=100, bought=40, anyway=40.0)
    better = replace(as_expected, bought=70)
    assert as_expected.uplift == pytest.approx(2.5 / 150)
    assert better.uplift == pytest.approx((2.5 + 30) / 150)
    assert better.uplift_range[0] < better.uplift < better.uplift_range[1]
    assert KindLearned(0.05, judged=10_000, anyway=5_000.0).uplift == pytest.approx(0.005)
    assert (prior.taken_up, KindLearned(0.05, dismissed=10).taken_up) == (0.8, 0.4)


def test_amounts_are_kept_coarse():
    assert [coarse(amount) for amount in (0, 7, 99, 1_234, 1_260, -456)] == [0, 7, 99, 1_200, 1_300, -460]


_days = st.none() | st.integers(0, 5_000)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.builds(
        Facts,
        order_count=st.integers(0, 1_000_000), silent=_days, gap=st.none() | st.floats(0, 5_000),
        average_order=st.integers(-(10**9), 10**12), worth=st.integers(-(10**9), 10**13),
        risk=st.none() | st.integers(0, 100), top_milli=st.integers(0, 1000),
        chance_silent=st.none() | st.integers(0, 1000), may_message=st.booleans(), may_call=st.booleans(),
        has_contact=st.booleans(), contacted=_days, brought_back=st.none() | st.integers(0, 14),
        birthday_in=st.none() | st.integers(0, 7), cart_total=st.integers(0, 10**9),
        cart_age=st.none() | st.integers(0, 14),
        missing=st.sampled_from([(), ("birthday",), ("name", "contact")]),
        due_product=st.none() | st.just(1), also_product=st.none() | st.just(2),
    )
)  # fmt: skip
def test_whatever_is_known_the_answer_is_sensible(facts):
    found = judge(facts, TERMS, {})
    assert all(one.net > 0 and one.kind in KINDS for one in found.suggestions)
    assert [one.rank for one in found.suggestions] == sorted((one.rank for one in found.suggestions), reverse=True)
    assert len({one.kind for one in found.suggestions}) == len(found.suggestions)
