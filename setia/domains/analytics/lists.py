"""Lists of the people behind a number: ids in files beside the lake, because a list may hold a million of them.

A list belongs to one state of the lake, as the numbers do, and goes with it. It holds ids and nothing else.
"""

from array import array
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from setia.foundation import home

_WIDTH = 8


@dataclass(frozen=True, slots=True)
class ListKey:
    """Whose list: a group in a period, of the whole shop (outlet 0) or an outlet, as of a state of the lake."""

    sequence: int
    group: str
    start: date
    end: date
    outlet: int = 0

    @property
    def name(self) -> str:
        return f"{self.sequence}-{self.group}-{self.start}-{self.end}-{self.outlet}"

    @property
    def _file(self) -> Path:
        return _folder() / f"{self.name}.ids"

    def count(self) -> int | None:
        """Return how many are on the list, or None where it was not made yet."""
        try:
            return self._file.stat().st_size // _WIDTH
        except FileNotFoundError:
            return None

    def read(self, start: int, size: int) -> list[int]:
        """Return some ids from a place on; fewer at the end."""
        with self._file.open("rb") as file:
            file.seek(start * _WIDTH)
            found = array("q")
            found.frombytes(file.read(size * _WIDTH))
        return found.tolist()

    def write(self, ids: list[int]) -> None:
        """Keep a list; a reader sees the whole of it or nothing."""
        home.write_private(self._file, array("q", ids).tobytes())


def forget_lists(*, but: int) -> None:
    """Remove the lists of all states of the lake but one."""
    for file in _folder().glob("*.ids"):
        if not file.name.startswith(f"{but}-"):
            file.unlink(missing_ok=True)


def _folder() -> Path:
    return home.folder("lists")
