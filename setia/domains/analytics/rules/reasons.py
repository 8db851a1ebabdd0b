"""Why somebody is said to be near to leaving, as letters that a column holds and the console has words for."""

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.rules.weighing import Floats

MOST = 3
# Letters of the transparent score, the weightiest first.
SIGNS = {"g": "longer_than_ever", "s": "silent", "d": "rarer", "o": "once", "m": "spends_less"}
# Letters of the topics of the learned model: small ones speak for leaving, capitals for staying.
TOPIC_LETTERS = "sfomb"
_LEAST = 0.1  # in log-odds: below it a topic moves the chance by no more than two in a hundred


def first_letters(signs: dict[str, NDArray[np.bool_]]) -> NDArray[np.object_]:
    """Return the letters of up to three signs that hold for each, shape (n,), in the order of SIGNS."""
    size = len(next(iter(signs.values())))
    found, count = np.full(size, "", dtype=object), np.zeros(size, dtype=np.int64)
    for letter, name in SIGNS.items():
        if name in signs:
            holds = signs[name] & (count < MOST)
            found[holds] += letter
            count += holds
    return found


def topic_letters(added: Floats) -> NDArray[np.object_]:
    """Return the letters of the three topics that add or take most, shape (n,), from log-odds of shape (n, topics)."""
    order = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :MOST]
    rows = np.arange(len(added))
    found = np.full(len(added), "", dtype=object)
    small, capital = (np.array(list(letters), dtype=object) for letters in (TOPIC_LETTERS, TOPIC_LETTERS.upper()))
    for place in range(order.shape[1]):
        topic = order[:, place]
        adds = added[rows, topic]
        found = found + np.where(np.abs(adds) < _LEAST, "", np.where(adds > 0, small[topic], capital[topic]))
    return found
