"""Verbs of exports: ask for one, make it, stop it, take it, delete it, let it expire."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from setia.domains.exports import files, sources, writers
from setia.domains.exports.events import ExportFinished, ExportTaken
from setia.domains.exports.models import Export, ExportState
from setia.domains.exports.rules import KEEP_FILES, Filters, Form
from setia.domains.imports.files import is_disk_full
from setia.domains.shop.queries import the_shop
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record as record_fact
from setia.foundation.events.recording import log_access
from setia.foundation.ids import new_id

_REPORT_SECONDS = 0.5
_WORKING = (ExportState.WAITING, ExportState.RUNNING)


class UnableToExport(Exception):
    """Raised with a code: no_such_kind, no_such_form, days_reversed, not_done, gone."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Stopped(Exception):
    """Ends a running export: it was cancelled, or the worker is asked to stop."""


def request_export(*, kind: str, form: str, filters: Filters, by: Actor, at: datetime) -> Export:
    """Ask for a file; raises UnableToExport. Each call asks for one more."""
    if kind not in sources.SOURCES:
        raise UnableToExport("no_such_kind")
    if form not in set(Form):
        raise UnableToExport("no_such_form")
    if filters.first and filters.last and filters.first > filters.last:
        raise UnableToExport("days_reversed")
    return Export.objects.create(
        kind=kind, form=form, filters=filters.as_json(), actor_kind=by.kind, actor_id=by.id, created_at=at
    )


def run_export(*, record: Export, at: datetime, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Make the file of an export; False says that it was asked to stop and begins anew later.

    Killed at any moment, it begins anew: what was half written goes. It shows what stood in the shop when it began;
    rows that came later are not in it. Who took how many rows out is written to the access log with the end.
    """
    moved = Export.objects.filter(id=record.id, state__in=_WORKING).update(
        state=ExportState.RUNNING, as_of=at, done_count=0, row_count=0, problem=""
    )
    record.refresh_from_db()
    if not moved:
        return True
    source, filters, up_to = sources.SOURCES[record.kind], Filters.from_json(record.filters), new_id()
    total = sources.chosen(source, filters, up_to=up_to).count()
    Export.objects.filter(id=record.id).update(total_count=total)
    rows = _watched(record, sources.walk(source, filters, up_to=up_to), should_stop)
    try:
        files.fresh_folder(record.id)
        count = writers.write(
            files.path_of(record),
            Form(record.form),
            sources.columns_of(record.kind),
            rows,
            scale=the_shop().currency.scale,
            title=record.kind,
        )
    except _Stopped:
        files.remove(record.id)
        record.refresh_from_db()
        return record.state == ExportState.CANCELLED
    except Exception as error:
        files.remove(record.id)
        code = "disk_full" if is_disk_full(error) else type(error).__name__
        Export.objects.filter(id=record.id, state=ExportState.RUNNING).update(
            state=ExportState.FAILED, problem=code[:80], finished_at=at
        )
        record.refresh_from_db()
        if code != "disk_full":
            raise
        return True
    _finish(record, count, at=at)
    return True


def _watched(record: Export, rows: Iterator[Sequence[Any]], should_stop: Callable[[], bool]) -> Iterator[Sequence[Any]]:
    """Pass rows on, tell how many there were, and stop when somebody asked for that."""
    last = time.monotonic()
    for count, row in enumerate(rows, start=1):
        yield row
        if not count % 200 and time.monotonic() - last > _REPORT_SECONDS:
            last = time.monotonic()
            going = Export.objects.filter(id=record.id, state=ExportState.RUNNING).update(done_count=count)
            if not going or should_stop():
                raise _Stopped


def _finish(record: Export, count: int, *, at: datetime) -> None:
    size = files.path_of(record).stat().st_size
    with write_tx():
        done = Export.objects.filter(id=record.id, state=ExportState.RUNNING).update(
            state=ExportState.DONE,
            row_count=count,
            done_count=count,
            total_count=count,
            byte_count=size,
            finished_at=at,
        )
        if done:
            fact = ExportFinished(export_id=record.id, what=record.kind, form=record.form, row_count=count)
            record_fact(fact, by=record.actor, at=at)
            log_export(kind=record.kind, filters=Filters.from_json(record.filters), count=count, by=record.actor, at=at)
    if not done:
        files.remove(record.id)
    record.refresh_from_db()


def log_export(*, kind: str, filters: Filters, count: int, by: Actor, at: datetime) -> None:
    """Write to the access log that somebody took rows out of the shop: how many, of what, of which days."""
    chosen = ",".join(f"{name}={value}" for name, value in filters.as_json().items())
    page = f"export:{kind}" + (f"?{chosen}" if chosen else "")
    log_access(by=by, at=at, page=page[:60], customer_id=None, row_count=count)


def cancel(*, record: Export, at: datetime) -> None:
    """Stop an export that is not finished; one that is, or was stopped before, stays as it is."""
    Export.objects.filter(id=record.id, state__in=_WORKING).update(state=ExportState.CANCELLED, finished_at=at)
    record.refresh_from_db()
    if record.state == ExportState.CANCELLED:
        files.remove(record.id)


def delete(*, record: Export) -> None:
    """Delete the file of an export before its time; that it was made stays known. Repeating it changes nothing."""
    Export.objects.filter(id=record.id, state__in=[ExportState.DONE, ExportState.FAILED]).update(
        state=ExportState.DELETED
    )
    record.refresh_from_db()
    if record.state == ExportState.DELETED:
        files.remove(record.id)


def take(*, record: Export, by: Actor, at: datetime) -> None:
    """Note that somebody downloads a file; raises UnableToExport with `not_done` or `gone`."""
    if record.state != ExportState.DONE:
        raise UnableToExport("not_done" if record.is_working else "gone")
    expires_at = record.expires_at
    if (expires_at is not None and expires_at <= at) or not files.path_of(record).exists():
        raise UnableToExport("gone")
    with write_tx():
        record_fact(ExportTaken(export_id=record.id), by=by, at=at)
        filters = Filters.from_json(record.filters)
        log_export(kind=f"{record.kind}.file", filters=filters, count=record.row_count, by=by, at=at)


def run_again(*, record: Export, by: Actor, at: datetime) -> Export:
    """Ask for the same file once more, of today's rows."""
    return request_export(kind=record.kind, form=record.form, filters=Filters.from_json(record.filters), by=by, at=at)


def expire(*, at: datetime) -> int:
    """Remove files a week after they were made, and folders that belong to none; return how many exports expired."""
    old = list(Export.objects.filter(state=ExportState.DONE, finished_at__lt=at - KEEP_FILES))
    for record in old:
        Export.objects.filter(id=record.id, state=ExportState.DONE).update(state=ExportState.EXPIRED)
        files.remove(record.id)
    states = [ExportState.DONE, ExportState.RUNNING]
    for export_id in files.strays(set(Export.objects.filter(state__in=states).values_list("id", flat=True))):
        files.remove(export_id)
    return len(old)
