"""Server time and bytes of list, search and the 360 page, at a million customers and 10,000 events on one person."""

import argparse
import json
from typing import Any

from bench.shops import shop

CUSTOMERS = {"small": 3_000, "full": 1_000_000}
EVENTS = {"small": 2_000, "full": 10_000}
ROUNDS = {"small": 12, "full": 60}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return p50 and p95 of server time in ms and the bytes sent (gzip) for each kind of page, on each database."""
    scale = options.scale
    figures: dict[str, Any] = {"bench": "pages", "scale": scale, "customers": CUSTOMERS[scale]}
    for database in ("sqlite", "postgresql"):
        with shop(database) as place:
            if database == "postgresql" and "DATABASE_URL" not in place.env:
                figures[database] = None
                continue
            place.env["SETIA_DEMO"] = "1"
            place.run("migrate")
            numbers = [str(table[scale]) for table in (CUSTOMERS, EVENTS, ROUNDS)]
            figures[database] = json.loads(place.module("bench.inside_pages", *numbers).splitlines()[-1])
    return figures
