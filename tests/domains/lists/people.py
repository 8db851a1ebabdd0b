"""Thirty people who differ in all that a list can be narrowed by."""

from datetime import date, timedelta

from setia.domains.commerce.actions import record_sales
from setia.domains.commerce.drafts import LineDraft
from setia.domains.customers.actions import resolve_people, tagging
from setia.domains.customers.models import Customer
from setia.domains.customers.rules import PersonClaim
from setia.foundation.actors import SYSTEM
from tests import cast

CITIES = ("Bandung", "bandung", "Cimahi", "")
COUNT = 30


def crowd() -> list[Customer]:
    """Add them: every third tagged VIP, every fourth looked after by Tono, two thirds have bought."""
    claims = [
        PersonClaim(
            phone=f"08123456{index:04}" if index % 5 else "",
            email=f"p{index}@contoh.id" if index % 2 else "",
            external=f"K-{index}",
            name=f"Orang {index:02}",
            city=CITIES[index % 4],
            birth_date=date(1990, 1 + index % 12, 3) if index % 7 else None,
        )
        for index in range(COUNT)
    ]
    ids = resolve_people(claims=claims, door="form", by=SYSTEM, at=cast.NOW)
    Customer.objects.filter(id__in=ids[::6]).update(acquisition_source="instagram")
    people = list(Customer.objects.order_by("id"))
    tagging.add_tags(customer_ids=ids[::3], names=["VIP"], by=SYSTEM, at=cast.NOW)
    tagging.add_tags(customer_ids=ids[::4], names=["Reseller"], by=SYSTEM, at=cast.NOW)
    tagging.assign_owner(customer_ids=ids[::4], owner=cast.staff("tono"), by=SYSTEM, at=cast.NOW)
    kopi = cast.product()
    drafts = [
        cast.sale(
            f"{index}-{order}",
            person,
            LineDraft(
                product_id=kopi,
                quantity_milli=1000,
                unit_price=1000 * (1 + index),
                gross=1000 * (1 + index),
                discount=0,
            ),
            days_ago=index * 10 + order,
        )
        for index, person in enumerate(people)
        for order in range(index % 3)
    ]
    record_sales(drafts=drafts, by=SYSTEM, at=cast.NOW)
    return list(Customer.objects.order_by("id"))


def when(days_ago: int) -> date:
    """Return the day so many days before the story's."""
    return (cast.NOW - timedelta(days=days_ago)).date()
