"""The customer index on screen: what is known and what is not, for whom, and what can be decided."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.analytics.models import (
    Analysis,
    AnalysisState,
    AnalyticsChoices,
    CohortCell,
    Finding,
    MeasureValue,
    PersonScore,
)
from setia.domains.shop.actions import save_outlet
from setia.domains.staff.actions import limit_outlets
from setia.domains.staff.models import Staff
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import AccessLog, Event
from setia.foundation.ids import new_id
from setia.foundation.jobs.models import Job
from tests import cast
from tests.console import verdicts

pytestmark = pytest.mark.django_db

INDEX = "/console/measures/"


def measured() -> None:
    """Write what an analysis of 22 November would have found."""
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.DONE, today=cast.NOW.date(), started_at=cast.NOW, finished_at=cast.NOW
    )

    def value(name: str, month: int, found: float | None, population: int, **more: object) -> None:
        start, end = date(2026, month, 1), date(2026, month + 1, 1)
        MeasureValue.objects.create(
            id=new_id(), measure=name, start=start, end=end, value=found, population=population, **more
        )

    value("retention", 9, 0.85, 400, numerator=340, denominator=400)
    value("retention", 10, 0.80, 500, numerator=400, denominator=500)
    value("retention", 11, 0.95, 500, numerator=475, denominator=500, is_running=True)
    value("retention_year", 10, 0.80, 500, numerator=400, denominator=500)
    value("second_purchase", 7, 0.25, 20, numerator=5, denominator=20)
    value("second_purchase", 10, None, 40, why="early")
    value("revenue", 10, 12_345_678.0, 321, numerator=12_345_678.0)
    for offset, people in enumerate((100, 20, 18, 17)):
        CohortCell.objects.create(
            id=new_id(), cohort=date(2026, 7, 1), offset=offset, people=people, orders=people, revenue=1_000 * people
        )


def scored(name: str, segment: str = "cant_lose", worth: int | None = 5_000_000) -> PersonScore:
    """Give somebody a score."""
    return PersonScore.objects.create(
        customer=cast.member(name), recency_days=200, recency=1, frequency=5, money=5, segment=segment, level=6,
        chance_silent=873, expected_milli=400, expected_value=worth,
    )  # fmt: skip


def test_before_the_first_measuring_one_can_begin_it(sari: Client) -> None:
    for path in ("", "cohorts/", "rfm/", "of/retention/"):
        page = sari.get(INDEX + path).content.decode()
        assert "Belum dihitung" in page
        assert "/console/measures/refresh/" in page
    for _ in range(2):
        sari.post(INDEX + "refresh/")
    assert Job.objects.filter(unique_key="analyze").count() == 1


def test_the_index_shows_the_last_whole_month_and_how_it_moved(sari: Client) -> None:
    measured()
    page = sari.get(INDEX).content.decode()
    card = page.split("Retensi</span>")[1].split("</svg>")[0]
    assert "80%" in card
    assert "Oktober 2026" in card
    assert "5 poin persen" in card
    assert "95%" not in card  # the month under way is no whole month
    assert "baik" in page.split("Retensi setahun</span>")[1].split("</svg>")[0]
    assert "12,3 jt" in page.replace("\xa0", " ")


def test_few_people_are_shown_with_their_interval_and_not_judged(sari: Client) -> None:
    measured()
    card = sari.get(INDEX).content.decode().split("Belanja kedua dalam 90 hari</span>")[1].split("</svg>")[0]
    assert "25%" in card
    assert "20 orang: antara 11,2% dan 46,9%" in card
    assert "pill" not in card


def test_what_is_not_known_yet_is_no_zero(sari: Client) -> None:
    measured()
    page = sari.get(INDEX + "of/second_purchase/").content.decode()
    row = page.split("Oktober 2026")[1].split("</tr>")[0]
    assert "terlalu dini untuk tahu" in row
    assert "0%" not in row
    assert sari.get(INDEX + "of/nothing/").status_code == 404


def test_months_of_a_cohort_that_are_not_over_are_not_shown(sari: Client) -> None:
    measured()
    page = sari.get(INDEX + "cohorts/").content.decode()
    row = page.split("Jul 2026</th>")[1].split("</tr>")[0]
    assert "100%" in row
    assert "18%" in row
    assert "17%" in row
    assert row.count("belum diketahui") >= 9
    assert "Sebagian besar pergi setelah sebulan" in page


def test_segments_lead_to_their_people(sari: Client) -> None:
    measured()
    scored("dewi")
    scored("eko", "lost", None)
    sizes = {"segment": {"cant_lose": [1, 5_000_000, 0], "lost": [1, 0, 0]}, "level": {"advocate": [2, 0, 0]}}
    Finding.objects.create(name="people", as_of=cast.NOW.date(), found=sizes)
    page = sari.get(INDEX + "rfm/").content.decode()
    assert "5 jt" in page.replace("\xa0", " ").replace("5,0 jt", "5 jt")
    people = sari.get(INDEX + "rfm/cant_lose/").content.decode()
    assert "Dewi" in people
    assert "155" in people
    assert "87%" in people
    assert "Eko" not in people
    assert AccessLog.objects.filter(page="rfm_segment", row_count=1).exists()
    nobody = sari.get(INDEX + "rfm/loyal/").content.decode()
    assert "Tidak ada siapa-siapa" in nobody


def test_an_analyst_sees_figures_and_no_contacts() -> None:
    measured()
    scored("dewi")
    page = verdicts.browser("analyst").get(INDEX + "rfm/cant_lose/").content.decode()
    assert "3456-7890" not in page
    assert AccessLog.objects.count() == 0


def test_somebody_of_one_outlet_does_not_see_the_whole_shop(sari: Client) -> None:
    outlet = save_outlet(
        code="DGO", name="Dago", city="", zone_name="Asia/Jakarta", opening_hours="", by=verdicts.sari_actor(),
        at=cast.NOW,
    )  # fmt: skip
    rina = verdicts.browser("manager")
    person = Staff.objects.get(email__startswith="rina")
    assert rina.get(INDEX).status_code == 200
    limit_outlets(person=person, outlet_ids=[outlet.id], by=SYSTEM, at=cast.NOW)
    for path in ("", "cohorts/", "rfm/", "rfm/lost/", "of/retention/"):
        assert rina.get(INDEX + path).status_code == 403
    assert "/console/measures/" not in rina.get("/console/").content.decode()


def test_what_counts_is_decided_once_and_measured_anew(sari: Client) -> None:
    wanted = {"active_days": "30", "lost_days": "60", "industry": "food", "rfm_preset": "fifths"}
    wanted |= {"health_preset": "commerce", "tasks_a_day": "10", "tasks_top_percent": "20"}
    for _ in range(2):
        assert sari.post(INDEX + "choices/", wanted).status_code == 302
    row = AnalyticsChoices.objects.get()
    assert (row.active_days, row.lost_days, row.industry, row.rfm_preset) == (30, 60, "food", "fifths")
    assert Event.objects.filter(kind="analytics.choices_changed").count() == 1
    assert Job.objects.filter(unique_key="analyze").count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("active_days", "0"), ("lost_days", "30"), ("active_days", "x"), ("industry", "x")]
)
def test_choices_that_cannot_be_are_refused_with_what_was_typed(sari: Client, field: str, value: str) -> None:
    wanted = {"active_days": "30", "lost_days": "60", "industry": "food", "rfm_preset": "levels", field: value}
    answer = sari.post(INDEX + "choices/", wanted)
    assert answer.status_code == 422
    assert AnalyticsChoices.objects.count() == 0
    assert 'value="60"' in answer.content.decode() or field == "lost_days"


def test_the_state_is_told_until_it_is_over(sari: Client) -> None:
    measured()
    running = Analysis.objects.create(id=new_id(), today=cast.NOW.date(), started_at=cast.NOW, share_done=0.42)
    told = sari.get(INDEX + "state/")
    assert "42%" in told.content.decode()
    assert 'hx-trigger="every 2s"' in told.content.decode()
    assert "HX-Refresh" not in told.headers
    running.delete()
    assert sari.get(INDEX + "state/").headers["HX-Refresh"] == "true"


def test_a_killed_measuring_is_not_told_for_ever(sari: Client) -> None:
    measured()
    Analysis.objects.create(id=new_id(), today=cast.NOW.date(), started_at=cast.NOW - timedelta(hours=3))
    assert "Sedang dihitung ulang" not in sari.get(INDEX).content.decode()
    assert "Hitung sekarang" in sari.get(INDEX).content.decode()


@pytest.mark.parametrize(("path", "most"), [("", 18), ("of/retention_year/", 18), ("cohorts/", 18)])
def test_a_page_asks_for_the_shop_and_its_choices_once(sari: Client, path: str, most: int) -> None:
    measured()
    sari.get(INDEX + path)
    with CaptureQueriesContext(connection) as asked:
        assert sari.get(INDEX + path).status_code == 200
    said = [query["sql"] for query in asked.captured_queries]
    assert len(said) <= most
    assert sum("analytics_analyticschoices" in sql for sql in said) <= 1
