"""Goals of a quarter: the list, one with its key results and initiatives, setting and closing them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, guide_words, measure_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Point
from setia.console.doors import StaffRequest, staff_only
from setia.console.goal_forms import (
    CheckInForm,
    GoalChangeForm,
    InitiativeForm,
    KeyResultForm,
    ObjectiveForm,
    kept,
    quarter_name,
)
from setia.console.once import only_once
from setia.domains.guidance import actions, queries
from setia.domains.guidance.models import Initiative, KeyResult, Objective
from setia.domains.guidance.rules import goals as rules
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import shop_day

PAGE_SIZE = 20


def _today(shop: Shop) -> date:
    return shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)


@staff_only(Capability.VIEW_MEASURES)
def goals(request: StaffRequest) -> HttpResponse:
    """The goals under way, or those that are closed, each with how far it is."""
    require_all_outlets(request.user)
    shop = the_shop()
    is_closed = request.GET.get("show") == "closed"
    page = queries.objective_page(is_closed=is_closed, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = {row.measure for each in page.rows for row in each.key_results.all() if row.measure}
    live = queries.live_values(names)
    rows = [_shown(each, live, shop, request.user.language, _today(shop)) for each in page.rows]
    return render(request, "console/goals.html", {"rows": rows, "page": page, "is_closed": is_closed})


def _shown(
    objective: Objective, live: dict[str, float | None], shop: Shop, language: str, today: date
) -> dict[str, Any]:
    """Return an objective with how far each key result is, against how much of the quarter is over."""
    expected = rules.expected_progress(objective.quarter, today)
    results: list[dict[str, Any]] = []
    for row in objective.key_results.all():
        write = measure_words.writer(row.unit, shop.currency, language, short=True)
        now = queries.current_value(row, live)
        gone = rules.progress(start=row.start, target=row.target, now=now)
        judged = guide_words.JUDGMENTS[rules.judgment(gone, expected)]
        results.append(
            {
                "row": row,
                "start": write(row.start),
                "target": write(row.target),
                "now": "" if now is None else write(now),
                "gone": None if gone is None else round(100 * gone),
                "judgment": judged,
            }
        )
    mean = rules.mean_progress([None if each["gone"] is None else each["gone"] / 100 for each in results])
    return {
        "objective": objective,
        "quarter": quarter_name(objective.quarter),
        "results": results,
        "gone": None if mean is None else round(100 * mean),
        "over": round(100 * expected),
        "judgment": guide_words.JUDGMENTS[rules.judgment(mean, expected)],
        "rhythm": guide_words.RHYTHMS[objective.rhythm],
        "initiatives": list(objective.initiatives.all()),
    }


@staff_only(Capability.VIEW_MEASURES)
def goal(request: StaffRequest, objective_id: int) -> HttpResponse:
    """One goal: its key results with their course, check-ins, what is done for it, and how it ends."""
    return _goal_page(request, objective_id)


def _goal_page(request: StaffRequest, objective_id: int, *, status: int = 200, **given: Any) -> HttpResponse:
    objective, shop = queries.access_objective(request.user, objective_id), the_shop()
    live = queries.live_values({row.measure for row in objective.key_results.all() if row.measure})
    shown = _shown(objective, live, shop, request.user.language, _today(shop))
    for each in shown["results"]:
        row = each["row"]
        each["chart"] = _course(row, shop, request.user.language)
        each["check_ins"] = [
            {"day": one.day, "text": measure_words.writer(row.unit, shop.currency, request.user.language)(one.value),
             "word": one.word, "author": one.author.name if one.author else ""}
            for one in reversed(row.check_ins.all())
            if one.author_id
        ][:10]  # fmt: skip
        each["form"] = given.get(f"check_{row.id}") or (None if row.measure else CheckInForm(prefix=str(row.id)))
        each["measure_name"] = (
            measure_words.MEASURES[row.measure].name if row.measure in measure_words.MEASURES else row.measure
        )
    context = {
        **shown,
        "key_result_form": given.get("key_result_form") or KeyResultForm(scale=shop.currency.scale),
        "initiative_form": given.get("initiative_form") or InitiativeForm(),
        "today": _today(shop),
        # On a closed goal no form is drawn that could say it.
        "refusal": next((words for form in given.values() for words in form.non_field_errors()), ""),
    }
    return render(request, "console/goal.html", context, status=status)


def _course(row: KeyResult, shop: Shop, language: str) -> Any:
    """Return the course of a key result as a line, or nothing before its second day."""
    notes = list(row.check_ins.all())
    if len(notes) < 2:
        return None
    write = measure_words.writer(row.unit, shop.currency, language, short=True)
    return charts.line(
        chart_frame(f"course-{row.id}", row.title, _("day by day")),
        [Point(date_format(each.day, "j M"), each.value) for each in notes],
        across=_("Day"),
        up=charts.Axis(name=row.title, text=write, zero=False),
    )


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def goal_add(request: StaffRequest) -> HttpResponse:
    """Set a goal, with ready-made key results that begin where the shop stands."""
    require_all_outlets(request.user)
    shop = the_shop()
    baseline = queries.live_values({wish.measure for wish in rules.READY_MADE if wish.measure})
    wishes = [rules.from_baseline(wish, baseline) for wish in rules.READY_MADE]
    form = ObjectiveForm(
        request.POST or None, viewer=request.user, today=_today(shop), wishes=wishes, scale=shop.currency.scale
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def work() -> int:
            row = actions.set_objective(
                title=given["title"], quarter=date.fromisoformat(given["quarter"]), rhythm=given["rhythm"],
                owner=given["owner"], aims=form.aims(), by=request.user.actor, at=clock.now(),
            )  # fmt: skip
            return int(row.id)

        return redirect("console:goal", objective_id=only_once(request, "goal", work))
    return render(request, "console/goal_form.html", {"form": form}, status=422 if request.method == "POST" else 200)


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def goal_edit(request: StaffRequest, objective_id: int) -> HttpResponse:
    """Change what a goal is called, how often it is looked at, and whose it is."""
    objective = queries.access_objective(request.user, objective_id)
    standing = {"title": objective.title, "rhythm": objective.rhythm, "owner": objective.owner_id}
    form = GoalChangeForm(request.POST or None, viewer=request.user, initial=standing)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_objective(objective=objective, **form.cleaned_data, by=request.user.actor, at=clock.now())
        except actions.UnableToSetGoal as error:
            form.add_error(None, guide_words.REFUSALS[str(error)])
        else:
            return redirect("console:goal", objective_id=objective.id)
    context = {"form": form, "objective": objective}
    return render(request, "console/goal_edit.html", context, status=422 if request.method == "POST" else 200)


@staff_only(Capability.MANAGE_SHOP, "POST")
def goal_close(request: StaffRequest, objective_id: int) -> HttpResponse:
    """Close a goal with a word on what came of it."""
    objective = queries.access_objective(request.user, objective_id)
    word = request.POST.get("result", "")
    if actions.close_objective(objective=objective, result=word, by=request.user.actor, at=clock.now()):
        messages.success(request, _("The goal is closed."))
    return redirect("console:goal", objective_id=objective.id)


@staff_only(Capability.MANAGE_SHOP, "POST")
def goal_reopen(request: StaffRequest, objective_id: int) -> HttpResponse:
    """Open a closed goal again."""
    objective = queries.access_objective(request.user, objective_id)
    if actions.reopen_objective(objective=objective, by=request.user.actor, at=clock.now()):
        messages.success(request, _("The goal is open again."))
    return redirect("console:goal", objective_id=objective.id)


@staff_only(Capability.MANAGE_SHOP, "POST")
def key_result_add(request: StaffRequest, objective_id: int) -> HttpResponse:
    """Add a key result."""
    objective = queries.access_objective(request.user, objective_id)
    form = KeyResultForm(request.POST, scale=the_shop().currency.scale)
    if form.is_valid():
        try:
            actions.add_key_result(objective=objective, aim=form.aim(), by=request.user.actor, at=clock.now())
        except actions.UnableToSetGoal as error:
            form.add_error(None, guide_words.REFUSALS[str(error)])
        else:
            return redirect("console:goal", objective_id=objective.id)
    return _goal_page(request, objective_id, status=422, key_result_form=form)


def _key_result(objective: Objective, key_result_id: int) -> KeyResult:
    found = next((row for row in objective.key_results.all() if row.id == key_result_id), None)
    if found is None:
        raise Http404
    return found


@staff_only(Capability.MANAGE_SHOP, "POST")
def key_result_remove(request: StaffRequest, objective_id: int, key_result_id: int) -> HttpResponse:
    """Take a key result out."""
    objective = queries.access_objective(request.user, objective_id)
    row = _key_result(objective, key_result_id)
    try:
        actions.remove_key_result(key_result=row, by=request.user.actor, at=clock.now())
    except actions.UnableToSetGoal as error:
        messages.error(request, guide_words.REFUSALS[str(error)])
    return redirect("console:goal", objective_id=objective.id)


@staff_only(Capability.VIEW_MEASURES, "POST")
def check_in(request: StaffRequest, objective_id: int, key_result_id: int) -> HttpResponse:
    """Say where a key result by hand stands today."""
    objective, shop = queries.access_objective(request.user, objective_id), the_shop()
    row = _key_result(objective, key_result_id)
    form = CheckInForm(request.POST, prefix=str(row.id))
    if form.is_valid():
        value = kept(form.cleaned_data["value"], row.unit, shop.currency.scale)
        try:
            actions.check_in(
                key_result=row, value=value, word=form.cleaned_data["word"], day=_today(shop), by=request.user,
                at=clock.now(),
            )  # fmt: skip
        except actions.UnableToSetGoal as error:
            form.add_error(None, guide_words.REFUSALS[str(error)])
        else:
            return redirect("console:goal", objective_id=objective.id)
    return _goal_page(request, objective_id, status=422, **{f"check_{row.id}": form})


@staff_only(Capability.VIEW_MEASURES, "POST")
def initiative_add(request: StaffRequest, objective_id: int) -> HttpResponse:
    """Add something to be done for a goal."""
    objective = queries.access_objective(request.user, objective_id)
    form = InitiativeForm(request.POST)
    if form.is_valid():
        try:
            actions.add_initiative(objective=objective, **form.cleaned_data, by=request.user.actor, at=clock.now())
        except actions.UnableToSetGoal as error:
            form.add_error(None, guide_words.REFUSALS[str(error)])
        else:
            return redirect("console:goal", objective_id=objective.id)
    return _goal_page(request, objective_id, status=422, initiative_form=form)


@staff_only(Capability.VIEW_MEASURES, "POST")
def initiative_step(request: StaffRequest, objective_id: int, initiative_id: int) -> HttpResponse:
    """Mark an initiative as done, or open it again."""
    objective = queries.access_objective(request.user, objective_id)
    found: Initiative | None = next((row for row in objective.initiatives.all() if row.id == initiative_id), None)
    if found is None:
        raise Http404
    verb = actions.reopen_initiative if found.done_at else actions.finish_initiative
    verb(initiative=found, by=request.user.actor, at=clock.now())
    return redirect("console:goal", objective_id=objective.id)
