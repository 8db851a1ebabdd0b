"""The one row of the shop is there whenever its table is."""

from typing import Any

from setia.foundation.db.guards import guard


@guard
def make_the_shop(connection: Any, tables: set[str]) -> None:
    """Make the row with its defaults where it is missing; every reader counts on it."""
    if "shop_shop" in tables:
        from setia.domains.shop.models import Shop

        Shop.objects.using(connection.alias).get_or_create(id=1)
