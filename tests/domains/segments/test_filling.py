"""A segment is filled once by one fact, by whichever way; news that come meanwhile win."""

from datetime import timedelta

import pytest

from setia.domains.analytics.lake import Manifest
from setia.domains.customers.actions import tagging
from setia.domains.segments import actions
from setia.domains.segments.actions import filling
from setia.domains.segments.models import Segment, SizeDay, Standing
from setia.domains.segments.names import ShopNames
from setia.domains.segments.rules.text import parse
from setia.domains.segments.setwise import filling as setwise
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.domains.segments.story import World, hear, live, members, state
from tests.domains.segments.test_setwise import lake_of_the_shop, settle
from tests.domains.segments.test_truth import RULES

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_lake(monkeypatch: pytest.MonkeyPatch) -> list[Manifest]:
    """Let a shop of a dozen count as large, with a lake that is filled when the test says so."""
    lakes: list[Manifest] = []
    monkeypatch.setattr(filling, "FEW", 0)
    monkeypatch.setattr(setwise, "PORTION", 4)
    monkeypatch.setattr(setwise, "fresh_lake", lambda **_: lakes[-1] if lakes else None)
    return lakes


def test_both_ways_of_filling_come_to_the_same(by_lake: list[Manifest]) -> None:
    world = World(3, people=12)
    settle(world)
    for name, text in RULES.items():
        live(name, text, at=world.at)
    live("Keduanya", 'segmen = "Besar" atau segmen = "Sering"', at=world.at)
    one_by_one = state()
    Standing.objects.all().delete()
    by_lake.append(lake_of_the_shop(world.at + timedelta(hours=1)))
    for segment in Segment.objects.order_by("id"):
        actions.fill(segment_id=segment.id, now=lambda: world.at)
    assert state() == one_by_one
    assert any(stands for stands, _ in one_by_one.values())
    assert actions.fill_all(now=lambda: world.at) == 0


def test_who_had_news_since_the_lake_was_read_is_judged_by_them(by_lake: list[Manifest]) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    by_lake.append(lake_of_the_shop(cast.NOW))
    cast.buys(eko, "A-2")
    tagging.add_tags(customer_ids=[dewi.id], names=["VIP"], by=SYSTEM, at=cast.NOW)
    segment = live("Pembeli", 'pesanan(30 hari) >= 1 dan bukan label = "VIP"')
    assert members(segment) == {eko.id}


def test_the_first_filling_is_one_fact_and_later_moves_are_told_one_by_one() -> None:
    people = [cast.member(name) for name in cast.MEMBERS]
    for number, person in enumerate(people):
        cast.buys(person, f"A-{number}")
    segment = live("Pembeli", "pesanan(30 hari) >= 1")
    told = Event.objects.filter(kind__startswith="segments.").exclude(kind="segments.saved")
    assert list(told.order_by("id").values_list("kind", flat=True)) == ["segments.state_changed", "segments.filled"]
    assert Event.objects.get(kind="segments.filled").payload["entered"] == 4
    assert (segment.member_count, segment.filled_version) == (4, 1)
    at = cast.NOW + timedelta(days=31)
    assert actions.recheck_due(at=at) == 4
    left = Event.objects.filter(kind="segments.left")
    assert {row.customer_id for row in left} == {person.id for person in people}
    assert left.first().payload == {"segment_id": str(segment.id), "version": 1, "conditions": []}
    assert list(SizeDay.objects.order_by("day").values_list("size", "entered", "left")) == [(4, 4, 0), (0, 0, 4)]


def test_the_very_instant_is_the_shops_midnight() -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1")
    segment = live("Diam", "belanja_terakhir >= 7 hari")
    row = Standing.objects.get(segment=segment)
    midnight = row.recheck_at
    assert (row.is_member, midnight and midnight.isoformat()) == (False, "2026-11-28T17:00:00+00:00")
    assert midnight is not None
    assert actions.recheck_due(at=midnight - timedelta(seconds=1)) == 0
    assert actions.recheck_due(at=midnight) == 1
    assert members(segment) == {dewi.id}


def test_a_changed_rule_moves_its_people_and_those_who_use_it() -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    segment = live("Pembeli", "pesanan >= 1")
    other = live("Bukan pembeli", 'bukan segmen = "Pembeli"')
    assert (members(segment), members(other)) == ({dewi.id}, {eko.id})
    actions.change_segment(segment=segment, node=parse("pesanan = 0", ShopNames()), by=SYSTEM, at=cast.NOW)
    actions.fill(segment_id=segment.id, now=lambda: cast.NOW)
    assert (members(segment), members(other)) == ({eko.id}, {dewi.id})
    filled = Event.objects.filter(kind="segments.filled").latest("id").payload
    assert (filled["entered"], filled["left"], filled["version"]) == (1, 1, 2)


def test_only_rules_that_depend_on_the_news_are_judged(django_assert_num_queries) -> None:
    dewi = cast.member("dewi")
    hear()
    live("Kota", 'kota = "Bandung"')
    with django_assert_num_queries(1):  # which segments there are
        actions.judge_people(customer_ids=[dewi.id], at=cast.NOW, topics=["orders"])


def test_facts_of_many_are_loaded_by_as_many_questions_as_of_one() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from setia.domains.segments.loading import load
    from setia.domains.segments.rules.fields import FIELDS
    from setia.domains.shop.queries import the_shop

    world = World(11, people=10)
    settle(world)
    shop, topics, counts = the_shop(), {each.topic for each in FIELDS} | {"lines"}, []
    for people in ([world.people[0].id], [each.id for each in world.people]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            load(people, topics, shop=shop)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 14
    hear(world.at)
