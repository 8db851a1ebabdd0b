"""The schedule: each job once for each instant it is due, and once after an outage."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.module_loading import import_string
from django_tasks.base import Task

from setia.config.schedule import SCHEDULE
from setia.foundation.jobs import queue
from setia.foundation.jobs.models import Job, ScheduledRun
from setia.foundation.jobs.schedule import Periodic, enqueue_due
from tests import cast

NIGHTLY = Periodic("nightly", "tests.foundation.test_jobs.echo", timedelta(days=1), offset=timedelta(hours=19))


@pytest.mark.parametrize(
    ("moment", "due"), [("22T19:00", "22T19:00"), ("22T18:59", "21T19:00"), ("23T00:00", "22T19:00")]
)
def test_the_latest_instant_is_the_one_at_or_before_now(moment: str, due: str) -> None:
    at, expected = (datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC) for text in (moment, due))
    assert NIGHTLY.latest_due(at) == expected


def empty_queue() -> None:
    for claim in queue.claim(worker="w", at=cast.NOW + timedelta(days=999), limit=99):
        queue.finish(claim, result=None, at=cast.NOW)


@pytest.mark.django_db
def test_a_job_is_put_in_the_queue_once_for_each_instant() -> None:
    counts = []
    for days in (0, 0, 0.5, 1, 1, 2):
        counts.append(enqueue_due((NIGHTLY,), at=cast.NOW + timedelta(days=days)))
        empty_queue()
    assert counts == [1, 0, 0, 1, 0, 1]
    assert Job.objects.count() == 3


@pytest.mark.django_db
def test_after_a_long_outage_a_job_runs_once() -> None:
    enqueue_due((NIGHTLY,), at=cast.NOW)
    empty_queue()
    later = cast.NOW + timedelta(days=400)
    assert [enqueue_due((NIGHTLY,), at=later), enqueue_due((NIGHTLY,), at=later)] == [1, 0]
    assert Job.objects.filter(state="ready").count() == 1


@pytest.mark.django_db
def test_a_job_that_still_waits_is_not_put_twice() -> None:
    for days in range(4):
        enqueue_due((NIGHTLY,), at=cast.NOW + timedelta(days=days))
    assert Job.objects.filter(state="ready").count() == 1


@pytest.mark.django_db
def test_a_clock_that_was_wrong_for_a_moment_does_not_stop_the_schedule() -> None:
    enqueue_due((NIGHTLY,), at=cast.NOW + timedelta(days=5000))
    empty_queue()
    assert enqueue_due((NIGHTLY,), at=cast.NOW + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_every_line_of_the_schedule_names_a_task() -> None:
    assert all(isinstance(import_string(line.task_path), Task) for line in SCHEDULE)
    assert len({line.name for line in SCHEDULE}) == len(SCHEDULE) == enqueue_due(SCHEDULE, at=cast.NOW)
    assert ScheduledRun.objects.count() == len(SCHEDULE)
