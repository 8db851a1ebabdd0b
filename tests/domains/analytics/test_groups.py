"""The people behind a number: as many as it says, and the right ones."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.measuring import MEASURES, Choices, Period
from setia.domains.analytics.measuring.grids import grids
from setia.domains.analytics.measuring.groups import GROUPS, people_of
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.measuring.parts import QUESTIONS, count_parts
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CHOICES = Choices(active_days=90, lost_days=180)
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def listed(sales, period, *, outlet=0, **more):
    """Return the people of all groups of a period, and all parts of it."""
    engine = DuckEngine(lake_of(sales, **more))
    try:
        people = people_of(engine, list(GROUPS), period, choices=CHOICES, today=TODAY, outlet=outlet)
        lay_out(engine, today=TODAY)
        parts = count_parts(engine, next(grids([period])), asks=frozenset(QUESTIONS), choices=CHOICES)
    finally:
        engine.close()
    return people, parts.get((0, 0), {})


_days = st.dates(date(2025, 3, 1), date(2026, 12, 20))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sales=st.lists(st.builds(Sale, person=st.integers(0, 6), day=_days, net=st.integers(0, 500)), max_size=60),
    merged=st.sampled_from([{}, {2: 1}, {2: 1, 3: 1}]),
    costs=st.dictionaries(st.integers(1, 6), st.integers(0, 90), max_size=4),
    start=st.dates(date(2025, 1, 1), date(2026, 10, 31)),
    length=st.integers(1, 120),
)
def test_as_many_people_are_listed_as_were_counted(sales, merged, costs, start, length):
    period = Period(start, start + timedelta(days=length))
    people, parts = listed(sales, period, merged=merged, costs=costs)
    for name, ids in people.items():
        assert len(set(ids)) == len(ids), name
        if name != "with_gap":  # the number is one of purchases there
            assert len(ids) == parts.get(name, 0), name
    assert set(people["stayed"]) | set(people["left"]) == set(people["active_at_start"])
    assert set(people["new"]) | set(people["returning"]) == set(people["buyers"])


def test_every_group_a_measure_names_is_known_and_counted():
    for measure in MEASURES:
        assert set(measure.groups) <= set(GROUPS), measure.name
        if isinstance(measure.up, str) and measure.down is not None and measure.unit == "share" and measure.groups:
            assert measure.up in measure.groups or measure.up.endswith(("_spent", "_value")), measure.name


def test_those_who_went_are_named_and_those_who_spent_most_come_first():
    sales = [
        Sale(1, date(2026, 6, 10)), Sale(2, date(2026, 6, 10), net=900), Sale(3, date(2026, 8, 5)),
        Sale(3, date(2026, 9, 9)), Sale(4, date(2026, 9, 9)),
    ]  # fmt: skip
    people, _parts = listed(sales, SEPTEMBER)
    assert people["left"] == [2, 1]
    assert people["stayed"] == [3]
    assert people["new"] == [4]
    assert people["returning"] == [3]


def test_people_of_one_outlet_are_those_who_bought_there():
    sales = [Sale(1, date(2026, 9, 3), outlet=7), Sale(2, date(2026, 9, 3), outlet=8), Sale(2, date(2026, 1, 3))]
    people, _parts = listed(sales, SEPTEMBER, outlet=8)
    assert people["buyers"] == people["new"] == [2]
