"""Judging the items of a call one by one, and telling what became of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from setia.api.problems import FieldError, Problem, field_error

MOST_LINES_IN_ALL = 10_000
STATUSES = ("created", "known", "changed", "extended", "refused")

_T = TypeVar("_T", bound=BaseModel)


@dataclass(slots=True)
class Item(Generic[_T]):
    """One item: what it says, or why it was refused, and later what became of it."""

    index: int
    external_id: str | None = None
    value: _T | None = None
    errors: list[FieldError] = field(default_factory=list)
    row_id: int | None = None
    status: str = "refused"

    def refuse(self, path: str, code: str, limit: object = "") -> None:
        """Refuse the item for one of its fields."""
        self.errors.append(FieldError(path, code, str(limit)))

    def written(self, row_id: int, status: str) -> None:
        """Note what became of the item."""
        self.row_id, self.status = row_id, status

    def shown(self) -> dict[str, Any]:
        """Return what became of the item as plain JSON values."""
        return {
            "id": str(self.row_id) if self.row_id is not None else None,
            "external_id": self.external_id,
            "status": self.status,
        }


def judged(adapter: TypeAdapter[_T], given: Sequence[Any], *, name: str = "external_id") -> list[Item[_T]]:
    """Return the items of a bulk call, each checked by itself; `name` is the field that tells them apart."""
    items: list[Item[_T]] = []
    seen: set[str] = set()
    for index, plain in enumerate(given):
        item: Item[_T] = Item(index)
        try:
            item.value = adapter.validate_python(plain)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            item.errors = [field_error(one) for one in found[:20]]
        else:
            item.external_id = getattr(item.value, name)
            if item.external_id is not None:
                if item.external_id in seen:
                    item.refuse(name, "duplicate_in_call")
                seen.add(item.external_id)
        items.append(item)
    return items


def accepted(items: Sequence[Item[_T]]) -> list[tuple[Item[_T], _T]]:
    """Return the items that are not refused, each with what it says."""
    return [(item, item.value) for item in items if item.value is not None and not item.errors]


def count_lines(items: Sequence[Item[Any]]) -> None:
    """Refuse a call of more lines than one transaction should hold; raises Problem."""
    if sum(len(value.lines) for _, value in accepted(items)) > MOST_LINES_IN_ALL:
        raise Problem("too_many_lines", limit=MOST_LINES_IN_ALL)


def bulk_answer(items: Sequence[Item[Any]]) -> tuple[int, Mapping[str, Any]]:
    """Return status and values that tell what became of every item."""
    counts = Counter(item.status for item in items)
    results = [
        {"index": item.index, **item.shown(), "errors": [error.shown() for error in item.errors]} for item in items
    ]
    return 200, {"counts": {status: counts[status] for status in STATUSES}, "results": results}


def single_answer(item: Item[Any]) -> tuple[int, Mapping[str, Any]]:
    """Return status and values for a call of one item; raises Problem when it was refused."""
    if item.errors:
        raise Problem("validation_failed", *item.errors)
    return (201 if item.status == "created" else 200), item.shown()
