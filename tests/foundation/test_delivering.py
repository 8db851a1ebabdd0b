"""Handing facts to subscribers: each on its own, each effect with the end of its debt."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from setia.domains.imports.events import ImportUploaded
from setia.domains.shop.models import Shop
from setia.foundation.actors import SYSTEM
from setia.foundation.events import delivering, record
from setia.foundation.events.delivering import LEASE, backoff, deliver_due, delivery_health
from setia.foundation.events.models import Delivery, Event
from setia.foundation.events.subscribing import subscribe, unsubscribe
from tests import cast

pytestmark = pytest.mark.django_db

NOW = cast.NOW
Hear = Callable[..., list[int]]


@pytest.fixture
def hear() -> Iterator[Hear]:
    """Register subscribers for one test; each notes the events it got and may fail."""
    names: list[str] = []

    def register(name: str, error: Exception | None = None) -> list[int]:
        heard: list[int] = []

        def call(event: Event) -> None:
            heard.append(event.id)
            Shop.objects.filter(id=1).update(name=f"{name} heard")
            if error is not None:
                raise error

        subscribe(ImportUploaded.kind, name, call)
        names.append(name)
        return heard

    yield register
    for name in names:
        unsubscribe(ImportUploaded.kind, name)


def tell() -> int:
    return record(ImportUploaded(import_id=1), by=SYSTEM, at=NOW)


def test_each_subscriber_gets_each_fact_once(hear: Hear) -> None:
    one, two = hear("one"), hear("two")
    events = [tell(), tell()]
    assert (deliver_due(at=NOW), deliver_due(at=NOW)) == (4, 0)
    assert (sorted(one), sorted(two), Delivery.objects.count()) == (events, events, 0)


def test_a_failing_subscriber_holds_up_nobody_and_leaves_no_trace(hear: Hear) -> None:
    bad, good = hear("bad", ValueError("kaput")), hear("good")
    event = tell()
    assert deliver_due(at=NOW) == 1
    assert (bad, good, Shop.objects.get().name) == ([event], [event], "good heard")
    owed = Delivery.objects.get()
    assert (owed.subscriber, owed.attempt_count, owed.due_at) == ("bad", 1, NOW + timedelta(seconds=10))
    assert owed.last_error == "ValueError('kaput')"


def test_late_and_failing_deliveries_are_told_apart(hear: Hear) -> None:
    assert delivery_health(at=NOW) == (0, [])
    hear("bad", ValueError("kaput"))
    tell()
    tell()
    assert delivery_health(at=NOW + timedelta(minutes=7)) == (420, [])
    for seconds in (420, 430, 450):
        deliver_due(at=NOW + timedelta(seconds=seconds))
    assert delivery_health(at=NOW + timedelta(days=1)) == (0, [("bad", 2, "ValueError('kaput')")])


def test_a_failed_delivery_is_tried_again_when_it_has_rested(hear: Hear) -> None:
    bad = hear("bad", ValueError())
    tell()
    for seconds in (0, 9, 10, 29, 30):
        deliver_due(at=NOW + timedelta(seconds=seconds))
    assert (len(bad), Delivery.objects.get().attempt_count) == (3, 3)
    assert [backoff(n).total_seconds() for n in (1, 2, 3, 12, 999)] == [10, 20, 40, 20_480, 21_600]


def test_a_fact_of_a_rolled_back_transaction_is_told_to_nobody(hear: Hear) -> None:
    heard = hear("one")
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert (deliver_due(at=NOW), heard, Event.objects.count()) == (0, [], 0)


def test_a_delivery_whose_worker_died_is_tried_after_the_lease(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = hear("one")
    tell()
    with monkeypatch.context() as died:
        died.setattr(delivering, "_deliver", lambda *_: 0)
        deliver_due(at=NOW)
    assert deliver_due(at=NOW + LEASE - timedelta(seconds=1)) == 0
    assert (deliver_due(at=NOW + LEASE), len(heard)) == (1, 1)


def test_a_subscriber_this_release_has_no_more_is_dropped(hear: Hear) -> None:
    hear("old")
    tell()
    unsubscribe(ImportUploaded.kind, "old")
    assert (deliver_due(at=NOW), Delivery.objects.count()) == (1, 0)


def take_over(monkeypatch: pytest.MonkeyPatch, at: Any) -> None:
    """Let another worker deliver in the moment between a claim and its work."""
    real = delivering._deliver

    def late(*given: Any) -> int:
        monkeypatch.setattr(delivering, "_deliver", real)
        deliver_due(at=at)
        return real(*given)

    monkeypatch.setattr(delivering, "_deliver", late)


def test_a_worker_that_slept_through_its_lease_has_no_effect(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = hear("one")
    tell()
    take_over(monkeypatch, NOW + LEASE + timedelta(seconds=1))
    deliver_due(at=NOW)
    assert len(heard) == 1


def test_the_lease_of_a_late_claim_begins_with_the_claim(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    from setia.foundation import clock

    hear("slow"), hear("next")
    tell()
    with clock.frozen(NOW):
        claims: list[Any] = []

        def slow(delivery_id: int, until: Any, *_: Any) -> int:
            claims.append(until - clock.now())
            clock._frozen_at.set(clock.now() + timedelta(minutes=3))
            return 1

        monkeypatch.setattr(delivering, "_deliver", slow)
        deliver_due(at=NOW)
    assert min(claims) > timedelta(0)
