"""Decisions about people, without a database or a clock."""

from setia.domains.customers.rules.fields import FieldKind
from setia.domains.customers.rules.names import names_agree, search_text, search_words
from setia.domains.customers.rules.recognizing import (
    LIMITS,
    IdentityKind,
    PersonClaim,
    choose_match,
    email_or_none,
    is_nobody,
    normal_value,
    phone_or_none,
)

__all__ = [
    "LIMITS",
    "FieldKind",
    "IdentityKind",
    "PersonClaim",
    "choose_match",
    "email_or_none",
    "is_nobody",
    "names_agree",
    "normal_value",
    "phone_or_none",
    "search_text",
    "search_words",
]
