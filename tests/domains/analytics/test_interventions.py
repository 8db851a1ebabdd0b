"""Whose health gets worse is told once, and becomes a task for few a day who are worth it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from setia.domains.analytics.actions import UnableToSwitch, choices_row, save_choices, switch_churn_model
from setia.domains.analytics.interventions import raise_interventions
from setia.domains.analytics.measuring.people import Scored
from setia.domains.analytics.models import AnalyticsChoices, Finding, PersonScore, SegmentMove, ZoneChange
from setia.domains.analytics.scoring.history import Moves
from setia.domains.analytics.writing import forget_zone_changes, write_moves, write_scores
from setia.domains.customers.models import Customer
from setia.domains.teamwork.models import Task
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
NAMES = ("dewi", "eko", "fitri", "gilang")


def scores(*zones, worth=(9, 8, 7, 6), top=(100, 100, 100, 100)):
    """Return what an analysis would say of the cast: a zone of health each, 0 green to 2 red."""
    ids = np.array([cast.member(name).id for name in NAMES[: len(zones)]])
    n = len(ids)

    def column(value):
        return np.full(n, value, dtype=np.int64)

    found = Scored(
        person_id=ids, recency_days=column(5), recency=column(1), frequency=column(1), money=column(1),
        segment=column(0), level=column(3), chance_silent=column(-1), expected_milli=column(-1),
        expected_value=column(-1), worth=np.array(worth[:n]), health=90 - 20 * np.array(zones), risk=column(10),
        chance_lost=column(-1), engagement=column(-1), activity=column(1), lifecycle=column(2),
        top_milli=np.array(top[:n]), zone=np.array(zones), alarm=column(2),
        risk_why=np.full(n, "s", dtype=object), chance_why=np.full(n, "", dtype=object), known={}, notes={},
    )  # fmt: skip
    order = np.argsort(ids)
    return replace(
        found, **{name: getattr(found, name)[order] for name in found.__slots__ if name not in ("known", "notes")}
    )


def ways():
    rows = ZoneChange.objects.select_related("customer").order_by("customer__name")
    return [(row.customer.name.split()[0], row.source_name, row.target_name) for row in rows]


def test_the_first_analysis_moves_nobody():
    assert write_scores(scores(2, 2, 2, 2)) == 4
    assert ZoneChange.objects.count() == 0
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW) == 0
    assert PersonScore.objects.filter(zone=2).count() == 4


def test_a_change_of_zone_is_told_with_where_it_came_from():
    write_scores(scores(0, 0, 1, 2))
    write_scores(scores(1, 0, 2, 1), zone_day=TODAY)
    assert ways() == [("Dewi", "green", "yellow"), ("Fitri", "yellow", "red"), ("Gilang", "red", "yellow")]
    assert write_scores(scores(1, 0, 2, 1), zone_day=TODAY) == 0
    assert ZoneChange.objects.count() == 3


def test_within_a_day_the_way_from_first_to_last_is_kept():
    write_scores(scores(0, 0))
    write_scores(scores(1, 1), zone_day=TODAY)
    write_scores(scores(2, 0), zone_day=TODAY)
    assert ways() == [("Dewi", "green", "red")]
    change = ZoneChange.objects.get()
    assert (change.before, change.after, change.is_worse) == (90, 50, True)
    write_scores(scores(1, 0), zone_day=TODAY + timedelta(days=1))
    assert ZoneChange.objects.count() == 2


def test_a_worse_zone_becomes_a_task_once(sari):
    Customer.objects.filter(id=cast.member("dewi").id).update(owner=cast.staff("tono"))
    write_scores(scores(0, 0, 2, 0))
    write_scores(scores(1, 2, 1, 0), zone_day=TODAY)
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW) == 2
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW) == 0
    yellow = Task.objects.get(customer=cast.member("dewi"))
    assert (yellow.title, yellow.assignee.name, yellow.priority) == ("health.yellow", cast.staff("tono").name, 2)
    assert yellow.due_date == TODAY + timedelta(days=3)
    red = Task.objects.get(customer=cast.member("eko"))
    assert (red.title, red.assignee, red.priority) == ("health.red", cast.staff("sari"), 1)
    assert Task.objects.count() == 2


def test_nobody_looks_after_him_so_the_task_is_nobodys_yet():
    write_scores(scores(0))
    write_scores(scores(1), zone_day=TODAY)
    raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW)
    assert Task.objects.get().assignee is None


def test_never_more_a_day_than_the_shop_wants_and_the_dearest_first():
    write_scores(scores(0, 0, 0, 0))
    write_scores(scores(2, 2, 2, 2, worth=(1, 9, 5, 7)), zone_day=TODAY)
    two = AnalyticsChoices(tasks_a_day=2)
    assert raise_interventions(today=TODAY, choices=two, at=cast.NOW) == 2
    assert {task.customer.name.split()[0] for task in Task.objects.select_related("customer")} == {"Eko", "Gilang"}
    assert raise_interventions(today=TODAY, choices=two, at=cast.NOW) == 0
    assert raise_interventions(today=TODAY + timedelta(days=1), choices=two, at=cast.NOW) == 2
    assert raise_interventions(today=TODAY + timedelta(days=2), choices=two, at=cast.NOW) == 0


def test_only_the_best_buyers_and_only_while_it_is_fresh_and_true():
    write_scores(scores(0, 0, 0))
    write_scores(scores(2, 2, 2, top=(100, 201, 1000)), zone_day=TODAY)
    assert raise_interventions(today=TODAY + timedelta(days=7), choices=AnalyticsChoices(), at=cast.NOW) == 0
    PersonScore.objects.filter(customer=cast.member("dewi")).update(zone=0)
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW) == 0
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(tasks_a_day=0), at=cast.NOW) == 0
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(tasks_top_percent=100), at=cast.NOW) == 2


def test_after_a_task_a_month_passes():
    write_scores(scores(0))
    write_scores(scores(1), zone_day=TODAY)
    assert raise_interventions(today=TODAY, choices=AnalyticsChoices(), at=cast.NOW) == 1
    later = TODAY + timedelta(days=10)
    write_scores(scores(2), zone_day=later)
    assert raise_interventions(today=later, choices=AnalyticsChoices(), at=cast.NOW) == 0
    much_later = TODAY + timedelta(days=31)
    write_scores(scores(0), zone_day=much_later - timedelta(days=1))
    write_scores(scores(2), zone_day=much_later)
    assert raise_interventions(today=much_later, choices=AnalyticsChoices(), at=cast.NOW) == 1


def test_old_changes_are_forgotten():
    write_scores(scores(0))
    write_scores(scores(1), zone_day=TODAY)
    assert forget_zone_changes(before=TODAY) == 0
    assert forget_zone_changes(before=TODAY + timedelta(days=1)) == 1


def moved(month, *rows):
    ids, source, target = (
        zip(*sorted((cast.member(name).id, a, b) for name, a, b in rows), strict=True) if rows else ((), (), ())
    )
    n = len(ids)
    cells = np.full(n, 444)
    return Moves(
        month,
        np.array(ids, dtype=np.int64),
        np.array(source, dtype=np.int8),
        np.array(target, dtype=np.int8),
        cells,
        cells - 200,
        np.arange(n),
    )


def test_moves_are_brought_to_what_was_found():
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert write_moves([moved(october, ("dewi", 1, 7)), moved(november, ("eko", 0, 1), ("fitri", 1, 7))]) == 3
    assert write_moves([moved(october, ("dewi", 1, 7)), moved(november, ("eko", 0, 2))]) == 3
    rows = SegmentMove.objects.order_by("month").values_list("month", "source", "target", "before", "after")
    assert list(rows) == [
        (october, "loyal", "at_risk", 444, 244),
        (november, "champions", "potential_loyalist", 444, 244),
    ]
    write_moves([moved(november)])
    assert SegmentMove.objects.count() == 0


def test_the_model_is_switched_on_only_where_it_is_better():
    by = SYSTEM
    with pytest.raises(UnableToSwitch, match="not_tried"):
        switch_churn_model(on=True, by=by, at=cast.NOW)
    kept = Finding.objects.create(name="churn", as_of=TODAY, found={"state": "done", "is_better": False})
    with pytest.raises(UnableToSwitch, match="not_better"):
        switch_churn_model(on=True, by=by, at=cast.NOW)
    assert not choices_row().is_churn_model_on
    kept.found["is_better"] = True
    kept.save()
    for _ in range(2):
        assert switch_churn_model(on=True, by=by, at=cast.NOW).is_churn_model_on
    assert Event.objects.filter(kind="analytics.choices_changed").count() == 1
    assert not switch_churn_model(on=False, by=by, at=cast.NOW).is_churn_model_on


def test_the_model_is_not_switched_by_a_form():
    with pytest.raises(TypeError, match="is_churn_model_on"):
        save_choices(is_churn_model_on=True, by=SYSTEM, at=cast.NOW)
