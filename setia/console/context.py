"""What every template of the console knows: the shop, the navigation, what this person may do."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, outlet_scope
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.queries import due_count
from setia.foundation import clock
from setia.foundation.clock import shop_day


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the navigation."""

    url_name: str
    label: Any
    icon: str
    capability: Capability


NAVIGATION: tuple[tuple[Any, tuple[Place, ...]], ...] = (
    (
        _("Overview"),
        (
            Place("console:home", _("Home"), "home", Capability.VIEW_HOME),
            Place("console:advice", _("What to do today"), "star", Capability.DO_TASKS),
            Place("console:tasks", _("Tasks"), "check", Capability.DO_TASKS),
        ),
    ),
    (
        _("Customers"),
        (
            Place("console:customers", _("Customers"), "people", Capability.VIEW_CUSTOMERS),
            Place("console:duplicates", _("Who is who"), "link", Capability.MERGE_CUSTOMERS),
            Place("console:segments", _("Segments"), "columns", Capability.VIEW_MEASURES),
            Place("console:tags", _("Tags"), "tag", Capability.BULK_EDIT),
        ),
    ),
    (
        _("Figures"),
        (
            Place("console:retention_home", _("Customer index"), "chart", Capability.VIEW_MEASURES),
            Place("console:seasons", _("Seasons and money"), "clock", Capability.VIEW_MEASURES),
            Place("console:reports", _("Reports"), "print", Capability.VIEW_MEASURES),
            Place("console:guide", _("Guide"), "pin", Capability.VIEW_MEASURES),
        ),
    ),
    (
        _("Sales"),
        (
            Place("console:orders", _("Orders"), "bag", Capability.VIEW_ORDERS),
            Place("console:carts", _("Carts"), "cart", Capability.VIEW_ORDERS),
            Place("console:products", _("Products"), "tag", Capability.VIEW_ORDERS),
            Place("console:outlets", _("Outlets"), "store", Capability.VIEW_ORDERS),
        ),
    ),
    (
        _("Management"),
        (
            Place("console:imports", _("Imports"), "upload", Capability.IMPORT),
            Place("console:exports", _("Exports"), "download", Capability.EXPORT),
            Place("console:staff", _("Staff"), "badge", Capability.MANAGE_STAFF),
            Place("console:api_keys", _("API"), "link", Capability.MANAGE_API),
            Place("console:audit", _("Audit"), "badge", Capability.VIEW_AUDIT),
            Place("console:audit_review", _("Security review"), "check", Capability.VIEW_AUDIT),
            Place("console:settings", _("Settings"), "gear", Capability.MANAGE_SHOP),
        ),
    ),
)


_BUSINESS = ("/console/measures/seasons/", "/console/measures/money/", "/console/measures/loyal-and-new/")

# Places of their own that lie below another place's address.
_BELOW = {
    "console:customers": (
        *("/console/customers/duplicates/", "/console/customers/questions/", "/console/customers/blocked/"),
    ),
    "console:audit": ("/console/audit/review/",),
    "console:retention_home": ("/console/measures/recommendations/", *_BUSINESS),
}


# Places that stand for all addresses below another one.
_WHOLE: dict[str, str | tuple[str, ...]] = {
    "console:retention_home": "/console/measures/",
    "console:seasons": _BUSINESS,
}


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Return the common context; templates of errors need it too, so it must not fail for strangers."""
    user: Any = getattr(request, "user", None)
    shop = the_shop()
    found: dict[str, Any] = {
        "shop": shop,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "is_demo": settings.DEMO,
    }
    if isinstance(user, Staff):
        can = {capability.value: may(user, capability) for capability in Capability}
        # Files and measures are of the whole shop; whoever sees some outlets only is not even offered them.
        for whole in ("export", "view_measures", "edit_segments"):
            can[whole] = can[whole] and outlet_scope(user) is None
        found |= {"can": can, "navigation": _navigation(user, request.path, shop, can)}
    return found


def _due_count(user: Staff, shop: Shop) -> int:
    """Return how many tasks wait for somebody by today; asked only where the navigation is drawn."""
    return due_count(user, today=shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour))


def _navigation(user: Staff, path: str, shop: Shop, can: dict[str, bool]) -> list[dict[str, Any]]:
    groups = []
    for label, places in NAVIGATION:
        shown = []
        for place in places:
            if can[place.capability.value]:
                url = reverse(place.url_name)
                is_here = path == url if place.url_name == "console:home" else path.startswith(url)
                is_here = is_here or path.startswith(_WHOLE.get(place.url_name, "-"))
                is_here = is_here and not path.startswith(_BELOW.get(place.url_name, ("-",)))
                count = partial(_due_count, user, shop) if place.url_name == "console:tasks" else None
                shown.append({"url": url, "label": place.label, "icon": place.icon, "is_here": is_here, "count": count})
        if shown:
            groups.append({"label": label, "places": shown})
    return groups
