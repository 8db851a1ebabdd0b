"""The phases of a relationship on the page of cohorts: what is expected in each, and what is so here."""

from datetime import date
from typing import Any

from setia.console import measure_words
from setia.console.charts.formats import percent
from setia.domains.analytics.models import Finding
from setia.domains.analytics.rules.formulas import FEWEST
from setia.domains.analytics.rules.survival import EXPECTED_EARLY, EXPECTED_SURVIVORS, PHASES


def shown_phases(finding: Finding | None) -> dict[str, Any] | None:
    """Return the finding `phases` in words, or None before it was asked."""
    if finding is None or not finding.found.get("people"):
        return None
    found = finding.found
    own = {row["name"]: row for row in found["phases"]}
    rows = []
    for phase in PHASES:
        churn, people = own[phase.name]["churn"], own[phase.name]["people"]
        judged = churn is not None and people >= FEWEST
        rows.append(
            {
                "words": measure_words.PHASES[phase.name],
                "expected": f"{percent(phase.low)} – {percent(phase.high)}",
                "churn": None if churn is None else percent(churn),
                "people": people,
                "tone": ("bad" if churn > phase.high else "good") if judged else "",
                "is_worse": judged and churn > phase.high,
            }
        )
    early, survivors = found["early_share"], found["survivors"]
    return {
        "rows": rows,
        "judged": date.fromisoformat(found["judged"]),
        "early": None if early is None else percent(early),
        "early_expected": percent(EXPECTED_EARLY),
        "survivors": None if survivors is None else percent(survivors),
        "survivor_months": round(found["survivor_days"] / 30.4),
        "survivors_expected": percent(EXPECTED_SURVIVORS),
    }
