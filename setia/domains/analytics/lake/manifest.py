"""Which parts of the lake count, and since when."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from setia.foundation import home

# A reader that began with an older manifest may still want its parts for so long.
GRACE_SECONDS = 3_600
# A lake written by another version of its tables is filled anew.
FORM = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file with rows of one table, all of one month (YYYY-MM) where the table is cut by months."""

    table: str
    month: str
    file: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of the lake. `read_at` is when the shop's tables began to be read: later changes may be missing.

    `sums` holds for each month what the shop's own counters of its days said then: a month that adds up to something
    else now has changed, also where rows went away and left no mark.
    """

    sequence: int
    read_at: datetime
    parts: tuple[Part, ...]
    sums: dict[str, list[int]] = field(default_factory=dict)
    form: int = FORM

    def of_table(self, table: str) -> tuple[Part, ...]:
        """Return the parts of a table."""
        return tuple(part for part in self.parts if part.table == table)

    def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return sum(part.rows for part in self.of_table(table))

    @property
    def byte_count(self) -> int:
        return sum(part.bytes for part in self.parts)

    def without(self, gone: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
        """Return the parts but those of some tables and months."""
        named = set(gone)
        return tuple(part for part in self.parts if (part.table, part.month) not in named)


def _file() -> Path:
    return home.folder("lake") / "manifest.json"


def parts_folder() -> Path:
    """Return the folder in whose folders the parts lie."""
    path = home.folder("lake") / "parts"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def read_manifest() -> Manifest | None:
    """Return the state of the lake, or None where there is none that this version can read."""
    try:
        found = json.loads(_file().read_text())
        if found["form"] != FORM:
            return None
        parts = tuple(Part(**part) for part in found.pop("parts"))
        return Manifest(**{**found, "parts": parts, "read_at": datetime.fromisoformat(found["read_at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def publish(manifest: Manifest) -> None:
    """Make a state the one that counts; readers see the old or the new one, never half."""
    plain = {**asdict(manifest), "read_at": manifest.read_at.isoformat()}
    home.write_private(_file(), json.dumps(plain).encode())


def sweep(*, at: datetime, grace_seconds: float = GRACE_SECONDS) -> int:
    """Remove folders without a part that counts, once nobody reads them any more; return how many."""
    manifest = read_manifest()
    needed = {Path(part.file).relative_to(parts_folder()).parts[0] for part in manifest.parts} if manifest else set()
    gone = 0
    for folder in parts_folder().iterdir():
        if folder.name not in needed and at.timestamp() - folder.stat().st_mtime > grace_seconds:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone
