"""The customer index on screen: what is known and what is not, for whom, and what can be decided."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.analytics.lists import ListKey
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
OUTLETS = (("menteng", "Menteng"), ("kemang", "Kemang"))


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


def test_a_full_disk_is_said_plainly(sari: Client) -> None:
    measured()
    assert "Disk server penuh" not in sari.get(INDEX).content.decode()
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.FAILED, today=cast.NOW.date(), started_at=cast.NOW, problem="disk_full"
    )
    assert "Disk server penuh" in sari.get(INDEX).content.decode()


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


def _outlet_figures() -> tuple[int, int]:
    """Give two outlets a figure each, beside those of the whole shop."""
    measured()
    place = {"city": "", "zone_name": "Asia/Jakarta", "opening_hours": ""}
    ids = [save_outlet(code=code, name=name, **place, by=SYSTEM, at=cast.NOW).id for code, name in OUTLETS]
    for number, outlet_id in enumerate(ids):
        for month, value in ((9, 0.5), (10, 0.6 + number / 10)):
            MeasureValue.objects.create(
                id=new_id(), measure="retention", start=date(2026, month, 1), end=date(2026, month + 1, 1), value=value,
                numerator=100 * value, denominator=100, population=100, outlet_id=outlet_id,
            )  # fmt: skip
    MeasureValue.objects.create(
        id=new_id(), measure="retention", grain="week", start=date(2026, 11, 9), end=date(2026, 11, 16), value=0.91,
        numerator=91, denominator=100, population=100,
    )  # fmt: skip
    return ids[0], ids[1]


def test_outlets_and_weeks_are_shown_beside_the_whole(sari: Client) -> None:
    menteng, kemang = _outlet_figures()
    page = sari.get(INDEX + "of/retention/").content.decode()
    assert f"?outlet={menteng}" in page
    row = page.split(f'<a href="?outlet={kemang}">Kemang</a></td>')[1].split("</tr>")[0]
    assert "70%" in row
    assert "20 poin persen" in row
    own = sari.get(INDEX + f"of/retention/?outlet={menteng}").content.decode()
    assert "Menteng</h1>" in own
    assert "80%" not in own.split("<tbody>")[-1]
    week = sari.get(INDEX + "of/retention/?by=week").content.decode()
    assert "91%" in week
    assert "9 Nov – 15 Nov 2026" in week
    assert "91%" not in sari.get(INDEX + "of/retention_year/?by=week").content.decode()


def test_a_measure_is_judged_by_the_table_the_shop_picked(sari: Client) -> None:
    measured()
    assert "B3, CRR overall" in sari.get(INDEX + "of/retention_year/").content.decode()
    AnalyticsChoices.objects.create(id=1, band_set="ministers", margin_percent=40)
    page = sari.get(INDEX + "of/retention_year/").content.decode()
    assert "minister levels" in page
    assert "sumber tidak menyebut periodenya" in page
    assert "tingkat 3" in page.split("<tbody>")[-1]
    assert "40%" in sari.get(INDEX + "of/lifetime_value/").content.decode()


def test_a_measure_is_saved_as_a_file(sari: Client) -> None:
    measured()
    text = sari.get(INDEX + "of/retention/file/").content.decode()
    assert "2026-10-01,2026-10-31,0.8,400.0,500.0,500," in text
    assert text.count("\r\n") == 4


def _list(group: str, people: list[int]) -> str:
    """Write a list as the worker would; return the address of its page."""
    analysis = Analysis.objects.get()
    ListKey(analysis.sequence, group, date(2026, 10, 1), date(2026, 11, 1)).write(people)
    return INDEX + f"of/retention/month/2026-10-01/people/?group={group}"


def test_who_is_behind_a_number_is_asked_for_once(sari: Client) -> None:
    measured()
    page = sari.get(INDEX + "of/retention/month/2026-10-01/people/").content.decode()
    assert "Siapa di balik angka ini?" in page
    for _ in range(2):
        sari.post(INDEX + "of/retention/month/2026-10-01/people/list/", {"group": "stayed"})
    job = Job.objects.get(unique_key__startswith="people:")
    assert job.args[1:] == [["stayed", "active_at_start"], "2026-10-01", "2026-11-01", 0]
    assert "hx-get" in sari.get(INDEX + "of/retention/month/2026-10-01/people/").content.decode()
    assert sari.get(INDEX + "of/retention/month/2026-13-01/people/").status_code == 404
    assert sari.get(INDEX + "of/retention/month/2025-10-01/people/").status_code == 404
    assert sari.get(INDEX + "of/return_rate/month/2026-10-01/people/").status_code == 404


def test_people_behind_a_number_are_paged_and_looked_at_on_record(sari: Client) -> None:
    measured()
    dewi, eko = cast.member("dewi").id, cast.member("eko").id
    path = _list("stayed", [dewi, *range(1, 50), eko])
    first = sari.get(path).content.decode()
    assert "51 orang" in first
    assert "Dewi" in first
    assert "Eko" not in first
    assert "Eko" in sari.get(path + "&cursor=50").content.decode()
    assert AccessLog.objects.filter(page="measure_people", row_count=1).count() == 2


def test_people_behind_a_number_are_saved_by_whoever_may_take_data_away(sari: Client) -> None:
    measured()
    path = _list("stayed", [cast.member("dewi").id])
    place = path.split("?")[0] + "file/"
    answer = sari.post(place, {"group": "stayed"})
    assert "Dewi" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert AccessLog.objects.filter(page="measure_people_file", row_count=1).exists()
    assert verdicts.browser("marketer").post(place, {"group": "stayed"}).status_code == 403


def test_phases_of_the_relationship_stand_beside_what_is_expected(sari: Client) -> None:
    measured()
    phases = [{"name": name, "churn": churn, "people": people} for name, churn, people in (
        ("honeymoon", 0.72, 900), ("reality_check", 0.2, 200), ("stabilization", 0.1, 20), ("loyalty", None, 0),
        ("ambassador", None, 0),
    )]  # fmt: skip
    Finding.objects.create(
        name="phases", as_of=cast.NOW.date(),
        found={
            "phases": phases, "people": 900, "left": 700, "early_share": 0.83, "survivors": 0.9, "survivor_days": 400,
            "survivor_people": 90, "judged": "2026-05-26",
        },
    )  # fmt: skip
    page = sari.get(INDEX + "cohorts/").content.decode()
    rows = page.split("Bulan madu</strong>")[1].split("</tr>")
    assert "72%" in rows[0]
    assert "lebih dari perkiraan" in rows[0]
    assert "sesuai perkiraan" in rows[1]
    assert "pill" not in rows[2]  # too few to judge
    assert "belum diketahui" in rows[3]
    assert "83% pergi dalam 90 hari" in page


def test_weekly_cohorts_have_a_page(sari: Client) -> None:
    measured()
    for offset, people in enumerate((50, 10)):
        CohortCell.objects.create(
            id=new_id(), grain="week", cohort=date(2026, 11, 2), offset=offset, people=people, orders=9, revenue=100
        )
    page = sari.get(INDEX + "cohorts/?by=week&show=worth").content.decode()
    assert "2 Nov 2026</th>" in page
    assert "Jul 2026</th>" not in page
