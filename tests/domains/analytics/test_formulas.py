"""The formulas against every figure the sources publish, and against nothing to divide by."""

import numpy as np
import pytest

from setia.domains.analytics.rules.bands import REPEAT, RETENTION, RETURNS, SCORE, band_of
from setia.domains.analytics.rules.formulas import (
    acquisition_cost,
    churn_rate,
    interval,
    lifespan_years,
    promoter_score,
    retention_rate,
    share,
    simple_lifetime_value,
)
from setia.domains.analytics.rules.rfm import (
    CELLS,
    FIVE_LEVELS,
    SEGMENTS,
    quantile_thresholds,
    score,
    segment_of,
)
from setia.domains.analytics.rules.stages import PYRAMID, pyramid_level


@pytest.mark.parametrize(
    ("start", "new", "end", "rate"),
    [(500, 200, 600, 0.80), (1000, 300, 1150, 0.85), (1000, 200, 1100, 0.90), (1000, 100, 950, 0.85)],
)
def test_retention_and_churn_of_the_worked_examples(start, new, end, rate):
    assert retention_rate(at_end=end, new=new, at_start=start) == pytest.approx(rate)
    assert churn_rate(lost=start - (end - new), at_start=start) == pytest.approx(1 - rate)


@pytest.mark.parametrize(
    ("value", "per_year", "years", "worth"),
    [
        (500_000, 4, 3, 6_000_000),
        (500_000, 3, 3, 4_500_000),
        (25_000, 218, 20, 109_000_000),
        (5_000, 5 * 52, 5, 6_500_000),
    ],
)
def test_lifetime_value_of_the_worked_examples(value, per_year, years, worth):
    assert simple_lifetime_value(per_purchase=value, per_year=per_year, years=years) == worth


def test_cost_of_winning_and_of_keeping():
    assert acquisition_cost(spent=10_000_000, new=40) == 250_000
    assert share(4_000_000, 200) == 20_000
    assert acquisition_cost(spent=10_000_000, new=40) / share(4_000_000, 200) == 12.5


def test_promoter_score():
    assert promoter_score(promoters=70, detractors=20, answers=100) == 50
    assert band_of(50, SCORE).name == "great"
    assert promoter_score(promoters=0, detractors=0, answers=0) is None


def test_nothing_to_divide_by_is_not_known():
    assert share(1, 0) is None
    assert share(None, 5) is None
    assert retention_rate(at_end=5, new=5, at_start=0) is None
    assert lifespan_years(0) is None
    assert simple_lifetime_value(per_purchase=5, per_year=2, years=None) is None
    assert interval(0, 0) is None


def test_intervals_of_shares():
    """Wilson's interval of 10 in 20 is .299 to .701 (Newcombe 1998 gives the same for method 3)."""
    assert interval(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert interval(0, 10)[0] == 0.0
    assert interval(10, 10)[1] == pytest.approx(1.0)


def test_bands_begin_where_the_source_says():
    names = [band_of(value, RETENTION["overall"].of("retail")).name for value in (0.59, 0.60, 0.749, 0.75, 0.85)]
    assert names == ["poor", "average", "average", "good", "great"]
    assert [band_of(value, RETURNS.of("food")).tone for value in (0.049, 0.05, 0.15)] == ["good", "warn", "bad"]
    assert band_of(0.32, REPEAT.of("food")).name == "usual"
    assert [band.low for band in SCORE] == sorted(band.low for band in SCORE)


NAMED = {
    "champions": (555, 545),
    "loyal": (444, 534),
    "potential_loyalist": (523, 423),
    "at_risk": (244, 234),
    "cant_lose": (155, 255),
    "hibernating": (122, 222),
    "lost": (111,),
}


@pytest.mark.parametrize(("segment", "cells"), NAMED.items())
def test_cells_the_source_names(segment, cells):
    assert {segment_of(*(int(digit) for digit in str(cell))) for cell in cells} == {segment}


def test_every_cell_is_in_one_segment_and_every_segment_has_a_cell():
    found = {SEGMENTS[CELLS[r, f, m]] for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    assert found == set(SEGMENTS)


def test_scores_change_where_the_source_says():
    def one(kind, value):
        columns = [np.array([value if kind == index else 1]) for index in range(3)]
        return int(score(*columns, FIVE_LEVELS)[kind][0])

    assert [one(0, days) for days in (0, 7, 8, 30, 31, 60, 61, 90, 91)] == [5, 5, 4, 4, 3, 3, 2, 2, 1]
    assert [one(1, count) for count in (1, 2, 3, 4, 5, 6, 10, 11)] == [1, 2, 2, 3, 3, 4, 4, 5]
    million = 1_000_000
    amounts = (499_999, 500_000, 500_001, 2 * million + 1, 5 * million + 1, 10 * million, 10 * million + 1)
    assert [one(2, amount) for amount in amounts] == [1, 1, 2, 3, 4, 4, 5]


def test_fifths_never_part_equal_values():
    days = np.arange(1_000)
    counts = np.where(np.arange(1_000) < 700, 1, 5)
    by = quantile_thresholds(days, counts, days)
    recency, frequency, money = score(days, counts, days, by)
    assert [int((recency == each).sum()) for each in range(1, 6)] == [200] * 5
    assert [int((money == each).sum()) for each in range(1, 6)] == [200] * 5
    assert len(set(frequency[counts == 1].tolist())) == 1
    assert len(set(frequency[counts == 5].tolist())) == 1
    empty = np.array([], dtype=np.int64)
    assert [len(column) for column in score(empty, empty, empty, quantile_thresholds(empty, empty, empty))] == [0] * 3


def test_the_pyramid_has_its_levels():
    purchases = np.array([0, 1, 2, 5, 6, 10, 11, 20, 21, 500])
    names = [PYRAMID[level - 1] for level in pyramid_level(purchases)]
    assert names == [
        *("prospect", "customer", "client", "client", "supporter", "supporter", "advocate", "advocate"),
        *("partner", "partner"),
    ]
