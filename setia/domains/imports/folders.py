"""Folders whose files come in by themselves: each file once, then moved to `done` or, with what is wrong, to `failed`.

Killed at any moment, the next look goes on where it stood: a file is moved only after its import has ended, and what
was written once is known by its content.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError
from django.utils import translation

from setia.domains.imports import actions, checking, files, mappings, queries
from setia.domains.imports.kinds import KINDS, kind_of
from setia.domains.imports.models import Import, ImportState, NamedMapping, WatchFolder
from setia.domains.imports.reading import UnreadableFile
from setia.domains.imports.rules import ReadingOptions
from setia.domains.shop.queries import the_shop
from setia.foundation import home
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.db import may_fail

ALLOWED_ROOTS = "SETIA_IMPORT_FOLDERS"
_REST = timedelta(minutes=1)
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".partial")
_ENDINGS = (".csv", ".csv.gz", ".xlsx", ".txt", ".tsv")
_LINES = ".lines.csv"
_ENDED = (ImportState.DONE, ImportState.UNDONE, ImportState.CANCELLED, ImportState.FAILED)


class UnableToWatch(Exception):
    """Raised with a code: no_such_kind, outside, taken, missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_folder(*, kind: str, path: str, mapping: NamedMapping | None, by: Actor, at: datetime) -> WatchFolder:
    """Watch a folder; an empty path is the kind's inbox in the shop's home. Raises UnableToWatch."""
    path = path.strip()
    if kind not in KINDS:
        raise UnableToWatch("no_such_kind")
    if path:
        path = str(_checked(Path(path)))
    try:
        with may_fail():
            row = WatchFolder.objects.create(
                path=path, kind=kind, mapping=mapping, created_at=at, actor_kind=by.kind, actor_id=by.id
            )
    except IntegrityError:
        raise UnableToWatch("taken") from None
    place_of(row)
    return row


def remove_folder(*, folder: WatchFolder) -> None:
    """Watch a folder no more; its files stay. Repeating it changes nothing."""
    WatchFolder.objects.filter(id=folder.id).delete()


def set_watching(*, folder: WatchFolder, is_active: bool) -> None:
    """Stop watching a folder for a while, or begin again."""
    WatchFolder.objects.filter(id=folder.id).update(is_active=is_active)


def note_seen(*, folder: WatchFolder) -> None:
    """Note that somebody has seen that a file failed."""
    WatchFolder.objects.filter(id=folder.id).update(failed_at=None, failed_file="")


def place_of(folder: WatchFolder) -> Path:
    """Return where a folder lies, checked anew: allowed roots may change. Raises UnableToWatch."""
    if not folder.path:
        path = home.folder("imports") / "inbox" / folder.kind
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path
    return _checked(Path(folder.path))


def _checked(path: Path) -> Path:
    """Return a folder without symbolic links in it, if it lies where the operator allows folders to lie."""
    if not path.is_absolute():
        raise UnableToWatch("outside")
    resolved = path.resolve()
    named = [Path(text) for text in os.environ.get(ALLOWED_ROOTS, "").split(os.pathsep) if text.strip()]
    roots = [home.folder("imports") / "inbox", *(root for root in named if root.is_absolute())]
    if not any(resolved.is_relative_to(root.resolve()) for root in roots):
        raise UnableToWatch("outside")
    if not resolved.is_dir():
        raise UnableToWatch("missing")
    return resolved


def look(*, folder: WatchFolder, at: datetime, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Bring in what is complete in a folder and return how many files were dealt with.

    A file is complete a minute after its last change. Hidden and unfinished ones (`.part`), symbolic links and
    folders are passed over. A folder that is not there, or is not allowed any more, fails as a file would.
    """
    count = 0
    with _alone(folder) as is_mine:
        if not is_mine:
            return 0
        WatchFolder.objects.filter(id=folder.id).update(looked_at=at)
        try:
            place = place_of(folder)
            for path in _complete(place, folder.kind, at):
                if should_stop():
                    break
                count += _bring_in(folder, path, at=at, should_stop=should_stop)
        except UnableToWatch as error:
            _note_failure(folder, error.code, at=at)
    return count


@contextmanager
def _alone(folder: WatchFolder) -> Iterator[bool]:
    """Hold a folder for this process; the system lets go when the process dies."""
    path = home.folder("imports") / f"folder-{folder.id}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _complete(place: Path, kind: str, at: datetime) -> list[Path]:
    with os.scandir(place) as entries:
        found = [
            Path(entry.path)
            for entry in entries
            if entry.is_file(follow_symlinks=False)
            and not entry.name.startswith(".")
            and not entry.name.lower().endswith(_UNFINISHED)
            and entry.name.lower().endswith(_ENDINGS)
            and entry.stat(follow_symlinks=False).st_mtime <= (at - _REST).timestamp()
        ]
    if kind == "orders":  # "juni.csv" has its lines in "juni.lines.csv", and they come in together
        found = [path for path in found if not path.name.lower().endswith(_LINES)]
    return sorted(found)


def _lines_beside(path: Path, kind: str) -> Path | None:
    beside = path.with_name(path.name.removesuffix(path.suffix) + _LINES)
    return beside if kind == "orders" and beside.is_file() and not beside.is_symlink() else None


def _blocks(path: Path) -> Iterator[bytes]:
    """Read a file in blocks; one that became a symbolic link meanwhile is not followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnableToWatch("missing")
        while block := file.read(1_048_576):
            yield block


def _hash(*paths: Path) -> str:
    """Return what `actions.take_file` calls these files by."""
    digests = []
    for path in paths:
        digest = hashlib.sha256()
        for block in _blocks(path):
            digest.update(block)
        digests.append(digest.hexdigest())
    return digests[0] if len(digests) == 1 else actions.both_hashes(first=digests[0], second=digests[1])


def _bring_in(folder: WatchFolder, path: Path, *, at: datetime, should_stop: Callable[[], bool]) -> int:
    lines = _lines_beside(path, folder.kind)
    both = [path, *([lines] if lines else [])]
    digest = _hash(*both)
    known = queries.same_file(digest)
    if known is not None and known.state == ImportState.DONE:
        _move(both, "done")
        return 1
    record = Import.objects.filter(file_hash=digest, folder=folder).exclude(state__in=_ENDED).first()
    try:
        if record is None:
            record = actions.take_file(
                name=path.name,
                kind=folder.kind,
                blocks=_blocks(path),
                line_blocks=_blocks(lines) if lines else None,
                limit_bytes=settings.MAX_IMPORT_BYTES,
                folder_id=folder.id,
                by=SYSTEM,
                at=at,
            )
        is_done = _import(record, folder, at=at, should_stop=should_stop)
    except actions.UnableToImport as error:
        reason = error.about.get("code", error.code)
        _fail(folder, both, str(reason), str(error.about.get("value", "")), at=at, record=record)
        return 1
    except UnreadableFile as error:
        _fail(folder, both, error.reason.code, error.reason.value, at=at, record=record)
        return 1
    except files.AlreadyRunning:
        return 0
    if is_done:
        _move(both, "done")
    return int(is_done)


def _quiet(step: str, share: float) -> None:
    """Progress is read from the row."""


def _import(record: Import, folder: WatchFolder, *, at: datetime, should_stop: Callable[[], bool]) -> bool:
    """Take an import from where it stands to its end; False says that it was asked to stop."""
    if record.state == ImportState.UPLOADED:
        options, headings = _options(record, folder)
        actions.choose_options(record=record, options=options, headings=headings, at=at)
    if record.state == ImportState.CHECKING:
        actions.run_check(record=record, at=at, report=_quiet)
    if record.state == ImportState.ASKING:
        raise actions.UnableToImport(record.problem["code"] if record.problem else "date_order")
    if record.state == ImportState.CHECKED:
        if record.counts.get("rows", 0) <= sum(record.counts.get("skipped", {}).values()):
            raise actions.UnableToImport("all_refused")
        actions.confirm(record=record, by=SYSTEM, at=at)
    return actions.run_write(record=record, at=at, report=_quiet, should_stop=should_stop)


def _options(record: Import, folder: WatchFolder) -> tuple[ReadingOptions, tuple[str, ...]]:
    """Return how the file is read: by the folder's mapping, by what fits its headings, or as Setia guesses."""
    kind, currency = kind_of(record.kind), the_shop().currency_code
    named = folder.mapping
    sheets = {"": named.options.get("sheet"), "lines": named.options.get("line_sheet")} if named else {}
    heads = {}
    for part in kind.parts:
        sheet = sheets.get(part.name) or checking.usual_sheet(part, record.id)
        heads[part.name] = checking.preview(part.path_of(record.id), sheet=sheet, fields=part.fields)
    head, lines = heads[""], heads.get("lines")
    if named is not None:
        rest = lines.headings if lines else ()
        options = mappings.options_of(named, headings=head.headings, line_headings=rest, currency=currency)
        return options, head.headings
    remembered = queries.remembered(head.headings, kind=record.kind)
    if remembered is not None and lines is None:
        return remembered, head.headings
    guessed = ReadingOptions(
        mapping=head.mapping,
        currency=currency,
        grouping=head.grouping,
        line_mapping=lines.mapping if lines else {},
        line_sheet=checking.usual_sheet(kind.parts[-1], record.id) if lines else None,
    )
    return guessed, head.headings


def _fail(
    folder: WatchFolder, paths: list[Path], code: str, value: str, *, at: datetime, record: Import | None
) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        text = translation.gettext(queries.folder_text(code)).replace("{value}", value).replace("{column}", "")
    where = _move(paths, "failed")
    home.write_private(where.with_name(f"{where.name}.txt"), f"{paths[0].name}: {text}\n".encode())
    if record is not None:
        Import.objects.filter(id=record.id).exclude(state__in=_ENDED).update(
            state=ImportState.FAILED, problem={"code": code, "value": value}, finished_at=at
        )
    _note_failure(folder, paths[0].name, at=at)


def _note_failure(folder: WatchFolder, name: str, *, at: datetime) -> None:
    WatchFolder.objects.filter(id=folder.id).update(failed_at=at, failed_file=name[:200])


def _move(paths: list[Path], name: str) -> Path:
    """Move files into a folder beside them, under a name of their own there; return the first one's new place."""
    target = paths[0].parent / name
    if target.is_symlink():
        raise UnableToWatch("outside")
    target.mkdir(mode=0o700, exist_ok=True)
    moved = []
    for path in paths:
        place, copy = target / path.name, 1
        while place.exists():
            copy += 1
            place = target / f"{path.stem}-{copy}{path.suffix}"
        path.rename(place)
        moved.append(place)
    return moved[0]


def failing_folders() -> list[WatchFolder]:
    """Return folders of which a file failed and nobody has seen it yet."""
    return list(WatchFolder.objects.filter(failed_at__isnull=False).order_by("-failed_at"))
