"""How a person is recognized. Pure decisions."""

import re
import unicodedata
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


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClaim:
    """What a door knows of a person: at least one identity, or a name alone."""

    external: str = ""
    phone: str = ""
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
        """Return the normalized identities that are given; an impossible phone or e-mail is left out."""
        given: dict[IdentityKind, str] = {}
        if self.external:
            given[IdentityKind.EXTERNAL] = self.external
        if self.phone and (number := phone_or_none(self.phone)):
            given[IdentityKind.PHONE] = number
        if self.email and (address := email_or_none(self.email)):
            given[IdentityKind.EMAIL] = address
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


def choose_match(found: Mapping[IdentityKind, int]) -> int | None:
    """Return whom a claim means when its identities are known: the strongest kind decides.

    A shop's own number outranks a phone, which a family may share; both outrank an e-mail.
    """
    for kind in IdentityKind:
        if kind in found:
            return found[kind]
    return None


def search_words(text: str) -> list[str]:
    """Split a name into plain lower-case words without accents, the form in which names are searched."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", plain.casefold())


def search_text(name: str) -> str:
    """Return the words of a name in one line, as they are kept for search."""
    return " ".join(search_words(name))
