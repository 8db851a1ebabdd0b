"""Which SQLite serves: only one without the WAL-reset bug, and only one build in a process."""

import sqlite3
import sys

import pytest

from setia import sqlite_driver
from setia.sqlite_driver import is_safe, refusal, running_version


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_bug_are_known(version: tuple[int, int, int], safe: bool) -> None:
    assert is_safe(version) is safe


def test_the_sqlite_of_this_process_is_safe() -> None:
    assert refusal() is None
    assert running_version() == sqlite3.sqlite_version_info[:3]


def test_an_unsafe_one_is_refused_with_three_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_driver, "running_version", lambda: (3, 40, 1))
    text = refusal() or ""
    assert text.startswith("Setia does not start on SQLite 3.40.1: it has the WAL-reset bug")
    assert all(way in text for way in ("pip install pysqlite3", "3.51.3 or newer", "DATABASE_URL"))


@pytest.mark.skipif(sys.platform != "linux", reason="the wheel is for Linux")
def test_everybody_imports_the_one_build() -> None:
    from django.db.backends.sqlite3 import base

    import setia.domains.imports.staging as staging

    assert sys.modules["sqlite3"] is sys.modules["pysqlite3"]
    assert {base.Database.sqlite_version, staging.sqlite3.sqlite_version} == {sqlite3.sqlite_version}
    assert "_sqlite3" not in sys.modules or running_version() >= (3, 51, 3)
