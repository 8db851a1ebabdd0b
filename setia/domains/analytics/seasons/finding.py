"""What an analysis finds out about seasons: histories, the forecast, peaks by occasion, what rises and falls."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.seasons import moving
from setia.domains.analytics.seasons.daily_model import DailyFit, Numbers
from setia.domains.analytics.seasons.forecasting import (
    FEWEST_WEEKS,
    HORIZON,
    INTERVAL,
    Days,
    Forecast,
    final_fit,
    forecast,
    whole_weeks,
)
from setia.domains.analytics.seasons.occasions import KINDS, MOVING, occasions
from setia.domains.customers import queries as customers

# Who has bought on so many days counts as loyal from the next purchase on: level 5 of the pyramid, supporter.
LOYAL_DAYS = 6
FEWEST_WISHES = 5
_KEPT_WEEKS = 156
_KEPT_MONTHS = 36
_KEPT_MOVES = 200
_AHEAD_DAYS = 300
# With what an occasion may coincide; taken away together, so that Ramadan tells of all that it brought.
_TOGETHER = {"ramadan": ("ramadan", "before_lebaran"), "before_lebaran": ("ramadan", "before_lebaran")}

_BY_DAY = """
SELECT shop_day, COUNT(*) AS orders, CAST(SUM(value) AS BIGINT) AS revenue FROM sales GROUP BY shop_day
"""
_LOYAL_BY_DAY = """
SELECT shop_day, CAST(SUM(order_count) AS BIGINT) AS orders, CAST(SUM(value) AS BIGINT) AS revenue
FROM days WHERE number > $loyal_days GROUP BY shop_day
"""
_LINES = """
SELECT COALESCE(p.category, '') AS category, l.product_id, DATE_DIFF('day', $first, l.shop_day) AS day,
       COUNT(*) AS lines
FROM lines l JOIN orders o ON o.order_id = l.order_id LEFT JOIN products p ON p.product_id = l.product_id
WHERE o.status <> 'cancelled' AND l.shop_day >= $first AND l.shop_day < $last
GROUP BY 1, 2, 3
"""
_REVENUE_OF = """
SELECT COALESCE(p.category, '') AS category, CAST(SUM(l.net) AS BIGINT) AS revenue,
       COUNT(DISTINCT l.product_id) AS products
FROM lines l JOIN orders o ON o.order_id = l.order_id LEFT JOIN products p ON p.product_id = l.product_id
WHERE o.status <> 'cancelled' AND l.shop_day >= $first AND l.shop_day < $last
GROUP BY 1 ORDER BY 1
"""


def seasons(this: Round) -> dict[str, Any]:
    """Return histories by week and month, the forecast, its errors, peaks, weekdays, and what moves."""
    sold = rows(this.engine.run(_BY_DAY))
    loyal = {row["shop_day"]: row for row in rows(this.engine.run(_LOYAL_BY_DAY, {"loyal_days": LOYAL_DAYS - 1}))}
    by_day = {row["shop_day"]: row for row in sold}
    found: dict[str, Any] = {
        "months": _months(by_day, loyal, this.today), "measures": {}, "coming": coming(this.today), "weeks": 0,
        "loyal_days": LOYAL_DAYS,
    }  # fmt: skip
    history = whole_weeks({day: float(row["orders"]) for day, row in by_day.items()}, today=this.today)
    if history is not None:
        orders = Days.of(*history)
        earned = np.array([_earned(by_day.get(orders.first + timedelta(days=n))) for n in range(len(orders.sold))])
        revenue = Days(orders.first, earned, orders.closed, orders.calendar)
        found["weeks"] = orders.weeks
        for name, days in (("orders", orders), ("revenue", revenue)):
            found["measures"][name] = _measure(days, {day: row[name] for day, row in loyal.items()})
    return found | moved(this)


def _earned(row: dict[str, Any] | None) -> float:
    """Return what a day earned; one on which more came back than was sold counts as nothing."""
    return float(max(row["revenue"], 0)) if row else 0.0


def _months(by_day: dict[date, dict[str, Any]], loyal: dict[date, dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return what each month sold, and of that to loyal customers, oldest first; the last may be running."""
    totals: dict[date, Counter[str]] = {}
    for source, prefix in ((by_day, ""), (loyal, "loyal_")):
        for day, row in source.items():
            month = totals.setdefault(day.replace(day=1), Counter())
            month[f"{prefix}orders"] += row["orders"]
            month[f"{prefix}revenue"] += row["revenue"]
    shown = sorted(totals)[-_KEPT_MONTHS:]
    running = today.replace(day=1)
    return [{"month": str(month), "is_running": month == running, **totals[month]} for month in shown]


def _measure(days: Days, loyal: dict[date, int]) -> dict[str, Any]:
    """Return everything about one series; amounts are reckoned in units of a mean order and told in their own."""
    unit = _unit(days.sold)
    scaled = Days(days.first, days.sold / unit, days.closed, days.calendar)
    said = forecast(scaled)
    totals = days.week_totals()
    starts = [days.first + timedelta(weeks=number) for number in range(days.weeks)]
    weeks = [
        {
            "start": str(start),
            "value": None if np.isnan(total) else round(float(total)),
            "loyal": sum(loyal.get(start + timedelta(days=step), 0) for step in range(7)),
        }
        for start, total in zip(starts, totals, strict=True)
    ]
    found: dict[str, Any] = {
        "weeks": weeks[-_KEPT_WEEKS:], "closed_weeks": int(np.isnan(totals).sum()), "forecast": None, "peaks": [],
        "effects": [], "weekdays": [], "fewest_weeks": FEWEST_WEEKS,
    }  # fmt: skip
    if said is None:
        return found
    fit = final_fit(scaled)
    next_week = days.first + timedelta(weeks=days.weeks)
    return found | {
        "forecast": _said(said, next_week, unit),
        "peaks": _peaks(fit, scaled),
        "effects": [
            {"kind": kind, "factor": each[0], "low": each[1], "high": each[2], "days": int(fit.seen[number])}
            for number, kind in enumerate(KINDS)
            if (each := fit.effect(kind)) is not None
        ],
        "weekdays": fit.weekdays(),
    }


def _unit(sold: Numbers) -> float:
    """Return the amount that counts as one: the penalties of the model are meant for some fifty a day, not millions."""
    busy = sold[sold > 0]
    mean = float(busy.mean()) if len(busy) else 0.0
    return max(1.0, mean / 50)


def _said(said: Forecast, first: date, unit: float) -> dict[str, Any]:
    weeks = [
        {
            "start": str(first + timedelta(weeks=number)),
            "value": round(said.middle[number] * unit),
            "low": round(said.low[number] * unit),
            "high": round(said.high[number] * unit),
            "occasions": _kinds_of(first + timedelta(weeks=number)),
        }
        for number in range(HORIZON)
    ]
    judged = [each.as_json() for each in said.judged]
    for each in judged:
        each["mae"] = None if each["mae"] is None else each["mae"] * unit
    return {
        "shown": said.shown, "beats_naive": said.beats_naive, "weeks": weeks, "judged": judged,
        "origins": said.origins, "weeks_ahead": said.weeks_ahead, "coverage": said.coverage, "interval": INTERVAL,
    }  # fmt: skip


def _kinds_of(monday: date) -> list[str]:
    """Return which occasions a week touches, without those every month has."""
    there = {each.kind for each in occasions(monday, monday + timedelta(days=6))}
    return [kind for kind in MOVING if kind in there]


def _peaks(fit: DailyFit, days: Days) -> list[dict[str, Any]]:
    """Return each occasion of the history with what it sold against the same days without one, latest first."""
    last = days.first + timedelta(days=len(days.sold) - 1)
    found = []
    for each in reversed(occasions(days.first, last)):
        low, high = (each.start - days.first).days, (each.end - days.first).days
        if each.kind not in MOVING or low < 0 or high > len(days.sold) or days.closed[low:high].any():
            continue
        against = fit.against_ordinary(days.sold, low, high, without=_TOGETHER.get(each.kind, (each.kind,)))
        if against is not None:
            factor, least, most = against
            found.append(
                {
                    "kind": each.kind, "year": each.year, "start": str(each.start), "end": str(each.end),
                    "factor": factor, "low": least, "high": most,
                }
            )  # fmt: skip
    return found


def coming(today: date) -> list[dict[str, Any]]:
    """Return the occasions of the next ten months that do not come every month."""
    until = today + timedelta(days=_AHEAD_DAYS)
    return [
        {"kind": each.kind, "start": str(each.start), "end": str(each.end), "is_exact": each.is_exact}
        for each in occasions(today, until)
        if each.kind in MOVING and each.end > today
    ]


def moved(this: Round) -> dict[str, Any]:
    """Return what rises and falls, and gaps: categories that sell much with few products, wishes nothing answers."""
    end = this.today - timedelta(days=this.today.weekday())
    span = timedelta(weeks=moving.WEEKS)
    oldest = rows(this.engine.run("SELECT MIN(shop_day) AS low FROM sales WHERE shop_day >= $since",
                                  {"since": end - timedelta(days=5 * 366)}))[0]["low"]  # fmt: skip
    found: dict[str, Any] = {"moves": {}, "against": "", "gaps": [], "wishes": []}
    if oldest is None or oldest > end - 2 * span:
        return found
    year_ago = end - timedelta(weeks=52)
    start = year_ago - span if oldest <= year_ago - span else end - 2 * span
    found["against"] = "year_ago" if start < end - 2 * span else "quarter_before"
    before, after = (_lines(this, first) for first in (start, end - span))
    for level in ("category", "product"):
        found["moves"][level] = [move.as_json() for move in _strongest(_moves_of(level, before, after))]
    sold = rows(this.engine.run(_REVENUE_OF, {"first": end - span, "last": end}))
    found["gaps"] = _gaps(sold, {move["key"]: move["verdict"] for move in found["moves"]["category"]})
    known = {str(row["category"]).casefold() for row in sold}
    wishes = Counter(word for word in customers.wished_for() if word not in known)
    found["wishes"] = [
        {"word": word, "people": count} for word, count in wishes.most_common(20) if count >= FEWEST_WISHES
    ]
    return found


def _lines(this: Round, first: date) -> list[dict[str, Any]]:
    span = {"first": first, "last": first + timedelta(weeks=moving.WEEKS)}
    return rows(this.engine.run(_LINES, span))


def _moves_of(level: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[moving.Move]:
    def key(row: dict[str, Any]) -> str:
        return str(row["category"] if level == "category" else row["product_id"])

    names = sorted({key(row) for row in (*before, *after)} - {"", "None"})
    place = {name: number for number, name in enumerate(names)}

    def table(source: Iterable[dict[str, Any]]) -> Numbers:
        counts = np.zeros((len(names), moving.WEEKS))
        for row in source:
            if key(row) in place:
                counts[place[key(row)], row["day"] // 7] += row["lines"]
        return counts

    return moving.moves(names, table(before), table(after))


def _strongest(found: list[moving.Move]) -> list[moving.Move]:
    """Return at most so many as a page can hold: those told apart from chance, then those with most lines."""
    kept = sorted(found, key=lambda move: (move.verdict == "steady", -(move.before + move.after)))[:_KEPT_MOVES]
    return sorted(kept, key=lambda move: (-move.change, move.key))


def _gaps(sold: list[dict[str, Any]], verdicts: dict[str, str]) -> list[dict[str, Any]]:
    """Return categories whose share of revenue is twice their share of products or more, and which do not fall."""
    named = [row for row in sold if row["category"] and row["revenue"] > 0]
    revenue, products = sum(row["revenue"] for row in named), sum(row["products"] for row in named)
    if len(named) < 3 or not revenue:
        return []
    found = [
        {
            "category": row["category"], "revenue_share": row["revenue"] / revenue,
            "product_share": row["products"] / products, "products": row["products"],
            "verdict": verdicts.get(row["category"], "steady"),
        }
        for row in named
    ]  # fmt: skip
    wanted = [
        each
        for each in found
        if each["revenue_share"] >= 2 * each["product_share"]
        and each["verdict"] != "falling"
        and each["revenue_share"] >= 0.05
    ]
    return sorted(wanted, key=lambda each: -each["revenue_share"] / each["product_share"])[:5]
