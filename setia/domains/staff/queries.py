"""Questions about staff."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import outlets
from setia.domains.staff.models import Staff, StaffOutlet
from setia.domains.staff.rules import Capability, Role, role_may


class NotAllowed(Exception):
    """Raised when somebody asks for what his role does not include."""


def may(person: Any, capability: Capability) -> bool:
    """Tell whether a signed-in person may do something; strangers and closed accounts may nothing."""
    return isinstance(person, Staff) and person.is_active and role_may(person.role, capability)


def require(person: Any, capability: Capability) -> None:
    """Raise NotAllowed unless the person may."""
    if not may(person, capability):
        raise NotAllowed(capability)


def outlet_scope(viewer: Any) -> frozenset[int] | None:
    """Return the outlets whose orders somebody sees, None for all; strangers see none, owners all.

    Every question about orders, returns and carts asks this anew, so that a change counts from the next request on.
    """
    if not isinstance(viewer, Staff):
        return frozenset()
    if viewer.role == Role.OWNER:
        return None
    return frozenset(StaffOutlet.objects.filter(staff=viewer).values_list("outlet_id", flat=True)) or None


def outlets_of(viewer: Any) -> QuerySet[Outlet]:
    """Return the outlets whose orders somebody sees, by name."""
    scope = outlet_scope(viewer)
    return outlets() if scope is None else outlets().filter(id__in=scope)


def require_all_outlets(viewer: Any) -> None:
    """Raise NotAllowed for somebody who sees some outlets only: what leaves as a file is of the whole shop."""
    if outlet_scope(viewer) is not None:
        raise NotAllowed("all_outlets")


def everybody() -> QuerySet[Staff]:
    """Return all accounts, open ones first, by name."""
    return Staff.objects.order_by("-is_active", "name", "id")


def access_staff(viewer: Any, staff_id: int) -> Staff:
    """Return an account to somebody who manages accounts; raises NotAllowed and Staff.DoesNotExist."""
    require(viewer, Capability.MANAGE_STAFF)
    return Staff.objects.get(id=staff_id)


def sessions_of(viewer: Any, person: Staff, *, at: datetime) -> list[Any]:
    """Return the sessions in which somebody is signed in, latest first, for who manages accounts; raises NotAllowed."""
    from allauth.usersessions.models import UserSession

    require(viewer, Capability.MANAGE_STAFF)
    rows = list(UserSession.objects.filter(user_id=person.id).order_by("-created_at", "-id"))
    open_keys = Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=at)
    still_open = set(open_keys.values_list("session_key", flat=True))
    return [row for row in rows if row.session_key in still_open]


def names_by_id(ids: set[int]) -> dict[int, str]:
    """Return the names of staff, for lists that show who did something."""
    return dict(Staff.objects.filter(id__in=ids).values_list("id", "name"))


def owner_count() -> int:
    """Return how many open owner accounts there are."""
    return Staff.objects.filter(role="owner", is_active=True).count()
