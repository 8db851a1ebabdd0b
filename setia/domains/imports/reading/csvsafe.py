"""Cells of our own exports made harmless: a customer may have chosen "=cmd|..." as a name."""

import re
import unicodedata
from typing import TypeVar, cast

T = TypeVar("T")

# Not allowed in XLSX at all (openpyxl refuses them) and never meant in a name.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_STARTS_FORMULA = frozenset("=+-@\N{MINUS SIGN}")
_SKIPPED = frozenset("\"'`;,|")
_ENCODED_SPACE = re.compile(r"%(?:0[9ad]|20)", re.IGNORECASE)
_DDE = re.compile(r"dde\s*\(", re.IGNORECASE)
# A comma file does not quote these, and a spreadsheet with another list separator (Indonesian Excel: ;) splits there.
_AFTER_SEPARATOR = re.compile(r"([;\t|])(\s*)(?=[=+\-@\N{MINUS SIGN}＝＋－＠])")


def safe_cell(value: T) -> T:
    """This will return `value` fit to be written into a CSV or XLSX cell without becoming a formula.

    Text that a spreadsheet could take for a formula gets an apostrophe before it; control characters vanish. Numbers,
    dates and None stay what they are. Doing it twice changes nothing more. Give real numbers, not "-5" as text.
    """
    if not isinstance(value, str):
        return value
    text = _FORBIDDEN.sub("", str(value))
    text = _AFTER_SEPARATOR.sub(r"\1\2'", text)
    if not text.startswith("'") and _is_risky(text):
        text = f"'{text}"
    return cast("T", text)


def _is_risky(text: str) -> bool:
    # Spreadsheets and the tools before them drop blanks, quotes and separators at the beginning, so look behind those.
    if text[:1] in ("\t", "\r", "\n"):
        return True
    text = unicodedata.normalize("NFKC", text)
    position = 0
    while position < len(text):
        character = text[position]
        if match := _ENCODED_SPACE.match(text, position):
            position = match.end()
        elif character.isspace() or character in _SKIPPED or unicodedata.category(character) in ("Cf", "Cc", "Mn"):
            position += 1
        else:
            return character in _STARTS_FORMULA or _DDE.match(text, position) is not None
    return False
