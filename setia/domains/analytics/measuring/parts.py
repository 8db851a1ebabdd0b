"""The parts that measures are reckoned from: a few questions, each answered for all periods of a grid in one pass.

A visit is what one person did in one slice. `slice` is its slice; `next_slice` that of his next day (the number of
moments where there is none), `first_slice` that of his first; `prior_slice` is the slice of the day before his last one
here. `reach` is the last moment at which the visit's last day keeps him active, `lost_from` the first at which it
leaves him lost. He was last seen before moment i in the visit with slice <= i < next_slice.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from setia.domains.analytics.engine.base import Engine, rows
from setia.domains.analytics.measuring.grids import Cut, Grid
from setia.domains.analytics.measuring.measure import Choices, Parts, plain

Key = tuple[int, int]  # place, number of a period
Found = Iterator[tuple[Key, dict[str, float]]]
QUICK_DAYS = 90


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what the tables speak: the whole shop, or each outlet as a shop of its own, told apart by `place`."""

    lead: str = ""
    days: str = "days"
    people: str = "people"

    @property
    def place(self) -> str:
        return "place" if self.lead else "CAST(0 AS BIGINT)"

    @property
    def sale_place(self) -> str:
        return "outlet_id" if self.lead else "CAST(0 AS BIGINT)"


SHOP = Scope()


def count_parts(
    engine: Engine,
    grid: Grid,
    *,
    asks: frozenset[str],
    choices: Choices,
    scope: Scope = SHOP,
    report: Callable[[str], None] = lambda name: None,
) -> dict[Key, Parts]:
    """Return all parts that some questions give, by place and number of the period in the grid."""
    lay_out_grid(engine, grid, choices=choices, scope=scope)
    found: dict[Key, Parts] = {}
    for name in sorted(asks):
        report(name)
        for key, parts in QUESTIONS[name](engine, grid, scope):
            found.setdefault(key, Parts()).update(plain(parts))
    return found


def lay_out_grid(engine: Engine, grid: Grid, *, choices: Choices, scope: Scope) -> None:
    """Make the tables of a grid: moments, calendar (what each day is to them), cuts, and visits."""
    active, lost = timedelta(days=choices.active_days), timedelta(days=choices.lost_days)
    _lay_out_rows(
        engine,
        "moments",
        [
            {"number": number, "moment": day, "active_day": _back(day, active), "lost_day": _back(day, lost)}
            for number, day in enumerate(grid.moments)
        ],
    )
    _lay_out_rows(
        engine,
        "cuts",
        [{"period": cut.number, "s": cut.start, "t": cut.end, "y": cut.year or 0} for cut in grid.cuts],
    )
    engine.snapshot("calendar", _CALENDAR)
    engine.snapshot("visits", _VISITS.format(lead=scope.lead, days=scope.days))


def _back(day: date, days: timedelta) -> date:
    return day - days if day - date.min > days else date.min


def _lay_out_rows(engine: Engine, name: str, table: list[dict[str, int | date]]) -> None:
    """Keep rows made here as a table; engines add days each in its own way, so they are reckoned before."""
    parts: list[str] = []
    values: dict[str, int | date] = {}
    for number, row in enumerate(table):
        values |= {f"{column}_{number}": value for column, value in row.items()}
        parts.append("SELECT " + ", ".join(f"${column}_{number} AS {column}" for column in row))
    engine.snapshot(name, " UNION ALL ".join(parts), values)


_CALENDAR = """
WITH known AS (
    SELECT shop_day FROM sale_days UNION SELECT shop_day FROM brought_back
    UNION SELECT CAST('9999-12-31' AS DATE) AS shop_day
)
SELECT d.shop_day,
       CAST(SUM(CASE WHEN m.moment <= d.shop_day THEN 1 ELSE 0 END) AS INTEGER) AS slice,
       CAST(SUM(CASE WHEN m.active_day <= d.shop_day THEN 1 ELSE 0 END) - 1 AS INTEGER) AS reach,
       CAST(SUM(CASE WHEN m.lost_day < d.shop_day THEN 1 ELSE 0 END) AS INTEGER) AS lost_from
FROM known d CROSS JOIN moments m GROUP BY d.shop_day
"""
_VISITS = """
SELECT {lead}d.person_id, c.slice, MIN(f.slice) AS first_slice, MAX(n.slice) AS next_slice,
       MAX(p.slice) AS prior_slice, MAX(c.reach) AS reach, MAX(c.lost_from) AS lost_from,
       CAST(SUM(d.order_count) AS INTEGER) AS order_count, CAST(SUM(d.value) AS BIGINT) AS value,
       CAST(SUM(d.gap) AS INTEGER) AS gap_days, CAST(COUNT(d.gap) AS INTEGER) AS gap_count
FROM {days} d JOIN calendar c ON c.shop_day = d.shop_day JOIN calendar n ON n.shop_day = d.next_day
     JOIN calendar f ON f.shop_day = d.first_day LEFT JOIN calendar p ON p.shop_day = d.previous_day
GROUP BY {lead}d.person_id, c.slice
"""

_SOLD = """
WITH by_slice AS (
    SELECT {sale_place} AS place, c.slice, SUM(d.order_count) AS orders, SUM(d.net) AS net, SUM(d.value) AS value
    FROM sale_days d JOIN calendar c ON c.shop_day = d.shop_day WHERE {sale_where} GROUP BY {sale_group}c.slice
)
SELECT b.place, p.period, CAST(SUM(b.orders) AS BIGINT) AS orders, CAST(SUM(b.net) AS BIGINT) AS net,
       CAST(SUM(b.value) AS BIGINT) AS value
FROM by_slice b JOIN cuts p ON b.slice > p.s AND b.slice <= p.t GROUP BY b.place, p.period
"""

_CAME_BACK = """
WITH by_slice AS (
    SELECT {sale_place} AS place, c.slice, SUM(d.total) AS total
    FROM brought_back d JOIN calendar c ON c.shop_day = d.shop_day WHERE {sale_where} GROUP BY {sale_group}c.slice
)
SELECT b.place, p.period, CAST(SUM(b.total) AS BIGINT) AS came_back
FROM by_slice b JOIN cuts p ON b.slice > p.s AND b.slice <= p.t GROUP BY b.place, p.period
"""

# Each buyer of a period has one visit in it after which he did not come again before its end.
_BOUGHT = """
WITH by_slice AS (
    SELECT {place} AS place, slice, first_slice, next_slice, COUNT(*) AS people, SUM(order_count) AS orders,
           SUM(value) AS value, SUM(gap_days) AS gap_days, SUM(gap_count) AS gap_count
    FROM visits GROUP BY {lead}slice, first_slice, next_slice
)
SELECT b.place, p.period,
       CAST(SUM(CASE WHEN b.next_slice > p.t THEN b.people ELSE 0 END) AS BIGINT) AS buyers,
       CAST(SUM(CASE WHEN b.next_slice > p.t AND b.first_slice <= p.s THEN b.people ELSE 0 END) AS BIGINT) AS returning,
       CAST(SUM(b.orders) AS BIGINT) AS known_orders, CAST(SUM(b.value) AS BIGINT) AS known_value,
       CAST(SUM(CASE WHEN b.first_slice <= p.s THEN b.value ELSE 0 END) AS BIGINT) AS returning_value,
       CAST(SUM(b.gap_days) AS BIGINT) AS gap_days, CAST(SUM(b.gap_count) AS BIGINT) AS gap_count
FROM by_slice b JOIN cuts p ON b.slice > p.s AND b.slice <= p.t GROUP BY b.place, p.period
"""

# Of each buyer's last day in the year: whether the day before it lies in the year too.
_BOUGHT_YEAR = """
WITH by_slice AS (
    SELECT {place} AS place, slice, next_slice, prior_slice, COUNT(*) AS people, SUM(order_count) AS orders,
           SUM(value) AS value
    FROM visits GROUP BY {lead}slice, next_slice, prior_slice
)
SELECT b.place, p.period,
       CAST(SUM(CASE WHEN b.next_slice > p.t THEN b.people ELSE 0 END) AS BIGINT) AS year_buyers,
       CAST(SUM(CASE WHEN b.next_slice > p.t AND b.prior_slice > p.y THEN b.people ELSE 0 END) AS BIGINT)
           AS year_repeaters,
       CAST(SUM(b.orders) AS BIGINT) AS year_orders, CAST(SUM(b.value) AS BIGINT) AS year_value
FROM by_slice b JOIN cuts p ON b.slice > p.y AND b.slice <= p.t GROUP BY b.place, p.period
"""

# Of those lost when the period began, who bought in it: the day that ended his silence lies there.
_SILENT = """
WITH by_slice AS (
    SELECT {place} AS place, slice, next_slice, lost_from, COUNT(*) AS people
    FROM visits GROUP BY {lead}slice, next_slice, lost_from
), counted AS (
    SELECT b.place, p.period, b.people,
           CASE WHEN b.slice <= p.s AND b.next_slice > p.s AND b.lost_from <= p.s THEN 1 ELSE 0 END AS at_start,
           CASE WHEN b.next_slice <= p.t THEN 1 ELSE 0 END AS came,
           CASE WHEN b.next_slice > p.t AND b.lost_from <= p.t THEN 1 ELSE 0 END AS at_end
    FROM by_slice b JOIN cuts p ON b.slice <= p.t AND b.next_slice > p.s
)
SELECT place, period, CAST(SUM(people * at_start) AS BIGINT) AS lost_at_start,
       CAST(SUM(people * at_start * came) AS BIGINT) AS won_back, CAST(SUM(people * at_end) AS BIGINT) AS lost_at_end
FROM counted GROUP BY place, period
"""

# `ripe` is whose first purchase lies as long before the end of the period as makes somebody lost.
_STARTED = """
WITH by_slice AS (
    SELECT {place} AS place, c.slice, c.lost_from, COALESCE(n.slice, 999) AS second_slice,
           CASE WHEN DATE_DIFF('day', q.first_day, q.second_day) <= $quick THEN 1 ELSE 0 END AS is_quick,
           COUNT(*) AS people
    FROM {people} q JOIN calendar c ON c.shop_day = q.first_day LEFT JOIN calendar n ON n.shop_day = q.second_day
    GROUP BY {lead}c.slice, c.lost_from, COALESCE(n.slice, 999),
             CASE WHEN DATE_DIFF('day', q.first_day, q.second_day) <= $quick THEN 1 ELSE 0 END
), counted AS (
    SELECT b.place, p.period, b.people, b.is_quick,
           CASE WHEN b.slice > p.s THEN 1 ELSE 0 END AS is_new,
           CASE WHEN b.lost_from <= p.t THEN 1 ELSE 0 END AS is_ripe,
           CASE WHEN b.second_slice > p.t THEN 1 ELSE 0 END AS is_once
    FROM by_slice b JOIN cuts p ON b.slice <= p.t
)
SELECT place, period, CAST(SUM(people * is_new) AS BIGINT) AS new,
       CAST(SUM(people * is_new * is_quick) AS BIGINT) AS new_quick,
       CAST(SUM(people * is_ripe) AS BIGINT) AS ripe, CAST(SUM(people * is_ripe * is_once) AS BIGINT) AS once
FROM counted GROUP BY place, period
"""

_WON = """
WITH by_slice AS (
    SELECT {place} AS place, c.slice, SUM(k.cost) AS cost, COUNT(*) AS people
    FROM {people} q JOIN costs k ON k.person_id = q.person_id JOIN calendar c ON c.shop_day = q.first_day
    GROUP BY {lead}c.slice
)
SELECT b.place, p.period,
       CAST(SUM(CASE WHEN b.slice > p.s THEN b.people ELSE 0 END) AS BIGINT) AS costed,
       CAST(SUM(CASE WHEN b.slice > p.s THEN b.cost ELSE 0 END) AS BIGINT) AS cost,
       CAST(SUM(CASE WHEN b.slice > p.y THEN b.people ELSE 0 END) AS BIGINT) AS year_costed,
       CAST(SUM(CASE WHEN b.slice > p.y THEN b.cost ELSE 0 END) AS BIGINT) AS year_cost
FROM by_slice b JOIN cuts p ON b.slice <= p.t GROUP BY b.place, p.period
"""

_WAITED = """
SELECT {place} AS place, c.slice, DATE_DIFF('day', q.first_day, q.second_day) AS day_count, COUNT(*) AS people
FROM {people} q JOIN calendar c ON c.shop_day = q.second_day WHERE c.slice > 0
GROUP BY {lead}c.slice, DATE_DIFF('day', q.first_day, q.second_day)
"""


def _by_rows(sql: str) -> Callable[[Engine, Grid, Scope], Found]:
    """Return what asks a question whose rows are parts by place and period."""

    def ask(engine: Engine, grid: Grid, scope: Scope) -> Found:
        text = sql.format(
            place=scope.place,
            lead=scope.lead,
            people=scope.people,
            sale_place=scope.sale_place,
            sale_where="d.outlet_id IS NOT NULL" if scope.lead else "TRUE",
            sale_group="d.outlet_id, " if scope.lead else "",
        )
        for row in rows(engine.run(text, {"quick": QUICK_DAYS})):
            yield (row.pop("place"), row.pop("period")), row

    return ask


def _waited(engine: Engine, grid: Grid, scope: Scope) -> Found:
    """The median wait for the second purchase, of those whose second one fell into a period: of two the lower one."""
    text = _WAITED.format(place=scope.place, lead=scope.lead, people=scope.people)
    by_slice: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row in rows(engine.run(text)):
        by_slice.setdefault((row["place"], row["slice"]), []).append((row["day_count"], row["people"]))
    for place in {place for place, _slice in by_slice}:
        for cut in grid.cuts:
            found = [each for slice_ in range(cut.start + 1, cut.end + 1) for each in by_slice.get((place, slice_), [])]
            if found:
                total = sum(people for _days, people in found)
                yield (place, cut.number), {"waited": total, "median_wait": _low_median(found, total)}


def _low_median(found: Iterable[tuple[int, int]], total: int) -> int:
    seen = 0
    for days, people in sorted(found):
        seen += people
        if 2 * seen >= total:
            return days
    raise ValueError("nobody waited")


# Bit i of `active`: he counted as active at moment i. A visit sets a run of bits, from its slice to as far as it lasts.
_STANDING = """
SELECT {lead}person_id,
       CAST(SUM(CASE WHEN LEAST(next_slice - 1, reach) >= slice
                     THEN (CAST(1 AS BIGINT) << CAST(LEAST(next_slice - 1, reach) + 1 AS INTEGER))
                          - (CAST(1 AS BIGINT) << CAST(slice AS INTEGER)) ELSE 0 END) AS BIGINT) AS active
FROM visits GROUP BY {lead}person_id
"""


def _kept(engine: Engine, grid: Grid, scope: Scope) -> Found:
    """Who was active when a period began, when it ended, and at both: counted in one pass over the bits of all."""
    engine.snapshot("standing", _STANDING.format(lead=scope.lead))

    def bits(*moments: int) -> int:
        return sum(1 << moment for moment in set(moments))

    def wanted(cut: Cut) -> dict[str, int]:
        found = {
            "active_at_start": bits(cut.start), "active_at_end": bits(cut.end), "stayed": bits(cut.start, cut.end),
        }  # fmt: skip
        if cut.year is not None:
            found |= {"year_active": bits(cut.year), "year_stayed": bits(cut.year, cut.end)}
        return found

    masks = sorted({mask for cut in grid.cuts for mask in wanted(cut).values()})
    counts = ", ".join(f"COUNT(CASE WHEN (active & {mask}) = {mask} THEN 1 END) AS m{mask}" for mask in masks)
    grouped = " GROUP BY place" if scope.lead else ""
    text = f"SELECT {scope.place} AS place, {counts} FROM standing{grouped}"  # noqa: S608 (our own names and numbers)
    for row in rows(engine.run(text)):
        for cut in grid.cuts:
            parts = {name: row[f"m{mask}"] or 0 for name, mask in wanted(cut).items()}
            parts["left"] = parts["active_at_start"] - parts["stayed"]
            parts["joined"] = parts["active_at_end"] - parts["stayed"]
            if cut.year is not None:
                parts["year_left"] = parts["year_active"] - parts["year_stayed"]
                parts["year_joined"] = parts["active_at_end"] - parts["year_stayed"]
            yield (row["place"], cut.number), parts


def _spent_most(engine: Engine, grid: Grid, scope: Scope) -> Found:
    from setia.domains.analytics.measuring.spending import best_shares

    return best_shares(engine, grid, place=scope.place, lead=scope.lead)


# The name of each question, and what answers it.
QUESTIONS: dict[str, Callable[[Engine, Grid, Scope], Found]] = {
    "sold": _by_rows(_SOLD),
    "came_back": _by_rows(_CAME_BACK),
    "bought": _by_rows(_BOUGHT),
    "bought_year": _by_rows(_BOUGHT_YEAR),
    "silent": _by_rows(_SILENT),
    "started": _by_rows(_STARTED),
    "won": _by_rows(_WON),
    "waited": _waited,
    "kept": _kept,
    "spent_most": _spent_most,
}
