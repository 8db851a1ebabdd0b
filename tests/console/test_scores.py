"""Pages of health, churn, stages and moves, of a shop that was measured and of shops there is little to say of."""

from datetime import date, timedelta

import pytest
from django.test import Client

from setia.domains.analytics.findings import Round
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.models import Analysis, AnalysisState, AnalyticsChoices, Finding, SegmentMove, ZoneChange
from setia.domains.staff.models import Staff
from setia.domains.teamwork.actions import make_task
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import AccessLog
from setia.foundation.ids import new_id
from setia.foundation.jobs.models import Job
from tests import cast
from tests.console import verdicts
from tests.domains.analytics.lakes import Sale, lake_of

pytestmark = pytest.mark.django_db

INDEX = "/console/measures/"
PAGES = (
    *("health/", "health/changes/", "health/red/", "churn/", "churn/high/", "churn/lost/"),
    *("stages/", "stages/client/", "moves/", "moves/2026-10/loyal/at_risk/"),
)
TODAY = date(2026, 11, 22)


def measured(sales):
    """Do what an analysis does to persons, of a history given here; 1 is Dewi, 2 Eko, 3 Fitri, 4 Gilang."""
    from setia.domains.analytics.engine.duck import DuckEngine
    from setia.domains.analytics.measuring.measuring import lay_out
    from setia.domains.analytics.scoring.persons import Wishes, look_at_persons
    from setia.domains.analytics.scoring.summary import summary
    from setia.domains.analytics.writing import write_findings, write_moves, write_scores

    ids = {number: cast.member(name).id for number, name in enumerate(("dewi", "eko", "fitri", "gilang"), start=1)}
    for name in ("dewi", "eko", "fitri", "gilang"):
        cast.buys(cast.member(name), f"O-{name}", days_ago=5)
    engine = DuckEngine(
        lake_of([Sale(ids.get(sale.person, sale.person), sale.day, sale.net, sale.returned) for sale in sales])
    )
    choices = Choices()
    lay_out(engine, today=TODAY)
    wishes = Wishes(choices, "levels", {}, "commerce", False)
    found = look_at_persons(engine, today=TODAY, wishes=wishes, learned=None)
    people = summary(Round(engine, TODAY, choices, found.scored, "IDR"))
    engine.close()
    write_findings({**found.findings, "people": people}, as_of=TODAY)
    write_scores(found.scored)
    write_moves(found.moves)
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.DONE, today=TODAY, started_at=cast.NOW, finished_at=cast.NOW,
        notes={**found.scored.notes, "zones": wishes.zones},
    )  # fmt: skip
    return found


def ago(person, *days, net=1_500_000):
    return [Sale(person, TODAY - timedelta(days=back), net=net) for back in days]


def a_shop():
    """Dewi comes all the time, Eko used to, Fitri came once, Gilang is new."""
    return [
        *ago(1, *range(2, 300, 12)), *ago(2, *range(110, 400, 14)), *ago(3, 200, net=60_000), *ago(4, 3, net=40_000),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "sales",
    [
        None, [], ago(1, 3), ago(1, 3, 3) + ago(2, 3), [*ago(1, 3, net=-900), *ago(1, 40, net=-5)],
        [*ago(1, 5), *ago(2, 300), *ago(3, 100)],
    ],
    ids=["never measured", "nobody", "one", "all on one day", "negative spend", "nobody returned"],
)  # fmt: skip
def test_odd_shops_get_pages_that_say_something(sari: Client, path, sales):
    if sales is not None:
        measured(sales)
    answer = sari.get(INDEX + path)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<h1" in page
    assert "nan" not in page.lower().replace("penanda", "").split()
    assert "None" not in page


def test_health_says_who_is_in_which_zone_and_how_it_is_reckoned(sari: Client):
    found = measured(a_shop())
    page = sari.get(INDEX + "health/").content.decode()
    assert "Hijau" in page
    assert "Merah" in page
    assert page.count("belum diukur") >= 2  # engagement of health, and parts of engagement
    assert "Pengukuran pertama" in page
    red = sari.get(INDEX + "health/red/").content.decode()
    assert "Fitri" in red
    assert "Dewi" not in red
    assert "membeli sekali" in red
    assert AccessLog.objects.filter(page="health_zone").exists()
    assert len(found.scored.person_id) == 4


def test_changes_of_health_are_told_with_their_task(sari: Client):
    measured(a_shop())
    task = make_task(
        title="health.red", customer=cast.member("eko"), by=SYSTEM, at=cast.NOW, source="health", source_name="1"
    )
    for name, day, target in (
        ("eko", TODAY, 2),
        ("dewi", TODAY - timedelta(days=6), 1),
        ("fitri", TODAY - timedelta(days=7), 2),
    ):
        ZoneChange.objects.create(
            customer=cast.member(name), day=day, source=0, target=target, before=85, after=50, worth=1_000,
            task_id=task.id if name == "eko" else None,
        )  # fmt: skip
    page = sari.get(INDEX + "health/changes/").content.decode()
    assert "Eko" in page
    assert "Dewi" in page
    assert "Fitri" not in page
    assert f"/tasks/{task.id}/" in page
    red = sari.get(INDEX + "health/changes/?to=red").content.decode()
    assert "Eko" in red
    assert "Dewi" not in red
    shown = sari.get(f"/console/tasks/{task.id}/").content.decode()
    assert "health.red" not in shown
    assert "telepon" in shown.lower()


def test_the_warning_names_who_is_near_to_leaving_and_why(sari: Client):
    measured(a_shop())
    page = sari.get(INDEX + "churn/").content.decode()
    assert "Eko" in page
    assert "lebih jarang" in page
    assert "Belum cukup data" in page
    assert "Nyalakan model" not in page


def test_a_model_that_is_not_better_cannot_be_switched_on(sari: Client):
    measured(a_shop())
    answer = sari.post(INDEX + "churn/model/", {"on": "1"}, follow=True)
    assert "Tidak dinyalakan" in answer.content.decode()
    assert not AnalyticsChoices.objects.filter(is_churn_model_on=True).exists()
    Finding.objects.filter(name="churn").update(found=told())
    page = sari.get(INDEX + "churn/").content.decode()
    assert "+0,08" in page
    assert "Nyalakan model" in page
    sari.post(INDEX + "churn/model/", {"on": "1"})
    assert AnalyticsChoices.objects.get().is_churn_model_on
    assert Job.objects.filter(unique_key="analyze").exists()
    assert "Model belajar berbicara" in sari.get(INDEX + "churn/").content.decode()


def told():
    """Return a back-test that went well."""
    scores = [
        {"name": name, "area": area, "brier": 0.2, "lift": 1.6, "bins": [[300, 0.4, 0.42]]}
        for name, area in (("logistic", 0.75), ("trees", 0.74), ("transparent", 0.67))
    ]
    return {
        "state": "done", "horizon": 90, "test": "2026-08-24", "learn": ["2026-04-01", "2026-05-25"], "people": 3_370,
        "rows": 9_000, "left": 0.43, "scores": scores, "chosen": "logistic", "gain": [0.08, 0.06, 0.1],
        "is_better": True,
    }  # fmt: skip


def test_stages_say_what_each_level_brings_and_how_deep_the_valley_is(sari: Client):
    measured(a_shop())
    page = sari.get(INDEX + "stages/").content.decode()
    assert "50%" in page  # of those with time enough, Eko and Fitri, one never came back
    assert "Lembah" in page
    assert "Fitri" in sari.get(INDEX + "stages/customer/").content.decode()
    assert sari.get(INDEX + "stages/suspect/").status_code == 404


def test_who_moved_is_listed_with_what_changed(sari: Client):
    found = measured(a_shop())
    assert SegmentMove.objects.count() == sum(len(each.person_id) for each in found.moves) > 0
    page = sari.get(INDEX + "moves/").content.decode()
    assert "November 2026" in page
    move = SegmentMove.objects.select_related("customer").order_by("-month", "-worth").first()
    people = sari.get(
        f"{INDEX}moves/{move.month.year}-{move.month.month}/{move.source}/{move.target}/"
    ).content.decode()
    assert move.customer.name.split()[0] in people
    assert f"{move.before} → {move.after}" in people
    assert sari.get(INDEX + "moves/2026-13/loyal/at_risk/").status_code == 404
    assert sari.get(INDEX + "moves/2026-10/loyal/nowhere/").status_code == 404
    assert sari.get(INDEX + "moves/?month=1999-01").status_code == 200


def test_the_page_of_a_customer_says_how_it_goes(sari: Client):
    measured(a_shop())
    page = sari.get(f"/console/customers/{cast.member('eko').id}/").content.decode()
    assert "Kesehatan" in page
    assert "lebih jarang" in page
    cashier = verdicts.browser("cashier").get(f"/console/customers/{cast.member('eko').id}/").content.decode()
    assert "lebih jarang" in cashier
    assert "Perkiraan setahun" not in cashier


def test_an_analyst_sees_scores_and_no_contacts():
    measured(a_shop())
    nadia = verdicts.browser("analyst")
    for path in ("health/green/", "churn/high/", "stages/customer/"):
        page = nadia.get(INDEX + path).content.decode()
        assert "3456-7890" not in page
    assert AccessLog.objects.count() == 0
    assert nadia.post(INDEX + "churn/model/", {"on": "1"}).status_code == 403


def test_a_shop_chooses_its_own_steps(sari: Client):
    form = {
        "active_days": "30", "lost_days": "90", "industry": "food", "rfm_preset": "three", "rfm_days": "10, 40",
        "health_preset": "subscription", "tasks_a_day": "3", "tasks_top_percent": "10",
    }  # fmt: skip
    assert sari.post(INDEX + "choices/", form).status_code == 302
    row = AnalyticsChoices.objects.get()
    assert row.rfm_steps == {"three": {"days": [10, 40]}}
    assert (row.health_preset, row.tasks_a_day, row.tasks_top_percent) == ("subscription", 3, 10)
    assert 'value="10, 40"' in sari.get(INDEX + "choices/").content.decode()


@pytest.mark.parametrize(
    ("preset", "field", "value"),
    [
        ("three", "rfm_days", "10, 40, 60, 90"), ("levels", "rfm_days", "10, 5, 60, 90"),
        ("levels", "rfm_days", "sering"), ("fifths", "rfm_counts", "2, 4, 6, 11"),
        ("levels", "rfm_counts", "1, 4, 6, 11"), ("levels", "rfm_days", "9" * 59),
    ],
)  # fmt: skip
def test_steps_that_cannot_be_are_refused_with_what_was_typed(sari: Client, preset, field, value):
    form = {
        "active_days": "30", "lost_days": "90", "industry": "food", "rfm_preset": preset, field: value,
        "health_preset": "commerce", "tasks_a_day": "3", "tasks_top_percent": "10",
    }  # fmt: skip
    answer = sari.post(INDEX + "choices/", form)
    assert answer.status_code == 422
    assert value in answer.content.decode()
    assert not AnalyticsChoices.objects.exists()


def test_somebody_of_one_outlet_sees_no_scores_of_the_whole_shop(sari: Client):
    from setia.domains.shop.actions import save_outlet
    from setia.domains.staff.actions import limit_outlets

    outlet = save_outlet(
        code="DGO", name="Dago", city="", zone_name="Asia/Jakarta", opening_hours="", by=verdicts.sari_actor(),
        at=cast.NOW,
    )  # fmt: skip
    browser = verdicts.browser("manager")
    person = Staff.objects.get(email__startswith="rina")
    limit_outlets(person=person, outlet_ids=[outlet.id], by=SYSTEM, at=cast.NOW)
    for path in PAGES:
        assert browser.get(INDEX + path).status_code == 403
