"""Segments of a million customers: a first count, ten rules at once, from an event and from an instant to it."""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from bench.shops import Shop, shop

CUSTOMERS = {"small": 20_000, "full": 1_000_000}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Make a shop with its lake, and measure each part in a process of its own beside a working worker."""
    with shop() as place:
        place.env |= {"SETIA_DEMO": "1", "OMP_NUM_THREADS": "1"}
        place.run("migrate")
        made = _part(place, "make", str(CUSTOMERS[options.scale]))
        counted = _part(place, "count")
        ten = _part(place, "ten")
        filled = _part(place, "fill")
        worker = subprocess.Popen(
            [sys.executable, "-m", "setia", "worker"],
            env=place.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            time.sleep(3)
            events = _part(place, "events")
            flips = _part(place, "flips")
        finally:
            worker.terminate()
            worker.wait(60)
    return {"bench": "segments", "scale": options.scale, **made, **counted, **ten, **filled, **events, **flips}


def _part(place: Shop, name: str, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(place.module("bench.inside_segments", name, *arguments).splitlines()[-1])
    print(json.dumps({name: found}), file=sys.stderr)
    return found
