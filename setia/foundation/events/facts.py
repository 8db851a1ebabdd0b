"""The base of every fact a domain publishes."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact: ids, numbers and short codes, never personal data, because facts are kept for ever.

    `kind` is `<domain>.<what_happened>`; `subject` names the field that holds the id of the row it is about.
    """

    kind: ClassVar[str] = ""
    subject: ClassVar[str] = ""

    def payload(self) -> dict[str, Any]:
        """Return the fields as plain JSON values; ids become texts, as everywhere in JSON."""
        names: tuple[str, ...] = type(self).__slots__
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return {
            name: str(value) if name.endswith("_id") and value is not None else value for name, value in values.items()
        }

    @property
    def subject_id(self) -> int | None:
        """Return the id of the row the fact is about."""
        return getattr(self, self.subject) if self.subject else None
