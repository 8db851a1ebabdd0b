"""Periodic jobs: each is due at fixed instants, and is put in the queue exactly once for the latest of them.

After an outage a job runs once, not once for each time it missed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.module_loading import import_string

from setia.foundation.db import write_tx
from setia.foundation.jobs.backend import put
from setia.foundation.jobs.models import ScheduledRun


@dataclass(frozen=True, slots=True)
class Periodic:
    """A line of the schedule: every `every`, counted from midnight UTC plus `offset`."""

    name: str
    task_path: str
    every: timedelta
    offset: timedelta = timedelta(0)

    def latest_due(self, at: datetime) -> datetime:
        """Return the last instant up to `at` at which the job was due."""
        start = datetime(2024, 1, 1, tzinfo=UTC) + self.offset
        return start + ((at - start) // self.every) * self.every


def enqueue_due(lines: tuple[Periodic, ...], *, at: datetime) -> int:
    """Put each line that has come due in the queue, once over all workers, and return how many."""
    count = 0
    known = dict(ScheduledRun.objects.values_list("name", "last_due_at"))
    for line in lines:
        due_at = line.latest_due(at)
        last = known.get(line.name)
        # A last time in the future was written by a clock that was wrong; it must not silence the job for years.
        if last is not None and due_at <= last <= at + line.every:
            continue
        with write_tx():
            if last is None:
                _, won = ScheduledRun.objects.get_or_create(name=line.name, defaults={"last_due_at": due_at})
            else:
                won = bool(ScheduledRun.objects.filter(name=line.name, last_due_at=last).update(last_due_at=due_at))
            if won:
                put(import_string(line.task_path), unique_key=f"schedule:{line.name}")
                count += 1
    return count
