"""What a key may do and how it is written. Pure decisions."""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from enum import StrEnum


class Scope(StrEnum):
    """Things a key may do, each given by itself."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_CONTACT = "customers:contact"  # phone, e-mail, address and birthday of those it may read
    CUSTOMERS_WRITE = "customers:write"
    PRODUCTS_READ = "products:read"
    PRODUCTS_WRITE = "products:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    RETURNS_READ = "returns:read"
    RETURNS_WRITE = "returns:write"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    SCORES_READ = "scores:read"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    MEASURES_READ = "measures:read"  # figures of the shop, of nobody in particular


MARK = "setia_live"
_TOKEN = re.compile(rf"{MARK}_([a-z0-9]{{8}})_([A-Za-z0-9_-]{{43}})")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_TELLING_NAME = re.compile(r"[a-z_]{1,40}")
LONGEST_FIELD = 120


def written_token(prefix: str, secret: str) -> str:
    """Return a key as programs send it; the prefix may be shown, the secret is shown once."""
    return f"{MARK}_{prefix}_{secret}"


def split_token(text: str) -> tuple[str, str] | None:
    """Return prefix and secret of what a program sent, or None where it can be no key."""
    found = _TOKEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a secret. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).digest()


def is_secret(secret: str, kept: bytes) -> bool:
    """Tell whether a secret is the one that was hashed, in the same time whatever the answer."""
    return hmac.compare_digest(secret_hash(secret), kept)


def known_scopes(texts: Iterable[str]) -> list[Scope]:
    """Return the scopes that texts name, in their own order; `orders:*` names all that begin so.

    Raises ValueError with the text that names none.
    """
    chosen: set[Scope] = set()
    for text in texts:
        named = [scope for scope in Scope if scope == text or (text.endswith(":*") and scope.startswith(text[:-1]))]
        if not named:
            raise ValueError(text)
        chosen.update(named)
    return [scope for scope in Scope if scope in chosen]


def is_source(text: str) -> bool:
    """Tell whether a text can name a program: small letters, digits and hyphens, thirty at most."""
    return _SOURCE.fullmatch(text) is not None


def may(scopes: Collection[str], scope: Scope) -> bool:
    """Tell whether a key with these scopes may do something."""
    return scope.value in scopes


def loggable_field(path: str) -> str:
    """Return where in a body a mistake was, without a word that the caller chose and that may name a person."""
    parts = re.split(r"[.\[]", path)
    plain = all(_TELLING_NAME.fullmatch(part) or re.fullmatch(r"\d{1,5}\]", part) for part in parts)
    return path[:LONGEST_FIELD] if plain else ""
