"""Jobs: leased, fenced, tried again, given up, never lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from setia.foundation import clock
from setia.foundation.jobs import queue, worker
from setia.foundation.jobs.backend import put
from setia.foundation.jobs.models import Job
from tests import cast

pytestmark = pytest.mark.django_db

NOW, LEASE = cast.NOW, queue.LEASE


@task
def echo(text: str = "") -> str:
    """Return what came in."""
    return text


@task
def fail_always() -> None:
    """Fail."""
    raise ValueError("poison")


@task
def stop_at_once() -> None:
    """Behave as a long job that is asked to stop."""
    raise worker.Stopping


def take(at: datetime = NOW, **more: Any) -> list[queue.Claim]:
    return queue.claim(worker="w", at=at, **more)


def look(job: Job) -> tuple[str, int, int]:
    job.refresh_from_db()
    return job.state, job.attempt_count, job.fence


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)


def test_a_claim_leases_a_job_to_one_worker() -> None:
    job = put(echo)
    (claim,) = take()
    assert look(job) == ("running", 1, 1)
    assert (job.lease_until, job.worker, take()) == (NOW + LEASE, "w", [])
    assert queue.finish(claim, result="x", at=NOW)
    assert (look(job), job.result, job.lease_until) == (("done", 1, 1), "x", None)
    assert not queue.finish(claim, result="y", at=NOW)


def test_a_worker_that_slept_through_its_lease_changes_nothing() -> None:
    job = put(echo)
    (old,) = take()
    woken = NOW + LEASE + timedelta(seconds=1)
    (new,) = take(woken)
    assert (new.job.id, new.fence) == (job.id, 2)
    assert not queue.renew(old, at=woken)
    assert not queue.finish(old, result="old", at=woken)
    assert not queue.fail(old, error=ValueError(), at=woken)
    assert not queue.give_back(old, at=woken)
    assert look(job) == ("running", 2, 2)
    assert queue.finish(new, result="new", at=woken)
    assert (look(job)[0], job.result) == ("done", "new")


def test_a_renewed_lease_is_not_rescued() -> None:
    job = put(echo)
    (claim,) = take()
    assert queue.renew(claim, at=after(seconds=50))
    assert queue.rescue_expired(at=after(seconds=110)) == 0
    assert queue.rescue_expired(at=after(seconds=111)) == 1
    assert look(job) == ("ready", 1, 1)


def test_failures_rest_longer_each_time_and_end_as_failed() -> None:
    job, at, rests = put(fail_always, attempt_limit=4), NOW, []
    while claims := take(at):
        worker_says = queue.fail(claims[0], error=ValueError("poison"), at=at)
        job.refresh_from_db()
        assert worker_says
        rests.append((job.due_at - at).total_seconds())
        at = max(job.due_at, at + timedelta(microseconds=1))
    assert (rests[:3], look(job)) == ([10, 20, 40], ("failed", 4, 4))
    assert "ValueError: poison" in job.error
    assert job.finished_at is not None


def test_a_poison_job_holds_up_nobody() -> None:
    poison, good = put(fail_always), put(echo, args=["hai"])
    assert [worker.work_once("w") for _ in range(3)] == [1, 1, 0]
    good.refresh_from_db()
    assert (look(poison)[:2], look(good)[:2], good.result) == (("ready", 1), ("done", 1), "hai")


def test_a_job_that_kills_its_worker_each_time_is_given_up() -> None:
    job, at = put(echo, attempt_limit=3), NOW
    for _ in range(3):
        assert len(take(at)) == 1
        at += LEASE + timedelta(seconds=1)
    assert take(at) == []
    assert (look(job), job.error) == (("failed", 3, 3), "The worker died while this job was running.")


def test_a_job_given_back_has_lost_no_attempt() -> None:
    job = put(stop_at_once, attempt_limit=1)
    assert [worker.work_once("w") for _ in range(3)] == [1, 1, 1]
    assert look(job) == ("ready", 0, 3)


def test_a_unique_key_is_held_while_the_job_is_open() -> None:
    first = put(echo, unique_key="k")
    assert put(echo, unique_key="k").id == first.id
    (claim,) = take()
    assert put(echo, unique_key="k").id == first.id
    queue.finish(claim, result=None, at=NOW)
    assert put(echo, unique_key="k").id != first.id
    assert len({put(echo).id for _ in range(3)}) == 3
    assert Job.objects.count() == 5


def test_a_rollback_takes_the_enqueue_back() -> None:
    with transaction.atomic():
        result = echo.enqueue("x")
        transaction.set_rollback(True)
    with pytest.raises(TaskResultDoesNotExist):
        echo.get_result(result.id)
    assert take() == []


def test_priority_then_age_decides_and_the_future_waits() -> None:
    late = put(echo.using(run_after=after(minutes=1)))
    with clock.frozen(NOW - timedelta(minutes=2)):
        old = put(echo)
    young, urgent = put(echo), put(echo.using(priority=5))
    assert [claim.job.id for claim in take(limit=9)] == [urgent.id, old.id, young.id]
    assert [claim.job.id for claim in take(after(minutes=1), limit=9) if claim.job.id == late.id] == [late.id]
    assert take(queues=("other",)) == []


def test_the_standard_api_tells_how_a_job_went() -> None:
    good, bad = echo.enqueue("hai"), fail_always.enqueue()
    while worker.work_once("w"):
        pass
    assert (echo.get_result(good.id).status, echo.get_result(good.id).return_value) == (
        TaskResultStatus.SUCCESSFUL,
        "hai",
    )
    assert fail_always.get_result(bad.id).status == TaskResultStatus.READY
    with pytest.raises(TaskResultDoesNotExist):
        echo.get_result("nonsense")


def test_a_task_that_is_gone_fails_and_the_worker_goes_on() -> None:
    job = put(echo)
    Job.objects.filter(id=job.id).update(task_path="setia.nowhere.gone")
    assert worker.work_once("w") == 1
    assert look(job) == ("ready", 1, 1)


def test_finished_jobs_go_after_two_weeks_and_delay_is_told() -> None:
    put(echo)
    assert queue.seconds_behind(at=after(seconds=90)) == 90
    (claim,) = take()
    queue.finish(claim, result=None, at=NOW)
    assert queue.seconds_behind(at=after(days=1)) == 0
    assert [queue.purge_finished(at=after(days=day)) for day in (14, 15)] == [0, 1]
