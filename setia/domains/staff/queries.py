"""Questions about staff."""

from typing import Any

from django.db.models import QuerySet

from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Capability, role_may


class NotAllowed(Exception):
    """Raised when somebody asks for what his role does not include."""


def may(person: Any, capability: Capability) -> bool:
    """Tell whether a signed-in person may do something; strangers and closed accounts may nothing."""
    return isinstance(person, Staff) and person.is_active and role_may(person.role, capability)


def require(person: Any, capability: Capability) -> None:
    """Raise NotAllowed unless the person may."""
    if not may(person, capability):
        raise NotAllowed(capability)


def everybody() -> QuerySet[Staff]:
    """Return all accounts, open ones first, by name."""
    return Staff.objects.order_by("-is_active", "name", "id")


def access_staff(viewer: Any, staff_id: int) -> Staff:
    """Return an account to somebody who manages accounts; raises NotAllowed and Staff.DoesNotExist."""
    require(viewer, Capability.MANAGE_STAFF)
    return Staff.objects.get(id=staff_id)


def names_by_id(ids: set[int]) -> dict[int, str]:
    """Return the names of staff, for lists that show who did something."""
    return dict(Staff.objects.filter(id__in=ids).values_list("id", "name"))


def owner_count() -> int:
    """Return how many open owner accounts there are."""
    return Staff.objects.filter(role="owner", is_active=True).count()
