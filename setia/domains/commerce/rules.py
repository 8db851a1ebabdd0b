"""Decisions about orders: which step may follow which, what is still to pay, what may come back.

Pure: no database, no clock. Money is smallest units, quantities are thousandths.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

OPEN, PAID, PACKED, SHIPPED = "open", "paid", "packed", "shipped"
DELIVERED, DONE, CANCELLED = "delivered", "done", "cancelled"
STATUSES = (OPEN, PAID, PACKED, SHIPPED, DELIVERED, DONE, CANCELLED)

COUNTER, COLLECT, SHIP = "", "collect", "ship"

# What somebody may do with an order by hand. From open to paid and back an order goes by its payments alone, and any
# step may be taken back to where it came from.
TRANSITIONS: dict[str, frozenset[str]] = {
    OPEN: frozenset({PACKED, SHIPPED, DONE, CANCELLED}),
    PAID: frozenset({PACKED, SHIPPED, DONE, CANCELLED}),
    PACKED: frozenset({SHIPPED, DONE, CANCELLED}),
    SHIPPED: frozenset({DELIVERED, DONE}),
    DELIVERED: frozenset({DONE}),
    DONE: frozenset(),
    CANCELLED: frozenset(),
}
# What is still before somebody's hands; the index `order_at_work` holds the same.
AT_WORK = (OPEN, PACKED, SHIPPED, DELIVERED, CANCELLED)
RETURNABLE = frozenset({PAID, PACKED, SHIPPED, DELIVERED, DONE})


def may_move(from_status: str, to_status: str) -> bool:
    """Tell whether an order may go from one status to another by hand."""
    return to_status in TRANSITIONS.get(from_status, frozenset())


def next_statuses(status: str, *, fulfilment: str) -> tuple[str, ...]:
    """Return the steps to offer, in the order of the work; what is collected in the store is not shipped."""
    unfit = {COLLECT: {SHIPPED, DELIVERED}, SHIP: {DONE} if status in (OPEN, PAID, PACKED) else set()}
    allowed = TRANSITIONS.get(status, frozenset()) - unfit.get(fulfilment, set())
    return tuple(step for step in STATUSES if step in allowed)


def steps_of(fulfilment: str) -> tuple[str, ...]:
    """Return the usual way of an order, for the line of steps on its page."""
    if fulfilment == COLLECT:
        return (PAID, PACKED, DONE)
    return (PAID, PACKED, SHIPPED, DELIVERED, DONE) if fulfilment == SHIP else (PAID, DONE)


def status_before(changes: Iterable[tuple[str, bool]]) -> str | None:
    """Return where the latest step came from, or None; a change is (from_status, is_back), oldest first.

    Steps that were taken back are out of the way: after ship, back, cancel, the step before is where cancel began.
    """
    came_from: list[str] = []
    for from_status, is_back in changes:
        if not is_back:
            came_from.append(from_status)
        elif came_from:
            came_from.pop()
    return came_from[-1] if came_from else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The money of one order.

    `returned_here` is the worth of goods that came back through Setia; `returned_elsewhere` came back at the till,
    which has paid it back there. `due` is what the customer owes for what he keeps.
    """

    net: int
    paid: int
    refunded: int = 0
    returned_here: int = 0
    returned_elsewhere: int = 0
    is_cancelled: bool = False

    @property
    def due(self) -> int:
        """Return what is to be paid for the goods that stay with the customer."""
        return 0 if self.is_cancelled else max(0, self.net - self.returned_here - self.returned_elsewhere)

    @property
    def held(self) -> int:
        """Return what the shop holds: paid minus paid back, here and at the till."""
        return self.paid - self.refunded - self.returned_elsewhere

    @property
    def rest(self) -> int:
        """Return what is still to be paid, or 0."""
        return max(0, self.due - self.held)

    @property
    def surplus(self) -> int:
        """Return what was paid beyond what is due, or 0."""
        return max(0, self.held - self.due)

    @property
    def refundable(self) -> int:
        """Return the most that can be paid back: never more than the shop holds."""
        return max(0, self.held)


def paid_by(status: str, net: int, paid_total: int | None) -> int:
    """Return what was paid for an order; without payments of its own the till's status says it."""
    if paid_total is not None:
        return paid_total
    return 0 if status == OPEN else net


def worth(*, net: int, quantity_milli: int, before_milli: int, back_milli: int) -> int:
    """Return what a part of a line is worth that comes back after other parts.

    The parts of a whole line always add up to its net: each is the difference of two rounded shares.
    """
    return _share(net, before_milli + back_milli, quantity_milli) - _share(net, before_milli, quantity_milli)


def _share(net: int, part: int, whole: int) -> int:
    return (2 * net * part + whole) // (2 * whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the shop promises about returns, in calendar days."""

    window_days: int = 14
    check_days_max: int = 3
    refund_days_max: int = 5
    total_days_max: int = 10
    excluded_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """The dates promised on the day goods come back."""

    check_due_date: date
    refund_due_date: date
    done_due_date: date


def promise(policy: Policy, *, returned: date) -> Promise:
    """Return what is promised: checked, then refunded, and all of it within the total."""
    done = returned + timedelta(days=policy.total_days_max)
    checked = min(done, returned + timedelta(days=policy.check_days_max))
    return Promise(checked, min(done, checked + timedelta(days=policy.refund_days_max)), done)


def return_doubts(policy: Policy, *, received: date, returned: date, categories: Iterable[str]) -> tuple[str, ...]:
    """Return why the policy does not cover a return: `window`, `category`, both or nothing.

    The last day of the window still counts.
    """
    excluded = {name.strip().casefold() for name in policy.excluded_categories}
    doubts = []
    if returned > received + timedelta(days=policy.window_days):
        doubts.append("window")
    if any(category.strip().casefold() in excluded for category in categories):
        doubts.append("category")
    return tuple(doubts)


def is_late(*, promised: date | None, actual: date | None, today: date) -> bool:
    """Tell whether something came after the promised date, or has not come and the date is past."""
    return promised is not None and (actual or today) > promised


def cart_total(lines: Sequence[tuple[int, int]]) -> int:
    """Return what a cart adds up to; a line is (quantity in thousandths, unit price)."""
    return sum((2 * quantity * price + 1000) // 2000 for quantity, price in lines)
