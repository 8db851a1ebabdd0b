"""All persons in figures: what pages show of segments, stages and zones without counting a million rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.rules.health import ZONES
from setia.domains.analytics.rules.reasons import SIGNS
from setia.domains.analytics.rules.rfm import SEGMENTS
from setia.domains.analytics.rules.risk import ALARMS
from setia.domains.analytics.rules.stages import ACTIVITIES, LIFECYCLES, PYRAMID
from setia.domains.analytics.scoring.features import Whole

# One in ten points of the score; 100 lies in the last.
HISTOGRAM_STEP = 10


def summary(this: Round) -> dict[str, Any]:
    """Return for each segment, level, activity, stage of life, zone and alarm its people, worth and revenue of a year.

    Also why those near to leaving are said to be, how scores of health are spread, how many never came back of those
    who had the time to, and how many have not bought at all.
    """
    scored, known = this.scored, this.scored.known
    spent = np.maximum(known["value_365"], 0)

    def groups(numbers: NDArray[np.int8], names: tuple[str, ...]) -> dict[str, list[int]]:
        return _groups(numbers, names, scored.worth, spent)

    ripe = known["age_days"] >= this.choices.lost_days
    never_back = ripe & (known["day_count"] == 1)
    bins = np.minimum(scored.health, 99) // HISTOGRAM_STEP
    return {
        "people": len(scored.person_id),
        "prospects": _prospects(this),
        "segment": groups(scored.segment, SEGMENTS),
        "level": groups(scored.level - 1, PYRAMID),
        "activity": groups(scored.activity, ACTIVITIES),
        "lifecycle": groups(scored.lifecycle, LIFECYCLES),
        "zone": groups(scored.zone, tuple(ZONES)),
        "alarm": groups(scored.alarm, ALARMS),
        "why": _why(this),
        "health": np.bincount(bins, minlength=100 // HISTOGRAM_STEP).tolist(),
        "valley": {"days": this.choices.lost_days, "ripe": int(ripe.sum()), "never_back": int(never_back.sum())},
        "engaged": int((scored.engagement >= 0).sum()),
    }


def _groups(numbers: NDArray[np.int8], names: tuple[str, ...], worth: Whole, spent: Whole) -> dict[str, list[int]]:
    """Return for each name [people, worth, revenue of the last 365 days]."""
    people = np.bincount(numbers, minlength=len(names))
    # Sums of whole money stay whole: a float holds every rupiah up to nine quadrillion.
    sums = [np.bincount(numbers, column.astype(np.float64), minlength=len(names)) for column in (worth, spent)]
    return {name: [int(people[at]), int(sums[0][at]), int(sums[1][at])] for at, name in enumerate(names)}


def _why(this: Round) -> dict[str, int]:
    """Return for each sign of leaving at how many of those near to leaving (high or medium risk) it was seen."""
    near = this.scored.alarm <= ALARMS.index("medium")
    letters, counts = np.unique(this.scored.risk_why[near].astype(str), return_counts=True)
    found = dict.fromkeys(SIGNS, 0)
    for together, count in zip(letters.tolist(), counts.tolist(), strict=True):
        for letter in together:
            found[letter] += count
    return found


def _prospects(this: Round) -> int:
    """Return how many persons the shop knows that have not bought yet."""
    known = rows(this.engine.run("SELECT COUNT(DISTINCT person_id) AS people FROM customers"))[0]["people"]
    return max(0, int(known) - len(this.scored.person_id))
