"""Who does something: a member of staff, a customer, an import, or Setia itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer named on every fact: `kind` is staff, customer, import or system; `id` is 0 for the system."""

    kind: str
    id: int = 0


SYSTEM = Actor("system")
