"""Limits hold exactly, also when eight knock at once."""

from datetime import datetime, timedelta

import pytest

from setia.foundation.throttle import Limit, allowed, forgive
from setia.foundation.throttle.limits import purge_expired
from setia.foundation.throttle.models import Bucket
from tests import cast
from tests.processes.shops import ShopOnDisk, at_once

LOGIN = Limit("login", 5, timedelta(minutes=10))


@pytest.mark.django_db
def test_the_sixth_attempt_is_refused_until_the_window_is_over() -> None:
    answers = [allowed(LOGIN, "Sari@Toko.id", at=cast.NOW) for _ in range(7)]
    assert answers == [True] * 5 + [False] * 2
    assert not allowed(LOGIN, "sari@toko.ID", at=cast.NOW + timedelta(minutes=9, seconds=59))
    assert allowed(LOGIN, "budi@toko.id", at=cast.NOW)
    assert allowed(Limit("code", 1, timedelta(hours=1)), "sari@toko.id", at=cast.NOW)
    later = [allowed(LOGIN, "sari@toko.id", at=cast.NOW + timedelta(minutes=10)) for _ in range(6)]
    assert later == [True] * 5 + [False]


@pytest.mark.django_db
def test_a_success_is_forgiven_and_spent_windows_go() -> None:
    for _ in range(5):
        allowed(LOGIN, "sari@toko.id", at=cast.NOW)
    forgive(LOGIN, "SARI@toko.id")
    assert allowed(LOGIN, "sari@toko.id", at=cast.NOW)
    assert not Bucket.objects.filter(key__contains="sari").exists()
    assert purge_expired(at=cast.NOW + timedelta(minutes=10)) == 0
    assert purge_expired(at=cast.NOW + timedelta(minutes=10, seconds=1)) == 1


def knock(thread_count: int, times: int) -> list[int]:
    """Knock from many threads, in a first window and in the next; return how often the door opened in each."""
    from setia.foundation import clock

    limit, opened, start = Limit("race", 13, timedelta(minutes=1)), [], clock.now()
    for at in (start, start + timedelta(minutes=2)):
        found: list[bool] = []

        def work(at: datetime = at, found: list[bool] = found) -> None:
            found += [allowed(limit, "one address", at=at) for _ in range(times)]

        at_once(thread_count, work)
        opened.append(sum(found))
    return opened


def test_eight_threads_together_are_let_in_exactly_as_often_as_allowed(shop: ShopOnDisk) -> None:
    assert shop.call("tests.foundation.test_throttle:knock", 8, 6) == [13, 13]
