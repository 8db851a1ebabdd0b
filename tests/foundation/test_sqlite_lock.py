"""The write lock of a SQLite file, alone and inside the backend."""

import threading
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from setia.foundation.db.sqlite import base
from setia.foundation.db.sqlite.lock import LockTimeout, WriteLock, lock_for


def test_a_lock_is_held_by_one_and_waited_for_by_others(tmp_path: Path) -> None:
    mine, other = WriteLock(tmp_path / "x", 0.05), WriteLock(tmp_path / "x", 0.05)
    mine.acquire()
    with pytest.raises(LockTimeout, match="another process has been writing for too long"):
        other.acquire()
    with pytest.raises(LockTimeout, match="another thread of this process"):
        mine.acquire()
    mine.release()
    other.acquire()
    other.release()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.gate", "x.lock"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_lock_that_timed_out_can_be_had_later(tmp_path: Path) -> None:
    mine, other = WriteLock(tmp_path / "x", 0.01), WriteLock(tmp_path / "x", 0.01)
    mine.acquire()
    for _ in range(3):
        with pytest.raises(LockTimeout):
            other.acquire()
    mine.release()
    for lock in (other, mine, other):
        lock.acquire()
        lock.release()


def test_the_locks_folder_missing_leaves_the_thread_free(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "later" / "x", 0.05)
    with pytest.raises(FileNotFoundError):
        lock.acquire()
    (tmp_path / "later").mkdir()
    lock.acquire()
    lock.release()


def test_one_file_has_one_lock_in_a_process(tmp_path: Path) -> None:
    assert lock_for(tmp_path / "x", 1) is lock_for(tmp_path / "x", 1)
    assert lock_for(tmp_path / "x", 1) is not lock_for(tmp_path / "y", 1)


def test_eight_threads_are_never_inside_together(tmp_path: Path) -> None:
    locks, inside, seen = [WriteLock(tmp_path / "x", 20) for _ in range(2)], [0], []

    def work(lock: WriteLock) -> None:
        for _ in range(50):
            lock.acquire()
            inside[0] += 1
            seen.append(inside[0])
            inside[0] -= 1
            lock.release()

    threads = [threading.Thread(target=work, args=(locks[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seen), set(seen)) == (400, {1})


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("INSERT INTO x VALUES (1)", True),
        ("  update x set a = 1", True),
        ("\nDELETE FROM x", True),
        ("REPLACE INTO x VALUES (1)", True),
        ("CREATE TABLE x (a)", True),
        ("WITH d AS (VALUES (1)) UPDATE x SET a = 1", True),
        ("WITH d AS (SELECT 1) INSERT INTO x SELECT * FROM d", True),
        ("VACUUM", True),
        ("SELECT 1", False),
        ("WITH d AS (SELECT 1) SELECT * FROM d", False),
        ("PRAGMA journal_mode", False),
        ("SAVEPOINT s", False),
    ],
)
def test_writes_are_told_from_reads(sql: str, writes: bool) -> None:
    assert bool(base._WRITES.match(sql)) is writes


@pytest.mark.parametrize("sql", ["/* why */ UPDATE x SET a = 1", "-- why\nDELETE FROM x"])
def test_a_comment_hides_no_write(sql: str) -> None:
    assert base._WRITES.match(sql)


sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="the lock is SQLite's")


@pytest.fixture
def other(tmp_path: Path, db: None) -> base.DatabaseWrapper:
    settings = {**connection.settings_dict, "NAME": str(tmp_path / "own.sqlite3")}
    settings["OPTIONS"] = {**settings["OPTIONS"], "timeout": 0.05}
    wrapper = base.DatabaseWrapper(settings, "own")
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    return wrapper


def free(wrapper: base.DatabaseWrapper) -> bool:
    """Tell whether another process could write now."""
    rival = WriteLock(Path(wrapper.settings_dict["NAME"]).resolve(), 0.01)
    try:
        rival.acquire()
    except LockTimeout:
        return False
    rival.release()
    return True


@sqlite_only
def test_each_way_to_end_a_transaction_lets_go(other: base.DatabaseWrapper) -> None:
    for end in (other.commit, other.rollback):
        other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert (other.holds_lock, free(other)) == (True, False)
        end()
        other.set_autocommit(True)
        assert (other.holds_lock, free(other)) == (False, True)
    other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    other.close()
    assert (other.holds_lock, free(other)) == (False, True)


@sqlite_only
def test_a_write_outside_a_transaction_takes_the_lock_and_a_read_does_not(other: base.DatabaseWrapper) -> None:
    rival = WriteLock(Path(other.settings_dict["NAME"]).resolve(), 1)
    rival.acquire()
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (0,)
        with pytest.raises(OperationalError, match="database is locked: another process"):
            cursor.execute("INSERT INTO t VALUES (1)")
        rival.release()
        cursor.execute("INSERT INTO t VALUES (2) RETURNING a")
        assert free(other)
        assert (cursor.fetchone(), cursor.fetchone(), cursor.fetchall()) == ((2,), None, [])
    other.close()


@sqlite_only
def test_rows_returned_by_a_write_are_read_in_every_way(other: base.DatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1), (2), (3), (4) RETURNING a")
        assert (cursor.fetchone(), cursor.fetchmany(2), list(cursor)) == ((1,), [(2,), (3,)], [(4,)])
        cursor.execute("SELECT a FROM t ORDER BY a")
        assert cursor.fetchmany(2) == [(1,), (2,)]
        with pytest.raises(Exception, match="UNIQUE"):
            cursor.execute("INSERT INTO t VALUES (1)")
    assert free(other)
    other.close()
