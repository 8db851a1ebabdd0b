"""What a backup holds: the database, the keys and the files of the shop, as one compressed stream.

Everything passes through in small pieces in both directions. Sealing it is not known here.
"""

import contextlib
import fcntl
import gzip
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import setia
from setia.cli import Failure

SUFFIX = ".setia-backup"
# Scratch, sockets and what can be made again stay out.
LEFT_OUT = {"run", "static", "backups"}
KEYRING = "home/keys/keyring.json"
_DATABASE_ENDS = ("", "-wal", "-shm", "-journal", ".gate", ".lock")
_KINDS = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}
_BLOCK_BYTES = 65_536


class NoBackup(Exception):
    """Raised with a reason when what was sealed is not the archive of a shop."""


@dataclass(frozen=True)
class Contents:
    """What lies in an archive; `made_at` and `version` are empty for one made before archives told."""

    database: str
    database_bytes: int
    file_count: int
    has_keyring: bool
    made_at: str
    version: str


def database_files(path: Path) -> list[Path]:
    """Return a SQLite database with the files beside it that belong to it."""
    return [path.with_name(path.name + end) for end in _DATABASE_ENDS]


def is_another_home(path: Path) -> bool:
    """Tell whether a folder is a shop of its own, such as the demo's inside a real one."""
    return path.is_dir() and (path / ".demo").exists()


def kind_of_database(path: Path) -> str:
    """Return "sqlite" or "postgresql" by the first bytes of a copy; raises NoBackup."""
    with path.open("rb") as file:
        return _kind(file.read(16))


def _kind(start: bytes) -> str:
    for mark, kind in _KINDS.items():
        if start.startswith(mark):
            return kind
    raise NoBackup("its database is of no kind that Setia knows")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder in the home for one backup or restore; what a killed one left there is removed first.

    Raises Failure while another one is at work on this home.
    """
    from setia.foundation.home import folder

    place = folder("run") / "scratch"
    descriptor = os.open(folder("run") / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure("Another backup or restore of this shop is at work; wait until it is done.") from None
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(descriptor)


def pack(stream: IO[bytes], database: Path) -> None:
    """Write the archive of this home with this copy of its database.

    The copy is taken before the keys are read, so that a key made in between is in the archive.
    """
    from setia.config.database import database_settings
    from setia.foundation.home import home

    url = os.environ.get("DATABASE_URL", "").strip()
    stale = set(database_files(home() / "setia.sqlite3"))  # a shop that moved to PostgreSQL may keep its old file
    if not url.startswith("postgres"):
        stale |= set(database_files(Path(database_settings(url, home())["NAME"]).resolve()))
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=5, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w|") as tar,
    ):
        told = {"format": 1, "version": setia.__version__, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
        _put_bytes(tar, "setia.json", json.dumps(told).encode())
        _put_file(tar, "database", database)
        keys = _keys_from_elsewhere()
        for name, content in keys.items():
            _put_bytes(tar, name, content)
        for path in sorted(home().iterdir()):
            if path.name in LEFT_OUT or ".moving" in path.name or is_another_home(path):
                continue
            for file in _files(path):
                name = f"home/{file.relative_to(home()).as_posix()}"
                if file not in stale and name not in keys:
                    _put_file(tar, name, file)


def _keys_from_elsewhere() -> dict[str, bytes]:
    """Return the keys that this machine has from its environment: the backup must open on another one too."""
    from setia.foundation.crypto import keyring

    ring = keyring()  # made here when the shop has sealed nothing so far
    found = {}
    if ring.path is None:
        found[KEYRING] = ring.to_json().encode()
    if secret := os.environ.get("SETIA_SECRET_KEY", "").strip():
        found["home/keys/secret_key"] = secret.encode()
    return found


def _files(path: Path) -> Iterator[Path]:
    """Yield the regular files at or under a path. A folder that is a link is followed, once."""
    if path.is_file():
        yield path
    seen: set[Path] = set()
    for folder, names, files in os.walk(path, followlinks=True):
        place = Path(folder)
        if place.resolve() in seen:
            names.clear()
            continue
        seen.add(place.resolve())
        names.sort()
        yield from (place / name for name in sorted(files) if (place / name).is_file())


def _put_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o600, int(datetime.now(UTC).timestamp())
    tar.addfile(info, io.BytesIO(content))


def _put_file(tar: tarfile.TarFile, name: str, path: Path) -> None:
    # The shop is open: a file that has gone since the folder was listed is not part of it any more.
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        status = os.fstat(file.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = status.st_size, 0o600, int(status.st_mtime)
        tar.addfile(info, _AsLong(file, status.st_size))  # type: ignore[arg-type]
    tar.members.clear()  # type: ignore[attr-defined]  # else a name for each file stays in memory


class _AsLong:
    """Reads a file as long as it was when it was opened, since its length stands before it in the archive."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._missing = file, size

    def read(self, size: int) -> bytes:
        wanted = min(size, self._missing)
        self._missing -= wanted
        return self._file.read(wanted).ljust(wanted, b"\0")


@contextmanager
def _opened(stream: IO[bytes]) -> Iterator[tarfile.TarFile]:
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                yield tar
            while plain.read(_BLOCK_BYTES):  # its checksum stands at the end
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise NoBackup(f"it does not hold the archive of a shop ({error})") from error


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        yield member
        tar.members.clear()  # type: ignore[attr-defined]


def unpack(stream: IO[bytes], place: Path) -> None:
    """Lay the archive out in a folder: `database`, and `home/` with the rest. Raises NoBackup."""
    with _opened(stream) as tar:
        for member in _members(tar):
            tar.extract(member, place, filter="data")
    if not (place / "database").is_file():
        raise NoBackup("it holds no database")
    (place / "home").mkdir(exist_ok=True)


def look_through(stream: IO[bytes]) -> Contents:
    """Read an archive to its end without writing anything, and return what is in it; raises NoBackup."""
    from setia.foundation.crypto import Keyring

    told: dict[str, Any] = {}
    kind, size, count, has_keyring = "", 0, 0, False
    with _opened(stream) as tar:
        for member in _members(tar):
            file = tar.extractfile(member)
            if member.name == "setia.json" and file:
                told = json.load(file)
            elif member.name == "database" and file:
                kind, size = _kind(file.read(16)), member.size
            elif file:
                count += 1
                if member.name == KEYRING:
                    has_keyring = bool(Keyring.from_json(file.read().decode()).keys)
    if not kind:
        raise NoBackup("it holds no database")
    return Contents(kind, size, count, has_keyring, told.get("made_at", ""), told.get("version", ""))
