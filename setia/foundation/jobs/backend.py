"""The backend of the standard tasks API (`django_tasks`) on the `Job` table."""

from typing import Any

from django.db import IntegrityError
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from setia.foundation import clock
from setia.foundation.db import may_fail, on_commit
from setia.foundation.jobs.models import Job, JobState
from setia.foundation.jobs.waking import wake_workers

_STATUS = {
    JobState.READY: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.DONE: TaskResultStatus.SUCCESSFUL,
    JobState.FAILED: TaskResultStatus.FAILED,
}


class DatabaseBackend(BaseTaskBackend):  # type: ignore[misc]
    """Jobs are rows: put in the queue with the transaction that wants them, gone when it rolls back."""

    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Put a task in the queue; the caller's transaction decides whether it happens."""
        job = put(task, args=list(args), kwargs=dict(kwargs))
        return _result(task, job)

    def get_result(self, result_id: str) -> TaskResult:
        """Return the state of a job; raises TaskResultDoesNotExist."""
        try:
            job = Job.objects.get(id=int(result_id))
        except (Job.DoesNotExist, ValueError):
            raise TaskResultDoesNotExist(result_id) from None
        return _result(import_string(job.task_path), job)


def put(
    task: Task,
    *,
    args: list[Any] | None = None,
    kwargs: dict[str, Any] | None = None,
    unique_key: str | None = None,
    attempt_limit: int = 5,
) -> Job:
    """Put a task in the queue, with what the standard API has no words for.

    With `unique_key` a second job is not made while one with that key waits or runs; the first is returned.
    """
    at = clock.now()
    job = Job(
        task_path=task.module_path,
        queue=task.queue_name,
        priority=task.priority,
        args=args or [],
        kwargs=kwargs or {},
        unique_key=unique_key,
        due_at=task.run_after or at,
        enqueued_at=at,
        attempt_limit=attempt_limit,
    )
    try:
        with may_fail():
            job.save(force_insert=True)
            on_commit(wake_workers)
    except IntegrityError:
        open_states = [JobState.READY, JobState.RUNNING]
        standing = Job.objects.filter(unique_key=unique_key, state__in=open_states).first()
        if unique_key is None or standing is None:
            raise
        return standing
    return job


def _result(task: Task, job: Job) -> TaskResult:
    errors = [TaskError(exception_class_path="builtins.Exception", traceback=job.error)] if job.error else []
    result = TaskResult(
        task=task,
        id=str(job.id),
        status=_STATUS[JobState(job.state)],
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.started_at,
        args=job.args,
        kwargs=job.kwargs,
        backend=task.backend,
        errors=errors,
        worker_ids=[job.worker] * job.attempt_count,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result
