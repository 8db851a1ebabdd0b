"""The transparent warning of churn, 0-100 (blueprint B7): five weighted parts that everybody can reckon by hand.

| part    | value                                                                    | known                          |
|---------|--------------------------------------------------------------------------|--------------------------------|
| silence | days since the last purchase / days somebody counts as active            | always                         |
| drop    | 1 - days with a purchase in the active days / own earlier pace           | repeat buyers of long enough   |
| opens   | how far the share of opened e-mails fell                                 | not measured yet               |
| support | how unhappy the last tickets sounded                                     | not measured yet               |
| survey  | how far the last answer to "would you recommend us" lies below 10        | not measured yet               |
"""

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.rules.stages import ACTIVITIES, Numbers
from setia.domains.analytics.rules.weighing import Floats, Part, weighed

_SILENCE = ((0.0, 0.0), (1 / 3, 0.15), (1.0, 0.5), (2.0, 0.85), (4.0, 1.0))
PARTS = (
    Part("silence", 30, _SILENCE),
    Part("drop", 25, ((0.0, 0.0), (1.0, 1.0))),
    Part("opens", 15),
    Part("support", 15),
    Part("survey", 15),
)
# The lowest score of each level, highest first.
LEVELS = {"high": 70, "medium": 40, "low": 0}


def risk(values: dict[str, Floats]) -> Floats:
    """Return scores of 0-100, shape (n,), from the values of the table above; the higher, the nearer to leaving."""
    unknown = np.full_like(values["silence"], np.nan)
    shares = [part.share(values[part.name]) if part.name in values else unknown for part in PARTS]
    return weighed(PARTS, shares)


def level_of(score: int) -> str:
    """Return the level of a score of 0-100."""
    return next(level for level, low in LEVELS.items() if score >= low)


# What the pages show: whoever is lost already is warned of no more.
ALARMS = ("high", "medium", "low", "lost")


def alarm_numbers(scores: NDArray[np.int64], activity: Numbers) -> Numbers:
    """Return the index in ALARMS for each, shape (n,), from scores of 0-100 and numbers of activities."""
    levels = np.where(scores >= LEVELS["high"], 0, np.where(scores >= LEVELS["medium"], 1, 2))
    return np.where(activity == ACTIVITIES.index("lost"), 3, levels).astype(np.int8)
