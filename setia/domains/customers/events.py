"""Facts about customers."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAdded(Fact):
    """A person became known; `door` says where: import, form, demo."""

    kind: ClassVar[str] = "customers.added"
    subject: ClassVar[str] = "customer_id"
    customer_id: int
    door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Fact):
    """Fields of a person were changed; names them, not their values."""

    kind: ClassVar[str] = "customers.changed"
    subject: ClassVar[str] = "customer_id"
    customer_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityQuestioned(Fact):
    """Somebody gave a phone or e-mail of this customer with quite another name, and became a customer of his own."""

    kind: ClassVar[str] = "customers.identity_questioned"
    subject: ClassVar[str] = "newcomer_id"
    customer_id: int
    newcomer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityQuestionAnswered(Fact):
    """Somebody decided whose a number is: same, moved, shared or blocked."""

    kind: ClassVar[str] = "customers.identity_question_answered"
    subject: ClassVar[str] = "newcomer_id"
    customer_id: int
    newcomer_id: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersMerged(Fact):
    """Two rows turned out to be one person; `customer_id` is the one that stands."""

    kind: ClassVar[str] = "customers.merged"
    subject: ClassVar[str] = "merge_id"
    customer_id: int
    merge_id: int
    loser_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersUnmerged(Fact):
    """A merge was taken back; every row is again what it would have been without it."""

    kind: ClassVar[str] = "customers.unmerged"
    subject: ClassVar[str] = "merge_id"
    customer_id: int
    merge_id: int
    loser_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Fact):
    """A person said yes or no to a purpose on a channel."""

    kind: ClassVar[str] = "customers.consent_recorded"
    subject: ClassVar[str] = "consent_id"
    customer_id: int
    consent_id: int
    purpose: str
    channel: str
    is_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWordingPublished(Fact):
    """The words with which consent to a purpose is asked have a new version."""

    kind: ClassVar[str] = "customers.consent_wording_published"
    subject: ClassVar[str] = "wording_id"
    wording_id: int
    purpose: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFieldSaved(Fact):
    """A custom field was made, changed or put away."""

    kind: ClassVar[str] = "customers.custom_field_saved"
    subject: ClassVar[str] = "field_id"
    field_id: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityBlocked(Fact):
    """A value identifies nobody from now on."""

    kind: ClassVar[str] = "customers.identity_blocked"
    subject: ClassVar[str] = "blocked_id"
    blocked_id: int
    identity_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUnblocked(Fact):
    """A blocked value may identify people again."""

    kind: ClassVar[str] = "customers.identity_unblocked"
    subject: ClassVar[str] = "blocked_id"
    blocked_id: int
    identity_kind: str
