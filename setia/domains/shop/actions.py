"""Verbs of the shop: change the profile, open and change outlets."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from setia.domains.shop.events import OutletSaved, ShopChanged
from setia.domains.shop.models import Outlet, Shop
from setia.domains.shop.rules import Hours, as_json
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


def change_shop(*, changes: Mapping[str, object], by: Actor, at: datetime) -> Shop:
    """Change fields of the profile and record which; an unchanged profile records nothing."""
    with write_tx():
        shop = Shop.objects.select_for_update().get(id=1)
        changed = tuple(sorted(name for name, value in changes.items() if getattr(shop, name) != value))
        if changed:
            for name in changed:
                setattr(shop, name, changes[name])
            shop.save(update_fields=changed)
            record(ShopChanged(fields=changed), by=by, at=at)
    return shop


def save_outlet(
    *,
    code: str,
    name: str,
    city: str,
    zone_name: str,
    opening_hours: str,
    by: Actor,
    at: datetime,
    outlet: Outlet | None = None,
    hours: Hours | None = None,
) -> Outlet:
    """Open an outlet, or change the one given; without `hours` those that stand are left.

    Raises IntegrityError when the code belongs to another.
    """
    with write_tx():
        created = outlet is None
        if outlet is None:
            outlet = Outlet(created_at=at)
        outlet.code, outlet.name, outlet.city = code, name, city
        outlet.zone_name, outlet.opening_hours = zone_name, opening_hours
        if hours is not None:
            outlet.hours = as_json(hours)
        outlet.save()
        record(OutletSaved(outlet_id=outlet.id, created=created), by=by, at=at)
    return outlet


def ensure_outlets(*, codes: Iterable[str], origin_id: int, by: Actor, at: datetime) -> dict[str, Outlet]:
    """Return the outlets of these till codes, opening those that are new; repeated calls open none twice."""
    known = {outlet.code.casefold(): outlet for outlet in Outlet.objects.all()}
    zone_name = Shop.objects.get(id=1).zone_name
    for code in codes:
        if code.casefold() not in known:
            with write_tx():
                outlet, _ = Outlet.objects.get_or_create(
                    code=code,
                    defaults={"name": code, "zone_name": zone_name, "origin_id": origin_id, "created_at": at},
                )
                record(OutletSaved(outlet_id=outlet.id, created=True), by=by, at=at, batch_id=origin_id)
            known[code.casefold()] = outlet
    return known


def close_unused_outlets(*, origin_id: int, used_ids: set[int]) -> int:
    """Remove outlets that an undone import had opened and nothing uses; return how many."""
    return Outlet.objects.filter(origin_id=origin_id).exclude(id__in=used_ids).delete()[0]
