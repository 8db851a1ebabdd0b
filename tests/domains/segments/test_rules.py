"""A rule reads as it was written, and its errors help."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.facts import DaySales, Facts
from setia.domains.segments.rules.judging import FARTHEST_DAYS, Verdict, judge
from setia.domains.segments.rules.text import parse, written
from setia.domains.segments.rules.tree import And, Condition, Node, Not, Or, as_json, from_json
from tests.domains.segments.rules_at_random import TODAY, StoryNames, a_person, a_rule

NAMES = StoryNames()
LAPSED = 'belanja_terakhir >= 60 hari dan pesanan(365 hari, kategori: "Kopi") >= 3 dan bukan label = "VIP"'


@given(a_rule())
@settings(max_examples=200, deadline=None)
def test_a_rule_is_the_same_after_writing_and_reading(node: Node) -> None:
    assert parse(written(node, NAMES), NAMES) == node
    assert from_json(as_json(node)) == node


def test_the_text_form_is_what_the_documents_say() -> None:
    coffee = Condition("order_count", ">=", (3,), 365, (("category", ("Kopi",)),))
    node = And((Condition("days_since_last", ">=", (60,)), coffee, Not(Condition("tags", "=", (1,)))))
    assert parse(LAPSED, NAMES) == node
    assert written(node, NAMES) == LAPSED
    rich = parse('belanja(90 hari, outlet: ("Dago", "Braga")) > Rp 1,5 juta atau umur = 17..25', NAMES)
    assert written(rich, NAMES) == 'belanja(90 hari, outlet: ("Dago", "Braga")) > 1500000 atau umur = 17..25'


@pytest.mark.parametrize(
    ("text", "code", "at", "near"),
    [
        ("", "empty", 0, ()),
        ("pesanann >= 2", "field", 0, ("pesanan",)),
        ("pesanan >= ", "expected_number", 11, ()),
        ("pesanan(30) >= 2", "expected", 10, ()),
        ("pesanan >= 2 dann kota ada", "expected", 13, ("dan",)),
        ('label = "VIPP"', "no_tag", 8, ("Ojol", "Suka pedas", "VIP")),
        ("rfm = juaara", "choice", 6, ("juara",)),
        ("pesanan(0 hari) >= 2", "days", 16, ()),
        ("pesanan(9999 hari) >= 2", "days", 19, ()),
        ("belanja_terakhir >= -3 hari", "number", 17, ()),
        ("pesanan = 5..2", "span", 8, ()),
        ("peluang_diam >= 50", "percent", 16, ()),
        ("pesanan >= 1,5", "number", 11, ()),
        ("kota(30 hari) ada", "no_window", 4, ()),
        ("(pesanan >= 2", "expected", 13, ()),
        ("pesanan >= 2; DROP TABLE", "sign", 12, ()),
        ("(" * 30 + "pesanan >= 2" + ")" * 30, "deep", 8, ()),
        (" dan ".join(["pesanan >= 2"] * 41), "many", 680, ()),
        ("x" * 6000, "long", 5000, ()),
    ],
)
def test_a_bad_text_is_told_where_and_what_was_meant(text: str, code: str, at: int, near: tuple[str, ...]) -> None:
    with pytest.raises(BadRule) as caught:
        parse(text, NAMES)
    assert (caught.value.code, caught.value.at, caught.value.near) == (code, at, near)


@given(st.text(max_size=80) | st.text(alphabet='pesanan dan(")=<>.,:#0123 %', max_size=60))
@settings(max_examples=150, deadline=None)
@example("pesanan >= " + "9" * 400)
@example("#" + "9" * 30)
def test_any_text_is_a_rule_or_a_told_error(text: str) -> None:
    try:
        node = parse(text, NAMES)
    except BadRule:
        return
    assert parse(written(node, NAMES), NAMES) == node


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["order_count", "=", ">="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "field", "is", "values", "within", "where"]), inner)
    ),
    max_leaves=12,
)


@given(json_like)
@settings(max_examples=150, deadline=None)
def test_any_json_is_a_rule_or_a_told_error(plain: object) -> None:
    try:
        node = from_json(plain)
    except BadRule:
        return
    assert from_json(as_json(node)) == node


def brute(node: Node, person: Facts, today: int) -> Verdict:
    """Judge day after day without any foresight."""
    first = judge(node, person, today)
    for day in range(today + 1, today + 130):
        if judge(node, person, day).fits != first.fits:
            return Verdict(first.fits, first.reason, day)
    return Verdict(first.fits, first.reason, None)


@given(a_rule(), a_person())
@settings(max_examples=120, deadline=None)
def test_the_foretold_day_is_the_first_on_which_it_turns(node: Node, person: Facts) -> None:
    verdict, naive = judge(node, person, TODAY), brute(node, person, TODAY)
    foretold = verdict.turns_on
    assert foretold is None or TODAY < foretold <= TODAY + FARTHEST_DAYS
    assert (foretold if foretold and foretold < TODAY + 130 else None) == naive.turns_on


@given(a_rule(), a_person(), st.integers(1, 100))
@settings(max_examples=150, deadline=None)
def test_what_is_foretold_does_not_depend_on_when_it_is_asked(node: Node, person: Facts, later: int) -> None:
    now = judge(node, person, TODAY)
    if now.turns_on is not None and TODAY + later >= now.turns_on:
        return
    then = judge(node, person, TODAY + later)
    assert then.fits == now.fits
    if now.turns_on is not None:
        assert then.turns_on == now.turns_on


def test_nobody_who_objects_and_no_child_fits_anything() -> None:
    from datetime import date

    from setia.domains.segments.rules.facts import Answer

    anybody = Condition("order_count", ">=", (0,))
    assert judge(anybody, Facts(1), TODAY).fits
    assert not judge(anybody, Facts(1, answers={"profiling.any": Answer(False, False)}), TODAY).fits
    child = Facts(1, birth_date=date(2008, 11, 25))
    assert judge(anybody, child, TODAY) == Verdict(False, 1, date(2026, 11, 25).toordinal())
    assert judge(
        anybody, Facts(1, birth_date=date(2010, 1, 1), answers={"profiling.any": Answer(True, True)}), TODAY
    ).fits


def test_a_window_closes_on_the_morning_after_its_last_day() -> None:
    bought = Facts(1, sales=[DaySales(TODAY - 5, None, "", 1, 20_000), DaySales(TODAY, None, "", 1, 20_000)])
    two = Condition("order_count", ">=", (2,), 30)
    assert judge(two, bought, TODAY) == Verdict(True, 1, TODAY + 25)
    silent = Condition("days_since_last", ">=", (30,))
    assert judge(silent, bought, TODAY) == Verdict(False, 0, TODAY + 30)
    assert judge(Or((two, silent)), bought, TODAY).turns_on == TODAY + 25
