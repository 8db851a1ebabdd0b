"""Telephone numbers: every way an Indonesian writes one becomes a single E.164 text."""

import re
from functools import lru_cache

import phonenumbers

HOME_REGION = "ID"
_PREFIX = re.compile(r"^\s*(?:wa|whatsapp|hp|telp?|tlp|no|phone|tel|mobile)?\s*[.:\-#]*\s*", re.IGNORECASE)


class NotAPhone(ValueError):
    """Raised for a text that is no possible telephone number."""


@lru_cache(maxsize=50_000)
def normalize(text: str) -> str:
    """Return a number in E.164, e.g. +6281234567890; raises NotAPhone.

    0812…, 62812…, +62 812-…, 812… and "WA: 0812 …" are one person. A number without a country is Indonesian.
    """
    digits = re.sub(r"[^\d+]", "", _PREFIX.sub("", text, count=1))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("62"):
        digits = "+" + digits
    elif digits.startswith("+0"):
        digits = digits[1:]
    # "+62 (0)812…" and "620812…" carry the trunk zero that belongs to national writing only.
    digits = re.sub(r"^\+620+", "+62", digits)
    if re.fullmatch(r"8\d{7,12}", digits):
        digits = "0" + digits
    try:
        number = phonenumbers.parse(digits, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise NotAPhone(f"{text!r} is not a telephone number") from None
    # "Possible" would take dates and identity numbers for phones, and strangers with the same junk for one person.
    if number.extension or not phonenumbers.is_valid_number(number):
        raise NotAPhone(f"{text!r} is not a telephone number")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def shown(e164: str) -> str:
    """Write an E.164 number for people: 0812-3456-7890 at home, +65 9123 4567 abroad."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == phonenumbers.country_code_for_region(HOME_REGION)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, style))


def masked(e164: str) -> str:
    """Write a number with all but its last four digits hidden: •••• 7890."""
    return f"•••• {e164[-4:]}"
