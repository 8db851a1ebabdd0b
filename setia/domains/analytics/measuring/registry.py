"""All measures. Their words stand in `console/measure_words.py`; docs/measures.md is made from both."""

from functools import cache

from setia.domains.analytics.measuring.measure import Choices, Measure, Parts
from setia.domains.analytics.rules.bands import Bands, BandSet, band_set
from setia.domains.analytics.rules.formulas import (
    acquisition_cost,
    churn_rate,
    lifespan_years,
    retention_rate,
    share,
    simple_lifetime_value,
)

# Names of parts are those of the questions in `measuring.parts`; `margin` is the share of revenue the shop keeps, 1
# where it has not said.


def _retention(parts: Parts) -> float | None:
    return retention_rate(at_end=parts["active_at_end"], new=parts["joined"], at_start=parts["active_at_start"])


def _retention_year(parts: Parts) -> float | None:
    return retention_rate(at_end=parts["active_at_end"], new=parts["year_joined"], at_start=parts["year_active"])


def _churn(parts: Parts) -> float | None:
    return churn_rate(lost=parts["left"], at_start=parts["active_at_start"])


def _churn_year(parts: Parts) -> float | None:
    return churn_rate(lost=parts["year_left"], at_start=parts["year_active"])


def _lifespan(parts: Parts) -> float | None:
    return lifespan_years(_churn_year(parts))


def _lifetime_value(parts: Parts) -> float | None:
    """Return AOV x orders a year x years, times the margin where the shop gave one."""
    value = simple_lifetime_value(
        per_purchase=share(parts["year_value"], parts["year_orders"]),
        per_year=share(parts["year_orders"], parts["year_buyers"]),
        years=_lifespan(parts),
    )
    return None if value is None else parts["margin"] * value


def _value_to_cost(parts: Parts) -> float | None:
    value, cost = _lifetime_value(parts), acquisition_cost(spent=parts["year_cost"], new=parts["year_costed"])
    return None if value is None else share(value, cost)


def _no_loss(parts: Parts) -> str:
    if not parts["year_active"] or not parts["year_buyers"]:
        return "nobody"
    return "no_loss" if not parts["year_left"] else "no_cost"


def _no_cost(parts: Parts) -> str:
    return "nobody" if not parts["new"] else "no_cost"


_RETENTION = (
    Measure(
        "retention", "share", ("kept",), "stayed", "active_at_start", "active_at_start", _retention,
        groups=("stayed", "active_at_start"), source="B1: CRR = (E − N) / S",
    ),
    Measure(
        "retention_year", "share", ("kept",), "year_stayed", "year_active", "year_active", _retention_year,
        groups=("year_stayed", "year_active"), is_yearly=True, bands="retention", source="B1: CRR = (E − N) / S",
    ),
    Measure(
        "churn", "share", ("kept",), "left", "active_at_start", "active_at_start", _churn,
        groups=("left", "active_at_start"), bands="churn_month", more_is_better=False, source="B1: 1 − CRR",
    ),
    Measure(
        "churn_year", "share", ("kept",), "year_left", "year_active", "year_active", _churn_year,
        groups=("year_left", "year_active"), is_yearly=True, bands="churn_year", more_is_better=False,
        source="B1: 1 − CRR",
    ),
    Measure(
        "active_customers", "count", ("kept",), "active_at_end", None, "active_at_end", groups=("active_at_end",),
        source="B1",
    ),
    Measure(
        "lost_customers", "count", ("silent",), "lost_at_end", None, "lost_at_end", groups=("lost_at_end",),
        more_is_better=False, source="B8",
    ),
    Measure(
        "win_back", "share", ("silent",), "won_back", "lost_at_start", "lost_at_start",
        groups=("won_back", "lost_at_start"), source="B1",
    ),
)  # fmt: skip

_RETURNING = (
    Measure(
        "repeat_rate", "share", ("bought_year",), "year_repeaters", "year_buyers", "year_buyers",
        groups=("year_repeaters", "year_buyers"), is_yearly=True, bands="repeat", source="B1: RPR",
    ),
    Measure(
        "second_purchase", "share", ("started",), "new_quick", "new", "new", groups=("new_quick", "new"),
        matures_after=90, source="B8",
    ),
    Measure(
        "one_time", "share", ("started",), "once", "ripe", "ripe", groups=("once", "ripe"), bands="once",
        more_is_better=False, source="B8: valley of death",
    ),
    Measure(
        "days_to_second", "days", ("waited",), lambda parts: parts.get("median_wait"), None, "waited",
        groups=("waited",), more_is_better=False, source="B1",
    ),
    Measure(
        "gap", "days", ("bought",), "gap_days", "gap_count", "gap_count", groups=("with_gap",), more_is_better=False,
        source="B1",
    ),
    Measure(
        "orders_a_year", "number", ("bought_year",), "year_orders", "year_buyers", "year_buyers",
        groups=("year_buyers",), is_yearly=True, source="B1: frequency",
    ),
)  # fmt: skip

_TRADE = (
    Measure("buyers", "count", ("bought",), "buyers", None, "buyers", groups=("buyers",), source="B1"),
    Measure("new_customers", "count", ("started",), "new", None, "new", groups=("new",), source="B1"),
    Measure("revenue", "money", ("sold",), "value", None, "orders", groups=("buyers",), source="B1"),
    Measure("order_value", "money", ("sold",), "value", "orders", "orders", groups=("buyers",), source="B1: AOV"),
    Measure(
        "frequency", "number", ("bought",), "known_orders", "buyers", "buyers", groups=("buyers",),
        source="B1: frequency",
    ),
    Measure(
        "revenue_per_customer", "money", ("bought",), "known_value", "buyers", "buyers", groups=("buyers",),
        source="B1",
    ),
    Measure(
        "loyal_revenue", "share", ("bought",), "returning_value", "known_value", "buyers",
        groups=("returning", "new"), source="B15",
    ),
    Measure(
        "return_rate", "share", ("sold", "came_back"), "came_back", "net", "orders", bands="returns",
        more_is_better=False, source="B1",
    ),
    Measure(
        "top_fifth", "share", ("spent_most",), "fifth_spent", "spent", "spenders", groups=("best_fifth", "year_buyers"),
        is_yearly=True, more_is_better=None, source="B8, B9: VIP, Pareto",
    ),
    Measure(
        "top_tenth", "share", ("spent_most",), "tenth_spent", "spent", "spenders", groups=("best_tenth", "year_buyers"),
        is_yearly=True, more_is_better=None, source="B9",
    ),
)  # fmt: skip

_MONEY = (
    Measure(
        "lifespan", "years", ("kept",), "year_active", "year_left", "year_active", _lifespan,
        groups=("year_left", "year_active"), is_yearly=True, source="B1: 1 / churn",
        why=lambda parts: "no_loss" if parts["year_active"] else "nobody",
    ),
    Measure(
        "lifetime_value", "money", ("kept", "bought_year"),
        lambda parts: parts["margin"] * parts["year_value"] * parts["year_active"],
        lambda parts: parts["year_buyers"] * parts["year_left"], "year_buyers", _lifetime_value,
        groups=("year_buyers",), is_yearly=True, source="B1: CLV = AOV × frequency × lifespan", why=_no_loss,
    ),
    Measure(
        "acquisition_cost", "money", ("won", "started"), "cost", "costed", "costed",
        lambda parts: acquisition_cost(spent=parts["cost"], new=parts["costed"]), groups=("costed",),
        more_is_better=False, source="B9: CAC", why=_no_cost,
    ),
    Measure(
        "value_to_cost", "times", ("kept", "bought_year", "won"),
        _lifetime_value, lambda parts: acquisition_cost(spent=parts["year_cost"], new=parts["year_costed"]),
        "year_costed", _value_to_cost, groups=("year_costed",), is_yearly=True, bands="value_to_cost",
        source="B9: CLV:CAC", why=_no_loss,
    ),
)  # fmt: skip

MEASURES: tuple[Measure, ...] = (*_RETENTION, *_RETURNING, *_TRADE, *_MONEY)
# Weeks are too short for what looks at a year.
WEEKLY_MEASURES = tuple(measure for measure in MEASURES if not measure.is_yearly)


@cache
def measure_by_name(name: str) -> Measure:
    """Return a measure; raises KeyError."""
    return {measure.name: measure for measure in MEASURES}[name]


def bands_of(measure: Measure, choices: Choices) -> Bands:
    """Return the bands a measure is judged by as the shop has chosen; empty where it has none."""
    found = set_of(measure, choices)
    return found.of(choices.industry) if found else ()


def set_of(measure: Measure, choices: Choices) -> BandSet | None:
    """Return the set of bands a measure is judged by, with its source, or None."""
    return band_set(measure.bands, chosen=choices.bands)
