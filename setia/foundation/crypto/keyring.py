"""The shop's keys: made on first use, kept outside the database, rotated by `setia rotate-keys`.

Texts are sealed with AES-256-GCM as `<key id>:<base64 of nonce and ciphertext>`. The place of the text (table,
column, row id) is authenticated too, so a ciphertext moved to another row does not open. Index and tombstone keys
never rotate: a look-up must find what was written years ago.
"""

import base64
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from setia.foundation import home

_NONCE_BYTES = 12


class UnreadableSecret(Exception):
    """Raised when a sealed text does not open: wrong key, moved to another row, or damaged."""


class KeysFromElsewhere(RuntimeError):
    """Raised when keys are to be changed here that are kept elsewhere."""


@dataclass
class Keyring:
    """Keys by id; `current` seals, all of them open."""

    current: str
    keys: dict[str, bytes]
    index_key: bytes
    tombstone_key: bytes
    path: Path | None = None
    _ciphers: dict[str, AESGCM] = field(default_factory=dict, repr=False)
    _mark: tuple[int, int] = (0, 0)  # inode and time of the file when it was read last

    @classmethod
    def fresh(cls) -> "Keyring":
        """Return a new ring with one key."""
        return cls("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32))

    @classmethod
    def from_json(cls, text: str, path: Path | None = None) -> "Keyring":
        """Read a ring as `to_json` wrote it."""
        stored = json.loads(text)
        keys = {name: base64.b64decode(key) for name, key in stored["keys"].items()}
        index_key, tombstone_key = (base64.b64decode(stored[name]) for name in ("index_key", "tombstone_key"))
        return cls(stored["current"], keys, index_key, tombstone_key, path)

    def to_json(self) -> str:
        """Write the ring as JSON; keep it as safe as the data it opens."""
        stored = {
            "current": self.current,
            "keys": {name: base64.b64encode(key).decode() for name, key in self.keys.items()},
            "index_key": base64.b64encode(self.index_key).decode(),
            "tombstone_key": base64.b64encode(self.tombstone_key).decode(),
        }
        return json.dumps(stored, indent=1)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the ring's file against other processes while keys are added, and begin from what stands there.

        Raises KeysFromElsewhere when the keys come from the environment.
        """
        if self.path is None:
            raise KeysFromElsewhere("These keys come from SETIA_KEYRING; change them where that is set.")
        descriptor = os.open(self.path.with_name("keyring.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._reload()
            yield
        finally:
            os.close(descriptor)

    def save(self) -> None:
        """Write the ring back to its file; call it while the file is held."""
        if self.path is None:
            raise KeysFromElsewhere("These keys come from SETIA_KEYRING; change them where that is set.")
        home.write_private(self.path, self.to_json().encode())
        self._mark = self._file_mark()

    def add_key(self) -> str:
        """Add a key, make it current and return its id."""
        number = 1 + max(int(name[1:]) for name in self.keys)
        self.current = f"k{number}"
        self.keys[self.current] = secrets.token_bytes(32)
        return self.current

    def seal(self, text: str, place: str) -> str:
        """Encrypt a text for one place, named as table|column|row id; a key another process made is used at once."""
        self._keep_up()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher(self.current).encrypt(nonce, text.encode(), place.encode())
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Decrypt what `seal` made for the same place; raises UnreadableSecret."""
        name, _, body = sealed.partition(":")
        if name not in self.keys:
            self._reload()
        if name not in self.keys:
            raise UnreadableSecret(f"The key {name!r} is missing: restore the keyring that belongs to this database.")
        try:
            raw = base64.b64decode(body, validate=True)
            return self._cipher(name).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise UnreadableSecret(f"A text sealed with {name!r} does not open at {place!r}.") from None

    def key_of(self, sealed: str) -> str:
        """Return the id of the key a text was sealed with."""
        return sealed.partition(":")[0]

    def _cipher(self, name: str) -> AESGCM:
        cipher = self._ciphers.get(name)
        if cipher is None:
            cipher = self._ciphers[name] = AESGCM(self.keys[name])
        return cipher

    def _keep_up(self) -> None:
        """Read the file again when it is another than the one read last (a microsecond; sealing takes ten)."""
        if self._file_mark() != self._mark:
            self._reload()

    def _file_mark(self) -> tuple[int, int]:
        if self.path is None:
            return 0, 0
        try:
            stands = os.stat(self.path)
        except FileNotFoundError:
            return 0, 0
        return stands.st_ino, stands.st_mtime_ns

    def _reload(self) -> None:
        # Another process may have rotated the keys since this one started.
        mark = self._file_mark()  # taken first: a file replaced while it is read is read again
        if self.path is not None and mark != (0, 0):
            stored = Keyring.from_json(self.path.read_text())
            self.keys.update(stored.keys)
            self.current = stored.current
        self._mark = mark


_ring: Keyring | None = None
_guard = threading.Lock()


def keyring() -> Keyring:
    """Return the shop's keyring: from `SETIA_KEYRING` (JSON) or from `keys/keyring.json`, made on first use."""
    global _ring
    if _ring is None:
        with _guard:
            if _ring is None:
                _ring = _load()
    return _ring


def _load() -> Keyring:
    given = os.environ.get("SETIA_KEYRING", "").strip()
    if given:
        return Keyring.from_json(given)
    path = home.folder("keys") / "keyring.json"
    if not path.exists():
        ring = Keyring.fresh()
        scratch = path.with_name(f"keyring.{os.getpid()}.new")
        home.write_private(scratch, ring.to_json().encode())
        try:
            # A hard link fails when another process was first, so two starts at once agree on one ring.
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return Keyring.from_json(path.read_text(), path)


def forget() -> None:
    """Drop the ring held in memory, so that the next use reads it again; for tests and after a restore."""
    global _ring
    _ring = None
