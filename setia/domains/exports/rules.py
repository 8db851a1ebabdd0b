"""What can be exported, in which forms, and which columns it has. Pure tables and decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

KEEP_FILES = timedelta(days=7)


class Form(StrEnum):
    """Forms of a file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    PARQUET = "parquet"

    @property
    def suffix(self) -> str:
        return self.value

    @property
    def is_for_people(self) -> bool:
        """Tell whether amounts are written in whole units of the currency, not in its smallest."""
        return self in (Form.CSV, Form.XLSX)


class ColumnKind(StrEnum):
    """What a column holds."""

    ID = "id"
    TEXT = "text"
    PHONE = "phone"
    NUMBER = "number"
    MONEY = "money"
    QUANTITY = "quantity"
    MOMENT = "moment"
    DAY = "day"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export."""

    name: str
    kind: ColumnKind = ColumnKind.TEXT

    def title(self, form: Form) -> str:
        """Return its heading; a quantity is in thousandths for programs and in pieces for people."""
        return f"{self.name}_milli" if self.kind is ColumnKind.QUANTITY and not form.is_for_people else self.name


def columns(text: str) -> tuple[Column, ...]:
    """Return columns of a line such as `id:id name placed_at:moment`."""
    parts = (part.partition(":") for part in text.split())
    return tuple(Column(name, ColumnKind(kind or "text")) for name, _, kind in parts)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows: from a day to a day, both included, and of one outlet. Nothing chosen means all."""

    first: date | None = None
    last: date | None = None
    outlet_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what was chosen as plain JSON values."""
        days = {"first": self.first, "last": self.last}
        found: dict[str, Any] = {name: day.isoformat() for name, day in days.items() if day}
        return found | ({"outlet_id": str(self.outlet_id)} if self.outlet_id else {})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Filters":
        """Read what `as_json` wrote."""
        first, last = (date.fromisoformat(stored[name]) if stored.get(name) else None for name in ("first", "last"))
        return cls(first, last, int(stored["outlet_id"]) if stored.get("outlet_id") else None)


def cell(value: Any, kind: ColumnKind, form: Form, scale: int) -> Any:
    """Return a value as it stands in a file of this form, numbers as numbers; text is not yet made safe."""
    if value is None:
        return None
    if kind in (ColumnKind.MONEY, ColumnKind.QUANTITY) and form.is_for_people:
        places = 3 if kind is ColumnKind.QUANTITY else scale
        number = Decimal(value).scaleb(-places)
        return int(number) if number == number.to_integral_value() else number
    if kind is ColumnKind.MOMENT and isinstance(value, datetime):
        return value.astimezone(UTC)
    return value
