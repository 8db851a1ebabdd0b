"""Questions about the shop."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from setia.domains.shop import rules
from setia.domains.shop.models import Outlet, Shop


def the_shop() -> Shop:
    """Return the shop's profile."""
    return Shop.objects.get(id=1)


def outlets() -> QuerySet[Outlet]:
    """Return all outlets by name."""
    return Outlet.objects.order_by("name", "id")


def outlets_by_code() -> dict[str, Outlet]:
    """Return every outlet under its code in lower case, as tills write it now so and now so."""
    return {outlet.code.casefold(): outlet for outlet in Outlet.objects.all()}


@dataclass(frozen=True, slots=True)
class Openness:
    """How a place stands at one moment, in its own zone: open until, or closed and opening next at."""

    is_known: bool
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None


def openness(outlet: Outlet, *, at: datetime) -> Openness:
    """Return whether an outlet is open at this instant, and when that changes."""
    hours, local = rules.from_json(outlet.hours), at.astimezone(outlet.zone)
    closes_at = rules.closing_time(hours, local)
    opens_at = rules.next_opening(hours, local) if closes_at is None else None
    return Openness(hours.is_known, closes_at is not None, closes_at, opens_at)
