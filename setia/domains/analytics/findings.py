"""What an analysis finds out about the whole shop beyond measures, cohorts and scores: one function each.

A finding is asked after everybody was scored and is kept as it was returned. Its module is loaded only then, because
models and engines are memory that no page needs.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from setia.domains.analytics.measuring.measure import Choices

if TYPE_CHECKING:
    from setia.domains.analytics.engine.base import Engine
    from setia.domains.analytics.measuring.people import Scored


_log = logging.getLogger("setia.analytics")


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
    ("evidence", "setia.domains.analytics.evidence.evidence"),
    ("phases", "setia.domains.analytics.relationship.phases"),
    ("sources", "setia.domains.analytics.sources.sources"),
)


def find_all(
    this: Round,
    *,
    report: Callable[[str], None] = lambda name: None,
    failed: dict[str, str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return every finding by its name.

    With `failed` a finding that breaks on a shop's odd history is named there and left out: the scores of a million
    people must not be lost because a forecast could not be made. Without it the error is raised.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, where in FINDINGS:
        report(name)
        module, function = where.rsplit(".", 1)
        try:
            found[name] = getattr(import_module(module), function)(this)
        except (InterruptedError, MemoryError):
            raise
        except Exception as error:
            if failed is None or type(error).__name__ == "Stopped":
                raise
            _log.exception("the finding %s could not be made", name)
            failed[name] = type(error).__name__
    return found
