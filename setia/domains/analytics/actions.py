"""Analyzing a shop: fill the lake, ask it, and write back what was found."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from setia.domains.analytics.events import AnalysisFinished, ChoicesChanged
from setia.domains.analytics.findings import Round, find_all
from setia.domains.analytics.interventions import raise_interventions
from setia.domains.analytics.lake import LakeBusy, LakeFull, fill_lake, read_manifest
from setia.domains.analytics.lists import ListKey, forget_lists
from setia.domains.analytics.measuring import Choices, Period
from setia.domains.analytics.models import Analysis, AnalysisState, AnalyticsChoices, Finding
from setia.domains.analytics.queries import latest_analysis
from setia.domains.analytics.spending import Spent, UnableToSaveSpend, save_spend
from setia.domains.customers.queries import people_not_to_score
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_id

if TYPE_CHECKING:
    from setia.domains.analytics.scoring.persons import Persons, Wishes

__all__ = ["Spent", "UnableToSaveSpend", "analyze", "choices", "choices_row", "save_choices", "save_spend"]

Report = Callable[[float, str], None]
KEPT_ANALYSES = 50
KEPT_CHANGES = timedelta(days=92)


def analyze(
    *,
    at: datetime,
    now: Callable[[], datetime],
    whole: bool = False,
    report: Report = lambda share, step: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Analysis:
    """Bring all figures to this moment and return the analysis.

    Safe to repeat and to kill: each table is replaced in one transaction or by rows that differ. Raises LakeBusy where
    another analysis is under way, InterruptedError when it was told to stop.
    """
    shop = the_shop()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    analysis = Analysis.objects.create(id=new_id(), today=today, started_at=at)

    def step(share: float, name: str) -> None:
        if should_stop():
            raise InterruptedError
        Analysis.objects.filter(id=analysis.id).update(step=name, share_done=share)
        report(share, name)

    try:
        analysis.sequence, analysis.notes = _analyze(shop, today, at, whole, step, should_stop)
        analysis.state = AnalysisState.DONE
    except BaseException as error:
        analysis.state, analysis.problem = AnalysisState.FAILED, _problem(error)
        raise
    finally:
        analysis.finished_at, analysis.share_done, analysis.step = now(), 1.0, ""
        _save(analysis)
    _forget_old()
    return analysis


def _save(analysis: Analysis) -> None:
    """Keep how it ended; whoever computes from scores is told in the same transaction."""
    with write_tx():
        analysis.save()
        if analysis.state == AnalysisState.DONE and analysis.finished_at:
            fact = AnalysisFinished(
                analysis_id=analysis.id,
                today=analysis.today.isoformat(),
                sequence=analysis.sequence,
                people=analysis.notes["people"],
            )
            record(fact, by=SYSTEM, at=analysis.finished_at)


def _analyze(
    shop: Shop, today: date, at: datetime, whole: bool, step: Report, should_stop: Callable[[], bool]
) -> tuple[int, dict[str, Any]]:
    # Engines and models are 90 MB of memory that no page needs.
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.measuring.answers import answer_all
    from setia.domains.analytics.measuring.measuring import lay_out
    from setia.domains.analytics.scoring.persons import look_at_persons, without
    from setia.domains.analytics.writing import write_cohorts, write_findings, write_measures

    lake = fill_lake(
        at=at, whole=whole, report=lambda share, table: step(0.35 * share, f"lake.{table}"), should_stop=should_stop
    )
    engine, measured_by = open_engine(lake), choices()
    try:
        lay_out(engine, today=today, report=lambda name: step(0.4, f"tables.{name}"))
        answers = answer_all(
            engine, today=today, choices=measured_by, report=lambda name: step(0.5, f"measures.{name}")
        )
        write_measures(answers.values)
        write_cohorts(answers.cells)
        step(0.7, "people")
        row, wishes = choices_row(), _wishes()
        found = look_at_persons(
            engine, today=today, wishes=wishes, learned=None if whole else _learned(today, wishes),
            report=lambda name: step(0.7, f"people.{name}"),
        )  # fmt: skip
        this = Round(engine, today, measured_by, found.scored, shop.currency_code)
        failed: dict[str, str] = {}
        others = find_all(this, report=lambda name: step(0.72, f"findings.{name}"), failed=failed)
        write_findings({**found.findings, **others}, as_of=today, keep=failed)
    finally:
        engine.close()
    # Sums speak of nobody; rows do, and whoever objects to profiling has none.
    found = without(found, people_not_to_score(on=today))
    notes = _write_persons(found, row=row, wishes=wishes, today=today, at=at, step=step, should_stop=should_stop)
    forget_lists(but=lake.sequence)
    return lake.sequence, {**notes, "engine": engine.name, "failed": failed, "choices": asdict(measured_by)}


def _write_persons(
    found: "Persons",
    *,
    row: AnalyticsChoices,
    wishes: "Wishes",
    today: date,
    at: datetime,
    step: Report,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Write what was found of persons, then make the tasks that follow, and return notes on all of it."""
    from setia.domains.analytics.writing import forget_zone_changes, write_moves, write_scores

    last = Analysis.objects.filter(state=AnalysisState.DONE).order_by("-id").first()
    # The first analysis, and one after the shop chose otherwise, finds everybody in another zone than before without
    # anybody having done anything: nobody moved, and nothing is to be done about it.
    is_told = last is not None and last.notes.get("zones") == wishes.zones
    changed = write_scores(
        found.scored, zone_day=today if is_told else None,
        report=lambda share: step(0.75 + 0.2 * share, "scores"), should_stop=should_stop,
    )  # fmt: skip
    step(0.96, "moves")
    write_moves(found.moves, should_stop=should_stop)
    forget_zone_changes(before=today - KEPT_CHANGES)
    tasks = raise_interventions(today=today, choices=row, at=at) if is_told else 0
    people = len(found.scored.person_id)
    return {**found.scored.notes, "people": people, "changed": changed, "zones": wishes.zones, "tasks": tasks}


def _learned(today: date, wishes: "Wishes") -> dict[str, Any] | None:
    """Return the back-test of this day, if there was one: what a day tells of the past it tells all day long."""
    kept = Finding.objects.filter(name="churn", as_of=today).first()
    return kept.found if kept and kept.found.get("horizon") == wishes.choices.active_days else None


def _wishes() -> "Wishes":
    from setia.domains.analytics.scoring.persons import Wishes

    row = choices_row()
    steps = row.rfm_steps.get(row.rfm_preset, {})
    return Wishes(choices(), row.rfm_preset, steps, row.health_preset, row.is_churn_model_on)


def _problem(error: BaseException) -> str:
    if isinstance(error, LakeBusy):
        return "busy"
    if isinstance(error, LakeFull):
        return "disk_full"
    return "stopped" if isinstance(error, InterruptedError) else f"{type(error).__name__}: {error}"[:200]


def _forget_old() -> None:
    keep = list(Analysis.objects.order_by("-id").values_list("id", flat=True)[:KEPT_ANALYSES])
    if len(keep) == KEPT_ANALYSES:
        Analysis.objects.filter(id__lt=keep[-1]).delete()


def list_people(*, keys: Sequence[ListKey]) -> bool:
    """Keep the lists of some groups of one period of one outlet; return whether they could be made.

    They are asked of the same state of the lake and by the same choices as the numbers, so they hold as many people. A
    list that stands is not made again. Nothing is made where the lake has moved on: the next analysis, which is under
    way then, brings other numbers.
    """
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.measuring.groups import people_of

    wanted = [key for key in keys if key.count() is None]
    lake, analysis = read_manifest(), latest_analysis()
    if not wanted:
        return True
    if lake is None or analysis is None or {lake.sequence, analysis.sequence} != {key.sequence for key in wanted}:
        return False
    engine = open_engine(lake)
    try:
        measured_by = Choices(**analysis.notes["choices"])
        period = Period(wanted[0].start, wanted[0].end)
        found = people_of(
            engine, [key.group for key in wanted], period, choices=measured_by, today=analysis.today,
            outlet=wanted[0].outlet,
        )  # fmt: skip
    finally:
        engine.close()
    for key in wanted:
        key.write(found[key.group])
    return True


def choices_row() -> AnalyticsChoices:
    """Return what the shop decided, or what holds until it does."""
    return AnalyticsChoices.objects.first() or AnalyticsChoices()


def choices() -> Choices:
    """Return what the shop decided, as measures want it."""
    row = choices_row()
    margin = None if row.margin_percent is None else row.margin_percent / 100
    return Choices(row.active_days, row.lost_days, row.industry, row.band_set, margin)


def save_choices(*, by: Actor, at: datetime, **wanted: Any) -> AnalyticsChoices:
    """Keep what the shop decided; it counts from the next analysis on. Saving the same again writes no fact.

    `wanted` holds fields of AnalyticsChoices; those that are not named stay. The learned model of churn is switched by
    `switch_churn_model` only; naming it here raises TypeError.
    """
    if unknown := set(wanted) - CHANGEABLE:
        raise TypeError(f"not to be chosen here: {sorted(unknown)}")
    return _keep(wanted, by=by, at=at)


CHANGEABLE = {
    *("active_days", "lost_days", "industry", "rfm_preset", "rfm_steps", "health_preset"),
    *("tasks_a_day", "tasks_top_percent", "band_set", "margin_percent"),
}


class UnableToSwitch(Exception):
    """Raised with a code: `not_tried` (no back-test was possible yet) or `not_better` than the transparent score."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def switch_churn_model(*, on: bool, by: Actor, at: datetime) -> AnalyticsChoices:
    """Let the learned model of churn speak, or silence it; it counts from the next analysis on.

    On only where the back-test on the shop's own past says that it beats the transparent score; raises UnableToSwitch.
    Repeating it writes no fact.
    """
    if on:
        kept = Finding.objects.filter(name="churn").first()
        if kept is None or kept.found.get("state") != "done":
            raise UnableToSwitch("not_tried")
        if not kept.found.get("is_better"):
            raise UnableToSwitch("not_better")
    return _keep({"is_churn_model_on": on}, by=by, at=at)


def _keep(wanted: dict[str, Any], *, by: Actor, at: datetime) -> AnalyticsChoices:
    with write_tx():
        before = choices_row()
        changed = sorted(name for name, value in wanted.items() if getattr(before, name) != value)
        row, _ = AnalyticsChoices.objects.update_or_create(id=1, defaults=wanted)
        if changed:
            record(ChoicesChanged(fields=changed), by=by, at=at)
    return row
