"""The same questions on Spark give what DuckDB gives: in one process, and on a master with a worker of its own."""

import importlib.util
import os
import random
import shutil
import subprocess
import time
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import pytest

from setia.domains.analytics.engine import open_engine
from setia.domains.analytics.findings import Round, find_all
from setia.domains.analytics.measuring import MEASURES, Choices
from setia.domains.analytics.measuring.cohorts import cohort_cells
from setia.domains.analytics.measuring.measuring import lay_out, measure_all, months_until
from setia.domains.analytics.measuring.people import score_people
from tests.domains.analytics.lakes import Sale, lake_of
from tests.processes.shops import free_port

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore"),  # of pyspark itself
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="Spark is not installed: make test-spark"),
]
TODAY = date(2026, 11, 22)


def history() -> list[Sale]:
    """Return two years of a shop with cancelled, returned and unknown sales, and one far in the past."""
    chance = random.Random(11)
    sales = [
        Sale(
            person=0 if chance.random() < 0.1 else int(60 * chance.random() ** 2) + 1,
            day=TODAY - timedelta(days=int(700 * chance.random() ** 1.5)),
            net=chance.randrange(5_000, 300_000),
            returned=chance.choice((0, 0, 0, 4_000)),
            status=chance.choice(("paid", "paid", "done", "cancelled")),
        )
        for _ in range(900)
    ]
    return [*sales, Sale(3, date(1999, 12, 31)), Sale(4, TODAY + timedelta(days=9))]


def answers(lake, master):
    """Return all that an engine says of a lake, ready to compare."""
    engine = open_engine(lake, master=master)
    try:
        lay_out(engine, today=TODAY)
        periods = months_until(engine, today=TODAY, most=30)
        values = measure_all(engine, periods, today=TODAY, choices=Choices(), measures=MEASURES)
        scored = score_people(engine, today=TODAY, preset="fifths")
        this = Round(engine, TODAY, Choices(), scored, "IDR")
        columns = [getattr(scored, name).tolist() for name in ("person_id", "recency", "frequency", "money", "segment")]
        found = {"cells": cohort_cells(engine), "columns": columns, "findings": find_all(this)}
        return engine.name, values, found, scored.expected_value.tolist()
    finally:
        engine.close()


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Start a master and a worker on loopback and give the master's address."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port, page = free_port(), free_port()
    env = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "SPARK_LOG_DIR": str(tmp_path),
    }
    run = [str(home / "bin" / "spark-class")]
    address = f"spark://127.0.0.1:{port}"
    master = [*run, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
    children = [subprocess.Popen([*master, "--webui-port", str(page)], **quiet)]
    worker = [*run, "org.apache.spark.deploy.worker.Worker", address, "--host", "127.0.0.1", "-c", "1", "-m", "1g"]
    children.append(subprocess.Popen([*worker, "--webui-port", str(free_port())], **quiet))
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as answer:
                    if b'"aliveworkers" : 1' in answer.read():
                        break
            except OSError:
                pass
            assert time.monotonic() < deadline, "the cluster did not come up"
            time.sleep(0.5)
        yield address
    finally:
        for child in children:
            child.kill()
            child.wait()


def _compare(lake, master):
    _, *expected = answers(lake, "")
    name, *found = answers(lake, master)
    assert name == "spark"
    for mine, theirs in zip(expected[0], found[0], strict=True):
        assert (mine.measure, mine.period, mine.why) == (theirs.measure, theirs.period, theirs.why)
        assert theirs.numerator == mine.numerator, mine
        assert theirs.denominator == mine.denominator, mine
    assert _differences(expected[1], found[1]) == []
    assert found[2] == pytest.approx(expected[2], rel=1e-6, abs=1)


def _differences(mine, theirs, where=""):
    """Return where two nested answers differ by more than the last digits of a sum of fractions."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        keys = sorted({*mine, *theirs}, key=str)
        return [each for key in keys for each in _differences(mine.get(key), theirs.get(key), f"{where}.{key}")]
    if isinstance(mine, list | tuple) and isinstance(theirs, list | tuple) and len(mine) == len(theirs):
        pairs = enumerate(zip(mine, theirs, strict=True))
        return [each for number, (one, other) in pairs for each in _differences(one, other, f"{where}[{number}]")]
    if isinstance(mine, float) and isinstance(theirs, float):
        return [] if theirs == pytest.approx(mine, rel=1e-6, abs=1e-9, nan_ok=True) else [(where, mine, theirs)]
    return [] if mine == theirs else [(where, mine, theirs)]


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def test_in_one_process_it_says_the_same():
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17")
    _compare(lake_of(history()), "local[2]")


def test_on_a_master_and_a_worker_it_says_the_same(cluster):
    _compare(lake_of(history()), cluster)


def test_an_empty_lake_is_no_error():
    assert answers(lake_of([]), "local[2]")[1] == []
