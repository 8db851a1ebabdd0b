"""Stages of a relationship: the loyalty pyramid by purchases, and what somebody does now (blueprint B8)."""

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Numbers = NDArray[np.int8]

# 1 suspect and 2 prospect have not bought; 7, partner, is more than 20 purchases.
PYRAMID = ("suspect", "prospect", "customer", "client", "supporter", "advocate", "partner")
_FROM = (1, 2, 6, 11, 21)

ACTIVITIES = ("new", "active", "at_risk", "lost")
LIFECYCLES = ("new", "growing", "mature", "declining")
NEW_DAYS = 30
_GROWN_DAYS, _OLD_DAYS = 90, 365


def pyramid_level(purchases: Whole) -> Numbers:
    """Return levels 2-7 for numbers of purchases, shape (n,); 20 purchases are level 6 still."""
    return (2 + np.searchsorted(_FROM, purchases, side="right")).astype(np.int8)


def activity(age_days: Whole, recency_days: Whole, *, active_days: int, lost_days: int) -> Numbers:
    """Return the index in ACTIVITIES for each, shape (n,), by days since the first and the last purchase.

    New is who first bought less than 30 days ago; of the others active is who bought within `active_days`, lost who has
    not for more than `lost_days`, at risk whoever lies between.
    """
    numbers = 1 + np.searchsorted((active_days, lost_days), recency_days, side="left")
    return np.where(age_days < NEW_DAYS, 0, numbers).astype(np.int8)


def lifecycle(age_days: Whole, half_year: Whole, half_before: Whole) -> Numbers:
    """Return the index in LIFECYCLES for each, shape (n,).

    New up to 30 days after the first purchase, growing up to 90, mature after that; declining is who first bought a
    year ago or longer and came on fewer days in the last 182 days than in the 182 before, or on none in both.
    """
    numbers = 1 + np.searchsorted((_GROWN_DAYS,), age_days, side="left")
    falls = (half_year < half_before) | ((half_year == 0) & (half_before == 0))
    numbers = np.where((age_days >= _OLD_DAYS) & falls, 3, numbers)
    return np.where(age_days < NEW_DAYS, 0, numbers).astype(np.int8)


def place_from_top(spent: Whole) -> Whole:
    """Return for each the share of buyers who spent as much or more, in thousandths, shape (n,).

    200 or less is the best fifth. Whoever spent nothing has 1000; equals share a place, the last of theirs, so that no
    more than a fifth are ever the best fifth.
    """
    buyers = np.sort(spent[spent > 0])
    if not len(buyers):
        return np.full(len(spent), 1_000, dtype=np.int64)
    as_much = len(buyers) - np.searchsorted(buyers, spent, side="left")
    places = np.ceil(1_000 * as_much / len(buyers)).astype(np.int64)
    return np.where(spent > 0, places, 1_000)
