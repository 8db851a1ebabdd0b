"""How good recommendations are on a file of real sales, and how long a shop of any size takes to make them.

With `--data` a file of lines (Description, Quantity, InvoiceDate, UnitPrice, CustomerID, …, as UCI "Online Retail")
is judged twice: as it is published (last basket of everybody with three orders, everything else is training) and as
Setia judges a shop (all that is learned ends before the first held-out basket). Without it a lake is made up.
"""

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

CUSTOMERS = {"small": 20_000, "full": 1_000_000}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Judge the file, or time a shop in a process of its own; return figures."""
    if options.data:
        return {"bench": "recommend", **judged(options.data)}
    with tempfile.TemporaryDirectory(prefix="setia-bench-") as folder:
        env = {
            **os.environ,
            "SETIA_HOME": folder,
            "OMP_NUM_THREADS": "1",
            "DJANGO_SETTINGS_MODULE": "setia.config.settings",
        }
        found: dict[str, Any] = {}
        for part in ("make", "advise", "again"):
            command = [sys.executable, "-m", "bench.inside_recommend", part, str(CUSTOMERS[options.scale])]
            done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
            found[part] = json.loads(done.stdout.strip().splitlines()[-1])
            print(json.dumps({part: found[part]}), file=sys.stderr)
    return {"bench": "recommend", "scale": options.scale, **found["make"], "first": found["advise"], **found["again"]}


def _lines(path: str) -> Iterator[tuple[int, str, int, int]]:
    """Yield (customer, item, minute, day) of lines that sold something to somebody known."""
    opened: Any = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", errors="replace", newline="") as source:
        for row in csv.DictReader(source):
            customer = row["CustomerID"].strip()
            if not customer or float(row["Quantity"]) <= 0 or float(row["UnitPrice"]) <= 0:
                continue
            at = _moment(row["InvoiceDate"])
            yield int(float(customer)), row["Description"].strip().upper(), int(at.timestamp() // 60), at.toordinal()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)


def judged(path: str) -> dict[str, Any]:
    """Return the figures of both ways of holding out, and the windows of the next purchase."""
    import numpy as np

    from setia.domains.advice.recommending.bought import Bought
    from setia.domains.advice.recommending.judging import hold_out, judge
    from setia.domains.advice.recommending.likeness import together_of
    from setia.domains.advice.recommending.windows import Spans, windows_of

    rows = list(_lines(path))
    names = {name: number for number, name in enumerate(sorted({row[1] for row in rows}))}
    customers = np.array([row[0] for row in rows])
    slot = np.array([names[row[1]] for row in rows])
    minute, day = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    size, allowed, ones = len(names), np.ones(len(names), dtype=bool), np.ones(len(names))
    # Moments are minutes: an order is (customer, minute).
    people = np.unique(customers)
    bought = Bought.of(people, customers, slot, minute - minute.min(), back=None)

    def learned(part: Any) -> tuple[Any, Any]:
        pairs = part.pairs()
        counts = np.bincount(part.slot, minlength=size)
        near = together_of([pairs], size).neighbours(least=2, weights=ones)
        return near, counts.astype(float)

    moments = np.unique(bought.person.astype(np.int64) * 2**32 + bought.moment)
    enough = np.bincount(moments >> 32, minlength=len(people)) >= 3
    last = bought.last_moments()
    known = bought.where(enough[bought.person])
    near, popular = learned(bought.where((bought.moment < last[bought.person]) | ~enough[bought.person]))
    held = hold_out(known, since=0)
    published = judge([held] if held else [], near, popular, allowed)
    cutoff = int(np.quantile(last[enough], 0.6))
    near, popular = learned(bought.where(bought.moment < cutoff))
    held = hold_out(known, since=cutoff)
    honest = judge([held] if held else [], near, popular, allowed)
    spans = Spans.of(customers.astype(np.int64), day.astype(np.int64))
    windows = windows_of(spans, today=int(day.max()), least=2)
    items = Spans.of(customers.astype(np.int64) * 2**20 + slot, day.astype(np.int64))
    of_items = windows_of(items, today=int(day.max()), least=2)
    return {
        "lines": len(rows), "customers": len(people), "items": size,
        "as_published": published, "time_honest": honest,
        "windows": {"people": windows.get("tried"), "items": of_items.get("tried")},
    }  # fmt: skip
