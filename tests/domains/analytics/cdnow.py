"""The published CDNOW sample, from the package that ships it: 2,357 customers, in weeks, until 30 September 1997."""

import csv
import importlib.util
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

from setia.domains.analytics.lifetime import Counted

CUT = date(1997, 9, 30)


def _folder() -> Path:
    found = importlib.util.find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "datasets"


@cache
def sample() -> Counted:
    """Return the sample as (x, t_x, T)."""
    with (_folder() / "cdnow_customers_summary.csv").open() as lines:
        rows = [(float(row["frequency"]), float(row["recency"]), float(row["T"])) for row in csv.DictReader(lines)]
    return Counted.of(*zip(*rows, strict=True))


@cache
def days() -> dict[str, dict[date, float]]:
    """Return what each customer of the sample spent on each of his days, 18 months long."""
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in (_folder() / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, value = line.split()
        found[customer][date.fromisoformat(day)] += float(value)
    return found


def repeat_spend() -> tuple[list[int], list[float]]:
    """Return number and mean value of the repeat purchases of those who made some before the cut."""
    counts, means = [], []
    for spent in days().values():
        first = min(spent)
        values = [value for day, value in spent.items() if first < day <= CUT]
        if values:
            counts.append(len(values))
            means.append(sum(values) / len(values))
    return counts, means
