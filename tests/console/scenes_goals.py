"""A goal for the walk through every address, and for the tests of its pages."""

from datetime import date

from setia.domains.guidance.actions import Aim, add_initiative, set_objective
from setia.domains.guidance.models import Objective
from tests import cast


def objective() -> Objective:
    """Set a goal of this quarter with a measure and a figure by hand."""
    sari = cast.staff("sari")
    aims = [
        Aim(title="Pelanggan tetap", measure="retention_year", start=0.7, target=0.8),
        Aim(title="NPS", start=42, target=55),
    ]
    found = set_objective(
        title="Lebih setia", quarter=date(2026, 10, 1), rhythm="weekly", owner=sari, aims=aims, by=sari.actor,
        at=cast.NOW,
    )  # fmt: skip
    add_initiative(objective=found, title="Telepon pelanggan lama", due_date=None, by=sari.actor, at=cast.NOW)
    return found


def ids() -> dict[str, int]:
    """Return the ids of a goal, its figure by hand and its initiative."""
    found = objective()
    return {
        "objective_id": found.id,
        "key_result_id": found.key_results.get(measure="").id,
        "initiative_id": found.initiatives.get().id,
    }
