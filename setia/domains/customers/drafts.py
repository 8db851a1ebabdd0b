"""What a door hands over to be written about people, in plain values."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDraft:
    """One answer to write. `source` names it where it comes from, so that it is written once.

    Without `wording_version` it is given to the wording that stood at `given_at`, or the latest; a yes needs one.
    """

    customer_id: int
    purpose: str
    channel: str
    is_granted: bool
    given_at: datetime
    source: str
    wording_version: int | None = None
    evidence: str = ""
    is_guardian: bool = False


def consent_key(source: str) -> bytes:
    """Return the 16 bytes under which an answer is written once for ever."""
    return hashlib.blake2b(f"consent|{source}".encode(), digest_size=16).digest()
