"""Questions about the shop."""

from django.db.models import QuerySet

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
