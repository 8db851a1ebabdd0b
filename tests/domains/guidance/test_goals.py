"""Goals: how far they are, what a check-in says, who is reminded when, and ready-made ones."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.analytics.models import MeasureValue
from setia.domains.guidance import actions, queries
from setia.domains.guidance.actions import Aim, UnableToSetGoal
from setia.domains.guidance.models import CheckIn, KeyResult, Objective
from setia.domains.guidance.rules.goals import (
    READY_MADE,
    due_since,
    expected_progress,
    from_baseline,
    judgment,
    mean_progress,
    progress,
    quarter_end,
    quarter_of,
)
from setia.domains.teamwork.models import Task
from setia.foundation.events.models import Event
from setia.foundation.ids import new_id
from tests import cast
from tests.console.scenes_goals import objective

Q4 = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("start", "target", "now", "gone"),
    [
        (70, 80, 75, 0.5),
        (8, 5, 6.5, 0.5),
        (70, 80, 65, 0),
        (70, 80, 90, 1),
        (8, 5, 9, 0),
        (8, 5, None, None),
        (5, 5, 5, None),
    ],
)
def test_progress_counts_alike_up_and_down(start, target, now, gone):
    assert progress(start=start, target=target, now=now) == gone


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_day_lies_in_one_quarter(day):
    quarter = quarter_of(day)
    assert quarter <= day < quarter_end(quarter)
    assert quarter_end(quarter) == quarter_of(quarter_end(quarter))
    assert 0 < expected_progress(quarter, day) <= 1


def test_a_goal_is_judged_against_the_calendar():
    half = expected_progress(Q4, date(2026, 11, 15))
    assert half == pytest.approx(0.5)
    assert [judgment(gone, half) for gone in (None, 1.0, 0.45, 0.2, 0.1)] == [
        *("unknown", "reached", "on_track", "behind", "far_behind"),
    ]
    assert mean_progress([None, 0.5, 1.0]) == 0.75
    assert mean_progress([None]) is None


def test_ready_made_goals_begin_where_the_shop_stands():
    wishes = {wish.name: wish for wish in READY_MADE}
    assert (wishes["retention"].start, wishes["retention"].target) == (0.70, 0.80)
    assert (wishes["churn"].start, wishes["churn"].target, wishes["repeat"].target) == (0.08, 0.05, 0.35)
    assert (wishes["nps"].start, wishes["nps"].target) == (42, 55)
    ours = from_baseline(wishes["retention"], {"retention_year": 0.62})
    assert (ours.start, ours.target) == (0.62, 0.80)
    beyond = from_baseline(wishes["retention"], {"retention_year": 0.9})
    assert (beyond.start, beyond.target) == (0.9, 0.95)
    low = from_baseline(wishes["churn"], {"churn": 0.04})
    assert low.target == pytest.approx(0.025)
    for value in (0.0, 0.01, 0.5, 0.95, 1.0):
        for wish in READY_MADE:
            found = from_baseline(wish, {wish.measure: value})
            assert found.start != found.target
            assert (found.target > found.start) == (wish.target > wish.start)


@pytest.mark.parametrize(
    ("rhythm", "day", "due"),
    [
        ("weekly", date(2026, 10, 7), None),
        ("weekly", date(2026, 10, 8), date(2026, 10, 8)),
        ("weekly", date(2026, 10, 14), date(2026, 10, 8)),
        ("biweekly", date(2026, 10, 30), date(2026, 10, 29)),
        ("monthly", date(2026, 10, 31), date(2026, 10, 31)),
        ("quarterly", date(2026, 12, 31), date(2026, 12, 30)),
        ("weekly", date(2027, 3, 1), None),
    ],
)
def test_check_ins_fall_due_by_their_rhythm(rhythm, day, due):
    assert due_since(rhythm, Q4, day) == due


@pytest.mark.django_db
def test_a_goal_is_set_whole_or_not_at_all():
    sari = cast.staff("sari")
    aims = [Aim(title="A", measure="churn", start=0.08, target=0.05), Aim(title="B", start=1, target=1)]
    with pytest.raises(UnableToSetGoal, match="nowhere"):
        actions.set_objective(
            title="Lebih setia", quarter=Q4, rhythm="weekly", owner=sari, aims=aims, by=sari.actor, at=cast.NOW
        )
    assert (Objective.objects.count(), Event.objects.filter(kind__startswith="guidance.").count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("aim", "code"),
    [
        (Aim(title=" ", start=1, target=2), "empty"),
        (Aim(title="A", measure="x", start=1, target=2), "measure"),
        (Aim(title="A", unit="x", start=1, target=2), "unit"),
    ],
)
def test_key_results_that_cannot_be_are_refused(aim, code):
    with pytest.raises(UnableToSetGoal, match=code):
        actions.add_key_result(objective=objective(), aim=aim, by=cast.staff("sari").actor, at=cast.NOW)


@pytest.mark.django_db
def test_a_live_key_result_follows_its_measure_and_takes_no_check_in():
    goal, sari = objective(), cast.staff("sari")
    live, by_hand = goal.key_results.order_by("position")
    for month, value in ((9, 0.72), (10, 0.75), (11, 0.9)):
        MeasureValue.objects.create(
            id=new_id(), measure="retention_year", start=date(2026, month, 1), end=date(2026, month + 1, 1),
            value=value, population=100, is_running=month == 11,
        )  # fmt: skip
    values = queries.live_values({"retention_year"})
    assert values == {"retention_year": 0.75}  # the month under way is no whole month
    assert queries.current_value(live, values) == 0.75
    today = cast.NOW.date()
    assert (actions.note_progress(today=today), actions.note_progress(today=today)) == (1, 1)
    assert CheckIn.objects.get().value == 0.75
    with pytest.raises(UnableToSetGoal, match="live"):
        actions.check_in(key_result=live, value=1, word="", day=today, by=sari, at=cast.NOW)
    for value in (43, 46):
        actions.check_in(key_result=by_hand, value=value, word="tanya", day=today, by=sari, at=cast.NOW)
    assert queries.current_value(by_hand, values) == 46
    assert by_hand.check_ins.count() == 1


@pytest.mark.django_db
def test_a_closed_goal_changes_no_more_until_it_is_open_again():
    goal, sari = objective(), cast.staff("sari")
    by_hand = goal.key_results.get(measure="")
    known = {"by": sari.actor, "at": cast.NOW}
    assert actions.close_objective(objective=goal, result="tercapai", **known)
    assert not actions.close_objective(objective=goal, result="lagi", **known)
    for attempt in (
        lambda: actions.add_key_result(objective=goal, aim=Aim(title="A", start=1, target=2), **known),
        lambda: actions.remove_key_result(key_result=by_hand, **known),
        lambda: actions.add_initiative(objective=goal, title="A", due_date=None, **known),
        lambda: actions.check_in(key_result=by_hand, value=1, word="", day=Q4, by=sari, at=cast.NOW),
        lambda: actions.change_objective(objective=goal, title="B", rhythm="weekly", owner=sari, **known),
    ):
        with pytest.raises(UnableToSetGoal, match="closed"):
            attempt()
    assert actions.note_progress(today=Q4) == 0
    assert actions.reopen_objective(objective=goal, **known)
    assert not actions.reopen_objective(objective=goal, **known)
    assert actions.remove_key_result(key_result=by_hand, **known)
    assert KeyResult.objects.count() == 1


@pytest.mark.django_db
def test_owners_are_reminded_once_for_each_check_in():
    goal = objective()
    known = {"title": "Cek %(goal)s", "at": cast.NOW}
    Objective.objects.update(created_at=cast.NOW - timedelta(days=40))
    assert actions.remind(today=date(2026, 11, 20), **known) == 1
    assert actions.remind(today=date(2026, 11, 21), **known) == 0
    task = Task.objects.get(source="objective")
    assert (task.title, task.assignee_id) == ("Cek Lebih setia", goal.owner_id)
    assert actions.remind(today=date(2026, 11, 27), title="Cek %(goal)s", at=cast.NOW + timedelta(days=5)) == 1
    actions.close_objective(objective=goal, result="", by=cast.staff("sari").actor, at=cast.NOW)
    assert actions.remind(today=date(2026, 12, 10), title="Cek %(goal)s", at=cast.NOW + timedelta(days=18)) == 0


@pytest.mark.django_db
def test_a_goal_set_late_owes_no_check_in_of_before():
    objective()  # set on 22 November; that of the 19th was before
    assert actions.remind(today=date(2026, 11, 22), title="%(goal)s", at=cast.NOW) == 0


@pytest.mark.django_db
def test_an_initiative_is_done_and_opened_again():
    row = objective().initiatives.get()
    known = {"by": cast.staff("sari").actor, "at": cast.NOW}
    assert actions.finish_initiative(initiative=row, **known)
    assert not actions.finish_initiative(initiative=row, **known)
    assert actions.reopen_initiative(initiative=row, **known)
    assert Event.objects.filter(kind="guidance.initiative_changed").count() == 3
