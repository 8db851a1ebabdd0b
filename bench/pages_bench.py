"""Server time and bytes of list, search and the 360 page, at a million customers and 10,000 events on one person."""

import argparse
import json
from typing import Any

from bench.shops import Shop, on_each_database

CUSTOMERS = {"small": 3_000, "full": 1_000_000}
EVENTS = {"small": 2_000, "full": 10_000}
ROUNDS = {"small": 12, "full": 60}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return p50 and p95 of server time in ms and the bytes sent (gzip) for each kind of page, on each database."""
    scale = options.scale
    numbers = [str(table[scale]) for table in (CUSTOMERS, EVENTS, ROUNDS)]

    def measure(place: Shop) -> dict[str, Any]:
        place.run("migrate")
        found: dict[str, Any] = json.loads(place.module("bench.inside_pages", *numbers).splitlines()[-1])
        return found

    return {"bench": "pages", "scale": scale, "customers": CUSTOMERS[scale], **on_each_database(measure)}
