"""Rules over everybody."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from setia.domains.analytics.engine import Engine
from setia.domains.segments.rules.judging import FARTHEST_DAYS, NEVER
from setia.domains.segments.rules.tree import And, Condition, Node, Not
from setia.domains.segments.setwise.crowd import Crowd
from setia.domains.segments.setwise.leaves import (
    Answer,
    Bools,
    Ints,
    Leaf,
    SinceFirst,
    SinceLast,
    Window,
    all_of,
    negated,
)
from setia.domains.segments.setwise.personal import Personal, span_of
from setia.domains.segments.setwise.trade import Trade
from setia.domains.shop.models import Shop

_WHAT = {"order_count": "count", "return_count": "count", "spent": "value", "average_order": "mean"}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How everybody stands: who fits, which conditions hold (bits), and the day on which it turns (NEVER: does not)."""

    fits: Bools
    reason: Ints
    turns_on: Ints


class Judge:
    """Judges one crowd on one day by any number of rules; what they share is read once."""

    def __init__(
        self,
        engine: Engine,
        crowd: Crowd,
        *,
        shop: Shop,
        today: int,
        should_stop: Callable[[], bool] = lambda: False,
        is_only_today: bool = False,
    ) -> None:
        self.members: dict[int, Bools] = {}
        self._crowd, self._today, self._should_stop = crowd, today, should_stop
        # Without the days to come there are no instants, and far less to ask.
        self._is_only_today = is_only_today
        self._trade = Trade(engine, crowd, today, is_only_today=is_only_today)
        self._personal = Personal(crowd, shop, today, self.members)
        self._leaves: dict[Condition, Leaf] = {}
        self._allowed: Leaf | None = None

    def verdicts(self, node: Node) -> Verdicts:
        """Return how everybody stands to a rule; raises InterruptedError when it was told to stop."""
        allowed = self._allowed = self._allowed or self._personal.may_be_sorted()
        where = np.arange(self._crowd.size)
        day = np.full(self._crowd.size, self._today, dtype=np.int64)
        truths: list[Bools] = []
        fits, until = all_of([allowed.at(where, day), self._at(node, where, day, truths)])
        reason = np.zeros(self._crowd.size, dtype=np.int64)
        for number, truth in enumerate(truths):
            reason |= truth.astype(np.int64) << number
        turns_on = np.full(self._crowd.size, NEVER, dtype=np.int64)
        last = self._today + FARTHEST_DAYS
        while not self._is_only_today:
            going = until <= last
            if not going.any():
                break
            where, day = where[going], until[going]
            there, until = all_of([allowed.at(where, day), self._at(node, where, day, None)])
            turned = there != fits[where]
            turns_on[where[turned]] = day[turned]
            where, until = where[~turned], until[~turned]
            self._look_up()
        return Verdicts(fits, reason, turns_on)

    def _look_up(self) -> None:
        if self._should_stop():
            raise InterruptedError

    def _at(self, node: Node, where: Ints, day: Ints, truths: list[Bools] | None) -> Answer:
        if isinstance(node, Not):
            return negated(self._at(node.part, where, day, truths))
        if isinstance(node, Condition):
            answer = self._condition(node).at(where, day)
            answer = negated(answer) if node.operator == "!=" else answer
            if truths is not None:
                truths.append(answer[0])
            return answer
        answers = [self._at(part, where, day, truths) for part in node.parts]
        if isinstance(node, And):
            return all_of(answers)
        return negated(all_of([negated(answer) for answer in answers]))

    def _condition(self, condition: Condition) -> Leaf:
        """Return the leaf of a condition; of `!=` that of `=`."""
        if condition.operator == "!=":
            condition = Condition(condition.field, "=", condition.values, condition.within, condition.where)
        if condition not in self._leaves:
            self._look_up()
            self._leaves[condition] = self._made(condition)
        return self._leaves[condition]

    def _made(self, condition: Condition) -> Leaf:
        name = condition.field
        if name in _WHAT:
            return Window(self._trade.happened(condition), condition.within, _WHAT[name], span_of(condition))
        if name == "days_since_last":
            return SinceLast(self._trade.happened(condition), span_of(condition))
        if name == "days_since_first":
            happened = self._trade.happened(condition)
            first = np.full(self._crowd.size, NEVER, dtype=np.int64)
            has = happened.starts[1:] > happened.starts[:-1]
            first[has] = happened.day[happened.starts[:-1][has]]
            return SinceFirst(first, span_of(condition))
        return self._personal.leaf(condition)
