"""Measures through the API: what the last analysis found, and of whom nothing is said."""

from datetime import date

import pytest

from setia.domains.analytics.models import Analysis, AnalysisState, CohortCell, MeasureValue
from setia.domains.apikeys.rules import Scope
from setia.domains.shop.actions import save_outlet
from setia.foundation.actors import SYSTEM
from setia.foundation.ids import new_id
from tests import cast
from tests.api.callers import Caller

pytestmark = pytest.mark.django_db


def measured() -> int:
    """Write what an analysis of 22 November found; return the id of an outlet with figures of its own."""
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.DONE, today=cast.NOW.date(), started_at=cast.NOW, finished_at=cast.NOW
    )
    place = {"city": "", "zone_name": "Asia/Jakarta", "opening_hours": ""}
    outlet = save_outlet(code="DGO", name="Dago", **place, by=SYSTEM, at=cast.NOW)

    def value(start: date, end: date, found: float | None, **more: object) -> None:
        MeasureValue.objects.create(
            id=new_id(), measure="retention", start=start, end=end, value=found, population=500, **more
        )

    value(date(2026, 9, 1), date(2026, 10, 1), 0.85, numerator=425, denominator=500)
    value(date(2026, 10, 1), date(2026, 11, 1), 0.8, numerator=400, denominator=500)
    value(date(2026, 11, 1), date(2026, 12, 1), 0.9, numerator=450, denominator=500, is_running=True)
    value(date(2026, 10, 1), date(2026, 11, 1), 0.6, outlet_id=outlet.id)
    value(date(2026, 11, 9), date(2026, 11, 16), 0.97, grain="week")
    for offset in (0, 1, 2):
        CohortCell.objects.create(
            id=new_id(), cohort=date(2026, 9, 1), offset=offset, people=9 - offset, orders=9, revenue=90
        )
    return outlet.id


def test_all_measures_of_the_last_whole_month() -> None:
    measured()
    answer = Caller(Scope.MEASURES_READ).get("measures").json()
    assert (answer["today"], answer["currency"], answer["active_days"]) == ("2026-11-22", "IDR", 90)
    (row,) = answer["data"]
    assert (row["name"], row["from"], row["until"]) == ("retention", "2026-10-01", "2026-10-31")
    assert (row["value"], row["numerator"], row["denominator"], row["population"]) == (0.8, 400, 500, 500)
    assert row["interval"][0] < 0.8 < row["interval"][1]


def test_one_measure_by_month_by_week_and_of_an_outlet() -> None:
    measured()
    caller = Caller()
    months = caller.get("measures/retention?limit=2").json()
    assert [(row["value"], row["is_running"]) for row in months["data"]] == [(0.8, False), (0.9, True)]
    assert [row["value"] for row in caller.get("measures/retention?grain=week").json()["data"]] == [0.97]
    assert [row["value"] for row in caller.get("measures/retention?outlet=DGO").json()["data"]] == [0.6]
    assert caller.get("measures/retention?outlet=XXX").status_code == 422
    assert caller.get("measures/nothing").status_code == 404
    assert caller.get("measures/retention?grain=year").status_code == 422


def test_a_month_of_a_cohort_that_is_not_over_says_so() -> None:
    measured()
    cells = Caller().get("cohorts").json()["data"]
    assert [(cell["offset"], cell["people"], cell["is_running"]) for cell in cells] == [
        (0, 9, False),
        (1, 8, False),
        (2, 7, True),
    ]
    assert Caller(source="b").get("cohorts?grain=week").json()["data"] == []


def test_figures_need_a_scope_of_their_own() -> None:
    assert Caller(Scope.ORDERS_READ).get("measures").status_code == 403


def test_before_the_first_analysis_there_is_nothing_and_no_error() -> None:
    answer = Caller().get("measures").json()
    assert (answer["data"], answer["measured_at"]) == ([], None)
