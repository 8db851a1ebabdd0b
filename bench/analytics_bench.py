"""Measuring a million customers, beside RFM and cohorts written by hand for DuckDB, polars and pandas."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

CUSTOMERS = {"small": 20_000, "full": 1_000_000}
PARTS = ("setia", "duckdb", "polars", "pandas")


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
        "seconds": figures["setia"]["all_seconds"],
        "duckdb_hand_seconds": figures["duckdb"]["seconds"],
        "polars_seconds": figures["polars"].get("seconds"),
        "pandas_seconds": figures["pandas"].get("seconds"),
        "peak_mib": figures["setia"]["peak_mib"],
        "parts": figures,
    }


def _part(name: str, env: dict[str, str], *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.inside_analytics", name, *arguments]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(json.dumps({name: found}), file=sys.stderr)
    return found
