"""Counting whom a rule means, before anybody stands in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from setia.domains.analytics.engine import Engine, open_engine
from setia.domains.analytics.lake import Manifest
from setia.domains.segments.loading import day_of
from setia.domains.segments.rules.tree import Node
from setia.domains.segments.setwise.crowd import Crowd
from setia.domains.segments.setwise.judging import Judge
from setia.domains.segments.setwise.leaves import Ints
from setia.domains.segments.setwise.trade import lake_people
from setia.domains.shop.models import Shop


@dataclass(frozen=True, slots=True)
class Counted:
    """Who fits a rule, rising ids, among how many people."""

    ids: Ints
    people: int


def count(
    lake: Manifest,
    node: Node,
    *,
    at: datetime,
    should_stop: Callable[[], bool] = lambda: False,
    opened: Callable[[Engine], None] = lambda engine: None,
) -> Counted:
    """Return who fits a rule by the lake and the shop's tables, as of when the lake was read.

    `opened` is handed the engine, so that another thread may cancel what it is asked. Raises InterruptedError or
    Stopped when it was told to stop.
    """
    return count_many(lake, [node], at=at, should_stop=should_stop, opened=opened)[0]


def count_many(
    lake: Manifest,
    nodes: list[Node],
    *,
    at: datetime,
    should_stop: Callable[[], bool] = lambda: False,
    opened: Callable[[Engine], None] = lambda engine: None,
) -> list[Counted]:
    """Return who fits each of several rules; what they share is asked once."""
    shop = Shop.objects.get(id=1)
    engine = open_engine(lake)
    opened(engine)
    try:
        crowd = Crowd(lake_people(engine))
        judge = Judge(engine, crowd, shop=shop, today=day_of(at, shop), should_stop=should_stop, is_only_today=True)
        found = [judge.verdicts(node).fits for node in nodes]
        return [Counted(crowd.ids[np.flatnonzero(fits)], crowd.size) for fits in found]
    finally:
        engine.close()
