"""Which encoding a text file is in, decided so that no letter is silently changed.

The whole file is scanned until it is beyond doubt, not only its head: a till's export is often plain ASCII for
thousands of rows until the first "Café" comes. A file that mixes encodings is read in the one that most of its letters
speak for, and each row that does not fit is reported (`undecodable_text`), never guessed.
"""

import codecs
import io

from setia.domains.imports.reading.reasons import Reason, UnreadableFile, shown

# What stands in decoded text for a byte that could not be decoded. A lone surrogate cannot come from any valid text.
UNDECODABLE = "\udcff"
ERRORS = "setia.mark"

_SCAN_BYTES = 1 << 20
# So many letters of one kind and none of the other, and the rest of the file need not be scanned.
_BEYOND_DOUBT = 2_000
_KNOWN = {
    codecs.lookup(name).name
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "ascii")
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, error.end
    raise error


codecs.register_error(ERRORS, _mark)


def known_encoding(name: str) -> str:
    """This will return the codec's proper name. Raises UnreadableFile for one that no till writes."""
    try:
        proper = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise UnreadableFile(Reason("unknown_encoding", value=shown(name))) from error
    if proper not in _KNOWN:
        raise UnreadableFile(Reason("unknown_encoding", value=shown(name)))
    # A mark at the beginning would else become part of the first heading.
    return "utf-8-sig" if proper in ("utf-8", "ascii") else proper


def encoding_of(stream: io.BufferedReader) -> str:
    """This will return the encoding of `stream`, reading it from its beginning as far as needed."""
    chunk = stream.read(_SCAN_BYTES)
    for mark, name in _MARKS:
        if chunk.startswith(mark):
            return name
    if wide := _unmarked_utf16(chunk):
        return wide
    decoder = codecs.getincrementaldecoder("utf-8")(ERRORS)
    good = bad = 0
    while chunk:
        # An ASCII chunk behind a cut letter must still go to the decoder, which holds the letter's first bytes.
        if not chunk.isascii() or decoder.getstate()[0]:
            text = decoder.decode(chunk)
            wrong = text.count(UNDECODABLE)
            bad += wrong
            good += len(text) - wrong - len(text.encode("ascii", "ignore"))
            if (good > _BEYOND_DOUBT and not bad) or (bad > _BEYOND_DOUBT and not good):
                break
        chunk = stream.read(_SCAN_BYTES)
    bad += decoder.decode(b"", True).count(UNDECODABLE)
    return "cp1252" if bad > good else "utf-8"


def _unmarked_utf16(head: bytes) -> str | None:
    # Western text in UTF-16 has a zero in every other byte; no other text has many.
    head = head[: min(4_096, len(head) // 2 * 2)]
    if len(head) < 8:
        return None
    even, odd = head[::2].count(0) * 2 / len(head), head[1::2].count(0) * 2 / len(head)
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.1 else None
