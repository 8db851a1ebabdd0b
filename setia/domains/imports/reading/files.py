"""The bytes of a file: what kind it is by its content, and gzip that cannot explode."""

import gzip
import io
import os
import re
import zlib
from typing import BinaryIO

from setia.domains.imports.reading.cells import Kind
from setia.domains.imports.reading.reasons import Reason, UnreadableFile, shown

HEAD_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 18

# Text of a till packs 5 to 20 times; only padding made to hurt packs 200 times.
MAX_RATIO = 200
RATIO_COUNTS_FROM = 100 << 20
MAX_EXPANDED = 20 << 30

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
# The stream in which Office puts a workbook with a password, as the OLE directory spells it.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE_SCAN_BYTES = 4 << 20
_NOT_TABLES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
    b"\xfd7zXZ",
    b"SQLite format",
)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|style|meta|div|\?xml|workbook)\b", re.IGNORECASE
)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b")) + b"\x7f"
_BINARY_SHARE = 0.15


class GuardedGzip(io.RawIOBase):
    """A gzip stream that refuses to expand without measure and speaks of damage as UnreadableFile."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw
        self._gzip = gzip.GzipFile(fileobj=raw, mode="rb")
        self._expanded = 0

    def close(self) -> None:
        """This will close the file below too."""
        try:
            self._gzip.close()
        finally:
            self._raw.close()
            super().close()

    def readable(self) -> bool:
        """This will always be true."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """This will read like any raw stream. Raises UnreadableFile."""
        try:
            count = self._gzip.readinto(buffer)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(Reason("broken_gzip")) from error
        self._expanded += count
        # Asked after each small read, so that a bomb is known before its content is anywhere.
        too_dense = self._expanded > RATIO_COUNTS_FROM and self._expanded > MAX_RATIO * self._raw.tell()
        if too_dense or self._expanded > MAX_EXPANDED:
            raise UnreadableFile(Reason("expands_too_far"))
        return count


def open_raw(path: str | os.PathLike[str]) -> BinaryIO:
    """This will open the file without a buffer, so that its position tells the progress. Raises UnreadableFile."""
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise UnreadableFile(Reason("cannot_open", value=shown(os.path.basename(os.fspath(path))))) from error


def text_bytes(raw: BinaryIO, kind: Kind) -> io.BufferedReader:
    """This will return the bytes of a CSV file, unpacked when `kind` says so; closing them closes `raw`."""
    return io.BufferedReader(GuardedGzip(raw) if kind == "csv.gz" else raw, _BUFFER_BYTES)  # type: ignore[arg-type]


def kind_of(raw: BinaryIO) -> Kind:
    """This will tell the kind by content; names lie, as every till's "report.xls" does. Raises UnreadableFile."""
    raw.seek(0)
    head = raw.read(16)
    if not head:
        raise UnreadableFile(Reason("empty_file"))
    if head.startswith(_OLE):
        raise UnreadableFile(Reason("locked_workbook" if _is_encrypted(raw) else "old_excel"))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    return "csv.gz" if head.startswith(b"\x1f\x8b") else "csv"


def _is_encrypted(raw: BinaryIO) -> bool:
    size = raw.seek(0, os.SEEK_END)
    for start in {0, max(0, size - _OLE_SCAN_BYTES)}:
        raw.seek(start)
        if _ENCRYPTED in raw.read(_OLE_SCAN_BYTES):
            return True
    return False


def refuse_other_formats(head: bytes) -> None:
    """This will raise UnreadableFile when the first bytes of what should be text are of something else."""
    if not head.strip():
        raise UnreadableFile(Reason("empty_file"))
    if head.startswith((*_NOT_TABLES, _OLE, b"PK\x03\x04", b"\x1f\x8b")):
        raise UnreadableFile(Reason("not_a_table"))
    if _MARKUP.match(head):
        raise UnreadableFile(Reason("web_page"))


def refuse_binary(head: bytes) -> None:
    """This will raise UnreadableFile when `head`, of one byte a letter, has more control bytes than any text.

    A few are let through: they are a row's defect, and the other rows may be good.
    """
    head = head[:65_536]
    if len(head) - len(head.translate(None, _CONTROL_BYTES)) > _BINARY_SHARE * len(head):
        raise UnreadableFile(Reason("not_a_table"))
