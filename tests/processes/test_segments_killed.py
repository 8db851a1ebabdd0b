"""Instants that come are taken once: whoever is killed, however many workers there are."""

from datetime import timedelta
from typing import Any

from tests.processes.shops import ShopOnDisk, kill, until

HERE = "tests.processes.test_segments_killed"
PEOPLE = 120


def prepare(count: int) -> str:
    """Let people be due to enter a segment whose rule holds for all of them; return its id."""
    from setia.domains.customers.actions import resolve_people
    from setia.domains.customers.rules import PersonClaim
    from setia.domains.segments import actions
    from setia.domains.segments.models import Segment, Standing
    from setia.domains.segments.names import ShopNames
    from setia.domains.segments.rules.text import parse
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    at = clock.now()
    claims = [PersonClaim(name=f"Orang {n}", phone=f"0812-{n:04}-5555") for n in range(count)]
    resolve_people(claims=claims, door="import", by=SYSTEM, at=at)
    segment = actions.make_segment(name="Semua", node=parse("pesanan = 0", ShopNames()), by=SYSTEM, at=at)
    actions.go_live(segment=segment, by=SYSTEM, at=at)
    actions.fill(segment_id=segment.id, now=clock.now)
    # As on the morning of the day on which the rule begins to hold.
    Standing.objects.update(is_member=False, recheck_at=at - timedelta(minutes=1))
    Segment.objects.update(member_count=0)
    return str(segment.id)


def take(portion: int) -> int:
    """Take what is due, a few at a time."""
    from setia.domains.segments.actions import judging
    from setia.foundation import clock

    judging.PORTION = portion
    return judging.recheck_due(at=clock.now())


def standing(shop: ShopOnDisk) -> tuple[Any, Any, Any]:
    """Return how many are in, how many facts say so of how many people, and the size the segment tells."""
    inside = shop.one("SELECT count(*) FROM segments_standing WHERE is_member")
    facts = shop.rows(
        "SELECT count(*), count(DISTINCT customer_id) FROM foundation_event WHERE kind = 'segments.entered'"
    )
    return inside, facts[0], shop.one("SELECT member_count FROM segments_segment")


def test_a_killed_worker_loses_nobody_and_two_take_nobody_twice(shop: ShopOnDisk) -> None:
    shop.call(f"{HERE}:prepare", PEOPLE)
    first = shop.start_call(f"{HERE}:take", 3)
    until(lambda: (shop.one("SELECT count(*) FROM segments_standing WHERE is_member") or 0) >= 6, every=0.005)
    kill(first)
    inside, facts, size = standing(shop)
    assert 0 < inside <= PEOPLE
    assert (facts, size) == ((inside, inside), inside)
    others = [shop.start_call(f"{HERE}:take", 3) for _ in range(2)]
    for other in others:
        assert other.wait(120) == 0
    shop.call(f"{HERE}:take", 3)
    assert standing(shop) == (PEOPLE, (PEOPLE, PEOPLE), PEOPLE)


def two_hear(count: int) -> list[int]:
    """Let two threads judge the same people at the same moment; return facts and members."""
    from setia.domains.customers.models import Customer
    from setia.domains.segments.actions import judge_people
    from setia.domains.segments.models import Standing
    from setia.foundation import clock
    from setia.foundation.events.models import Event
    from tests.processes.shops import at_once

    people = list(Customer.objects.values_list("id", flat=True))
    at = clock.now()
    only = list(Standing.objects.values_list("segment_id", flat=True).distinct())
    at_once(count, lambda: judge_people(customer_ids=people, at=at, only=only))
    told = Event.objects.filter(kind="segments.entered").count()
    return [told, Standing.objects.filter(is_member=True).count()]


def test_two_who_hear_of_one_person_at_once_say_it_once(shop: ShopOnDisk) -> None:
    shop.call(f"{HERE}:prepare", 40)
    assert shop.call(f"{HERE}:two_hear", 4) == [40, 40]
