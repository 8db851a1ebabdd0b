"""How many people a second the one resolver recognizes, and how well and fast those who stand twice are found."""

import argparse
import json
from typing import Any

from bench.shops import Shop, on_each_database

PEOPLE = {"small": 20_000, "full": 1_000_000}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Fill a fresh shop on each database and return rates, shares found and peak memory."""

    def measure(place: Shop) -> Any:
        place.run("migrate")
        return json.loads(place.module("bench.inside_identity", str(PEOPLE[options.scale])).splitlines()[-1])

    return {"bench": "identity", "scale": options.scale, **on_each_database(measure)}
