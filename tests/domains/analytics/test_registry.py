"""The registry: every measure has its words and runs through the published formulas; the document says what it says."""

import pytest

from setia.console import measure_words
from setia.domains.analytics.measuring import MEASURES, Choices, bands_of, measure_by_name, set_of
from setia.domains.analytics.measuring.groups import GROUPS
from setia.domains.analytics.measuring.measure import Parts
from setia.domains.analytics.measuring.parts import QUESTIONS
from setia.domains.analytics.rules.bands import FAMILIES, INDUSTRIES, RETENTION, band_of
from tools.measures_doc import TARGET, document


def test_every_measure_has_words_questions_and_people():
    assert set(measure_words.MEASURES) == {measure.name for measure in MEASURES}
    assert set(measure_words.PEOPLE) == set(GROUPS)
    for measure in MEASURES:
        assert set(measure.asks) <= set(QUESTIONS)
        assert measure.source
    assert set(measure_words.INDUSTRIES) == set(INDUSTRIES)
    assert set(measure_words.BAND_SETS) == set(RETENTION)
    for each in (*RETENTION.values(), *FAMILIES.values()):
        assert each.source
        assert each.period in measure_words.BAND_PERIODS
        for industry, bands in each.by_industry.items():
            assert industry in INDUSTRIES
            assert [band.low for band in bands] == sorted(band.low for band in bands)
            assert {band.name for band in bands} <= set(measure_words.BANDS)


def _value(name: str, **parts: float) -> float | None:
    return measure_by_name(name).count(Parts({"margin": 1.0, **parts}))[0]


@pytest.mark.parametrize(
    ("start", "new", "end", "rate"),
    [(500, 200, 600, 0.80), (1000, 300, 1150, 0.85), (1000, 200, 1100, 0.90), (1000, 100, 950, 0.85)],
)
def test_retention_of_the_worked_examples(start, new, end, rate):
    parts = {
        "active_at_start": start,
        "joined": new,
        "active_at_end": end,
        "stayed": end - new,
        "left": start - end + new,
    }
    assert _value("retention", **parts) == pytest.approx(rate)
    assert _value("churn", **parts) == pytest.approx(1 - rate)
    year = {"year_active": start, "year_joined": new, "active_at_end": end, "year_left": start - end + new}
    assert _value("retention_year", **year) == pytest.approx(rate)
    assert _value("churn_year", **year) == pytest.approx(1 - rate)


@pytest.mark.parametrize(
    ("per_purchase", "per_year", "years", "worth"),
    [(500_000, 4, 3, 6_000_000), (500_000, 3, 3, 4_500_000), (25_000, 218, 20, 109_000_000)],
)
def test_lifetime_value_of_the_worked_examples(per_purchase, per_year, years, worth):
    """Ten buyers of a year, of whom one of so many years leaves."""
    parts = {
        "year_buyers": 10, "year_orders": 10 * per_year, "year_value": 10 * per_year * per_purchase,
        "year_active": 10 * years, "year_left": 10,
    }  # fmt: skip
    assert _value("lifespan", **parts) == pytest.approx(years)
    assert _value("lifetime_value", **parts) == pytest.approx(worth)
    assert _value("lifetime_value", **{**parts, "margin": 0.4}) == pytest.approx(0.4 * worth)
    cost = {"year_cost": 40 * worth / 5, "year_costed": 40}
    assert _value("value_to_cost", **parts, **cost) == pytest.approx(5)
    assert band_of(5, bands_of(measure_by_name("value_to_cost"), Choices())).name == "target"


def test_cost_of_winning_of_the_worked_example():
    assert _value("acquisition_cost", cost=10_000_000, costed=40) == 250_000


def test_what_cannot_be_reckoned_says_why():
    nothing = Parts({"margin": 1.0})
    for measure in MEASURES:
        value, _up, down = measure.count(nothing)
        assert not down
        assert value in (0, None)
        assert measure.why(nothing) in measure_words.WHY
    staying = Parts({"margin": 1.0, "year_active": 9, "year_buyers": 9, "year_orders": 9, "year_value": 9, "new": 3})
    for name, why in (("lifespan", "no_loss"), ("lifetime_value", "no_loss"), ("acquisition_cost", "no_cost")):
        measure = measure_by_name(name)
        assert measure.count(staying)[0] is None
        assert measure.why(staying) == why


def test_the_shop_picks_the_table_it_is_judged_by():
    yearly = measure_by_name("retention_year")
    names = {
        chosen: band_of(0.68, bands_of(yearly, Choices(industry="retail", bands=chosen))).name for chosen in RETENTION
    }
    assert names == {
        "overall": "average", "ninety": "poor", "ministers": "level_2", "averages": "above_average",
        "yearly": "average", "ranges": "usual",
    }  # fmt: skip
    assert set_of(yearly, Choices(bands="yearly")).period == "year"
    assert band_of(0.35, bands_of(yearly, Choices(industry="ecommerce", bands="yearly"))).name == "great"
    assert band_of(0.19, bands_of(yearly, Choices(industry="ecommerce", bands="ranges"))).name == "danger"


def test_the_document_is_that_of_the_registry():
    assert TARGET.read_text("utf-8") == document(), "run .venv/bin/python tools/measures_doc.py"
