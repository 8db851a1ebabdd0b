"""Analyzing a shop: fill the lake, ask it, and write back what was found."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from setia.domains.analytics.events import AnalysisFinished, ChoicesChanged
from setia.domains.analytics.findings import Round, find_all
from setia.domains.analytics.lake import LakeBusy, fill_lake
from setia.domains.analytics.measuring import MEASURES, Choices
from setia.domains.analytics.models import Analysis, AnalysisState, AnalyticsChoices
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_id

Report = Callable[[float, str], None]
KEPT_ANALYSES = 50


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
    from setia.domains.analytics.measuring.cohorts import cohort_cells
    from setia.domains.analytics.measuring.measuring import lay_out, measure_all, months_until
    from setia.domains.analytics.measuring.people import score_people
    from setia.domains.analytics.writing import write_cohorts, write_findings, write_measures, write_scores

    lake = fill_lake(
        at=at, whole=whole, report=lambda share, table: step(0.35 * share, f"lake.{table}"), should_stop=should_stop
    )
    engine = open_engine(lake)
    try:
        lay_out(engine, today=today, report=lambda name: step(0.4, f"tables.{name}"))
        months = months_until(engine, today=today)
        values = measure_all(
            engine, months, today=today, choices=choices(), measures=MEASURES,
            report=lambda name: step(0.5, f"measures.{name}"),
        )  # fmt: skip
        write_measures(values)
        step(0.65, "cohorts")
        write_cohorts(cohort_cells(engine))
        step(0.7, "people")
        chosen = choices_row()
        scored = score_people(
            engine, today=today, preset=chosen.rfm_preset, choices=choices(), health_preset=chosen.health_preset
        )
        this = Round(engine, today, choices(), scored, shop.currency_code)
        write_findings(find_all(this, report=lambda name: step(0.72, f"findings.{name}")), as_of=today)
    finally:
        engine.close()
    changed = write_scores(scored, report=lambda share: step(0.75 + 0.25 * share, "scores"), should_stop=should_stop)
    return lake.sequence, {**scored.notes, "people": len(scored.person_id), "changed": changed, "engine": engine.name}


def _problem(error: BaseException) -> str:
    if isinstance(error, LakeBusy):
        return "busy"
    return "stopped" if isinstance(error, InterruptedError) else f"{type(error).__name__}: {error}"[:200]


def _forget_old() -> None:
    keep = list(Analysis.objects.order_by("-id").values_list("id", flat=True)[:KEPT_ANALYSES])
    if len(keep) == KEPT_ANALYSES:
        Analysis.objects.filter(id__lt=keep[-1]).delete()


def choices_row() -> AnalyticsChoices:
    """Return what the shop decided, or what holds until it does."""
    return AnalyticsChoices.objects.first() or AnalyticsChoices()


def choices() -> Choices:
    """Return what the shop decided, as measures want it."""
    row = choices_row()
    return Choices(row.active_days, row.lost_days, row.industry)


def save_choices(
    *, active_days: int, lost_days: int, industry: str, rfm_preset: str, by: Actor, at: datetime
) -> AnalyticsChoices:
    """Keep what the shop decided; it counts from the next analysis on. Saving the same again writes no fact."""
    wanted = {"active_days": active_days, "lost_days": lost_days, "industry": industry, "rfm_preset": rfm_preset}
    with write_tx():
        before = choices_row()
        changed = sorted(name for name, value in wanted.items() if getattr(before, name) != value)
        row, _ = AnalyticsChoices.objects.update_or_create(id=1, defaults=wanted)
        if changed:
            record(ChoicesChanged(fields=changed), by=by, at=at)
    return row
