"""The people behind a measure: who was counted, by the same tables and for the same period as the number itself."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.grids import Cut, grids
from setia.domains.analytics.measuring.measure import Choices, Period
from setia.domains.analytics.measuring.measuring import lay_out, lay_out_outlets
from setia.domains.analytics.measuring.parts import QUICK_DAYS, SHOP, lay_out_grid


def _active(moment: str) -> str:
    return f"SELECT person_id FROM visits WHERE slice <= {moment} AND next_slice > {moment} AND reach >= {moment}"  # noqa: S608


def _both(one: str, other: str) -> str:
    return f"SELECT a.person_id FROM ({one}) a JOIN ({other}) b ON b.person_id = a.person_id"  # noqa: S608


def _without(one: str, other: str) -> str:
    return (
        f"SELECT a.person_id FROM ({one}) a LEFT JOIN ({other}) b ON b.person_id = a.person_id "  # noqa: S608
        "WHERE b.person_id IS NULL"
    )


def _best(part: int) -> str:
    return f"""
WITH spent AS (
    SELECT person_id, SUM(value) AS value FROM visits WHERE slice > $y AND slice <= $t GROUP BY person_id
), ranked AS (
    SELECT person_id, ROW_NUMBER() OVER (ORDER BY value DESC, person_id) AS place, COUNT(*) OVER () AS total FROM spent
)
SELECT person_id FROM ranked WHERE (place - 1) * {part} < total
"""  # noqa: S608


_BOUGHT = "SELECT person_id FROM visits WHERE slice > $s AND slice <= $t AND next_slice > $t"
_BOUGHT_YEAR = "SELECT person_id FROM visits WHERE slice > $y AND slice <= $t AND next_slice > $t"
_LOST = "SELECT person_id FROM visits WHERE slice <= {m} AND next_slice > {m} AND lost_from <= {m}"
_NEW = "SELECT q.person_id FROM {people} q JOIN calendar c ON c.shop_day = q.first_day WHERE c.slice <= $t"
_RIPE = _NEW + " AND c.lost_from <= $t"
_COSTED = _NEW.replace(" WHERE", " JOIN costs k ON k.person_id = q.person_id WHERE")

# By the name of the part whose number they are.
GROUPS: dict[str, str] = {
    "active_at_start": _active("$s"),
    "active_at_end": _active("$t"),
    "stayed": _both(_active("$s"), _active("$t")),
    "left": _without(_active("$s"), _active("$t")),
    "year_active": _active("$y"),
    "year_stayed": _both(_active("$y"), _active("$t")),
    "year_left": _without(_active("$y"), _active("$t")),
    "lost_at_start": _LOST.format(m="$s"),
    "lost_at_end": _LOST.format(m="$t"),
    "won_back": _LOST.format(m="$s") + " AND next_slice <= $t",
    "buyers": _BOUGHT,
    "returning": _BOUGHT + " AND first_slice <= $s",
    "with_gap": "SELECT DISTINCT person_id FROM visits WHERE slice > $s AND slice <= $t AND gap_count > 0",
    "year_buyers": _BOUGHT_YEAR,
    "year_repeaters": _BOUGHT_YEAR + " AND prior_slice > $y",
    "new": _NEW + " AND c.slice > $s",
    "new_quick": _NEW + " AND c.slice > $s AND DATE_DIFF('day', q.first_day, q.second_day) <= $quick",
    "ripe": _RIPE,
    "once": _RIPE + " AND (q.second_day IS NULL OR q.second_day >= $end)",
    "waited": "SELECT q.person_id FROM {people} q JOIN calendar c ON c.shop_day = q.second_day "
    "WHERE c.slice > $s AND c.slice <= $t",
    "costed": _COSTED + " AND c.slice > $s",
    "year_costed": _COSTED + " AND c.slice > $y",
    "best_fifth": _best(5),
    "best_tenth": _best(10),
}


def people_of(
    engine: Engine, groups: Sequence[str], period: Period, *, choices: Choices, today: date, outlet: int = 0
) -> dict[str, list[int]]:
    """Return the ids of everybody in some groups of a period, those who spent most in all first.

    Makes the tables of `lay_out` itself. `outlet` 0 is the whole shop. Raises KeyError for an unknown group.
    """
    lay_out(engine, today=today)
    scope = lay_out_outlets(engine, [outlet]) if outlet else SHOP
    grid = next(grids([period]))
    cut: Cut = grid.cuts[0]
    lay_out_grid(engine, grid, choices=choices, scope=scope)
    params: dict[str, int | date] = {
        "s": cut.start,
        "t": cut.end,
        "y": cut.year or 0,
        "quick": QUICK_DAYS,
        "end": period.end,
    }
    found = {}
    for name in groups:
        asked = GROUPS[name].format(people=scope.people)
        table = engine.run(
            f"SELECT g.person_id FROM ({asked}) g JOIN {scope.people} p ON p.person_id = g.person_id "  # noqa: S608
            "ORDER BY p.value DESC, g.person_id",
            params,
        )
        found[name] = np.asarray(table["person_id"].to_numpy(), dtype=np.int64).tolist()
    return found
