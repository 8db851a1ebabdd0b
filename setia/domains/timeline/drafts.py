"""What a door hands over to be written: contacts in plain values."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionDraft:
    """A contact that came from outside; `source` names it there, so that it is written once."""

    customer_id: int
    kind: str
    happened_at: datetime
    source: str
    is_inbound: bool = False
    outcome: str = ""
    duration_seconds: int = 0
    body: str = ""
    outlet_id: int | None = None

    @property
    def source_key(self) -> bytes:
        """Return the 16 bytes that keep one contact from being written twice."""
        return hashlib.blake2b(f"interaction|{self.source}".encode(), digest_size=16).digest()
