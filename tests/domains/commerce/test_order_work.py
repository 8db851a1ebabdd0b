"""Orders move by their table, money adds up, counters stay true."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from setia.domains.commerce import rules
from setia.domains.commerce.actions import (
    Money,
    UnableToMove,
    UnableToPay,
    UnableToReturn,
    move_order,
    pay_back,
    place_by_hand,
    record_sales,
    recount,
    reverse_payment,
    reverse_refund,
    ship_order,
    take_back,
    take_payment,
    take_step_back,
    undo_return,
)
from setia.domains.commerce.actions import status as status_verbs
from setia.domains.commerce.actions.days import day_errors
from setia.domains.commerce.models import (
    CustomerCounters,
    Order,
    OrderLine,
    OrderStatusChange,
    Payment,
    Refund,
    Return,
    Shipment,
)
from setia.domains.commerce.queries.figures import all_days
from setia.domains.commerce.queries.order_lists import OrderFilters, order_list
from setia.domains.commerce.queries.work import work_on
from setia.domains.commerce.standing import balance_of
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}


def move(order_id: int, from_status: str, to_status: str) -> Order:
    return move_order(order_id=order_id, from_status=from_status, to_status=to_status, **BY)


def back(order_id: int, from_status: str) -> Order:
    return take_step_back(order_id=order_id, from_status=from_status, **BY)


def pay(order_id: int, amount: int, source: str = "p1") -> Payment:
    return take_payment(order_id=order_id, amount=amount, tender="QRIS", reference="", source=source, **BY)


def refund(order_id: int, amount: int, source: str = "r1") -> Refund:
    return pay_back(order_id=order_id, amount=amount, tender="QRIS", reason="", source=source, **BY)


def unpaid(customer: Any = None, *, fulfilment: str = "") -> int:
    """Write down an order that will be paid later."""
    return place_by_hand(
        number="H-1",
        customer_id=customer.id if customer else None,
        outlet_id=None,
        lines=[cast.hand_line(quantity=2)],
        once="h1",
        fulfilment=fulfilment,
        is_paid=False,
        **BY,
    )


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def refused(code: str) -> Any:
    return pytest.raises((UnableToMove, UnableToPay, UnableToReturn), match=f"^{code}$")


def test_a_step_leaves_a_row_and_a_fact_and_the_same_again_changes_nothing() -> None:
    order_id = cast.buys(cast.member("dewi"), "A")
    for _ in range(2):
        assert move(order_id, "paid", "packed").status == "packed"
    (change,) = OrderStatusChange.objects.all()
    assert (change.from_status, change.to_status, change.is_back, change.changed_at) == (
        "paid",
        "packed",
        False,
        cast.NOW,
    )
    fact = Event.objects.get(kind="commerce.order_status_changed")
    assert fact.payload["to_status"] == "packed"
    assert fact.customer_id == Order.objects.get().customer_id


def test_of_two_clerks_the_second_is_told_and_a_wild_step_is_refused() -> None:
    order_id = cast.buys(None, "A")
    move(order_id, "paid", "packed")
    with refused("stale"):
        move(order_id, "paid", "cancelled")
    with refused("not_allowed"):
        move(order_id, "packed", "delivered")
    with refused("not_allowed"):
        move(order_id, "packed", "paid")
    assert OrderStatusChange.objects.count() == 1


def test_the_history_of_an_order_cannot_be_rewritten() -> None:
    move(cast.buys(None, "A"), "paid", "packed")
    for change in (OrderStatusChange.objects.all().delete, lambda: OrderStatusChange.objects.update(to_status="done")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_step_that_cannot_be_told_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    dewi = cast.member("dewi")
    order_id = cast.buys(dewi, "A")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(status_verbs, "record", fail)
    with pytest.raises(RuntimeError):
        move(order_id, "paid", "cancelled")
    assert Order.objects.get().status == "paid"
    assert not OrderStatusChange.objects.exists()
    assert CustomerCounters.objects.get(customer=dewi).order_count == 1


def test_cancelling_and_opening_again_keep_the_counters_true() -> None:
    dewi = cast.member("dewi")
    first, last = cast.buys(dewi, "A", days_ago=9), cast.buys(dewi, "B")
    move(last, "paid", "cancelled")
    counters = CustomerCounters.objects.get(customer=dewi)
    assert (counters.order_count, counters.spent_total, counters.line_count) == (1, 22_000, 1)
    assert counters.last_order_at == cast.NOW - timedelta(days=9)
    assert day_errors(days=[cast.NOW.date()]) == {}
    back(last, "cancelled")
    move(first, "paid", "cancelled")
    counters = CustomerCounters.objects.get(customer=dewi)
    assert (counters.order_count, counters.first_order_at, counters.last_order_at) == (1, cast.NOW, cast.NOW)
    assert recount(customer_ids=[dewi.id]) == 0


def test_a_cancelled_order_that_a_file_tells_more_of_counts_nothing() -> None:
    dewi = cast.member("dewi")
    move(cast.buys(dewi, "A"), "paid", "cancelled")
    more = cast.sale("A", dewi, cast.line(), cast.line("Roti", price=9_000))
    record_sales(drafts=[more], **BY)
    assert CustomerCounters.objects.get(customer=dewi).spent_total == 0
    assert recount(customer_ids=[dewi.id]) == 0
    assert day_errors(days=[cast.NOW.date()]) == {}


def test_a_parcel_is_sent_once_changed_and_comes_late() -> None:
    order_id = cast.buys(None, "A")
    told: dict[str, Any] = {"courier": "JNE", "tracking_number": "J1", "estimated_date": date(2026, 11, 24)}
    for _ in range(2):
        ship_order(order_id=order_id, from_status="paid", **told, **BY)
    assert kinds().count("commerce.shipment_saved") == 1
    ship_order(order_id=order_id, from_status="shipped", **{**told, "tracking_number": "J2"}, **BY)
    order = Order.objects.get()
    assert (order.status, order.fulfilment, Shipment.objects.get().tracking_number) == ("shipped", "ship", "J2")
    assert not work_on(order, at=cast.NOW).is_late
    later = cast.NOW + timedelta(days=3)
    assert work_on(order, at=later).is_late
    move_order(order_id=order_id, from_status="shipped", to_status="delivered", by=SYSTEM, at=cast.NOW)
    order.refresh_from_db()
    assert Shipment.objects.get().delivered_at == cast.NOW
    assert not work_on(order, at=later).is_late


def test_of_two_couriers_the_second_clerk_is_told() -> None:
    order_id = cast.buys(None, "A")
    told: dict[str, Any] = {"tracking_number": "", "estimated_date": None}
    ship_order(order_id=order_id, from_status="paid", courier="JNE", **told, **BY)
    with refused("stale"):
        ship_order(order_id=order_id, from_status="paid", courier="SiCepat", **told, **BY)
    assert Shipment.objects.get().courier == "JNE"
    cancelled = cast.buys(None, "B")
    move(cancelled, "paid", "cancelled")
    with refused("not_allowed"):
        ship_order(order_id=cancelled, from_status="cancelled", courier="JNE", **told, **BY)


def test_a_parcel_taken_back_is_gone_and_steps_go_back_one_by_one() -> None:
    order_id = cast.buys(None, "A")
    move(order_id, "paid", "packed")
    parcel: dict[str, Any] = {"courier": "JNE", "tracking_number": "", "estimated_date": None}
    ship_order(order_id=order_id, from_status="packed", **parcel, **BY)
    assert back(order_id, "shipped").status == "packed"
    assert not Shipment.objects.exists()
    with refused("stale"):
        back(order_id, "shipped")
    assert back(order_id, "packed").status == "paid"
    with refused("nothing_to_take_back"):
        back(order_id, "paid")


def test_payments_close_an_open_order_and_taking_one_back_opens_it() -> None:
    order_id = unpaid()
    pay(order_id, 40_000)
    assert pay(order_id, 40_000).amount == 40_000  # sent twice
    order = Order.objects.get()
    assert (order.status, order.paid_total, balance_of(order).rest) == ("open", 40_000, 4_000)
    second = pay(order_id, 4_000, "p2")
    assert Order.objects.get().status == "paid"
    for _ in range(2):
        reverse_payment(payment_id=second.id, **BY)
    order = Order.objects.get()
    assert (order.status, order.paid_total, Payment.objects.count()) == ("open", 40_000, 3)
    assert pay(order_id, 5_000, "p3").order_id == order_id
    assert balance_of(Order.objects.get()).surplus == 1_000


def test_an_order_that_left_open_unpaid_still_shows_its_rest() -> None:
    order_id = unpaid(fulfilment="ship")
    move(order_id, "open", "packed")
    order = Order.objects.get()
    assert (order.paid_total, balance_of(order).rest) == (0, 44_000)
    pay(order_id, 44_000)
    assert Order.objects.get().status == "packed"
    assert back(order_id, "packed").status == "paid"  # what was paid meanwhile is not forgotten


def test_what_was_paid_is_never_paid_back_twice() -> None:
    order_id = cast.buys(None, "A")
    with refused("too_much"):
        refund(order_id, 22_001)
    move(order_id, "paid", "cancelled")
    with refused("cancelled"):
        pay(order_id, 1)
    money_back = refund(order_id, 22_000)
    assert refund(order_id, 22_000).id == money_back.id
    with refused("too_much"):
        refund(order_id, 1, "r2")
    with refused("refunded"):
        back(order_id, "cancelled")
    for _ in range(2):
        reverse_refund(refund_id=money_back.id, **BY)
    assert Order.objects.get().refunded_total == 0
    assert back(order_id, "cancelled").status == "paid"


def test_a_payment_that_was_paid_back_cannot_be_taken_back() -> None:
    order_id = unpaid()
    payment = pay(order_id, 44_000)
    refund(order_id, 1)
    with refused("refunded"):
        reverse_payment(payment_id=payment.id, **BY)


def test_the_database_itself_refuses_more_back_than_came_in() -> None:
    order_id = cast.buys(None, "A")
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(id=order_id).update(paid_total=5, refunded_total=6)


def test_orders_are_found_by_their_status() -> None:
    ids = [cast.buys(None, number, days_ago=age) for age, number in enumerate("ABC")]
    move(ids[1], "paid", "packed")
    move(ids[2], "paid", "cancelled")

    def found(status: str) -> list[str]:
        asked = OrderFilters(status=status)
        found = order_list(viewer=cast.staff("sari"), filters=asked, cursor="", size=9, today=cast.NOW.date())
        return [order.number for order in found.page.rows]

    assert [found(status) for status in ("paid", "packed", "cancelled", "open", "")] == [
        ["A"],
        ["B"],
        ["C"],
        [],
        ["A", "B", "C"],
    ]


class TrueCounters(TestCase):
    """Whatever is done with orders, counters equal a recount."""

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(("sell", "cancel", "reopen", "return", "undo", "ship")),
                st.integers(0, 3),
                st.booleans(),
            ),
            max_size=14,
        )
    )
    def test_counters_equal_a_recount(self, history: list[tuple[str, int, bool]]) -> None:
        dewi, orders, returns = cast.member("dewi"), list[int](), list[int]()
        for number, (what, which, is_known) in enumerate(history):
            if what == "sell":
                line = cast.line(quantity=2)
                orders.append(cast.buys(dewi if is_known else None, f"N{number}", line, days_ago=which))
            elif orders:
                order_id = orders[which % len(orders)]
                status = Order.objects.get(id=order_id).status
                try:
                    if what == "cancel":
                        move(order_id, status, "cancelled")
                    elif what == "reopen":
                        back(order_id, status)
                    elif what == "ship":
                        move(order_id, status, "packed")
                    elif what == "return":
                        bought = OrderLine.objects.get(order_id=order_id)
                        row = take_back(
                            order_id=order_id,
                            quantities={bought.id: 700},
                            reason="x",
                            source=f"s{number}",
                            refund=Money(1_000, "QRIS"),
                            **BY,
                        )
                        returns.append(row.id)
                    elif returns:
                        undo_return(return_id=returns.pop(), **BY)
                except (UnableToMove, UnableToPay, UnableToReturn):
                    pass
        assert recount(customer_ids=[dewi.id]) == 0
        assert day_errors(days=[day for portion in all_days(size=31) for day in portion]) == {}
        for order in Order.objects.all():
            back_total = sum(row.total for row in Return.objects.filter(order=order))
            assert order.returned_total == back_total <= order.net
            assert 0 <= order.refunded_total <= rules.paid_by(order.status, order.net, order.paid_total)
