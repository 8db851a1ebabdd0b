"""Filters of the list of customers: each alone, all pairs, with every stage, whichever way they are walked."""

from datetime import timedelta
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries import CustomerFilters, customer_list, is_anybody, listing, matching_ids
from setia.domains.commerce.queries.listing import SORTS, sorts_of, stage_of
from setia.domains.customers.models import Customer, Identity, Tag
from setia.foundation.paging import key_page
from tests import cast
from tests.domains.lists.people import crowd, when

pytestmark = pytest.mark.django_db

# Each filter with the plain question it stands for.
ASKED = {
    "tag": (lambda: {"tag_ids": (Tag.objects.get(name="VIP").id,)}, lambda c: c["tags"] >= {"VIP"}),
    "two tags": (
        lambda: {"tag_ids": tuple(Tag.objects.order_by("key").values_list("id", flat=True))},
        lambda c: c["tags"] >= {"VIP", "Reseller"},
    ),
    "owner": (lambda: {"owner_id": cast.staff("tono").id}, lambda c: c["owner"] is not None),
    "nobody": (lambda: {"owner_id": 0}, lambda c: c["owner"] is None),
    "city": (lambda: {"city": "BANDUNG"}, lambda c: c["city"].lower() == "bandung"),
    "phone": (lambda: {"has_phone": True}, lambda c: "phone" in c["kinds"]),
    "no phone": (lambda: {"has_phone": False}, lambda c: "phone" not in c["kinds"]),
    "no e-mail": (lambda: {"has_email": False}, lambda c: "email" not in c["kinds"]),
    "spent": (lambda: {"spent_min": 5_000, "spent_max": 40_000}, lambda c: 5_000 <= c["spent"] <= 40_000),
    "orders": (lambda: {"orders_max": 1}, lambda c: c["orders"] <= 1),
    "last": (
        lambda: {"last_from": when(150), "last_to": when(20)},
        lambda c: c["last"] is not None and when(150) <= c["last"] <= when(20),
    ),
    "birthday": (lambda: {"birth_month": 3}, lambda c: c["birth"] is not None and c["birth"].month == 3),
    "source": (lambda: {"source": "instagram"}, lambda c: c["source"] == "instagram"),
    "added": (lambda: {"added_from": when(2)}, lambda c: True),
}


def known_of(person: Customer) -> dict:
    row = CustomerCounters.objects.get(customer=person)
    return {
        "tags": {tag.tag.name for tag in person.tags.select_related("tag")},
        "owner": person.owner_id,
        "city": person.city,
        "kinds": set(Identity.objects.filter(customer=person).values_list("kind", flat=True)),
        "spent": row.spent_total,
        "orders": row.order_count,
        "last": row.last_order_at and (row.last_order_at + timedelta(hours=7)).date(),
        "birth": person.birth_date,
        "source": person.acquisition_source,
        "stage": stage_of(row, cast.NOW),
    }


def expected(known: dict, names: tuple[str, ...], stage: str) -> set[int]:
    def fits(values: dict) -> bool:
        in_stage = {"everyone": True, "buyers": values["stage"] != "no_orders"}.get(stage, values["stage"] == stage)
        # Whoever is new is active too.
        in_stage = in_stage or (stage == "active" and values["stage"] == "new")
        return in_stage and all(ASKED[name][1](values) for name in names)

    return {who for who, values in known.items() if fits(values)}


def asked(names: tuple[str, ...]) -> CustomerFilters:
    given: dict = {}
    for name in names:
        given |= ASKED[name][0]()
    return CustomerFilters(**given)


def test_every_filter_and_every_pair_finds_just_whom_it_should() -> None:
    known = {person.id: known_of(person) for person in crowd()}
    questions = [(name,) for name in ASKED] + list(combinations(["tag", "owner", "city", "spent", "last", "phone"], 2))
    hits = 0
    for names in questions:
        for stage in ("everyone", "buyers", "lost", "no_orders"):
            filters, wanted = asked(names), expected(known, names, stage)
            found = matching_ids(stage=stage, at=cast.NOW, filters=filters)
            assert list(found) == sorted(wanted), (names, stage)
            assert is_anybody(stage=stage, at=cast.NOW, filters=filters) == bool(wanted)
            hits += bool(wanted)
    assert hits > 60


@pytest.mark.parametrize("stage", ["everyone", "buyers", "active", "lost"])
def test_pages_follow_each_other_and_are_the_same_however_they_are_walked(stage: str) -> None:
    crowd()
    filters = CustomerFilters(has_email=False)
    for sort in sorts_of(stage):
        seen, cursor, back = [], "", ""
        while True:
            page = customer_list(stage=stage, sort=sort, cursor=cursor, size=2, at=cast.NOW, filters=filters).page
            seen += [row.customer_id for row in page.rows]
            if not page.next_cursor:
                back = page.previous_cursor
                break
            cursor = page.next_cursor
        walked = key_page(
            listing._walked(listing._parts(stage, filters, cast.NOW), sort), keys=SORTS[sort], cursor="", size=50
        )
        assert seen == [row.customer_id for row in walked.rows]
        assert len(seen) == len(set(seen)) >= 3
        before = customer_list(stage=stage, sort=sort, cursor=back, size=2, at=cast.NOW, filters=filters).page
        position = seen.index(before.rows[-1].customer_id)
        assert [row.customer_id for row in before.rows] == seen[position - 1 : position + 1]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhZnRlciIsIFsxLCAyXV0", "WyJhZnRlciIsIFsiYSIsICJiIl1d"])
def test_a_forged_cursor_shows_the_first_page(cursor: str) -> None:
    crowd()
    ask = {"stage": "buyers", "sort": "recent", "size": 4, "at": cast.NOW, "filters": CustomerFilters(has_email=False)}
    first, forged = customer_list(cursor="", **ask), customer_list(cursor=cursor, **ask)
    assert [row.customer_id for row in forged.page.rows] == [row.customer_id for row in first.page.rows]


def test_merged_people_are_in_no_list() -> None:
    people = crowd()
    Customer.objects.filter(id=people[3].id).update(canonical=people[0])
    filters = CustomerFilters(tag_ids=(Tag.objects.get(name="VIP").id,))
    assert people[3].id not in matching_ids(stage="everyone", at=cast.NOW, filters=filters)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_survives_being_kept(name: str) -> None:
    crowd()
    filters = asked((name,))
    assert CustomerFilters.from_json(filters.as_json()) == filters
    assert filters
    assert not filters.without(*filters.as_json())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what it counted")
@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("tag", "customer_tag_by_tag"),
        ("owner", "customer_by_owner"),
        ("city", "lists_customer_city"),
        ("birthday", "lists_customer_birth_month"),
        ("source", "lists_customer_source"),
        ("spent", "counters_by_spend"),
        ("orders", "counters_by_orders"),
    ],
)
def test_each_filter_finds_people_by_its_index(name: str, index: str) -> None:
    crowd()
    with CaptureQueriesContext(connection) as questions:
        matching_ids(stage="everyone", at=cast.NOW, filters=asked((name,)))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + questions[-1]["sql"])
        plan = " / ".join(row[3] for row in cursor.fetchall())
    assert index in plan
    assert "SCAN" not in plan
