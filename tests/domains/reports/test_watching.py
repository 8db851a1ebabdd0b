"""When a figure has left its own normal. Pure."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setia.domains.reports.rules.periods import MONTHLY, WEEKLY, before, last_whole
from setia.domains.reports.rules.watching import fallen_sales, risen


@pytest.mark.parametrize(
    ("kind", "today", "start", "end"),
    [
        (WEEKLY, date(2026, 11, 22), date(2026, 11, 9), date(2026, 11, 16)),  # a Sunday: its week is not over
        (WEEKLY, date(2026, 11, 23), date(2026, 11, 16), date(2026, 11, 23)),
        (MONTHLY, date(2026, 11, 30), date(2026, 10, 1), date(2026, 11, 1)),
        (MONTHLY, date(2027, 1, 1), date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_periods_are_whole_weeks_and_months(kind: str, today: date, start: date, end: date) -> None:
    assert last_whole(kind, today) == (start, end)
    assert before(kind, end) == start


def test_a_clear_rise_is_one() -> None:
    found = risen([30] * 56 + [45] * 7, [100] * 63)
    assert found is not None
    assert (found.recent, found.recent_of, round(found.change, 2)) == (315, 700, 0.5)


@pytest.mark.parametrize(
    ("counts", "totals"),
    [
        ([30] * 63, [100] * 63),  # as ever
        ([3000] * 56 + [3500] * 7, [10_000] * 63),  # certain, but no 20 %
        ([3] * 56 + [4] * 7, [10] * 63),  # a third more, but chance does that
        ([1] * 56 + [3] * 7, [4] * 63),  # fewer than 30 behind it
        ([0] * 56 + [50] * 7, [100] * 63),  # nothing to compare with
        ([], []),
        ([0] * 63, [0] * 63),
    ],
)
def test_what_is_no_rise(counts: list[int], totals: list[int]) -> None:
    assert risen(counts, totals) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=70))
def test_no_history_breaks_it(days: list[tuple[int, int]]) -> None:
    risen([min(pair) for pair in days], [max(pair) for pair in days])
    fallen_sales([low - high for low, high in days])


def test_fallen_sales_are_below_every_usual_week() -> None:
    assert fallen_sales([100] * 56 + [60] * 7) == (420, 700)
    assert fallen_sales([100] * 56 + [80] * 7) is None
    assert fallen_sales([100] * 49 + [50] * 7 + [60] * 7) is None  # a week like that was there before
    assert fallen_sales([100] * 55) is None
    assert fallen_sales([0] * 63) is None
