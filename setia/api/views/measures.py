"""Measures of the customer index, as the last analysis found them: no engine is asked."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from setia.api.answers import json_response
from setia.api.keys import needs
from setia.api.lists import Page_, moment
from setia.api.measure_schemas import CohortList, MeasureHistory, MeasureList
from setia.api.problems import FieldError, Problem
from setia.api.responses import reads
from setia.domains.analytics import actions, queries
from setia.domains.analytics.measuring import MEASURES, Choices, Measure, Value, bands_of, measure_by_name
from setia.domains.analytics.measuring.measure import Period
from setia.domains.analytics.models import MeasureValue
from setia.domains.apikeys.rules import Scope
from setia.domains.shop.queries import outlets_by_code, the_shop

router = Router(tags=["measures"])
_READ = needs(Scope.MEASURES_READ)


class OfPlace(BaseModel):
    """Perhaps of one outlet only."""

    model_config = ConfigDict(extra="forbid")

    outlet: str = Field("", max_length=40, description="Code of an outlet; without it the whole shop.")

    def outlet_id(self) -> int:
        """Return the outlet's id, 0 for the whole shop; raises Problem for a code nobody knows."""
        if not self.outlet:
            return 0
        found = outlets_by_code().get(self.outlet.casefold())
        if found is None:
            raise Problem("validation_failed", FieldError("outlet", "unknown_outlet"))
        return int(found.id)


class OfHistory(OfPlace):
    """Which periods of a measure."""

    grain: Literal["month", "week"] = Field("month", description="Weeks begin on Monday; outlets have months only.")
    limit: int = Field(36, ge=1, le=60, description="The latest so many periods.")


class OfCohorts(BaseModel):
    """Which cohorts."""

    model_config = ConfigDict(extra="forbid")

    grain: Literal["month", "week"] = "month"


@router.get("/measures", response=reads(MeasureList), summary="Read all measures", **_READ)
def list_measures(request: HttpRequest, place: OfPlace = Page_) -> HttpResponse:
    """Return every measure of the last whole month that can be judged, with what was divided by what."""
    history = queries.measure_history([measure.name for measure in MEASURES], outlet_id=place.outlet_id())
    chosen, found = actions.choices(), []
    for measure in MEASURES:
        whole = [row for row in history[measure.name] if not row.is_running]
        judged = [row for row in whole if row.why != "early"] or whole
        if judged:
            found.append({**_described(measure), **_shown(measure, judged[-1], chosen)})
    return json_response({**_stand(chosen), "data": found})


@router.get("/measures/{name}", response=reads(MeasureHistory, one=True), summary="Read a measure over time", **_READ)
def read_measure(request: HttpRequest, name: str, wanted: OfHistory = Page_) -> HttpResponse:
    """Return the months or weeks of one measure, the oldest first; one under way is marked `is_running`."""
    try:
        measure = measure_by_name(name)
    except KeyError:
        raise Problem("not_found") from None
    rows = queries.measure_history([name], grain=wanted.grain, outlet_id=wanted.outlet_id())[name]
    chosen = actions.choices()
    data = [_shown(measure, row, chosen) for row in rows[-wanted.limit :]]
    return json_response({**_stand(chosen), **_described(measure), "grain": wanted.grain, "data": data})


@router.get("/cohorts", response=reads(CohortList), summary="Read cohorts", **_READ)
def list_cohorts(request: HttpRequest, wanted: OfCohorts = Page_) -> HttpResponse:
    """Return who first bought in each month or week, and what they did in each one since; offset 0 is the first.

    A period that is not over is marked `is_running`: what is still to come in it is no 0. One without anybody is left
    out.
    """
    analysis = queries.latest_analysis()
    today = analysis.today if analysis else date.min
    data = [
        {
            "cohort": cohort.isoformat(), "offset": offset, "people": cell.people, "orders": cell.orders,
            "revenue": cell.revenue, "is_running": _end(cohort, offset, wanted.grain) > today,
        }
        for cohort, cells in queries.cohorts(grain=wanted.grain).items()
        for offset, cell in cells.items()
    ]  # fmt: skip
    return json_response({**_stand(actions.choices()), "grain": wanted.grain, "data": data})


def _end(cohort: date, offset: int, grain: str) -> date:
    """Return the day after a period of a cohort."""
    if grain == "week":
        return cohort + timedelta(days=7 * (offset + 1))
    months = cohort.year * 12 + cohort.month + offset
    return date(months // 12, months % 12 + 1, 1)


def _stand(chosen: Choices) -> Mapping[str, Any]:
    """Return how fresh the figures are, and what the shop decided about them."""
    analysis = queries.latest_analysis()
    return {
        "measured_at": moment(analysis.finished_at) if analysis else None,
        "today": analysis.today.isoformat() if analysis else None,
        "currency": the_shop().currency_code,
        "active_days": chosen.active_days,
        "lost_days": chosen.lost_days,
        "industry": chosen.industry,
        "band_set": chosen.bands,
    }


def _described(measure: Measure) -> Mapping[str, Any]:
    return {
        "name": measure.name,
        "unit": measure.unit,
        "more_is_better": measure.more_is_better,
        "source": measure.source,
    }


def _shown(measure: Measure, row: MeasureValue, chosen: Choices) -> dict[str, Any]:
    parts = (row.value, row.numerator, row.denominator, row.population, row.why, row.is_running, measure.unit)
    value = Value(measure.name, Period(row.start, row.end), *parts)
    band, interval = value.band(bands_of(measure, chosen)), value.interval
    edges: Sequence[float] | None = list(interval) if interval else None
    return {
        "from": row.start.isoformat(),
        "until": (row.end - timedelta(days=1)).isoformat(),
        "value": row.value,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "population": row.population,
        "interval": edges,
        "why": row.why or None,
        "band": band.name if band else None,
        "is_running": row.is_running,
    }
