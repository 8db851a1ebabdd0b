"""Many writers in several processes: nobody is turned away, nothing is lost, a till does not wait for an import."""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.processes.shops import ON_POSTGRES, ShopOnDisk, at_once, kill, until

HERE = "tests.processes.test_writers"


def _bucket(key: str) -> None:
    from setia.foundation import clock
    from setia.foundation.throttle.models import Bucket

    Bucket.objects.get_or_create(key=key, defaults={"resets_at": clock.now() + timedelta(days=1)})


def read_then_write(key: str) -> None:
    """Add one by reading first, as a verb that decides does."""
    from setia.foundation.db import write_tx
    from setia.foundation.throttle.models import Bucket

    with write_tx():
        row = Bucket.objects.select_for_update().get(key=key)
        row.count += 1
        row.save(update_fields=["count"])


def write_alone(key: str) -> None:
    """Add one outside a transaction."""
    from django.db.models import F

    from setia.foundation.throttle.models import Bucket

    Bucket.objects.filter(key=key).update(count=F("count") + 1)


def insert_alone(_: str) -> None:
    """Add a row outside a transaction."""
    _bucket(os.urandom(8).hex())


def hammer(thread_count: int, seconds: float) -> dict[str, object]:
    """Write from so many threads for so long; return how often each way and every error met."""
    done, errors = {"reads": 0, "alone": 0, "rows": 0}, []
    guard, end = threading.Lock(), time.monotonic() + seconds
    ways: dict[str, tuple[Callable[[str], None], str]] = {
        "reads": (read_then_write, "reads"),
        "alone": (write_alone, "alone"),
        "rows": (insert_alone, ""),
    }

    def work() -> None:
        while time.monotonic() < end:
            for name, (call, key) in ways.items():
                try:
                    call(key)
                except Exception as error:
                    errors.append(repr(error))
                else:
                    with guard:
                        done[name] += 1

    at_once(thread_count, work)
    return {**done, "errors": errors}


def race(shop: ShopOnDisk, *, seconds: float) -> None:
    shop.call(f"{HERE}:make_buckets")
    children = [shop.start_call(f"{HERE}:hammer", 8, seconds) for _ in range(2)]
    answers = [json.loads(child.communicate(timeout=seconds + 60)[0]) for child in children]
    assert [answer["errors"] for answer in answers] == [[], []]
    assert min(answer["reads"] for answer in answers) > 10
    for name in ("reads", "alone"):
        counted = shop.one(f"SELECT count FROM foundation_bucket WHERE key = '{name}'")
        assert counted == sum(answer[name] for answer in answers)
    assert shop.one("SELECT count(*) - 2 FROM foundation_bucket") == sum(answer["rows"] for answer in answers)
    print({name: sum(answer[name] for answer in answers) for name in ("reads", "alone", "rows")})  # noqa: T201


def make_buckets() -> None:
    for name in ("reads", "alone"):
        _bucket(name)


def test_two_processes_of_eight_threads_lose_no_write_and_meet_no_lock(shop: ShopOnDisk) -> None:
    race(shop, seconds=2)


@pytest.mark.soak
def test_two_processes_of_eight_threads_write_for_half_a_minute(shop: ShopOnDisk) -> None:
    race(shop, seconds=30)


def write_in_bulk(seconds: float) -> int:
    """Write blocks of 1,500 rows in one transaction after the other, without a pause."""
    from setia.foundation import clock
    from setia.foundation.db import bulk_insert, write_tx
    from setia.foundation.throttle.models import Bucket

    end, total = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rows = [(os.urandom(12).hex(), 1, clock.now()) for _ in range(1_500)]
        with write_tx():
            total += bulk_insert(Bucket, ("key", "count", "resets_at"), rows)
    return total


def write_singly(count: int) -> list[float]:
    """Write single rows with a breath between and return how long each took, in seconds."""
    took = []
    _bucket("till")
    for _ in range(count):
        start = time.monotonic()
        read_then_write("till")
        took.append(time.monotonic() - start)
        time.sleep(0.01)
    return sorted(took)


def test_a_till_hardly_waits_while_another_process_writes_in_bulk(shop: ShopOnDisk) -> None:
    bulk = shop.start_call(f"{HERE}:write_in_bulk", 30)
    until(lambda: shop.one("SELECT count(*) FROM foundation_bucket") > 0)
    took = shop.call(f"{HERE}:write_singly", 100)
    assert bulk.poll() is None
    kill(bulk)
    p50, p95 = took[50], took[95]
    print(f"single write beside a bulk writer: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")  # noqa: T201
    assert p95 < 0.5


def hold_and_fork() -> dict[str, object]:
    """Fork while another thread is in a write transaction, and let the child try to write."""
    from django.db import connection

    from setia.foundation.db import write_tx

    _bucket("forked")
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with write_tx():
            write_alone("forked")
            inside.set()
            leave.wait()
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    connection.close()
    child = os.fork()
    if child == 0:
        connection.connection = None
        try:
            write_alone("forked")
        except BaseException as error:
            os._exit(3 if "start a new process" in str(error) else 1)
        os._exit(0)
    leave.set()
    holder.join()
    return {"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}


@pytest.mark.skipif(ON_POSTGRES, reason="the lock is SQLite's")
def test_a_child_forked_while_a_thread_writes_is_told_what_to_do_instead(shop: ShopOnDisk) -> None:
    start = time.monotonic()
    assert shop.call(f"{HERE}:hold_and_fork") == {"code": 3}
    assert time.monotonic() - start < 15
    assert shop.one("SELECT count FROM foundation_bucket WHERE key = 'forked'") == 1


@pytest.mark.skipif(ON_POSTGRES, reason="the lock is SQLite's")
def test_a_killed_writer_holds_up_nobody(shop: ShopOnDisk) -> None:
    bulk = shop.start_call(f"{HERE}:write_in_bulk", 30)
    until(lambda: shop.one("SELECT count(*) FROM foundation_bucket") > 0)
    kill(bulk)
    took = shop.call(f"{HERE}:write_singly", 3)
    assert max(took) < 0.5
    assert shop.one("SELECT count(*) % 1500 FROM foundation_bucket") == 1
    assert shop.one("PRAGMA integrity_check") == "ok"
