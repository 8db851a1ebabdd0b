"""Day counters: what a day adds up to, kept by every verb and equal to a recount."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from setia.domains.commerce.actions import record_returns, record_sales, recount_days, remove_orders_of_import
from setia.domains.commerce.actions.days import DayChanges, day_errors, move_days
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft
from setia.domains.commerce.models import DayCounters, Order, Return
from setia.domains.commerce.queries import daily_sales
from setia.domains.commerce.queries.figures import all_days
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.processes.shops import ShopOnDisk, at_once

TODAY = date(2026, 11, 22)


def days() -> list[date]:
    return [day for portion in all_days(size=31) for day in portion]


def give_back(source: str, order_source: str, total: int, *, origin_id: int | None = None) -> None:
    line = ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=total)
    sold = f"invoice||{order_source}"
    draft = ReturnDraft(source=source, customer_id=None, returned_at=cast.NOW, lines=(line,), order_source=sold)
    record_returns(drafts=[draft], by=SYSTEM, at=cast.NOW, origin_id=origin_id)


@pytest.mark.django_db
def test_a_day_adds_up_orders_those_with_a_customer_and_what_came_back() -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A", cast.line(quantity=2))
    cast.buys(None, "B")
    cast.buys(dewi, "C", days_ago=2)
    give_back("R", "A", 22_000)
    (before, between, today) = daily_sales(first=TODAY - timedelta(days=2), last=TODAY)
    assert (before.orders, before.known_orders, before.net) == (1, 1, 22_000)
    assert (between.orders, between.net) == (0, 0)
    assert (today.orders, today.known_orders, today.net) == (2, 1, 66_000)
    assert sum(DayCounters.objects.filter(shop_day=TODAY).values_list("returned_total", flat=True)) == 22_000
    assert recount_days(days=days()) == 0


@pytest.mark.django_db
def test_wrong_counters_are_put_right_and_told() -> None:
    cast.buys(None, "A")
    DayCounters.objects.update(net_total=5, order_count=7)
    wrong = DayChanges()
    wrong.add(date(2020, 1, 1), None, 3, orders=4)
    move_days(changes=wrong)
    assert recount_days(days=days()) == 2
    assert day_errors(days=days()) == {}
    (today,) = daily_sales(first=TODAY, last=TODAY)
    assert (today.orders, today.net) == (1, 22_000)
    assert recount_days(days=[]) == 0


STEP = st.tuples(
    st.sampled_from(["sell", "extend", "return", "undo"]), st.integers(0, 4), st.integers(1, 3), st.integers(1, 9)
)


class DaysStayTrue(TestCase):
    """Whatever is sold, extended, given back and undone, each day equals its rows."""

    @given(st.lists(STEP, max_size=14))
    @settings(max_examples=25, deadline=None)
    def test_any_order_of_verbs(self, steps: list[tuple[str, int, int, int]]) -> None:
        for verb, number, origin_id, size in steps:
            lines = [cast.line(quantity=count) for count in range(1, size)] or [cast.line()]
            if verb in ("sell", "extend"):
                draft = cast.sale(f"N{number}", None, *lines, days_ago=number)
                record_sales(drafts=[draft], by=SYSTEM, at=cast.NOW, origin_id=origin_id)
            elif verb == "return":
                give_back(f"R{number}", f"N{number}", 1000 * size, origin_id=origin_id)
            else:
                for _ in remove_orders_of_import(origin_id=origin_id, limit=2, by=SYSTEM, at=cast.NOW):
                    pass
            assert day_errors(days=days()) == {}
        for origin_id in (1, 2, 3):
            for _ in remove_orders_of_import(origin_id=origin_id, limit=3, by=SYSTEM, at=cast.NOW):
                pass
        assert (Order.objects.count(), Return.objects.count()) == (0, 0)
        assert [day for day in daily_sales(first=TODAY - timedelta(days=6), last=TODAY) if day.orders or day.net] == []


def sell_from_many_tills(per_thread: int) -> list[int]:
    """Sell from eight threads that recount now and then; return orders, wrong days, parts of the day."""
    numbers = iter(range(10_000))
    cast.product()

    def work() -> None:
        for _ in range(per_thread):
            number = next(numbers)
            cast.buys(None, f"T{number}")
            if number % 10 == 0:
                recount_days(days=[TODAY])

    at_once(8, work)
    return [Order.objects.count(), len(day_errors(days=days())), DayCounters.objects.count()]


def test_many_tills_and_a_recount_at_once_lose_nothing(shop: ShopOnDisk) -> None:
    orders, wrong, parts = shop.call("tests.domains.commerce.test_days:sell_from_many_tills", 15)
    assert (orders, wrong) == (120, 0)
    assert 1 < parts <= 9
