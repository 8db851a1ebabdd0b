"""Telling lines that an order or a return has already from those it lacks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar


class _Line(Protocol):
    @property
    def content(self) -> tuple[int, ...]: ...


_L = TypeVar("_L", bound=_Line)


def contents_by_owner(rows: Iterable[tuple[Any, ...]]) -> Mapping[int, Counter[tuple[int, ...]]]:
    """Return how often each content stands in each order or return; a row is (its id, *content)."""
    contents: dict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for owner_id, *content in rows:
        contents[owner_id][tuple(content)] += 1
    return contents


def unknown_lines(lines: Sequence[_L], have: Counter[tuple[int, ...]]) -> list[_L]:
    """Return the lines beyond those standing: of three equal ones, where two are known, one is new."""
    left = Counter(have)
    unknown = []
    for line in lines:
        if left[line.content] > 0:
            left[line.content] -= 1
        else:
            unknown.append(line)
    return unknown
