"""The worker as a process: it wakes at once, and whatever kills it, the work is done once."""

import subprocess
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django_tasks import task

from tests.processes.shops import ShopOnDisk, answers, at_once, free_port, kill, make_sales_file, until

HERE = "tests.processes.test_workers"


def _count(key: str) -> None:
    from tests.processes.test_writers import _bucket, write_alone

    _bucket(key)
    write_alone(key)


@task
def stamp(key: str) -> None:
    """Leave a mark."""
    _count(key)


@task
def dawdle(mark: str, go: str) -> None:
    """Say that it runs, wait for a file to appear, then leave a mark."""
    _count(f"began:{mark}")
    while not Path(go).exists():
        time.sleep(0.01)
    _count(mark)


@task
def break_down() -> None:
    """Fail every time."""
    raise ValueError("poison")


@task
def answer_badly() -> object:
    """Work, then return what no JSON can hold."""
    _count("bad answer")
    return {1, 2}


def enqueue(name: str, *args: object) -> str:
    """Put one of the tasks above in the queue."""
    from setia.foundation.jobs.backend import put

    return str(put(globals()[name], args=list(args)).id)


def time_to_stamp(count: int) -> list[float]:
    """Enqueue single jobs and return how long each waited until it was done, sorted."""
    from setia.foundation.jobs.models import Job

    took = []
    for number in range(count):
        start = time.monotonic()
        job_id = enqueue("stamp", f"s{number}")
        until(lambda job_id=job_id: Job.objects.filter(id=job_id, state="done").exists(), every=0.002)
        took.append(time.monotonic() - start)
    return sorted(took)


def expire_leases(shop: ShopOnDisk) -> None:
    shop.change("UPDATE foundation_job SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'")


def bucket(shop: ShopOnDisk, key: str) -> int:
    return shop.one(f"SELECT count FROM foundation_bucket WHERE key = '{key}'") or 0


def test_a_sleeping_worker_begins_within_two_tenths_of_a_second(shop: ShopOnDisk) -> None:
    worker = shop.start("worker")
    until(lambda: list((shop.home / "run").glob("wake/*")))
    shop.call(f"{HERE}:time_to_stamp", 1)
    took = shop.call(f"{HERE}:time_to_stamp", 20)
    print(f"from enqueue to done: p50 {took[10] * 1000:.0f} ms, p95 {took[18] * 1000:.0f} ms")  # noqa: T201
    assert took[10] < 0.2
    worker.terminate()
    assert worker.wait(20) == 0


def test_a_job_whose_worker_was_killed_is_done_by_the_next_after_the_lease(shop: ShopOnDisk, tmp_path: Path) -> None:
    go = tmp_path / "go"
    job_id = shop.call(f"{HERE}:enqueue", "dawdle", "once", str(go))
    first = shop.start("worker")
    until(lambda: bucket(shop, "began:once") == 1)
    kill(first)
    second = shop.start("worker")
    until(lambda: bucket(shop, "began:once") == 1 and list((shop.home / "run").glob(f"wake/{second.pid}")))
    go.touch()
    expire_leases(shop)
    until(lambda: shop.one(f"SELECT state FROM foundation_job WHERE id = {job_id}") == "done")
    assert (bucket(shop, "began:once"), bucket(shop, "once")) == (2, 1)
    assert shop.rows(f"SELECT attempt_count, fence FROM foundation_job WHERE id = {job_id}") == [(2, 2)]


def test_a_worker_asked_to_stop_gives_its_import_back(shop: ShopOnDisk, tmp_path: Path) -> None:
    tally = make_sales_file(tmp_path / "till.csv", rows=6_000)
    job_id = shop.call(f"{HERE}:confirm_import", str(tmp_path / "till.csv"))
    first = shop.start("worker")
    until(lambda: shop.one("SELECT position FROM imports_import") > 0, every=0.003)
    first.terminate()
    assert first.wait(30) == 0
    assert shop.rows(f"SELECT state, attempt_count FROM foundation_job WHERE id = {job_id}") == [("ready", 0)]
    assert 0 < shop.one("SELECT count(*) FROM commerce_order") < tally["orders"]
    shop.start("worker")
    until(lambda: shop.one("SELECT state FROM imports_import") == "done")
    assert shop.one("SELECT count(*) FROM commerce_orderline") == tally["lines"]


def take_and_check(file: Path) -> Any:
    """Take a file in and read it."""
    from setia.domains.imports import actions, checking, files
    from setia.domains.imports.rules import ReadingOptions
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    at = clock.now()
    record = actions.take_file(name=file.name, blocks=files.blocks_of(file), limit_bytes=10**9, by=SYSTEM, at=at)
    head = checking.preview(file)
    options = ReadingOptions(mapping=head.mapping, currency="IDR", grouping=head.grouping)
    actions.choose_options(record=record, options=options, headings=head.headings, at=at)
    return actions.run_check(record=record, at=at, report=lambda step, share: None)


def confirm_import(path: str) -> str:
    """Take a file in up to the point where the worker writes it."""
    from setia.domains.imports import actions
    from setia.domains.imports.tasks import write
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM
    from setia.foundation.jobs.backend import put

    record = take_and_check(Path(path))
    actions.confirm(record=record, by=SYSTEM, at=clock.now())
    return str(put(write, args=[str(record.id)], unique_key=f"import:{record.id}").id)


def test_an_import_whose_worker_was_killed_is_finished_by_the_next(shop: ShopOnDisk, tmp_path: Path) -> None:
    tally = make_sales_file(tmp_path / "till.csv", rows=4_000)
    shop.call(f"{HERE}:confirm_import", str(tmp_path / "till.csv"))
    first = shop.start("worker")
    until(lambda: shop.one("SELECT position FROM imports_import") > 0, every=0.003)
    kill(first)
    assert shop.one("SELECT state FROM imports_import") == "writing"
    expire_leases(shop)
    shop.start("worker")
    until(lambda: shop.one("SELECT state FROM imports_import") == "done")
    assert shop.one("SELECT count(*) FROM commerce_order") == tally["orders"]
    assert shop.one("SELECT sum(gross) FROM commerce_orderline") == tally["gross"]


def test_a_poison_job_rests_while_others_go_on(shop: ShopOnDisk) -> None:
    shop.call(f"{HERE}:enqueue", "break_down")
    shop.call(f"{HERE}:enqueue", "stamp", "after")
    shop.start("worker")
    until(lambda: bucket(shop, "after") == 1)
    rows = shop.rows("SELECT state, attempt_count FROM foundation_job WHERE error LIKE '%poison%'")
    assert rows == [("ready", 1)]


def test_a_job_that_returns_no_json_fails_at_once(shop: ShopOnDisk) -> None:
    job_id = shop.call(f"{HERE}:enqueue", "answer_badly")
    shop.call(f"{HERE}:work_once")
    states = shop.one(f"SELECT state FROM foundation_job WHERE id = {job_id}")
    assert states in ("ready", "failed")


def work_once() -> str:
    """Do what is due, in this process."""
    from setia.foundation.jobs.worker import work_once

    try:
        return str(work_once("test"))
    except Exception as error:
        return repr(error)


def schedule_many(count: int) -> Any:
    """Enqueue what has come due from several threads at once, again after a long outage; return jobs by name."""
    from setia.foundation import clock
    from setia.foundation.jobs.models import Job
    from setia.foundation.jobs.schedule import Periodic, enqueue_due

    lines = tuple(Periodic(f"p{n}", f"{HERE}.stamp", every=timedelta(minutes=1 + n)) for n in range(5))
    found = []
    for moment in (clock.now(), clock.now() + timedelta(days=400)):
        at_once(count, partial(enqueue_due, lines, at=moment))
        found.append(Job.objects.filter(unique_key__startswith="schedule:p").count())
        Job.objects.update(state="done")
    return found


def test_the_schedule_enqueues_once_over_concurrent_workers_and_once_after_an_outage(shop: ShopOnDisk) -> None:
    assert shop.call(f"{HERE}:schedule_many", 8) == [5, 10]


def claim_from_threads(count: int) -> list[int]:
    """Let threads claim from one queue until it is empty; return how many each job was given."""
    import threading
    from collections import Counter

    from django.db import connection

    from setia.foundation import clock
    from setia.foundation.jobs import queue

    for number in range(40):
        enqueue("stamp", str(number))
    seen: Counter[int] = Counter()
    guard = threading.Lock()

    def work() -> None:
        while claims := queue.claim(worker="x", at=clock.now(), limit=3):
            with guard:
                seen.update(claim.job.id for claim in claims)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seen.values())


def test_no_job_is_given_to_two_workers(shop: ShopOnDisk) -> None:
    assert shop.call(f"{HERE}:claim_from_threads", 6) == [1] * 40


def slow_delivery(seconds_late: int) -> int:
    """Let a subscriber run past its lease while another worker delivers; return how often its effect stands."""
    from setia.domains.imports.events import ImportUploaded
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM
    from setia.foundation.events import delivering, record, subscribe
    from setia.foundation.throttle.models import Bucket

    at = clock.now()
    calls: list[int] = []

    def slept_through(delivery_id: int) -> None:
        """Another worker takes the delivery over, because the lease is gone, and does it."""
        delivering.deliver_due(at=at + timedelta(seconds=seconds_late))

    def hear(event: Any) -> None:
        calls.append(event.id)
        _count("effect")

    subscribe("imports.uploaded", "test", hear)
    record(ImportUploaded(import_id=1), by=SYSTEM, at=at)
    real = delivering._deliver

    def late(delivery_id: int, *rest: Any) -> int:
        delivering._deliver = real
        slept_through(delivery_id)
        return real(delivery_id, *rest)

    delivering._deliver = late
    delivering.deliver_due(at=at)
    return Bucket.objects.get(key="effect").count


def test_a_delivery_taken_over_after_its_lease_has_its_effect_once(shop: ShopOnDisk) -> None:
    assert shop.call(f"{HERE}:slow_delivery", 600) == 1


def test_a_killed_server_leaves_nobody_behind_and_starts_again_on_the_same_port(shop: ShopOnDisk) -> None:
    shop.extra["SETIA_DEMO"] = "1"
    port = free_port()
    for _ in range(2):
        server = shop.start("run", "--port", port)
        until(lambda: answers(port), every=0.2)
        family = descendants(server.pid)
        assert len(family) >= 3  # two web processes and the worker
        kill(server)
        until(lambda family=family: not any(is_alive(pid) for pid in family), seconds=50, every=0.2)
    assert not answers(port)


def descendants(pid: int) -> list[int]:
    """Return the children of a process, theirs and so on."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found, left = [], [pid]
    while left:
        parent = left.pop()
        children = [child for child, of in pairs if of == parent]
        found += children
        left += children
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    answer = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in ("", "Z")
