"""Whether a zip file may be given to the workbook reader at all, found out from its directory and its first bytes."""

import re
import struct
import zipfile
from typing import BinaryIO

from setia.domains.imports.reading.files import MAX_RATIO
from setia.domains.imports.reading.reasons import Reason, UnreadableFile

MAX_PARTS = 10_000
MAX_UNPACKED = 2 << 30
_RATIO_COUNTS_FROM = 10 << 20
# openpyxl holds all shared texts in memory, and the tree of each part that is neither these nor a sheet.
MAX_SHARED_TEXTS = 128 << 20
MAX_TREE = 16 << 20
_STREAMED_OR_UNREAD = re.compile(
    r"xl/(?:worksheets/[^/]+\.xml|sharedStrings\.xml|media/|drawings/|charts/|pivot|embeddings/|externalLinks/|comments|"
    r"calcChain|vbaProject|printerSettings/|queryTables/|tables/|threadedComments/|ctrlProps/|model/|customXml/)|customXml/",
    re.IGNORECASE,
)
_CONTENT_TYPES = "[Content_Types].xml"

_DIRECTORY_END = b"PK\x05\x06"
_DIRECTORY_END_BYTES = 22
_MAX_DIRECTORY_BYTES = MAX_PARTS * 600

_PROLOG_BYTES = 1 << 16
_BEFORE_ROOT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"\s*<[A-Za-z_]")


def refuse_unsafe_zip(file: BinaryIO) -> None:
    """This will raise UnreadableFile unless the file is a zip that unpacks to bearable sizes and holds a workbook.

    The sizes are those that the directory states. A lie there does no harm: zipfile never unpacks more than stated.
    """
    _refuse_crowded(file)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _refuse_large(parts)
            names = {part.filename for part in parts}
            if _CONTENT_TYPES not in names or not any(name.startswith("xl/workbook") for name in names):
                raise UnreadableFile(Reason("not_a_workbook"))
            if any(name.endswith("workbook.bin") for name in names):
                raise UnreadableFile(Reason("not_a_workbook"))
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableFile(Reason("locked_workbook"))
            for part in parts:
                if not part.filename.startswith("xl/media/"):
                    _refuse_document_type(archive, part)
    except UnreadableFile:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for damaged files
        raise UnreadableFile(Reason("broken_workbook")) from error


def _refuse_crowded(file: BinaryIO) -> None:
    # zipfile reads the whole directory into memory before one can ask it anything.
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_536 - _DIRECTORY_END_BYTES))
    tail = file.read()
    at = tail.rfind(_DIRECTORY_END)
    if at < 0 or len(tail) < at + _DIRECTORY_END_BYTES:
        raise UnreadableFile(Reason("broken_workbook"))
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    # Zip64 says 65,535 here and keeps the true count elsewhere; no till's workbook needs it.
    if entries > MAX_PARTS or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise UnreadableFile(Reason("workbook_too_large"))


def _refuse_large(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFile(Reason("workbook_too_large"))
    for part in parts:
        too_dense = part.file_size > _RATIO_COUNTS_FROM and part.file_size > MAX_RATIO * max(1, part.compress_size)
        too_bulky = part.file_size > MAX_TREE and not _STREAMED_OR_UNREAD.match(part.filename)
        if too_dense or too_bulky:
            raise UnreadableFile(Reason("workbook_too_large"))


def _refuse_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Entities, with which XML explodes or reaches out, need a DOCTYPE, and a DOCTYPE must stand before the root."""
    with archive.open(part) as source:
        head = source.read(_PROLOG_BYTES)
    # Without its zeros and mark, UTF-16 looks like ASCII here.
    head = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith(b"<") and not _ROOT.match(_BEFORE_ROOT.sub(b"", head)):
        raise UnreadableFile(Reason("unsafe_workbook"))
