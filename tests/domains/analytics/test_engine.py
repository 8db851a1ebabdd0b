"""An engine answers questions and nothing else: no writing, no files, no text that becomes a question."""

import os
import subprocess
import sys
import threading
import time
from datetime import date

import pytest

from setia.domains.analytics.engine import Stopped
from setia.domains.analytics.engine.base import words
from setia.domains.analytics.engine.duck import DuckEngine
from tests.domains.analytics.lakes import Sale, lake_of


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))
    found = DuckEngine(lake_of([Sale(1, date(2026, 9, 1), net=70), Sale(2, date(2026, 9, 2))]))
    yield found
    found.close()


@pytest.mark.parametrize(
    "question",
    [
        "DELETE FROM orders",
        "SELECT 1; SELECT 2",
        "CREATE TABLE x AS SELECT 1",
        "COPY orders TO '/tmp/x.csv'",
        "PRAGMA version",
        "SET memory_limit = '9GB'",
        "SELECT nothing FROM nowhere",
        "SELECT (",
        "",
    ],
)
def test_what_is_no_question_is_refused(engine, question):
    with pytest.raises(ValueError, match=r"\S"):
        engine.run(question)
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 2}]


@pytest.mark.parametrize("file", ["/etc/passwd", "/proc/self/environ"])
def test_no_file_but_the_lakes_is_read(engine, file):
    with pytest.raises(Exception, match="disabled by configuration"):
        engine.run(f"SELECT * FROM read_csv('{file}')")


@pytest.mark.parametrize("text", ["x' OR '1'='1", "'; DROP TABLE orders; --", "$day", "\\", "\u2028'", "a''b"])
def test_a_text_stays_a_text(engine, text):
    found = engine.run("SELECT COUNT(*) AS n, $text AS said FROM orders WHERE status = $text", {"text": text})
    assert found.to_pylist() == [{"n": 0, "said": text}]


def test_values_keep_their_kind(engine):
    asked = {"whole": 7, "part": 0.5, "day": date(2026, 9, 2), "yes": True, "none": None}
    found = engine.run(
        "SELECT $whole AS whole, $part AS part, $day AS day, $yes AS yes, $none AS none, COUNT(*) AS n "
        "FROM orders WHERE shop_day >= $day",
        asked,
    ).to_pylist()
    assert found == [{**asked, "n": 1}]
    with pytest.raises(ValueError, match=r"\$day"):
        engine.run("SELECT $day")


def test_snapshots_replace_each_other(engine):
    assert engine.snapshot("best", "SELECT customer_id FROM orders") == 2
    assert engine.snapshot("best", "SELECT customer_id FROM orders WHERE net = $net", {"net": 70}) == 1
    assert "best" in engine.tables()
    for name in ("best; DROP TABLE orders", "a b", ""):
        with pytest.raises(ValueError, match="name"):
            engine.snapshot(name, "SELECT 1")


def test_a_question_is_cancelled_from_elsewhere(engine):
    """A product of a thousand million rows would take minutes."""
    many = "SELECT SUM(a.range * b.range % 7) AS s FROM range(200000) a, range(200000) b"
    stopper = threading.Timer(0.5, engine.cancel)
    stopper.start()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        engine.run(many)
    assert time.monotonic() - begun < 20
    assert engine.run("SELECT COUNT(*) AS n FROM orders").to_pylist() == [{"n": 2}]


def test_scratch_files_go_with_the_engine(engine, tmp_path):
    folder = tmp_path / "home" / "scratch"
    assert len(list(folder.iterdir())) == 1
    engine.close()
    assert list(folder.iterdir()) == []


def test_all_measures_are_said_in_the_other_dialect():
    """Everything an analysis asks for its measures can be said to Spark, with its parameters as literals."""
    from setia.domains.analytics.measuring import Choices
    from setia.domains.analytics.measuring.answers import answer_all
    from setia.domains.analytics.measuring.measuring import lay_out

    said: list[str] = []

    class Listening(DuckEngine):
        def _heard(self, sql, params):
            said.append(words(sql, params, dialect="spark"))

        def run(self, sql, params=None):
            self._heard(sql, params)
            return super().run(sql, params)

        def snapshot(self, name, sql, params=None):
            self._heard(sql, params)
            return super().snapshot(name, sql, params)

        def view(self, name, sql, params=None):
            self._heard(sql, params)
            super().view(name, sql, params)

    sales = [Sale(1, date(2026, 9, 9), outlet=7), Sale(1, date(2026, 10, 9), outlet=8)]
    engine = Listening(lake_of(sales))
    lay_out(engine, today=date(2026, 11, 22))
    answer_all(engine, today=date(2026, 11, 22), choices=Choices())
    engine.close()
    assert len(said) > 50
    assert not [text for text in said if "$" in text]
    assert any("SHIFTLEFT" in text or "<<" in text for text in said)


def test_a_web_process_loads_no_engine():
    """Whatever serves pages stays small: engines, models and Arrow are loaded by whoever measures."""
    code = (
        "import setia, django, sys; django.setup(); import setia.console.urls, setia.api.urls; "
        "print([name for name in ('scipy', 'pyarrow', 'sqlglot') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "setia.config.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
