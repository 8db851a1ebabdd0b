"""Facts about keys."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMade(Fact):
    """A program got a key."""

    kind: ClassVar[str] = "apikeys.key_made"
    subject: ClassVar[str] = "key_id"
    key_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(Fact):
    """A key was taken back; from this moment on it opens nothing."""

    kind: ClassVar[str] = "apikeys.key_revoked"
    subject: ClassVar[str] = "key_id"
    key_id: int
