"""The part of an analysis that speaks of persons: scores, the learned warning of churn, and moves between segments."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.churn.learning import back_test, chances
from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.measure import Choices
from setia.domains.analytics.measuring.people import Scored, score_people, with_chances
from setia.domains.analytics.scoring.history import Moves, history

_T = TypeVar("_T", Scored, Moves)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the shop chose that scores hang on."""

    choices: Choices
    rfm_preset: str
    rfm_steps: dict[str, list[int]]
    health_preset: str
    is_churn_model_on: bool

    @property
    def zones(self) -> dict[str, Any]:
        """What zones of health hang on: where it differs, people moved by decree and not by what they did."""
        return {"preset": self.health_preset, "active": self.choices.active_days, "lost": self.choices.lost_days}


@dataclass(frozen=True, slots=True)
class Persons:
    """What was found of persons: their scores, findings by name, and the people of the youngest moves."""

    scored: Scored
    findings: dict[str, dict[str, Any]]
    moves: list[Moves]


def without(found: Persons, hidden: Collection[int]) -> Persons:
    """Return what may be kept of persons: nothing that speaks of one of those, though sums still count them."""
    if not hidden:
        return found
    names = np.fromiter(hidden, dtype=np.int64, count=len(hidden))
    scored = _kept(found.scored, ~np.isin(found.scored.person_id, names))
    moves = [_kept(moves, ~np.isin(moves.person_id, names)) for moves in found.moves]
    return replace(found, scored=scored, moves=moves)


def _kept(rows: _T, keep: NDArray[np.bool_]) -> _T:
    """Return a dataclass of columns with the rows to keep; what is no array stays, and so do known columns of all."""
    columns = {
        each.name: getattr(rows, each.name)[keep]
        for each in fields(rows)
        if isinstance(getattr(rows, each.name), np.ndarray)
    }
    return replace(rows, **columns)


def look_at_persons(
    engine: Engine,
    *,
    today: date,
    wishes: Wishes,
    learned: dict[str, Any] | None,
    report: Callable[[str], None] = lambda name: None,
) -> Persons:
    """Score everybody, after `lay_out`. `learned` is the back-test of this day where there was one already, else None.

    The learned model speaks only where the shop switched it on and it still beats the transparent score.
    """
    choices = wishes.choices
    report("scores")
    scored = score_people(
        engine,
        today=today,
        preset=wishes.rfm_preset,
        choices=choices,
        health_preset=wishes.health_preset,
        steps=wishes.rfm_steps,
    )
    report("churn")
    told = learned or back_test(engine, today=today, choices=choices, people=len(scored.person_id))
    if wishes.is_churn_model_on and told.get("is_better"):
        scored = with_chances(scored, *chances(engine, told, today=today, choices=choices, known=scored.known))
    report("history")
    months, moves = history(
        engine, today=today, choices=choices, preset=wishes.rfm_preset, steps=wishes.rfm_steps
    )  # fmt: skip
    return Persons(scored, {"churn": told, "history": months}, moves)
