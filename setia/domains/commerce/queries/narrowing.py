"""What all lists that can be narrowed have in common: conditions that are kept, sent and taken away one by one."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the rows of a list have in common; each condition that is set narrows the list further.

    `DAYS` names the conditions that are days, `MANY` those that are several values.
    """

    DAYS: ClassVar[tuple[str, ...]] = ()
    MANY: ClassVar[tuple[str, ...]] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) != field.default for field in fields(self))

    def as_json(self) -> dict[str, Any]:
        """Return what is set, as plain JSON values."""
        unset = {field.name: field.default for field in fields(self)}
        given = {name: value for name, value in asdict(self).items() if value != unset[name]}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `as_json` gave."""
        read = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        read |= {name: date.fromisoformat(read[name]) for name in cls.DAYS if name in read}
        return cls(**{**read, **{name: tuple(read.get(name, ())) for name in cls.MANY}})

    def without(self, *names: str) -> Self:
        """Return the same without some conditions."""
        changes: dict[str, Any] = {field.name: field.default for field in fields(self) if field.name in names}
        return replace(self, **changes)
