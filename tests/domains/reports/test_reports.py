"""Reports are frozen once, alerts raised once, and both come to who wants them."""

from datetime import date, timedelta

import pytest

from setia.console.report_letters import write_letters
from setia.domains.analytics.models import Analysis, AnalysisState, Finding, MeasureValue, PersonScore
from setia.domains.analytics.rules.risk import ALARMS
from setia.domains.customers.models import Customer
from setia.domains.mail.models import Letter
from setia.domains.reports import actions, queries
from setia.domains.reports.models import Alert, AlertKind, Report
from setia.domains.shop.actions import save_outlet
from setia.domains.staff.actions import limit_outlets
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from setia.foundation.ids import new_id
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def measured(**values: float) -> None:
    """Write what an analysis of 22 November would have found for October and the months before it."""
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.DONE, today=TODAY, started_at=cast.NOW, finished_at=cast.NOW
    )
    for name, value in values.items():
        for back, start in enumerate((date(2026, 10, 1), date(2026, 9, 1), date(2025, 10, 1))):
            MeasureValue.objects.create(
                id=new_id(), measure=name, start=start, end=start + timedelta(days=31), value=value - back,
                population=100,
            )  # fmt: skip


def at_risk(name: str, worth: int) -> Customer:
    """Give a member the score of somebody who is drifting away."""
    person = cast.member(name)
    PersonScore.objects.create(
        customer=person, recency_days=200, recency=1, frequency=5, money=5, segment="cant_lose", level=6,
        chance_silent=900, expected_milli=100, expected_value=worth, worth=worth, risk=80,
        alarm=list(ALARMS).index("high"),
    )  # fmt: skip
    return person


def test_a_month_is_frozen_once_with_the_month_and_the_year_before() -> None:
    measured(buyers=300.0)
    dewi, eko = at_risk("dewi", 900), at_risk("eko", 1_000)
    (made,) = actions.make_reports(at=cast.NOW)
    assert actions.make_reports(at=cast.NOW) == []
    (figure,) = made.content["figures"]
    assert (figure["value"], figure["before"], figure["year_before"]) == (300.0, 299.0, 298.0)
    assert made.content["at_risk"] == [str(eko.id), str(dewi.id)]
    MeasureValue.objects.all().delete()
    assert Report.objects.get().content["figures"][0]["value"] == 300.0


def test_a_week_is_frozen_with_what_moves_within_a_week() -> None:
    measured()
    for name in ("buyers", "lifetime_value"):
        for start, value in ((date(2026, 11, 9), 40.0), (date(2026, 11, 2), 50.0)):
            MeasureValue.objects.create(
                id=new_id(), measure=name, grain="week", start=start, end=start + timedelta(days=7), value=value,
                population=40,
            )  # fmt: skip
    (made,) = actions.make_reports(at=cast.NOW)
    assert (made.kind, made.start, made.end) == ("weekly", date(2026, 11, 9), date(2026, 11, 16))
    (figure,) = made.content["figures"]
    assert (figure["measure"], figure["value"], figure["before"], figure["trend"]) == (
        "buyers",
        40.0,
        50.0,
        [50.0, 40.0],
    )


def test_no_report_before_an_analysis_saw_its_last_day_and_none_without_sales() -> None:
    assert actions.make_reports(at=cast.NOW) == []
    measured()
    assert actions.make_reports(at=cast.NOW) == []
    measured(buyers=300.0)
    Analysis.objects.update(today=date(2026, 10, 31))
    assert actions.make_reports(at=cast.NOW) == []


def test_a_second_report_says_how_segments_changed() -> None:
    measured(buyers=300.0)
    at_risk("dewi", 900)
    Finding.objects.create(name="people", as_of=cast.NOW.date(), found={"segment": {"cant_lose": [1, 900, 0]}})
    before = Report.objects.create(
        kind="monthly", start=date(2026, 9, 1), end=date(2026, 10, 1), made_at=cast.NOW,
        content={"segments": [{"name": "cant_lose", "people": 4, "worth": 0, "before": None}]},
    )  # fmt: skip
    (made,) = actions.make_reports(at=cast.NOW)
    assert [(row["people"], row["before"]) for row in made.content["segments"]] == [(1, 4)]
    assert queries.report_before(made) == before


def test_a_churn_spike_is_told_once_a_week_with_its_figures() -> None:
    measured(buyers=300.0)
    found = {"silent": [30] * 56 + [60] * 7, "buyers": [100] * 63, "active_days": 90, "days": []}
    Finding.objects.create(name="leaving", as_of=TODAY, found=found)
    (alert,) = actions.watch(at=cast.NOW)
    assert (alert.kind, alert.figures["people"], alert.figures["of"]) == (AlertKind.CHURN_SPIKE, 420, 700)
    Finding.objects.update(as_of=TODAY + timedelta(days=6))
    Analysis.objects.update(finished_at=cast.NOW + timedelta(days=6))
    assert actions.watch(at=cast.NOW + timedelta(days=6)) == []
    assert Event.objects.filter(kind="reports.alert_raised").count() == 1


def test_old_figures_raise_no_spike_but_say_that_they_are_old() -> None:
    measured(buyers=300.0)
    found = {"silent": [30] * 56 + [60] * 7, "buyers": [100] * 63, "active_days": 90, "days": []}
    Finding.objects.create(name="leaving", as_of=TODAY, found=found)
    (alert,) = actions.watch(at=cast.NOW + timedelta(days=3))
    assert (alert.kind, alert.figures) == (AlertKind.STALE, {"hours": 72})


def test_valued_people_are_named_once_a_month() -> None:
    measured(buyers=300.0)
    dewi = at_risk("dewi", 900)
    (alert,) = actions.watch(at=cast.NOW)
    assert alert.figures == {"people": [str(dewi.id)]}
    eko = at_risk("eko", 800)
    later = cast.NOW + timedelta(days=2)
    Analysis.objects.update(finished_at=later)
    (alert,) = actions.watch(at=later)
    assert alert.figures == {"people": [str(eko.id)]}


def test_letters_go_to_who_wants_them_and_name_nobody() -> None:
    measured(buyers=300.0)
    at_risk("dewi", 900)
    cast.staff("sari"), cast.staff("rina"), cast.staff("budi")
    actions.make_reports(at=cast.NOW)
    actions.watch(at=cast.NOW)
    assert write_letters(at=cast.NOW) == 2  # the owner's report and alert
    assert write_letters(at=cast.NOW) == 0
    actions.save_wishes(person=cast.staff("rina"), weekly=False, monthly=True, alerts=False, by=SYSTEM, at=cast.NOW)
    actions.save_wishes(person=cast.staff("budi"), weekly=True, monthly=True, alerts=True, by=SYSTEM, at=cast.NOW)
    assert write_letters(at=cast.NOW) == 1  # a cashier sees no measures, whatever was wished
    for letter in Letter.objects.all():
        assert not any(name in letter.text + letter.html for name in ("Dewi", "Lestari", "812"))
    assert "Laporan bulanan: Oktober 2026" in Letter.objects.filter(key__startswith="report").first().subject


def test_who_sees_some_outlets_only_gets_no_sums_of_the_whole_shop() -> None:
    rina = cast.staff("rina")
    actions.save_wishes(person=rina, weekly=True, monthly=True, alerts=True, by=SYSTEM, at=cast.NOW)
    assert queries.readers("weekly") == [rina]
    outlet = save_outlet(
        code="K1", name="Dago", city="", zone_name="Asia/Jakarta", opening_hours="", by=SYSTEM, at=cast.NOW
    )
    limit_outlets(person=rina, outlet_ids=[outlet.id], by=SYSTEM, at=cast.NOW)
    assert queries.readers("weekly") == []


def test_an_alert_is_closed_and_opened_again_once_each() -> None:
    alert = Alert.objects.create(kind="critical", day=TODAY, raised_at=cast.NOW, figures={"people": []})
    for _ in range(2):
        actions.close_alert(alert=alert, person=cast.staff("sari"), at=cast.NOW)
    assert queries.open_alerts() == []
    for _ in range(2):
        actions.reopen_alert(alert=alert, by=SYSTEM, at=cast.NOW)
    assert queries.open_alerts() == [alert]
    kinds = list(Event.objects.filter(kind__startswith="reports.alert").order_by("id").values_list("kind", flat=True))
    assert kinds == ["reports.alert_closed", "reports.alert_reopened"]
