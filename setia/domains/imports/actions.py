"""Verbs of imports: take a file in, choose how to read it, check, write, cancel, undo."""

import hashlib
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from setia.domains.commerce.queries import shop_has_sales
from setia.domains.imports import checking, files, undoing, writing
from setia.domains.imports.events import ImportFinished, ImportUndone, ImportUploaded
from setia.domains.imports.kinds import KINDS, kind_of
from setia.domains.imports.models import Import, ImportState, SavedMapping
from setia.domains.imports.queries import sharers, signature_of
from setia.domains.imports.reading import UnreadableFile
from setia.domains.imports.rules import ReadingOptions
from setia.domains.shop.actions import change_shop
from setia.domains.shop.queries import the_shop
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record as record_fact
from setia.foundation.ids import new_id
from setia.foundation.money import currency

KEEP_FILES = timedelta(days=7)

Report = Callable[[str, float], None]


class UnableToImport(Exception):
    """Raised with a code (and what it is about) when an import cannot go on so."""

    def __init__(self, code: str, **about: Any) -> None:
        super().__init__(code)
        self.code = code
        self.about = about


def take_file(
    *,
    name: str,
    blocks: Iterable[bytes],
    limit_bytes: int,
    by: Actor,
    at: datetime,
    kind: str = "lines",
    line_blocks: Iterable[bytes] | None = None,
    folder_id: int | None = None,
) -> Import:
    """Keep an uploaded file and open an import for it.

    `line_blocks` is the second file of orders, that with the lines. Raises UnableToImport with `too_large`,
    `empty_file` or `disk_full`, and keeps nothing then. Each call opens one import, also for a file that came before;
    `queries.same_file` tells of earlier ones.
    """
    import_id = new_id()
    try:
        digest, size = files.keep(files.source(import_id), blocks, limit_bytes=limit_bytes)
        if line_blocks is not None and size:
            second, more = files.keep(files.second_source(import_id), line_blocks, limit_bytes=limit_bytes)
            digest, size = both_hashes(first=digest, second=second), size + more if more else 0
    except files.TooLarge:
        files.remove_all(import_id)
        raise UnableToImport("too_large", limit_mib=limit_bytes // 1_048_576) from None
    except files.DiskFull as error:
        files.remove_all(import_id)
        raise UnableToImport("disk_full") from error
    if not size:
        files.remove_all(import_id)
        raise UnableToImport("empty_file")
    with write_tx():
        record = Import.objects.create(
            id=import_id,
            kind=kind if kind in KINDS else "lines",
            folder_id=folder_id,
            file_name=name[:200],
            file_hash=digest,
            byte_count=size,
            actor_kind=by.kind,
            actor_id=by.id,
            created_at=at,
        )
        record_fact(ImportUploaded(import_id=import_id), by=by, at=at)
    return record


def both_hashes(*, first: str, second: str) -> str:
    """Return what an import of two files is known by."""
    return hashlib.sha256(f"{first}{second}".encode()).hexdigest()


def add_lines(*, record: Import, blocks: Iterable[bytes], limit_bytes: int, at: datetime) -> None:
    """Give an import of orders its second file, that with the lines, in place of one it had.

    Raises UnableToImport with `wrong_state`, `too_large`, `empty_file` or `disk_full`.
    """
    if record.kind != "orders" or not _choose_again(record):
        raise UnableToImport("wrong_state")
    try:
        second, size = files.keep(files.second_source(record.id), blocks, limit_bytes=limit_bytes)
    except files.TooLarge:
        raise UnableToImport("too_large", limit_mib=limit_bytes // 1_048_576) from None
    except files.DiskFull as error:
        raise UnableToImport("disk_full") from error
    if not size:
        files.second_source(record.id).unlink(missing_ok=True)
        raise UnableToImport("empty_file")
    digest = both_hashes(first=files.hash_of(files.source(record.id)), second=second)
    _change(record, file_hash=digest, byte_count=files.source(record.id).stat().st_size + size)


def choose_kind(*, record: Import, kind: str) -> None:
    """Say what a file holds: sales lines, customers, …; its columns are chosen anew.

    Raises UnableToImport with `wrong_state` when the import is past its check, or the kind is none.
    """
    if kind not in KINDS or not _choose_again(record):
        raise UnableToImport("wrong_state")
    _change(record, kind=kind)


def _choose_again(record: Import) -> bool:
    """Set an import back to where its columns are chosen; False when it is past that."""
    editable = [ImportState.UPLOADED, ImportState.ASKING, ImportState.CHECKED, ImportState.FAILED]
    fresh: dict[str, Any] = {"state": ImportState.UPLOADED, "options": {}, "counts": {}, "problem": None}
    moved = Import.objects.filter(id=record.id, state__in=editable, position=0).update(**fresh)
    record.refresh_from_db()
    return bool(moved)


def choose_options(*, record: Import, options: ReadingOptions, headings: tuple[str, ...], at: datetime) -> None:
    """Set how a file is read and remember it for files with the same headings.

    Raises UnableToImport: `missing_field` when the mapping lacks what the kind needs, `other_currency` when the shop
    has sales in another currency, `wrong_state` when the import is past its check.
    """
    missing = kind_of(record.kind).missing(options)
    if missing:
        raise UnableToImport("missing_field", field=missing[0])
    currency(options.currency)
    shop = the_shop()
    if options.currency != shop.currency_code and shop_has_sales():
        raise UnableToImport("other_currency", shop=shop.currency_code, file=options.currency)
    editable = [ImportState.UPLOADED, ImportState.ASKING, ImportState.CHECKED, ImportState.FAILED]
    with write_tx():
        moved = Import.objects.filter(id=record.id, state__in=editable, position=0).update(
            options=options.as_json(), state=ImportState.CHECKING, problem=None, done_count=0, total_count=0
        )
        if not moved:
            raise UnableToImport("wrong_state")
        SavedMapping.objects.update_or_create(
            signature=signature_of(headings, kind=record.kind), defaults={"options": options.as_json(), "used_at": at}
        )
    record.refresh_from_db()


def run_check(*, record: Import, at: datetime, report: Report) -> Import:
    """Read the whole file and note what it holds. Safe to repeat; a file that cannot be read ends as failed."""
    with files.working_on(record.id), _timed(record):
        Import.objects.filter(id=record.id).update(started_at=at)

        def progress(share: float) -> None:
            Import.objects.filter(id=record.id).update(done_count=int(share * 1000), total_count=1000)
            report("check", share)

        try:
            tally = checking.check(record, at=at, report=progress)
        except UnreadableFile as error:
            reason = {"code": error.reason.code, "column": error.reason.column or "", "value": error.reason.value}
            _change(record, state=ImportState.FAILED, problem=reason, finished_at=at)
            raise UnableToImport("unreadable", **reason) from error
        except (OSError, sqlite3.OperationalError) as error:
            if not files.is_disk_full(error):
                raise
            files.remove_staging(record.id)
            _change(record, state=ImportState.FAILED, problem={"code": "disk_full"}, finished_at=at)
            raise UnableToImport("disk_full") from error
        except checking.NeedsAnswer as error:
            _change(record, state=ImportState.ASKING, problem={"code": error.question})
            return record
        _change(record, state=ImportState.CHECKED, counts=tally, problem=None, done_count=0, total_count=0)
        report("check", 1.0)
    return record


def confirm(*, record: Import, by: Actor, at: datetime) -> None:
    """Let a checked import be written; an empty shop takes the file's currency as its own.

    Raises UnableToImport with `wrong_state`, or `other_currency` when the shop has sold in another meanwhile.
    Repeating it changes nothing.
    """
    code = record.option("currency")
    with write_tx():
        if code != the_shop().currency_code:
            if shop_has_sales():
                raise UnableToImport("other_currency", shop=the_shop().currency_code, file=code)
            change_shop(changes={"currency_code": code}, by=by, at=at)
        moved = Import.objects.filter(id=record.id, state=ImportState.CHECKED).update(state=ImportState.WRITING)
        if not moved and not Import.objects.filter(id=record.id, state=ImportState.WRITING).exists():
            raise UnableToImport("wrong_state")
    record.refresh_from_db()


def run_write(*, record: Import, at: datetime, report: Report, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Write a confirmed import; False says that it was asked to stop. Goes on where a killed run stood."""
    with files.working_on(record.id), _timed(record):
        record.refresh_from_db()
        if record.state != ImportState.WRITING:
            return True
        _change(record, problem=None)
        if not files.staging(record.id).exists():
            # The scratch table is thrown away with the disk it lay on; the upload can make it again.
            checking.check(record, at=at, report=lambda share: report("check", share))
        total = record.total_count or _unit_count(record)
        _change(record, total_count=total)
        finished = writing.write(
            record, at=at, report=lambda done, of: report("write", done / max(of, 1)), should_stop=should_stop
        )
        if not finished:
            return False
        written = {**record.written, "customers": _customer_count(record)}
        with write_tx():
            done = {"state": ImportState.DONE, "finished_at": at, "written": written, "problem": None}
            if not Import.objects.filter(id=record.id, state=ImportState.WRITING).update(**done):
                return True
            record.refresh_from_db()
            fact = ImportFinished(
                import_id=record.id,
                customers=written["customers"],
                orders=written.get("orders", 0),
                lines=written.get("lines", 0),
                returns=written.get("returns", 0),
            )
            record_fact(fact, by=Actor("import", record.id), at=at)
        files.remove_scratch(record.id)
    return True


def cancel(*, record: Import, at: datetime) -> None:
    """Drop an import of which nothing was written; raises UnableToImport with `wrong_state`."""
    before = [
        ImportState.UPLOADED,
        ImportState.ASKING,
        ImportState.CHECKING,
        ImportState.CHECKED,
        ImportState.FAILED,
    ]
    moved = Import.objects.filter(id=record.id, state__in=before, position=0).update(
        state=ImportState.CANCELLED, finished_at=at
    )
    if not moved:
        raise UnableToImport("wrong_state")
    files.remove_all(record.id)
    record.refresh_from_db()


def start_undo(*, record: Import, by: Actor, at: datetime) -> None:
    """Begin to take an import back; raises UnableToImport with `wrong_state`. Repeating it changes nothing."""
    allowed = [ImportState.DONE, ImportState.WRITING, ImportState.FAILED, ImportState.UNDOING]
    moved = Import.objects.filter(id=record.id, state__in=allowed).update(
        state=ImportState.UNDOING, done_count=0, total_count=record.written.get("orders", 0)
    )
    if not moved:
        raise UnableToImport("wrong_state")
    record.refresh_from_db()


def run_undo(
    *,
    record: Import,
    by: Actor,
    at: datetime,
    report: Report,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Take an import back; False says that it was asked to stop. Goes on where a killed run stood."""
    with files.working_on(record.id):
        record.refresh_from_db()
        if record.state != ImportState.UNDOING:
            return True
        _change(record, problem=None)
        total = max(record.total_count, 1)

        def progress(done: int) -> None:
            Import.objects.filter(id=record.id).update(done_count=min(done, total))
            report("undo", min(done / total, 1.0))

        if not undoing.undo(record, by=by, at=at, report=progress, should_stop=should_stop):
            return False
        with write_tx():
            _change(record, state=ImportState.UNDONE, finished_at=at, done_count=total, problem=None)
            Import.objects.filter(id__in=[row.id for row in sharers(record)]).update(is_short=True)
            record_fact(ImportUndone(import_id=record.id), by=by, at=at)
        files.remove_all(record.id)
    return True


def note_trouble(*, record: Import, error: Exception) -> None:
    """Note that background work on an import was stopped by an error; its text may hold rows, so only its name stays.

    The import keeps its state: the queue tries again, and after its last try somebody may go on by hand.
    """
    _change(record, problem={"code": "stopped", "value": type(error).__name__})


def purge_files(*, at: datetime) -> int:
    """Remove files of imports that ended a week ago, or were left lying for a week; return how many imports.

    Folders without a row go as well: an upload that was killed half way leaves one behind.
    """
    old = Import.objects.filter(files_gone_at=None, created_at__lt=at - KEEP_FILES)
    count = 0
    for record in old.exclude(state__in=[ImportState.WRITING, ImportState.UNDOING]):
        if (record.finished_at or record.created_at) < at - KEEP_FILES:
            files.remove_all(record.id)
            _change(record, files_gone_at=at)
            count += 1
    lost = files.folders_before(at - KEEP_FILES)
    for import_id in lost - set(Import.objects.filter(id__in=lost).values_list("id", flat=True)):
        files.remove_all(import_id)
        count += 1
    return count


def _change(record: Import, **values: Any) -> None:
    Import.objects.filter(id=record.id).update(**values)
    for name, value in values.items():
        setattr(record, name, value)


def _unit_count(record: Import) -> int:
    with kind_of(record.kind).stage(files.staging(record.id), fresh=False) as stage:
        return stage.unit_count()


def _customer_count(record: Import) -> int:
    from setia.domains.customers.queries import ids_from_import

    return len(ids_from_import(record.id))


@contextmanager
def _timed(record: Import) -> Any:
    """Add the time and the peak memory of this run to the import, also when it ends in an error."""
    start = time.monotonic()
    try:
        yield
    finally:
        # Linux counts the peak in KiB, macOS in bytes.
        unit = 1024 if sys.platform != "darwin" else 1_048_576
        peak = max(record.peak_mib, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
        _change(record, work_seconds=record.work_seconds + time.monotonic() - start, peak_mib=peak)
