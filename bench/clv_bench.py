"""Fitting BG/NBD and forecasting a year for a million customers, beside the library other shops use."""

import argparse
import json
import subprocess
import sys
from typing import Any

CUSTOMERS = {"small": 50_000, "full": 1_000_000}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return CPU seconds of both, and what our estimator makes of the published CDNOW sample."""
    command = [sys.executable, "-m", "bench.inside_clv", str(CUSTOMERS[options.scale])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {"bench": "clv", "scale": options.scale, **json.loads(done.stdout.strip().splitlines()[-1])}
