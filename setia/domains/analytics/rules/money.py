"""What winning and keeping customers may cost, and what it brings. Amounts are in smallest units; None stays None."""

import math
from dataclasses import dataclass

from setia.domains.analytics.rules.formulas import share

# Blueprint B9: a customer should be worth three times what he cost, or cost at most a third of what he is worth.
TARGET_RATIO = 3.0
CEILING_SHARE = 0.33
BUDGET_SHARES = (0.10, 0.15)


def cost_ceiling(lifetime_value: float | None) -> float | None:
    """Return what winning a customer may cost at most: a third of his lifetime value."""
    return None if lifetime_value is None else CEILING_SHARE * lifetime_value


def keeping_budget(lifetime_value: float | None) -> tuple[float, float] | None:
    """Return what keeping a customer may cost, least and most: 10-15 % of his lifetime value."""
    return None if lifetime_value is None else (BUDGET_SHARES[0] * lifetime_value, BUDGET_SHARES[1] * lifetime_value)


def value_to_cost(*, lifetime_value: float | None, cost: float | None) -> float | None:
    """Return CLV : CAC, how many times what it cost to win him a customer is worth."""
    return share(lifetime_value, cost)


@dataclass(frozen=True, slots=True)
class WinOrKeep:
    """What one purchase cost by winning new customers and by keeping old ones, and how many times more the former."""

    each_won: float | None
    each_kept: float | None
    times: float | None


def win_or_keep(*, win_spent: float, won: float, keep_spent: float, kept: float) -> WinOrKeep:
    """Return the cost of a purchase both ways: spent / purchases, and their ratio."""
    each_won, each_kept = share(win_spent, won), share(keep_spent, kept)
    return WinOrKeep(each_won, each_kept, share(each_won, each_kept))


def programme_return(*, extra_revenue: float, margin: float, cost: float) -> float | None:
    """Return ROI = (extra revenue x margin - cost) / cost, as a share; `margin` is a share of revenue."""
    return share(extra_revenue * margin - cost, cost)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a paid membership needs to pay: by the member's count and by the shop's.

    `saved_each` is what a member saves on a purchase, `purchases` how many he needs within the term until his fee is
    back (None: never). `extra` is how many purchases more than before the shop needs of him, so that the margin on them
    pays for the discount on all of them, less the fee (None: never, 0: the fee alone pays).
    """

    saved_each: float
    purchases: int | None
    extra: int | None


def membership_break_even(
    *, fee: float, order_value: float, discount: float, extra_saving: float, margin: float, purchases_before: float
) -> BreakEven:
    """Return when a membership pays for both sides; `discount` and `margin` are shares, the rest amounts a term."""
    saved = order_value * discount + extra_saving
    purchases = math.ceil(fee / saved - 1e-9) if saved > 0 else None
    earned = order_value * margin - saved
    lost = saved * purchases_before - fee
    extra = 0 if lost <= 0 else math.ceil(lost / earned - 1e-9) if earned > 0 else None
    return BreakEven(saved, purchases, extra)
