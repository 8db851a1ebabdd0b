"""Numbers as Indonesian and English tills write them. Exact: nothing goes through binary fractions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from setia.domains.imports.reading.cells import Cell
from setia.domains.imports.reading.codes import unwrapped
from setia.domains.imports.reading.reasons import BadValue, Reason, shown

Mark = Literal[".", ","]

MAX_INTEGER_DIGITS = 15
_LIMIT = Decimal(10) ** MAX_INTEGER_DIGITS
# Longer text is no number. It also keeps a cache of cells small.
_MAX_CHARACTERS = 64
_MIN_EXPONENT = -30

_CURRENCY = r"(?:rp\.?|idr|us\$|usd|s\$|sgd|rm|myr|eur|gbp|aud|jpy|cny|thb|hkd|[$€£¥])"
_BEFORE = re.compile(_CURRENCY, re.IGNORECASE)
_AFTER = re.compile(_CURRENCY + r"\Z", re.IGNORECASE)
# "1.250.000,-" and "1.250.000,--" say that there are no cents.
_NO_CENTS = re.compile(r"(?<=[0-9])[.,](?:-{1,2}|\N{EN DASH}|\N{EM DASH})\Z")
_DASHES = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FULLWIDTH HYPHEN-MINUS}", "-"))
_SPACES = re.compile(r"\s+")
_NUMERALS = {
    decimal: re.compile(
        rf"(?P<whole>[0-9]{{1,3}}(?:[{thousands} ][0-9]{{3}})+|[0-9]*)(?:{re.escape(decimal)}(?P<part>[0-9]*))?"
    )
    for decimal, thousands in ((".", ","), (",", "."))
}
_ONLY_MARKS = re.compile(r"[0-9., ]*[0-9][0-9., ]*")
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]*)?e[+-]?[0-9]{1,3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """This will say which mark stands before the cents; the other one groups thousands."""

    decimal: Mark


_STYLES: dict[Mark, NumberStyle] = {".": NumberStyle("."), ",": NumberStyle(",")}


def guess_number_style(samples: Iterable[Cell], *, scale: int) -> NumberStyle:
    """This will return the style of a column from some of its cells.

    `scale` is the number of digits behind the decimal mark in the shop's currency (0 for rupiah): it decides columns
    such as 1.250, 2.500, 14.000 where every single mark stands before exactly three digits.
    """
    certain = {".": 0, ",": 0}
    doubtful = {".": 0, ",": 0}
    for cell in samples:
        if not isinstance(cell, str) or len(cell) > _MAX_CHARACTERS:
            continue
        mark, is_certain = _decimal_mark(_peeled(cell)[0].replace(" ", ""))
        if mark is not None:
            (certain if is_certain else doubtful)[mark] += 1
    for votes in (certain, doubtful):
        if votes is doubtful and scale != 0 and any(votes.values()):
            return _STYLES["."]
        if votes["."] != votes[","]:
            return _STYLES["." if votes["."] > votes[","] else ","]
    return _STYLES["," if scale == 0 else "."]


def _decimal_mark(text: str) -> tuple[Mark | None, bool]:
    """The decimal mark that `text` speaks for, were its marks read as rupiah, and whether it could be no other."""
    if not _ONLY_MARKS.fullmatch(text):
        return None, False
    dots, commas = text.count("."), text.count(",")
    if not dots and not commas:
        return None, False
    if dots and commas:
        return ("." if text.rindex(".") > text.rindex(",") else ","), True
    mark: Mark = "." if dots else ","
    other: Mark = "," if dots else "."
    if dots + commas > 1:
        return other, True
    before, _, after = text.partition(mark)
    # 1250.000 and 0.125 have three digits behind the mark and still cannot be thousands.
    if len(after) != 3 or not 1 <= len(before) <= 3 or before.startswith("0"):
        return mark, True
    return other, False


def parse_number(cell: Cell, style: NumberStyle) -> Decimal:
    """This will return the exact number in `cell`. Raises BadValue.

    A lone dash, as accounting formats write zero, counts as missing: only the caller knows whether that means zero.
    A mark that cannot group thousands where it stands is refused, not guessed: 2.55 read as 255 would be a wrong bill.
    """
    if isinstance(cell, str):
        if len(cell) > _MAX_CHARACTERS:
            raise BadValue(Reason("bad_number", value=shown(cell)))
        return _parse_text(cell, style.decimal)
    if cell is None:
        raise BadValue(Reason("number_missing"))
    if isinstance(cell, (date, time)):
        raise BadValue(Reason("number_is_date", value=shown(cell)))
    if isinstance(cell, bool):
        raise BadValue(Reason("bad_number", value=shown(cell)))
    if isinstance(cell, int) and abs(cell) >= _LIMIT:
        raise BadValue(Reason("number_too_large"))
    return _checked(Decimal(repr(cell)), repr(cell))


def _checked(number: Decimal, source: str) -> Decimal:
    if not number.is_finite():
        raise BadValue(Reason("bad_number", value=shown(source)))
    if number.copy_abs() >= _LIMIT:
        raise BadValue(Reason("number_too_large", value=shown(source)))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _MIN_EXPONENT:
        raise BadValue(Reason("bad_number", value=shown(source)))
    if isinstance(exponent, int) and exponent > 0:
        return number.quantize(Decimal(1))
    return number


def _peeled(text: str) -> tuple[str, int]:
    """The numeral without currency, sign and blanks at its ends, and how many minus signs stood around it."""
    text = _SPACES.sub(" ", unwrapped(text)).translate(_DASHES)
    minuses = 0
    if text.startswith("(") and text.endswith(")"):
        text, minuses = text[1:-1].strip(), 1
    text = _AFTER.sub("", text).strip()
    text = _NO_CENTS.sub("", text)
    if text.endswith("-"):
        text, minuses = text[:-1].strip(), minuses + 1
    # The sign stands before or behind the currency: -Rp 5.000, Rp -5.000.
    for _ in range(2):
        if text.startswith(("-", "+")):
            minuses += text[0] == "-"
            text = text[1:].strip()
        if match := _BEFORE.match(text):
            text = text[match.end() :].strip()
    return text, minuses


@lru_cache(maxsize=65_536)
def _parse_text(source: str, decimal: Mark) -> Decimal:
    text, minuses = _peeled(source)
    if not text:
        raise BadValue(Reason("number_missing", value=shown(source)))
    if "%" in text:
        raise BadValue(Reason("number_percent", value=shown(source)))
    if minuses > 1:
        raise BadValue(Reason("bad_number", value=shown(source)))
    if _EXPONENT.fullmatch(text):
        number = Decimal(text.replace(",", "."))
    else:
        number = Decimal(_plain(text, decimal, source))
    # copy_negate, because a minus sign would round to the 28 digits of the decimal context.
    return _checked(number.copy_negate() if minuses and number else number, source)


def _plain(text: str, decimal: Mark, source: str) -> str:
    match = _NUMERALS[decimal].fullmatch(text)
    if match is None:
        code = "number_mark" if _ONLY_MARKS.fullmatch(text) else "bad_number"
        raise BadValue(Reason(code, value=shown(source)))
    whole = re.sub(r"[., ]", "", match["whole"]).lstrip("0") or "0"
    part = match["part"] or ""
    if whole == "0" and not match["whole"] and not part:
        raise BadValue(Reason("bad_number", value=shown(source)))
    if len(whole) > MAX_INTEGER_DIGITS:
        raise BadValue(Reason("number_too_large", value=shown(source)))
    return f"{whole}.{part}" if part else whole
