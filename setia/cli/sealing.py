"""Sealed files in the age format, written and read as streams: a file of any size takes the same memory.

A file is sealed for a public key or by a passphrase. `pyrage` streams the first kind and wants the second whole, so
that one is written here after the format's own words (https://age-encryption.org/v1); the `age` program opens both.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FIRST_LINE = b"age-encryption.org/v1\n"
_CHUNK_BYTES = 65_536
_TAG_BYTES = 16
_LONGEST_HEADER_BYTES = 16_384
# 128 MiB and half a second for each guess; what OWASP asks for, and a small server still has it.
_WORK_FACTOR = 17
_HIGHEST_WORK_FACTOR = 20


class DoesNotOpen(Exception):
    """Raised with a reason when a sealed file cannot be read: another key, cut short, changed, or not sealed."""


@dataclass(frozen=True)
class Passphrase:
    """Words that seal and open; `repr` does not show them."""

    text: str

    def __repr__(self) -> str:
        return "Passphrase(…)"


@dataclass(frozen=True)
class PublicKey:
    """Seals and does not open: `age1…`."""

    text: str


@dataclass(frozen=True)
class RecoveryKey:
    """Opens what its public key sealed: `AGE-SECRET-KEY-1…`; `repr` does not show it."""

    text: str

    @classmethod
    def fresh(cls) -> "RecoveryKey":
        """Return a new key."""
        import pyrage

        return cls(str(pyrage.x25519.Identity.generate()))

    @property
    def public(self) -> PublicKey:
        import pyrage

        return PublicKey(str(pyrage.x25519.Identity.from_str(self.text).to_public()))

    def __repr__(self) -> str:
        return "RecoveryKey(…)"


def is_sealed_by_passphrase(source: IO[bytes]) -> bool:
    """Tell whether a file asks for a passphrase and not for a key, and go back to its start; raises DoesNotOpen."""
    start = source.read(len(_FIRST_LINE) + 10)
    source.seek(0)
    if not start.startswith(_FIRST_LINE):
        raise DoesNotOpen("it is no sealed file")
    return start[len(_FIRST_LINE) :].startswith(b"-> scrypt ")


@contextmanager
def sealing(target: IO[bytes], lock: Passphrase | PublicKey) -> Iterator[IO[bytes]]:
    """Give a stream; what is written to it arrives sealed in `target`. An error of the target comes out as it is."""
    if isinstance(lock, Passphrase):
        writer = _PassphraseWriter(target, lock.text)
        yield cast("IO[bytes]", writer)
        writer.finish()
        return
    import pyrage

    inner, outer = _pipe()
    noting = _Noting(target)
    recipient = pyrage.x25519.Recipient.from_str(lock.text)
    pump = _Pump(lambda: pyrage.encrypt_io(inner, noting, [recipient]), inner)
    try:
        with outer:
            yield outer
    except BrokenPipeError:
        pump.join()  # the other end closed because it failed, and its error is the one to tell
        raise noting.error or pump.error or BrokenPipeError() from None
    finally:
        pump.join()
    if pump.error:
        raise noting.error or pump.error


@contextmanager
def opening(source: IO[bytes], key: Passphrase | RecoveryKey) -> Iterator[IO[bytes]]:
    """Give a stream with what `source` holds; raises DoesNotOpen.

    What was read is genuine only when this block ended without an error: a file that was cut short tells at its end.
    The rest of the stream is therefore read here when the block leaves some.
    """
    if isinstance(key, Passphrase):
        reader = _PassphraseReader(source, key.text)
        yield cast("IO[bytes]", reader)
        _drain(reader)
        return
    import pyrage

    outer, inner = _pipe()
    noting = _Noting(source)
    identity = pyrage.x25519.Identity.from_str(key.text)
    pump = _Pump(lambda: pyrage.decrypt_io(noting, inner, [identity]), inner)
    try:
        yield outer
        _drain(outer)
    except Exception:
        outer.close()
        pump.join()
        # A reader that met an early end says so in many ways; why it ended early is what counts.
        if pump.error and not isinstance(pump.error, BrokenPipeError) and "roken pipe" not in str(pump.error):
            raise _told(noting.error, pump.error) from pump.error
        raise
    finally:
        outer.close()
        pump.join()
    if pump.error:
        raise _told(noting.error, pump.error) from pump.error


def _told(of_file: OSError | None, error: BaseException) -> Exception:
    import pyrage

    if of_file:
        return of_file
    if isinstance(error, pyrage.DecryptError) and "No matching keys" in str(error):
        return DoesNotOpen("it was sealed for another key")
    return DoesNotOpen(f"the file is damaged or cut short ({error})")


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=_CHUNK_BYTES), os.fdopen(writing, "wb", buffering=_CHUNK_BYTES)


def _drain(stream: Any) -> None:
    while stream.read(_CHUNK_BYTES):
        pass


class _Pump(threading.Thread):
    """Runs one of pyrage's streams beside the reader or writer of its other end, and keeps its error."""

    def __init__(self, work: Callable[[], object], end: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._work, self._end = work, end
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
            self._end.close()
        except BaseException as error:
            self.error = error
        finally:
            with contextlib.suppress(OSError):
                self._end.close()


class _Noting:
    """Keeps the error of a file, which pyrage gives on as a text only."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.error = error
            raise

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            self.error = error
            raise


def _derived(file_key: bytes, salt: bytes, label: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, label).derive(file_key)


def _stretched(passphrase: str, salt: bytes, factor: int) -> bytes:
    count, label = 1 << factor, b"age-encryption.org/v1/scrypt"
    # OpenSSL wants a little more than the algorithm's own 128 * r * N bytes.
    room = 128 * 8 * count + (1 << 20)
    return hashlib.scrypt(passphrase.encode(), salt=label + salt, n=count, r=8, p=1, maxmem=room, dklen=32)


def _text(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _raw(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def _seal_of(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, "sha256")


class _PassphraseWriter:
    """Seals what is written to it. The last chunk is marked as such, so one chunk is always held back."""

    def __init__(self, target: IO[bytes], passphrase: str) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_stretched(passphrase, salt, _WORK_FACTOR)).encrypt(bytes(12), file_key, None)
        stanza = b"-> scrypt %s %d\n%s\n---" % (_text(salt), _WORK_FACTOR, _text(wrapped))
        header = _FIRST_LINE + stanza
        target.write(header + b" " + _text(_seal_of(file_key, header)) + b"\n" + nonce)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._target = target
        self._held = bytearray()
        self._count = 0

    def write(self, content: Any) -> int:
        self._held += content
        while len(self._held) > _CHUNK_BYTES:
            self._put(bytes(self._held[:_CHUNK_BYTES]), last=False)
            del self._held[:_CHUNK_BYTES]
        return len(content)

    def flush(self) -> None:
        """Do nothing: a chunk goes out when it is full."""

    def finish(self) -> None:
        """Write the last chunk; without it the file does not open."""
        self._put(bytes(self._held), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._count, last=last), chunk, None))
        self._count += 1


class _PassphraseReader:
    """Opens a file sealed by a passphrase; reads one chunk ahead to know the last one."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        self._source = source
        file_key = self._file_key(passphrase)
        self._cipher = ChaCha20Poly1305(_derived(file_key, source.read(16), b"payload"))
        self._next = source.read(_CHUNK_BYTES + _TAG_BYTES)
        self._open = b""
        self._count = 0
        self._ended = False

    def _file_key(self, passphrase: str) -> bytes:
        lines = [self._source.readline(_LONGEST_HEADER_BYTES) for _ in range(4)]
        try:
            arrow, kind, salt, factor = lines[1].split()
            mark, seal = lines[3].split()
            if (lines[0], arrow, kind, mark) != (_FIRST_LINE, b"->", b"scrypt", b"---"):
                raise ValueError("no header")
            if not 1 <= int(factor) <= _HIGHEST_WORK_FACTOR:
                raise DoesNotOpen(f"its passphrase asks for too much work ({int(factor)})")
            stretched = _stretched(passphrase, _raw(salt), int(factor))
            file_key = ChaCha20Poly1305(stretched).decrypt(bytes(12), _raw(lines[2].strip()), None)
            genuine = hmac.compare_digest(_raw(seal), _seal_of(file_key, b"".join(lines[:3]) + b"---"))
        except InvalidTag:
            raise DoesNotOpen("it was sealed by another passphrase") from None
        except ValueError:
            raise DoesNotOpen("its beginning is damaged") from None
        if not genuine:
            raise DoesNotOpen("its beginning was changed")
        return file_key

    def read(self, size: int = -1) -> bytes:
        parts, missing = [], size
        while missing and (self._open or self._advance()):
            part = self._open if missing < 0 else self._open[:missing]
            self._open = self._open[len(part) :]
            parts.append(part)
            missing -= len(part) if missing > 0 else 0
        return b"".join(parts)

    def _advance(self) -> bool:
        if self._ended:
            return False
        sealed, self._next = self._next, self._source.read(_CHUNK_BYTES + _TAG_BYTES)
        self._ended = not self._next
        try:
            self._open = self._cipher.decrypt(_nonce(self._count, last=self._ended), sealed, None)
        except InvalidTag:
            raise DoesNotOpen(f"the file is damaged or cut short (chunk {self._count})") from None
        if not self._open and self._count:
            raise DoesNotOpen("its end was changed")
        self._count += 1
        return bool(self._open)


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])
