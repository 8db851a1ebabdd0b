"""What an analysis finds out about money: acquisition cost by month and source, worth by cohort, concentration."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.findings import Round
from setia.domains.analytics.models import MarketingSpend, SpendPurpose
from setia.domains.analytics.money.concentration import Numbers, concentration, value_bins
from setia.domains.analytics.rules.formulas import acquisition_cost

_MONTHS = 24
_SOURCES = 15
YEAR = timedelta(days=365)

_PEOPLE = """
SELECT q.person_id, YEAR(q.first_day) * 12 + MONTH(q.first_day) - 1 AS month, q.value, c.source, c.cost
FROM people q JOIN customers c ON c.customer_id = q.person_id
ORDER BY q.person_id
"""
_YEAR = """
SELECT person_id, CAST(SUM(value) AS BIGINT) AS value, CAST(SUM(order_count) AS BIGINT) AS orders
FROM days WHERE shop_day > $since GROUP BY person_id
"""


def money(this: Round) -> dict[str, Any]:
    """Return the figures of the money page; amounts in smallest units, None where nobody can know."""
    table = this.engine.run(_PEOPLE)
    month = np.asarray(table["month"].to_numpy(), dtype=np.int64)
    value = np.asarray(table["value"].to_numpy(), dtype=np.float64)
    source = table["source"].combine_chunks().dictionary_encode() if len(month) else None
    names = [str(name) for name in source.dictionary.to_pylist()] if source is not None else []
    place = source.indices.to_numpy() if source is not None else np.array([], dtype=np.int64)
    cost = np.asarray(table["cost"].cast("double").to_numpy(zero_copy_only=False), dtype=np.float64)
    expected = np.where(this.scored.expected_value >= 0, this.scored.expected_value, np.nan).astype(np.float64)
    spent = [row for row in MarketingSpend.objects.order_by("month", "channel") if row.month <= this.today]
    year = this.engine.run(_YEAR, {"since": this.today - YEAR})
    bought, orders = (np.asarray(year[name].to_numpy(), dtype=np.float64) for name in ("value", "orders"))
    known = expected[np.isfinite(expected)]
    return {
        "months": _months(month, value, expected, cost, spent, this.today),
        "sources": _sources(_Won(month, value, expected, cost, place, names), spent, this.today),
        "concentration": concentration(bought, orders),
        "bins": value_bins(known),
        "worth": _mean(value[np.isfinite(expected)] + known),
        "top_fifth_from": round(float(np.quantile(known, 0.8))) if len(known) else None,
        "people": len(month),
        "spend": _by_purpose(spent, this.today),
    }


def _mean(values: Numbers) -> float | None:
    return float(values.mean()) if len(values) else None


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _months(
    month: NDArray[np.int64], value: Numbers, expected: Numbers, cost: Numbers, spent: list[MarketingSpend], today: date
) -> list[dict[str, Any]]:
    """Return for each month who came, what winning them cost, and what they brought and are expected to bring.

    What the shop entered as spent counts; for a month without an entry the costs noted on its customers, for each one
    with a cost.
    """
    by_month: dict[int, int] = defaultdict(int)
    for row in spent:
        if row.purpose == SpendPurpose.ACQUISITION:
            by_month[_number(row.month)] += row.amount
    found = []
    for number in range(_number(today) - _MONTHS, _number(today) + 1):
        won = month == number
        entered, count = by_month.get(number), int(won.sum())
        if not count and entered is None:
            continue
        known = won & np.isfinite(expected)
        found.append(
            {
                "month": str(date(number // 12, number % 12 + 1, 1)),
                "won": count,
                "spent": entered,
                **_cost(entered, count, cost[won]),
                "so_far": _mean(value[won]),
                "expected": _mean(expected[known]),
                "is_running": number == _number(today),
            }
        )
    return found


def _cost(entered: int | None, won: int, noted: Numbers) -> dict[str, Any]:
    """Return the acquisition cost and what it is known from: `entered`, `noted`, or nothing."""
    if entered is not None:
        return {"cost": acquisition_cost(spent=entered, new=won), "from": "entered"}
    noted = noted[np.isfinite(noted)]
    if not len(noted):
        return {"cost": None, "from": ""}
    return {"cost": acquisition_cost(spent=float(noted.sum()), new=len(noted)), "from": "noted"}


class _Won:
    """Columns of everybody who has bought, by person."""

    def __init__(
        self,
        month: NDArray[np.int64],
        value: Numbers,
        expected: Numbers,
        cost: Numbers,
        place: NDArray[np.int64],
        names: list[str],
    ) -> None:
        self.month, self.value, self.expected, self.cost, self.place, self.names = (
            *(month, value, expected, cost), *(place, names),
        )  # fmt: skip

    def by_source(self, recent: NDArray[np.bool_]) -> dict[str, tuple[str, NDArray[np.bool_]]]:
        """Return for each source without its capitals how it is written most, and who came by it of `recent` ones."""
        parts: dict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self.names):
            parts[_key(name)].append(number)
        counts = np.bincount(self.place, minlength=len(self.names)) if self.names else np.array([])
        return {
            key: (
                self.names[max(numbers, key=lambda number: counts[number])].strip(),
                np.isin(self.place, numbers) & recent,
            )
            for key, numbers in parts.items()
        }


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _sources(people: _Won, spent: Iterable[MarketingSpend], today: date) -> list[dict[str, Any]]:
    """Return the sources of the last twelve whole months and this one, those first that won most."""
    since = _number(today) - 12
    recent = people.month >= since
    entered: dict[str, int] = defaultdict(int)
    written: dict[str, str] = {}
    for row in spent:
        if row.purpose == SpendPurpose.ACQUISITION and _number(row.month) >= since:
            entered[_key(row.channel)] += row.amount
            written[_key(row.channel)] = row.channel
    found = []
    groups = people.by_source(recent)
    nobody = np.zeros(len(people.month), dtype=np.bool_)
    for key in {*groups, *entered}:
        name, who = groups.get(key, (written.get(key, ""), nobody))
        won, known = int(who.sum()), who & np.isfinite(people.expected)
        if not won and key not in entered:
            continue
        worth = _mean(people.value[known] + people.expected[known])
        found.append(
            {
                "source": name, "won": won, "spent": entered.get(key),
                **_cost(entered.get(key), won, people.cost[who]), "worth": worth,
            }
        )  # fmt: skip
    found.sort(key=lambda each: (-each["won"], each["source"]))
    return found[:_SOURCES]


def _by_purpose(spent: Iterable[MarketingSpend], today: date) -> Mapping[str, int]:
    """Return what was spent on winning and on keeping customers in the last twelve whole months and this one."""
    found: dict[str, int] = {}
    for row in spent:
        if _number(row.month) >= _number(today) - 12:
            found[row.purpose] = found.get(row.purpose, 0) + row.amount
    return found
