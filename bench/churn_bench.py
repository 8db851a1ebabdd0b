"""Learning who will leave from a file in the form of UCI's "Online Retail"."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return AUC, Brier score and lift of each score on the day of the test; raises SystemExit without a file."""
    if not options.data:
        raise SystemExit("bench churn needs --data FILE")
    with tempfile.TemporaryDirectory(prefix="setia-bench-") as folder:
        env = {**os.environ, "SETIA_HOME": folder, "OMP_NUM_THREADS": "1"}
        env["DJANGO_SETTINGS_MODULE"] = "setia.config.settings"
        command = [sys.executable, "-m", "bench.inside_churn", options.data]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    learned = next(figures for name, figures in found["scores"].items() if name == found["chosen"])
    return {"bench": "churn", "auc": learned["area"], "brier": learned["brier"], **found}
