"""Custom fields: what their values look like, and which kinds of data the law protects more. Pure decisions."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from setia.domains.customers.rules.names import search_words, word_set

LONGEST_TEXT = 500
LARGEST_NUMBER = Decimal(10) ** 15


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class BadFieldValue(ValueError):
    """Raised with a code when a text is no value of a field: bad_number, bad_date, bad_yes_no, …"""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_YES = frozenset({"ya", "y", "yes", "true", "1", "benar", "v", "x"})
_NO = frozenset({"tidak", "t", "no", "n", "false", "0", "bukan"})
# Words in a field's name that hint at data of article 4(2): health, biometrics, genetics, crime, children, money.
_SPECIFIC = word_set(
    "nik ktp agama religion kesehatan health penyakit alergi allergy disease darah blood medis medical gaji salary "
    "income penghasilan rekening bank kartu npwp pajak biometrik sidik fingerprint genetik dna pidana criminal "
    "anak child children hamil pregnancy suku etnis ethnicity politik politics"
)


def parse_field(kind: FieldKind, text: str, choices: Sequence[str] = ()) -> str:
    """Return the one form in which a value is kept; an empty text stays empty. Raises BadFieldValue.

    Numbers become plain decimals (1250.5), dates ISO (2026-12-31; 31/12/2026 is read as well), yes and no "yes" and
    "no", choices the choice as the shop wrote it.
    """
    text = " ".join(text.split())
    if not text:
        return ""
    if kind is FieldKind.NUMBER:
        return _number(text)
    if kind is FieldKind.DATE:
        return _date(text)
    if kind is FieldKind.CHOICE:
        found = next((choice for choice in choices if choice.casefold() == text.casefold()), None)
        if found is None:
            raise BadFieldValue("no_such_choice")
        return found
    if kind is FieldKind.YES_NO:
        if text.casefold() in _YES:
            return "yes"
        if text.casefold() in _NO:
            return "no"
        raise BadFieldValue("bad_yes_no")
    if len(text) > LONGEST_TEXT:
        raise BadFieldValue("too_long")
    return text


def seems_specific(label: str) -> bool:
    """Tell whether a field's name hints at data that the law protects more, so that the form asks."""
    return not _SPECIFIC.isdisjoint(search_words(label))


def _number(text: str) -> str:
    plain = text.replace(" ", "")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", plain):  # 1.250.000,5 as Indonesians write it
        plain = plain.replace(".", "")
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise BadFieldValue("bad_number") from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise BadFieldValue("bad_number")
    return format(number.normalize(), "f")


def _date(text: str) -> str:
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = (int(part) for part in match.groups())
    else:
        raise BadFieldValue("bad_date")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise BadFieldValue("bad_date") from None
