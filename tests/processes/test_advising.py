"""A real shop is advised: what was killed ends like what ran calmly, and an analysis that ends is enough to begin."""

import time

import pytest

from tests.processes.shops import ShopOnDisk, kill
from tests.processes.test_analyzing import trade

HERE = "tests.processes.test_advising"
__all__ = ["trade"]


def advise() -> list[object]:
    """Make all advice and return what the round says."""
    from setia.domains.advice.actions import advise as advise_everybody
    from setia.foundation import clock

    done = advise_everybody(at=clock.now(), now=clock.now)
    return [done.notes if done else None]


def work() -> list[str]:
    """Hand over what is owed, and do what waits, as a worker does."""
    from setia.domains.advice.models import AdviceRound
    from setia.domains.advice.tasks import advise as task
    from setia.foundation import clock
    from setia.foundation.events.delivering import deliver_due
    from setia.foundation.jobs.models import Job

    deliver_due(at=clock.now())
    waiting = Job.objects.filter(task_path__endswith="advice.tasks.advise", state="ready").count()
    said = [task.func() for _ in range(2)]
    return [str(waiting), *said, str(AdviceRound.objects.count())]


def state() -> list[object]:
    """Return all lists and suggestions as they stand."""
    from setia.domains.advice.models import Companion, NextAction, Recommended

    lists = Recommended.objects.order_by("customer_id").values_list("customer_id", "day_count", "again", "also")
    packed = [(*row[:2], bytes(row[2]).hex(), bytes(row[3]).hex()) for row in lists]
    pairs = list(Companion.objects.order_by("product_id", "place").values_list("product_id", "other_id", "both"))
    return [packed, pairs, list(NextAction.objects.order_by("customer_id").values_list("customer_id", "kind", "net"))]


@pytest.fixture
def trading(shop: ShopOnDisk) -> ShopOnDisk:
    """Return a shop that has sold something and was analyzed."""
    shop.call("tests.processes.test_analyzing:trade", 1)
    shop.run("analyze")
    return shop


def test_an_analysis_that_ends_is_followed_by_advice_once(trading: ShopOnDisk) -> None:
    waiting, first, second, rounds = trading.call(f"{HERE}:work")
    assert (waiting, first, second, rounds) == ("1", "done", "known", "1")


def test_killed_at_any_moment_it_ends_like_a_calm_one(trading: ShopOnDisk) -> None:
    for pause in (0.8, 1.6, 2.4):
        child = trading.start_call(f"{HERE}:advise")
        time.sleep(pause)
        kill(child)
    trading.call(f"{HERE}:advise")
    after = trading.call(f"{HERE}:state")
    notes = trading.call(f"{HERE}:advise")[0]
    assert (notes["changed"], notes["pairs"], notes["actions_changed"]) == (0, 0, 0)
    assert trading.call(f"{HERE}:state") == after
    assert len(after[0]) == 12


def test_nobody_is_advised_before_the_first_analysis_or_without_sales(shop: ShopOnDisk) -> None:
    assert shop.call(f"{HERE}:advise") == [None]
    shop.run("analyze")
    notes = shop.call(f"{HERE}:advise")[0]
    assert (notes["people"], notes["products"], notes["actions"]) == (0, 0, {})
    assert shop.call(f"{HERE}:state") == [[], [], []]
