"""The churn benchmark in a process of its own: learn from days past of a file of sales, and try it on a later day."""

import json
import sys
import time
from datetime import date
from pathlib import Path

import django

django.setup()

from bench.retail import retail_lake  # noqa: E402
from setia.domains.analytics.churn.learning import back_test  # noqa: E402
from setia.domains.analytics.engine import open_engine  # noqa: E402
from setia.domains.analytics.measuring import Choices  # noqa: E402
from setia.domains.analytics.measuring.measuring import lay_out  # noqa: E402

TODAY, TEST = date(2011, 12, 9), date(2011, 9, 10)


def main() -> None:
    """Print the figures as one JSON object."""
    engine = open_engine(retail_lake(Path(sys.argv[1])), master="")
    lay_out(engine, today=TODAY)
    begun, used = time.monotonic(), time.process_time()
    found = back_test(engine, today=TODAY, choices=Choices(), people=5_000, test=TEST)
    figures = {row["name"]: {name: row[name] for name in ("area", "brier", "lift")} for row in found["scores"]}
    told = {name: found[name] for name in ("people", "left", "learn", "test", "chosen", "gain", "is_better")}
    seconds = {"seconds": round(time.monotonic() - begun, 2), "cpu_seconds": round(time.process_time() - used, 2)}
    print(json.dumps({**told, **seconds, "scores": figures}))


main()
