"""The worker: takes jobs, delivers facts, keeps the schedule. `setia worker` runs it."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

from setia.foundation import clock
from setia.foundation.events.delivering import deliver_due
from setia.foundation.jobs import queue
from setia.foundation.jobs.schedule import Periodic, enqueue_due
from setia.foundation.jobs.waking import Alarm

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
SCHEDULE_SECONDS = 15.0


class Stopping(Exception):
    """Raised inside a running job when the worker is asked to stop; the job goes on later where it stood."""


_stop_wanted = threading.Event()


def stop_wanted() -> bool:
    """Tell a long job that it should come to an end; it then raises Stopping at a safe point."""
    return _stop_wanted.is_set()


class _Heartbeat(threading.Thread):
    """Renews the lease of the running job from a thread of its own, so that long work keeps its job."""

    def __init__(self, claim: queue.Claim) -> None:
        super().__init__(daemon=True)
        self._claim = claim
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(queue.LEASE.total_seconds() / 4):
            try:
                queue.renew(self._claim, at=clock.now())
            except Exception:
                log.exception("Could not renew the lease of job %s", self._claim.job.id)
        connection.close()

    def stop(self) -> None:
        """End it; harmless when it has ended."""
        self._done.set()
        self.join()


def run_claim(claim: queue.Claim) -> None:
    """Run one job to its end and note how it went."""
    heartbeat = _Heartbeat(claim)
    heartbeat.start()
    try:
        result: Any = import_string(claim.job.task_path).call(*claim.job.args, **claim.job.kwargs)
        heartbeat.stop()
        queue.finish(claim, result=result, at=clock.now())
    except Stopping:
        heartbeat.stop()
        queue.give_back(claim, at=clock.now())
    except Exception as error:
        heartbeat.stop()
        log.exception("Job %s (%s) failed", claim.job.id, claim.job.task_path)
        queue.fail(claim, error=error, at=clock.now())


def work_once(name: str, *, batch: int = 1) -> int:
    """Do what is due now, at most `batch` jobs, and return how much was done."""
    done = deliver_due(at=clock.now())
    for claim in queue.claim(worker=name, at=clock.now(), limit=batch):
        run_claim(claim)
        done += 1
    return done


def run(lines: tuple[Periodic, ...], *, until: Callable[[], bool] = lambda: False) -> None:
    """Work until asked to stop by SIGTERM or SIGINT, or until `until()` says so."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    alarm = Alarm()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _stop_wanted.set())
    last_look = 0.0
    try:
        while not _stop_wanted.is_set() and not until():
            try:
                moment = clock.now()
                if moment.timestamp() - last_look >= SCHEDULE_SECONDS:
                    last_look = moment.timestamp()
                    enqueue_due(lines, at=moment)
                if not work_once(name):
                    close_old_connections()
                    alarm.wait(POLL_SECONDS)
            except Exception:
                # A database that restarts must not end the worker.
                log.exception("The worker met an error and goes on")
                connection.close()
                _stop_wanted.wait(1.0)
    finally:
        alarm.close()
