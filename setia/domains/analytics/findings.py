"""What an analysis finds out about the whole shop beyond measures, cohorts and scores: one function each.

A finding is asked after everybody was scored and is kept as it was returned. Its module is loaded only then, because
models and engines are memory that no page needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from setia.domains.analytics.measuring.measure import Choices

if TYPE_CHECKING:
    from setia.domains.analytics.engine.base import Engine
    from setia.domains.analytics.measuring.people import Scored


@dataclass(frozen=True, slots=True)
class Round:
    """The analysis under way: an engine whose tables of `lay_out` stand, the shop's day, its choices, all scores."""

    engine: "Engine"
    today: date
    choices: Choices
    scored: "Scored"
    currency: str


# The name it is kept under, and the function that takes a Round and returns what JSON can hold.
FINDINGS: tuple[tuple[str, str], ...] = (
    ("people", "setia.domains.analytics.scoring.summary.summary"),
    ("leaving", "setia.domains.analytics.watching.leaving"),
    ("seasons", "setia.domains.analytics.seasons.finding.seasons"),
    ("money", "setia.domains.analytics.money.finding.money"),
    ("groups", "setia.domains.analytics.money.groups.groups"),
)


def find_all(this: Round, *, report: Callable[[str], None] = lambda name: None) -> dict[str, dict[str, Any]]:
    """Return every finding by its name."""
    found: dict[str, dict[str, Any]] = {}
    for name, where in FINDINGS:
        report(name)
        module, function = where.rsplit(".", 1)
        found[name] = getattr(import_module(module), function)(this)
    return found
