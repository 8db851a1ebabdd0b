"""Background entry points of imports."""

from collections.abc import Iterator
from contextlib import contextmanager

from django_tasks import task

from setia.domains.imports import actions, folders
from setia.domains.imports.models import Import, WatchFolder
from setia.foundation import clock
from setia.foundation.actors import Actor
from setia.foundation.jobs.backend import put
from setia.foundation.jobs.worker import Stopping, stop_wanted


def _quiet(step: str, share: float) -> None:
    """Progress of background work is read from the row."""


@contextmanager
def _trouble_noted(record: Import) -> Iterator[None]:
    try:
        yield
    except (Stopping, actions.UnableToImport):
        raise
    except Exception as error:
        actions.note_trouble(record=record, error=error)
        raise


@task
def check(import_id: str) -> str:
    """Read a file and note what it holds."""
    record = Import.objects.get(id=int(import_id))
    try:
        with _trouble_noted(record):
            actions.run_check(record=record, at=clock.now(), report=_quiet)
    except actions.UnableToImport as error:
        return str(error)
    return record.state


@task
def write(import_id: str) -> str:
    """Write a confirmed file."""
    record = Import.objects.get(id=int(import_id))
    with _trouble_noted(record):
        finished = actions.run_write(record=record, at=clock.now(), report=_quiet, should_stop=stop_wanted)
    if not finished and stop_wanted():
        raise Stopping
    return record.state


@task
def undo(import_id: str, staff_id: str) -> str:
    """Take a file back."""
    record = Import.objects.get(id=int(import_id))
    by = Actor("staff", int(staff_id))
    with _trouble_noted(record):
        finished = actions.run_undo(record=record, by=by, at=clock.now(), report=_quiet, should_stop=stop_wanted)
    if not finished:
        raise Stopping
    return record.state


@task
def watch_folders() -> int:
    """Put a look into each watched folder in the queue, one at a time for each."""
    rows = WatchFolder.objects.filter(is_active=True)
    for folder in rows:
        put(watch_folder, args=[str(folder.id)], unique_key=f"folder:{folder.id}")
    return len(rows)


@task
def watch_folder(folder_id: str) -> int:
    """Bring in what is complete in one folder."""
    folder = WatchFolder.objects.filter(id=int(folder_id), is_active=True).select_related("mapping").first()
    if folder is None:
        return 0
    count = folders.look(folder=folder, at=clock.now(), should_stop=stop_wanted)
    if stop_wanted():
        raise Stopping
    return count


@task
def purge_files() -> int:
    """Remove files that are no longer needed."""
    return actions.purge_files(at=clock.now())
