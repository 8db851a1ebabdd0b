"""Codes of customers, invoices and products as tills write them and as spreadsheets bend them."""

import hashlib
import math
import re
from datetime import date, time
from functools import lru_cache

from setia.domains.imports.reading.cells import Cell
from setia.domains.imports.reading.reasons import shown

MAX_CODE = 64
_CACHED_CHARACTERS = 256
_DIGEST_CHARACTERS = 12

# Control characters cannot be stored everywhere; zero-width ones make two codes that look the same differ.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u200b-\u200f\u2060\ufeff\ud800-\udfff]+")
_EXCEL_TEXT = re.compile(r'="([^"]*)"|=([0-9.,-]+)')
_WHOLE_NUMBER = re.compile(r"[0-9]+\.0")


def unwrapped(text: str) -> str:
    """This will strip `text` and take it out of Excel's ways to say "this is text": ="0812" and '0812."""
    text = text.strip()
    if text.startswith("=") and (match := _EXCEL_TEXT.fullmatch(text)):
        text = (match[1] or match[2] or "").strip()
    return text.removeprefix("'").strip()


def clean_code(cell: Cell) -> str:
    """This will return `cell` as a code of at most 64 characters, "" for an empty cell.

    17850.0 becomes "17850" (a spreadsheet made a number of it); the leading zeros of text stay. A code that is too long
    keeps its beginning and gets a digest for its end, because two long codes cut alike would become one customer.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _cached(cell) if len(cell) <= _CACHED_CHARACTERS else _clean(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return _clean(str(int(cell)) if cell.is_integer() else repr(cell))
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return _clean(shown(cell))


def _clean(text: str) -> str:
    text = " ".join(unwrapped(_INVISIBLE.sub("", text)).split())
    if _WHOLE_NUMBER.fullmatch(text):
        text = text[:-2]
    if len(text) <= MAX_CODE:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{text[: MAX_CODE - _DIGEST_CHARACTERS - 1]}~{digest}"


_cached = lru_cache(maxsize=65_536)(_clean)
