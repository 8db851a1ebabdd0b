"""Measuring a million customers, beside RFM and cohorts written by hand for DuckDB, polars and pandas.

`seconds` and the three others are the same work: the table of each person's days, RFM scores of everybody, and monthly
cohorts of people, orders and revenue. `all_seconds` is the whole of Setia's analysis over a full lake: all measures for
36 months, the models of buying and leaving, and the first writing of everybody's scores. `incremental_seconds` is an
analysis after new, late and refunded orders in four months, with weeks, and with what differs written back.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

CUSTOMERS = {"small": 20_000, "full": 1_000_000}
PARTS = ("setia", "duckdb", "polars", "pandas", "incremental")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Make a lake, then answer in a fresh process for each contestant; return seconds, CPU seconds and peak memory."""
    with tempfile.TemporaryDirectory(prefix="setia-bench-") as folder:
        env = {
            **os.environ,
            "SETIA_HOME": folder,
            "OMP_NUM_THREADS": "1",
            "DJANGO_SETTINGS_MODULE": "setia.config.settings",
        }
        made = _part("make", env, str(CUSTOMERS[options.scale]))
        figures = {name: _part(name, env) for name in PARTS}
    return {
        "bench": "analytics",
        "scale": options.scale,
        **made,
        "seconds": figures["setia"]["seconds"],
        "all_seconds": figures["setia"]["all_seconds"],
        "measures_seconds": figures["setia"]["measures_seconds"],
        "incremental_seconds": figures["incremental"]["incremental_seconds"],
        "duckdb_hand_seconds": figures["duckdb"]["seconds"],
        "polars_seconds": figures["polars"].get("seconds"),
        "pandas_seconds": figures["pandas"].get("seconds"),
        "peak_mib": max(figures["setia"]["peak_mib"], figures["incremental"]["peak_mib"]),
        "parts": figures,
    }


def _part(name: str, env: dict[str, str], *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.inside_analytics", name, *arguments]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(json.dumps({name: found}), file=sys.stderr)
    return found
