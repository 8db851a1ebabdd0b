"""Verbs of customers."""

from setia.domains.customers.actions.consents import UnableToRecordConsent, publish_wording, record_consents
from setia.domains.customers.actions.merging import (
    MERGED_FIELDS,
    UnableToMerge,
    dismiss_duplicate,
    merge_customers,
    reopen_duplicate,
    suggest_duplicate,
    unmerge_customers,
)
from setia.domains.customers.actions.people import (
    IdentityIsBlocked,
    IdentityTaken,
    NotAnIdentity,
    TooManyIdentities,
    add_customer,
    add_identity,
    change_customer,
    change_profile,
    forget_import,
    remove_identity,
    set_identity,
)
from setia.domains.customers.actions.profile import (
    UnableToSaveField,
    add_family_date,
    purge_old_values,
    remove_family_date,
    save_field,
    set_values,
)
from setia.domains.customers.actions.questions import (
    UnableToAnswer,
    answer_question,
    block_identity,
    block_question,
    unblock_identity,
)
from setia.domains.customers.actions.tagging import add_tags, assign_owner, remove_tags
from setia.domains.customers.resolving import recognize_people, resolve_people

__all__ = [
    "MERGED_FIELDS",
    "IdentityIsBlocked",
    "IdentityTaken",
    "NotAnIdentity",
    "TooManyIdentities",
    "UnableToAnswer",
    "UnableToMerge",
    "UnableToRecordConsent",
    "UnableToSaveField",
    "add_customer",
    "add_family_date",
    "add_identity",
    "add_tags",
    "answer_question",
    "assign_owner",
    "block_identity",
    "block_question",
    "change_customer",
    "change_profile",
    "dismiss_duplicate",
    "forget_import",
    "merge_customers",
    "publish_wording",
    "purge_old_values",
    "recognize_people",
    "record_consents",
    "remove_family_date",
    "remove_identity",
    "remove_tags",
    "reopen_duplicate",
    "resolve_people",
    "save_field",
    "set_identity",
    "set_values",
    "suggest_duplicate",
    "unblock_identity",
    "unmerge_customers",
]
