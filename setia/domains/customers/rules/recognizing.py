"""How a person is recognized: kinds of identities, what a door claims, what identifies nobody. Pure decisions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from setia.foundation.phone import NotAPhone, normalize


class IdentityKind(StrEnum):
    """Ways to recognize a person, strongest first."""

    EXTERNAL = "external"  # the number the shop's own till gave
    CARD = "card"  # a member card: what its barcode says
    PHONE = "phone"
    MARKET = "market"  # an account of a marketplace: "shopee:12345"
    SOCIAL = "social"  # an account of a network: "instagram:kopisenja"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClaim:
    """What a door knows of a person: at least one identity, or a name alone.

    `market` and `social` name the place before the account: "shopee:12345", "instagram:kopisenja".
    """

    external: str = ""
    card: str = ""
    phone: str = ""
    market: str = ""
    social: str = ""
    email: str = ""
    name: str = ""
    city: str = ""
    country: str = ""
    birth_date: date | None = None

    @classmethod
    def of_member(cls, code: str, **known: Any) -> "PersonClaim":
        """Return a claim for a shop's own number, which in many shops is the phone or e-mail itself."""
        if number := phone_or_none(code):
            return cls(**{**known, "phone": known.get("phone") or number})
        if address := email_or_none(code):
            return cls(**{**known, "email": known.get("email") or address})
        return cls(external=code, **known)

    def settled(self) -> "PersonClaim":
        """Return the same claim with a shop's own number that is a phone or e-mail taken for what it is."""
        known = {field: getattr(self, field) for field in self.__slots__ if field != "external"}
        return self.of_member(self.external, **known) if self.external else self

    def identities(self) -> dict[IdentityKind, str]:
        """Return the normalized identities that are given, strongest first.

        An impossible phone or e-mail is left out, and so is a value that identifies nobody.
        """
        given: dict[IdentityKind, str] = {}
        for kind in IdentityKind:
            text = getattr(self, kind.value)
            if text and (value := normal_value(kind, text)) and not is_nobody(kind, value):
                given[kind] = value
        return given


_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(?:\.[^@\s,;<>\".]+)+")


def phone_or_none(text: str) -> str | None:
    """Return a number in E.164, or None for a text that is none."""
    try:
        return normalize(text)
    except NotAPhone:
        return None


def email_or_none(text: str) -> str | None:
    """Return an address in lower case, or None for a text that is none."""
    address = text.strip().lower()
    return address if len(address) <= 254 and _EMAIL.fullmatch(address) else None


def normal_value(kind: IdentityKind, text: str) -> str | None:
    """Return the one form in which an identity is compared, or None for a text that can be none of this kind."""
    if kind is IdentityKind.PHONE:
        return phone_or_none(text)
    if kind is IdentityKind.EMAIL:
        return email_or_none(text)
    text = " ".join(text.split())
    if kind is IdentityKind.CARD:
        return re.sub(r"[\s-]", "", text).upper()[:64] or None
    if kind in (IdentityKind.MARKET, IdentityKind.SOCIAL):
        place, colon, account = text.casefold().partition(":")
        account = account.strip().lstrip("@")
        return f"{place.strip()}:{account}"[:100] if colon and place.strip() and account else None
    return text[:100] or None


# How many identities of a kind one person may have. More is no person but a tablet at the till, or a test account.
LIMITS = {
    IdentityKind.EXTERNAL: 5,
    IdentityKind.CARD: 5,
    IdentityKind.PHONE: 5,
    IdentityKind.MARKET: 8,
    IdentityKind.SOCIAL: 5,
    IdentityKind.EMAIL: 5,
}

_NO_CODE = re.compile(
    r"[-0.]*|-1|null|none|nil|nan|n/?a|undefined|anonymous|anonim|guest|tamu|umum|cash|tunai|walk[ -]?in|"
    r"pelanggan( umum)?|customer|tidak ada|test|tes",
    re.IGNORECASE,
)
_NO_MAILBOX = re.compile(
    r"(no[._-]?(reply|e?mail)|tidak[._-]?ada|none|null|test|tes|anonymous|guest|tamu|customer)@.+|"
    r"(.)@\3\..+|email@email\..+"
)


def is_nobody(kind: IdentityKind, value: str) -> bool:
    """Tell whether a normalized value is what people type to get past a field: 0000, tamu, 0811111111, a@a.com."""
    if kind is IdentityKind.PHONE:
        # After the country and the first digit of the network, one digit only: 08 111 111 111.
        return len(set(value[-8:])) == 1
    if kind is IdentityKind.EMAIL:
        return _NO_MAILBOX.fullmatch(value) is not None
    code = value.partition(":")[2] if kind in (IdentityKind.MARKET, IdentityKind.SOCIAL) else value
    return _NO_CODE.fullmatch(code) is not None


def choose_match(found: Mapping[IdentityKind, int]) -> int | None:
    """Return whom a claim means when its identities are known: the strongest kind decides.

    A shop's own number outranks a phone, which a family may share; both outrank an e-mail.
    """
    for kind in IdentityKind:
        if kind in found:
            return found[kind]
    return None
