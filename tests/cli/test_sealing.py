"""Sealed files: the age format to the letter, damage found out, and the same memory for any size."""

import io
import os
import tracemalloc
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setia.cli.sealing import DoesNotOpen, Passphrase, PublicKey, RecoveryKey, is_sealed_by_passphrase, opening, sealing

KEY = RecoveryKey.fresh()
WORDS = Passphrase("kopi senja hangat")
CHUNK = 65_536
WAYS = pytest.mark.parametrize(("lock", "key"), [(WORDS, WORDS), (KEY.public, KEY)], ids=["passphrase", "key"])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setia.cli.sealing._WORK_FACTOR", 4)


def sealed(content: bytes, lock: Passphrase | PublicKey, *, step: int = 7_777) -> bytes:
    """Return a content sealed, written in pieces."""
    out = io.BytesIO()
    with sealing(out, lock) as stream:
        for start in range(0, len(content), step):
            stream.write(content[start : start + step])
    return out.getvalue()


def opened(file: bytes, key: Passphrase | RecoveryKey) -> bytes:
    """Return what a sealed file holds, read in pieces."""
    with opening(io.BytesIO(file), key) as stream:
        return b"".join(iter(lambda: stream.read(10_000), b""))


@WAYS
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_what_was_sealed_opens_here_and_by_the_format_s_own_library(
    lock: Passphrase | PublicKey, key: Passphrase | RecoveryKey, size: int
) -> None:
    content = os.urandom(size)
    file = sealed(content, lock)
    assert opened(file, key) == content
    assert is_sealed_by_passphrase(io.BytesIO(file)) == isinstance(key, Passphrase)
    if isinstance(key, Passphrase):
        assert pyrage.passphrase.decrypt(file, key.text) == content
    else:
        assert pyrage.decrypt(file, [pyrage.x25519.Identity.from_str(key.text)]) == content


def test_a_file_of_the_library_s_own_passphrase_opens() -> None:
    """Backups of earlier releases were sealed so."""
    content = os.urandom(2 * CHUNK + 1)
    assert opened(pyrage.passphrase.encrypt(content, WORDS.text), WORDS) == content


with pytest.MonkeyPatch.context() as patched:
    patched.setattr("setia.cli.sealing._WORK_FACTOR", 4)
    FILES = {key: sealed(os.urandom(2 * CHUNK), lock) for lock, key in ((WORDS, WORDS), (KEY.public, KEY))}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(FILES)), st.floats(0, 1, exclude_max=True), st.sampled_from(["cut", "flip", "add"]))
def test_any_damage_is_found_out(key: Passphrase | RecoveryKey, place: float, how: str) -> None:
    file = FILES[key]
    at = int(place * len(file))
    if how == "cut":
        damaged = file[:at]
    elif how == "flip":
        damaged = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
    else:
        damaged = file + os.urandom(1 + at % 70_000)
    with pytest.raises(DoesNotOpen):
        opened(damaged, key)


@WAYS
def test_an_end_that_nobody_read_is_looked_at_all_the_same(
    lock: Passphrase | PublicKey, key: Passphrase | RecoveryKey
) -> None:
    file = sealed(bytes(3 * CHUNK), lock)
    with pytest.raises(DoesNotOpen), opening(io.BytesIO(file[:-1]), key) as stream:
        assert stream.read(5) == bytes(5)


@pytest.mark.parametrize("key", [Passphrase("teh senja hangat"), RecoveryKey.fresh()], ids=["passphrase", "key"])
def test_another_key_is_told_as_such(key: Passphrase | RecoveryKey) -> None:
    mine = FILES[WORDS if isinstance(key, Passphrase) else KEY]
    with pytest.raises(DoesNotOpen, match=r"sealed (by another passphrase|for another key)"):
        opened(mine, key)


def test_a_passphrase_that_asks_for_all_memory_is_refused() -> None:
    file = FILES[WORDS].replace(b" 4\n", b" 40\n", 1)
    with pytest.raises(DoesNotOpen, match="too much work"):
        opened(file, WORDS)
    with pytest.raises(DoesNotOpen, match="no sealed file"):
        is_sealed_by_passphrase(io.BytesIO(b"Nota;Tanggal"))


class FullDisk(io.BytesIO):
    def write(self, content: object) -> int:
        raise OSError(28, "No space left on device")


@WAYS
def test_an_error_of_the_disk_comes_out_as_it_is(lock: Passphrase | PublicKey, key: Passphrase | RecoveryKey) -> None:
    with pytest.raises(OSError, match="No space left") as caught, sealing(FullDisk(), lock) as stream:
        stream.write(bytes(9 * CHUNK))
    assert caught.value.errno == 28


@WAYS
def test_a_large_file_takes_no_memory(
    lock: Passphrase | PublicKey, key: Passphrase | RecoveryKey, tmp_path: Path
) -> None:
    path, block = tmp_path / "sealed", os.urandom(1 << 20)
    tracemalloc.start()
    try:
        with path.open("wb") as file, sealing(file, lock) as stream:
            for _ in range(48):
                stream.write(block)
        with path.open("rb") as file, opening(file, key) as stream:
            while stream.read(CHUNK):
                pass
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_secrets_do_not_show_in_a_traceback() -> None:
    assert WORDS.text not in repr(WORDS)
    assert KEY.text not in repr(KEY)
