"""Merging two rows of one person, and taking it back so that every table is as if it had never been."""

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.commerce.actions import record_sales
from setia.domains.commerce.actions.undo import true_counters
from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries import counters_of, search_customers
from setia.domains.customers.actions import (
    UnableToMerge,
    change_customer,
    merge_customers,
    resolve_people,
    unmerge_customers,
)
from setia.domains.customers.models import Customer, CustomerTag, Merge, Tag
from setia.domains.customers.queries import alias_ids
from setia.domains.customers.rules import PersonClaim
from setia.domains.timeline.actions import write_note
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.console import verdicts


def _merge(winner: Customer, loser: Customer, **more: Any) -> Merge:
    return merge_customers(winner=winner, loser=loser, by=SYSTEM, at=cast.NOW, **more)


def _unmerge(merge: Merge) -> None:
    unmerge_customers(merge=merge, by=SYSTEM, at=cast.NOW)


@pytest.mark.django_db
def test_the_merged_are_one_person_with_one_sum():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    cast.buys(eko, "A-2", days_ago=3)
    _merge(dewi, eko)
    assert alias_ids(dewi.id) == [dewi.id, eko.id]
    counters = counters_of(dewi.id)
    assert (counters.order_count, counters.spent_total) == (2, 44_000)
    assert [row.customer_id for row in search_customers("0813 1111 2222", limit=5)] == [dewi.id]
    assert [row.customer_id for row in search_customers("A-2", limit=5)] == [dewi.id]


@pytest.mark.django_db
def test_orders_of_either_row_count_on_together():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    _merge(dewi, eko)
    cast.buys(eko, "A-2")
    cast.buys(dewi, "A-3")
    counts = [row.payload["order_count"] for row in Event.objects.filter(kind="commerce.order_placed").order_by("id")]
    assert counts == [1, 2, 3]
    assert counters_of(dewi.id).order_count == 3
    assert CustomerCounters.objects.get(customer=eko).order_count == 1


@pytest.mark.django_db
def test_blanks_are_filled_and_what_was_there_stays_unless_chosen():
    dewi, gilang = cast.member("dewi"), cast.member("gilang")
    Customer.objects.filter(id=gilang.id).update(gender="female", acquisition_source="instagram")
    merge = _merge(dewi, gilang, keep_from_loser=["name"])
    dewi.refresh_from_db()
    assert (dewi.name, dewi.gender, dewi.city, dewi.search_name) == (
        "Gilang Ramadhan",
        "female",
        "Bandung",
        "gilang ramadhan",
    )
    change_customer(customer=dewi, changes={"gender": "male"}, by=SYSTEM, at=cast.NOW)
    _unmerge(merge)
    dewi.refresh_from_db()
    assert (dewi.name, dewi.gender, dewi.acquisition_source) == ("Dewi Lestari", "male", "")


@pytest.mark.django_db
@pytest.mark.parametrize("undone_first", [0, 1])
def test_two_merges_that_filled_the_same_field_come_apart_in_any_order(undone_first):
    dewi, eko, fitri = (cast.member(name) for name in ("gilang", "eko", "fitri"))
    before = verdicts.rows(stamps=False)
    merges = [_merge(dewi, eko), _merge(dewi, fitri, keep_from_loser=["city", "name"])]
    for index in (undone_first, 1 - undone_first):
        _unmerge(merges[index])
    assert _without_log(verdicts.rows(stamps=False)) == _without_log(before)


@pytest.mark.django_db
def test_a_row_is_merged_once_and_never_with_itself():
    dewi, eko, fitri = (cast.member(name) for name in ("dewi", "eko", "fitri"))
    _merge(dewi, eko)
    for winner, loser, code in ((fitri, eko, "already_merged"), (eko, fitri, "already_merged"), (dewi, dewi, "same")):
        with pytest.raises(UnableToMerge, match=code):
            _merge(winner, loser)


@pytest.mark.django_db
def test_a_merge_under_another_is_taken_back_after_it():
    dewi, eko, fitri = (cast.member(name) for name in ("dewi", "eko", "fitri"))
    inner, outer = _merge(dewi, eko), _merge(fitri, dewi)
    assert alias_ids(fitri.id) == [fitri.id, *sorted([dewi.id, eko.id])]
    with pytest.raises(UnableToMerge, match="newer_merge"):
        _unmerge(inner)
    _unmerge(outer)
    assert alias_ids(dewi.id) == [dewi.id, eko.id]
    _unmerge(inner)
    assert not Customer.objects.filter(canonical__isnull=False).exists()


@pytest.mark.django_db
def test_the_tags_of_both_are_found_and_only_the_added_go():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    tags = [Tag.objects.create(key=name, name=name, created_at=cast.NOW) for name in ("vip", "reseller")]
    for person, tag in ((dewi, tags[0]), (eko, tags[0]), (eko, tags[1])):
        CustomerTag.objects.create(customer=person, tag=tag, created_at=cast.NOW)
    merge = _merge(dewi, eko)
    assert set(CustomerTag.objects.filter(customer=dewi).values_list("tag__name", flat=True)) == {"vip", "reseller"}
    _unmerge(merge)
    assert set(CustomerTag.objects.filter(customer=dewi).values_list("tag__name", flat=True)) == {"vip"}


@pytest.mark.django_db
def test_a_merge_that_fails_leaves_nothing(monkeypatch):
    dewi, eko = cast.member("dewi"), cast.member("eko")
    before = verdicts.rows()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("setia.domains.customers.actions.merging.record", fail)
    with pytest.raises(RuntimeError):
        _merge(dewi, eko)
    assert verdicts.rows() == before


_LOG = ("foundation_event", "foundation_delivery", "customers_merge")


def _without_log(rows: dict[str, Any]) -> dict[str, Any]:
    return {table: found for table, found in rows.items() if table not in _LOG}


class _Shop:
    """Ten people; the same acts of trade in a world with merges and in one without come to the same tables."""

    def __init__(self) -> None:
        claims = [PersonClaim(phone=f"0812 7000 11{index:02}", name=f"Orang{chr(97 + index)}") for index in range(10)]
        self.ids = resolve_people(claims=claims, door="form", by=SYSTEM, at=cast.NOW)
        self.standing: list[Merge] = []
        self.number = 0

    def trade(self, chance: random.Random) -> None:
        """Do one act that is no merge: buy, write a note, import by phone."""
        customer = Customer.objects.get(id=chance.choice(self.ids))
        self.number += 1
        what = chance.randrange(3)
        if what == 0:
            cast.buys(customer, f"N-{self.number}", days_ago=chance.randrange(400))
        elif what == 1:
            write_note(customer=customer, body="Suka kopi", author=cast.staff("tono"), at=cast.NOW)
        else:
            index = self.ids.index(customer.id)
            claim = PersonClaim(phone=f"62812700011{index:02}", email=f"{chr(97 + index)}{self.number}@contoh.id")
            owner = resolve_people(claims=[claim], door="import", by=SYSTEM, at=cast.NOW, origin_id=7)[0]
            sale = cast.sale(f"I-{self.number}", Customer.objects.get(id=owner), days_ago=chance.randrange(400))
            record_sales(drafts=[sale], by=SYSTEM, at=cast.NOW, origin_id=7)

    def merge_or_part(self, chance: random.Random) -> None:
        """Merge two people, or take a merge back that nothing stands on."""
        free = [merge for merge in self.standing if Customer.objects.get(id=merge.winner_id).canonical_id is None]
        if free and chance.random() < 0.5:
            merge = chance.choice(free)
            self.standing.remove(merge)
            _unmerge(merge)
            return
        people = list(Customer.objects.filter(id__in=self.ids, canonical=None).order_by("id"))
        if len(people) > 1:
            winner, loser = chance.sample(people, 2)
            self.standing.append(_merge(winner, loser))


def _figures() -> list[Any]:
    """Return everything but ids and the log: what each of the ten has, in the order of the story."""
    found = []
    for customer in Customer.objects.order_by("id"):
        counters = CustomerCounters.objects.get(customer=customer)
        found.append(
            (
                *(customer.name, customer.search_name, customer.city, customer.canonical_id),
                sorted(row.value for row in customer.identities.all()),
                *(counters.order_count, counters.spent_total, counters.first_order_at, counters.last_order_at),
            )
        )
    return found


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_random_merges_and_partings_leave_every_row_as_without_them(seed):
    outcomes = []
    for with_merges in (True, False):
        with transaction.atomic():
            shop, acts, ties = _Shop(), random.Random(seed), random.Random(seed + 1)
            for _ in range(25):
                if with_merges:
                    shop.merge_or_part(ties)
                shop.trade(acts)
            for customer_id, figures in true_counters(customer_ids=shop.ids).items():
                row = CustomerCounters.objects.get(customer_id=customer_id)
                assert {name: getattr(row, name) for name in figures} == figures
            while shop.standing:
                _unmerge(shop.standing.pop())
            outcomes.append(_figures())
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]


@pytest.mark.django_db
def test_a_hundred_merges_and_partings_leave_the_tables_as_they_were():
    shop, chance = _Shop(), random.Random(11)
    for _ in range(20):
        shop.trade(chance)
    before = verdicts.rows(stamps=False)
    for _ in range(100):
        shop.merge_or_part(chance)
    while shop.standing:
        _unmerge(shop.standing.pop())
    assert _without_log(verdicts.rows(stamps=False)) == _without_log(before)
    assert Merge.objects.count() >= 40
