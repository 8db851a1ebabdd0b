"""Facts about staff."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAdded(Fact):
    """Somebody got an account."""

    kind: ClassVar[str] = "staff.added"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoleChanged(Fact):
    """Somebody's duties changed."""

    kind: ClassVar[str] = "staff.role_changed"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
    old_role: str
    new_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffOutletsChanged(Fact):
    """Somebody sees the orders of other outlets than before; an empty list stands for all of them."""

    kind: ClassVar[str] = "staff.outlets_changed"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
    old_outlet_ids: list[int]
    new_outlet_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSuspended(Fact):
    """An account was closed; its sessions ended with it."""

    kind: ClassVar[str] = "staff.suspended"
    subject: ClassVar[str] = "staff_id"
    staff_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReinstated(Fact):
    """A closed account was opened again."""

    kind: ClassVar[str] = "staff.reinstated"
    subject: ClassVar[str] = "staff_id"
    staff_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignedIn(Fact):
    """Somebody signed in; `method` is password or link."""

    kind: ClassVar[str] = "staff.signed_in"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSessionEnded(Fact):
    """A colleague ended one session of a person, on one device."""

    kind: ClassVar[str] = "staff.session_ended"
    subject: ClassVar[str] = "staff_id"
    staff_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRemoved(Fact):
    """Somebody's second factor was taken away from the command line, after a lost phone."""

    kind: ClassVar[str] = "staff.second_factor_removed"
    subject: ClassVar[str] = "staff_id"
    staff_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLinkMade(Fact):
    """Somebody made a one-time way in for a person."""

    kind: ClassVar[str] = "staff.login_link_made"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
