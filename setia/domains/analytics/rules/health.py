"""Health of a relationship, 0-100 (blueprint B6): two presets, their parts, and the zones.

This table is the whole definition. A value between two knots earns what lies straight between them; before the first
and beyond the last it earns theirs. A part that is not known for somebody gives its weight to the others.

| part       | value                                                             | known                           |
|------------|-------------------------------------------------------------------|---------------------------------|
| recency    | days since the last purchase / days somebody counts as active     | always                          |
| frequency  | orders of the last 365 days                                       | from 30 days after the first on |
| monetary   | share of the buyers of the last 365 days who spent less           | always                          |
| engagement | the score of engagement / 100                                     | see `scoring.engagement`        |
| usage      | days with a purchase while active / own earlier pace              | from twice the active days on   |
| support    | tickets, their tone and how long they took                        | not measured yet                |
| payment    | spent in the last 90 days / in the 90 days before                 | who spent in the 90 days before |
"""

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.rules.weighing import Floats, Part, weighed

_RECENCY = ((0.0, 1.0), (1 / 3, 0.9), (1.0, 0.6), (2.0, 0.2), (4.0, 0.0))
_FREQUENCY = ((0.0, 0.0), (1.0, 0.2), (2.0, 0.4), (4.0, 0.6), (6.0, 0.8), (11.0, 1.0))
# The best fifth earns all of it: who pays three times as much is no healthier for it.
_MONETARY = ((0.0, 0.0), (0.8, 1.0))
_WHOLE = ((0.0, 0.0), (1.0, 1.0))
PRESETS: dict[str, tuple[Part, ...]] = {
    "commerce": (
        Part("recency", 30, _RECENCY), Part("frequency", 30, _FREQUENCY), Part("monetary", 20, _MONETARY),
        Part("engagement", 20, _WHOLE),
    ),
    "subscription": (
        Part("usage", 40, _WHOLE), Part("engagement", 30, _WHOLE), Part("support", 20), Part("payment", 10, _WHOLE),
    ),
}  # fmt: skip

# The lowest score of each zone, best first.
ZONES = {"green": 80, "yellow": 60, "red": 0}


def health(preset: str, values: dict[str, Floats]) -> Floats:
    """Return scores of 0-100, shape (n,), from the values of the table above; raises KeyError for an unknown preset."""
    parts = PRESETS[preset]
    unknown = np.full_like(next(iter(values.values())), np.nan)
    shares = [part.share(values[part.name]) if part.knots else unknown for part in parts]
    return weighed(parts, shares)


def zone_of(score: int) -> str:
    """Return the zone of a score of 0-100."""
    return next(zone for zone, low in ZONES.items() if score >= low)


def zone_numbers(scores: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the index in ZONES for each score, shape (n,)."""
    edges = sorted(ZONES.values())[1:]
    return (len(edges) - np.searchsorted(edges, scores, side="right")).astype(np.int8)
