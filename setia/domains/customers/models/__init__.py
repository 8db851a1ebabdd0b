"""Rows of customers."""

from setia.domains.customers.models.consents import ConsentEvent, ConsentEvidence, ConsentWording
from setia.domains.customers.models.fields import CustomField, CustomValue
from setia.domains.customers.models.identities import (
    BlockedIdentity,
    DuplicateState,
    DuplicateSuggestion,
    Identity,
    IdentityAnswer,
    IdentityQuestion,
)
from setia.domains.customers.models.people import Customer, CustomerTag, FamilyDate, Merge, Tag

__all__ = [
    "BlockedIdentity",
    "ConsentEvent",
    "ConsentEvidence",
    "ConsentWording",
    "CustomField",
    "CustomValue",
    "Customer",
    "CustomerTag",
    "DuplicateState",
    "DuplicateSuggestion",
    "FamilyDate",
    "Identity",
    "IdentityAnswer",
    "IdentityQuestion",
    "Merge",
    "Tag",
]
