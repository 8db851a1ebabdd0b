"""The files of an import: what was uploaded, the scratch table it is sorted in, the rows that were refused.

They hold personal data, so they are readable by the shop's own user only and go after a week.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from setia.foundation import home

_BLOCK_BYTES = 1_048_576


class AlreadyRunning(Exception):
    """Raised when another process is working on the same import."""


class TooLarge(Exception):
    """Raised when a file is larger than the shop allows."""


class DiskFull(Exception):
    """Raised when the disk has no room left for a file."""


def folder(import_id: int) -> Path:
    """Return the folder of an import."""
    return home.folder("imports") / str(import_id)


def source(import_id: int) -> Path:
    """Return the path of the uploaded file."""
    return folder(import_id) / "source"


def second_source(import_id: int) -> Path:
    """Return the path of the second uploaded file: the lines of a file of orders."""
    return folder(import_id) / "source2"


def staging(import_id: int) -> Path:
    """Return the path of the scratch table."""
    return folder(import_id) / "staging.sqlite3"


def refused_rows(import_id: int) -> Path:
    """Return the path of the file with refused rows and their reasons."""
    return folder(import_id) / "refused.csv"


def keep(path: Path, blocks: Iterable[bytes], *, limit_bytes: int) -> tuple[str, int]:
    """Store an upload and return its SHA-256 and its size; raises TooLarge or DiskFull, and leaves nothing then."""
    digest, size = hashlib.sha256(), 0
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in blocks:
                size += len(block)
                if size > limit_bytes:
                    raise TooLarge
                digest.update(block)
                file.write(block)
    except TooLarge:
        _drop(path)
        raise
    except OSError as error:
        _drop(path)
        if is_disk_full(error):
            raise DiskFull from error
        raise
    return digest.hexdigest(), size


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the other file of the import may be there
        path.parent.rmdir()


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error says that the disk, or the shop's share of it, is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return isinstance(error, sqlite3.OperationalError) and "full" in str(error)


def blocks_of(path: Path) -> Iterator[bytes]:
    """Read a file in blocks."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    for block in blocks_of(path):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def working_on(import_id: int) -> Iterator[None]:
    """Hold an import for this process; raises AlreadyRunning. The system lets go when the process dies."""
    folder(import_id).mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder(import_id) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(import_id) from None
        yield
    finally:
        os.close(descriptor)


def remove_scratch(import_id: int) -> None:
    """Remove the scratch table and the upload of an import that is at its end; refused rows stay a week."""
    for path in (source(import_id), second_source(import_id), *folder(import_id).glob("staging.sqlite3*")):
        path.unlink(missing_ok=True)


def remove_staging(import_id: int) -> None:
    """Remove the scratch table and the refused rows, half written ones too; the upload stays."""
    for path in (refused_rows(import_id), *folder(import_id).glob("staging.sqlite3*")):
        path.unlink(missing_ok=True)


def folders_before(moment: datetime) -> set[int]:
    """Return the imports whose folder was last changed before a moment, with or without a row."""
    found = (path for path in home.folder("imports").iterdir() if path.name.isdigit())
    return {int(path.name) for path in found if path.stat().st_mtime < moment.timestamp()}


def remove_all(import_id: int) -> None:
    """Remove every file of an import."""
    shutil.rmtree(folder(import_id), ignore_errors=True)
