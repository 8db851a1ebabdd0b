"""Facts about customers."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAdded(Fact):
    """A person became known; `door` says where: import, form, demo."""

    kind: ClassVar[str] = "customers.added"
    subject: ClassVar[str] = "customer_id"
    customer_id: int
    door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Fact):
    """Fields of a person were changed; names them, not their values."""

    kind: ClassVar[str] = "customers.changed"
    subject: ClassVar[str] = "customer_id"
    customer_id: int
    fields: tuple[str, ...]
