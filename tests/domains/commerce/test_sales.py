"""Writing sales: once, with counters and facts, or not at all."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setia.domains.commerce.actions import place_by_hand, record_returns, record_sales, recount
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Return, ReturnLine
from setia.domains.commerce.queries.orders import lines_of
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db


def _counters(customer):
    return CustomerCounters.objects.get(customer=customer)


def _returns(customer, *lines, source="R1", days_ago=0, order=None):
    draft = ReturnDraft(
        source=source,
        customer_id=customer.id,
        returned_at=cast.NOW - timedelta(days=days_ago),
        lines=lines,
        order_source=order,
    )
    return record_returns(drafts=[draft], by=SYSTEM, at=cast.NOW).new_lines


def test_a_customer_has_counters_from_the_first_moment():
    dewi = cast.member("dewi")
    assert (_counters(dewi).order_count, _counters(dewi).spent_total) == (0, 0)


def test_an_order_moves_counters_and_tells_the_world_in_one_transaction():
    dewi = cast.member("dewi")
    order_id = cast.buys(dewi, "A1", cast.line(quantity=2), cast.line("Roti Bakar", price=18_000, discount=3_000))
    row = _counters(dewi)
    assert (row.order_count, row.line_count, row.spent_total) == (1, 2, 59_000)
    assert row.first_order_at == row.last_order_at == cast.NOW
    event = Event.objects.get(kind="commerce.order_placed")
    assert event.payload == {
        "order_id": str(order_id),
        "number": "A1",
        "net": 59_000,
        "line_count": 2,
        "order_count": 1,
    }


def test_the_same_order_twice_is_one_order():
    dewi = cast.member("dewi")
    draft = cast.sale("A1", dewi, cast.line(), cast.line())
    first = record_sales(drafts=[draft], by=SYSTEM, at=cast.NOW)
    second = record_sales(drafts=[draft], by=SYSTEM, at=cast.NOW)
    assert first.order_ids == second.order_ids
    assert (second.new_orders, second.new_lines, second.known_lines) == (0, 0, 2)
    assert (Order.objects.count(), OrderLine.objects.count(), _counters(dewi).spent_total) == (1, 2, 44_000)


def test_a_known_order_gets_only_the_lines_it_did_not_have():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A1", cast.line())
    more = cast.sale("A1", dewi, cast.line(), cast.line(), cast.line("Roti Bakar", price=18_000))
    written = record_sales(drafts=[more], by=SYSTEM, at=cast.NOW)
    order = Order.objects.get()
    assert (written.extended_orders, written.new_lines, written.known_lines) == (1, 2, 1)
    assert (order.line_count, order.net, _counters(dewi).spent_total) == (3, 62_000, 62_000)
    assert [line.position for line in order.lines.order_by("position")] == [1, 2, 3]
    assert _counters(dewi).order_count == 1


def test_each_order_number_of_a_customer_is_said_exactly_once():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    drafts = [cast.sale(f"A{n}", dewi if n % 3 else eko) for n in range(9)]
    record_sales(drafts=drafts[:5], by=SYSTEM, at=cast.NOW)
    record_sales(drafts=drafts[3:], by=SYSTEM, at=cast.NOW)
    said = Event.objects.filter(kind="commerce.order_placed").order_by("id")
    assert [event.payload["order_count"] for event in said if event.customer_id == dewi.id] == [1, 2, 3, 4, 5, 6]
    assert [event.payload["order_count"] for event in said if event.customer_id == eko.id] == [1, 2, 3]


def test_an_order_from_the_past_moves_the_first_purchase_only():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A1", days_ago=5)
    cast.buys(dewi, "A0", days_ago=45)
    row = _counters(dewi)
    assert (cast.NOW - row.first_order_at).days == 45
    assert (cast.NOW - row.last_order_at).days == 5
    assert row.average_gap == timedelta(days=40)


def test_a_passer_by_leaves_an_order_and_no_counters():
    cast.buys(None, "A1")
    assert Order.objects.get().customer is None
    assert CustomerCounters.objects.count() == 0


def test_nothing_remains_when_the_fact_cannot_be_written(monkeypatch):
    dewi = cast.member("dewi")
    monkeypatch.setattr("setia.domains.commerce.actions.sales.record_many", _fails)
    with pytest.raises(RuntimeError):
        cast.buys(dewi, "A1")
    assert (Order.objects.count(), OrderLine.objects.count(), _counters(dewi).order_count) == (0, 0, 0)


def _fails(*args, **kwargs):
    raise RuntimeError("the disk is full")


def test_a_return_finds_the_purchase_it_goes_back_to():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A1", cast.line(quantity=1), days_ago=9)
    newest = cast.buys(dewi, "A2", cast.line(quantity=3), days_ago=4)
    back = ReturnLineDraft(product_id=cast.product(), quantity_milli=2000, total=44_000)
    assert _returns(dewi, back) == 1
    line = lines_of(Order.objects.get(id=newest))[0]
    assert (line.returned_milli, Order.objects.get(id=newest).returned_total) == (2000, 44_000)
    assert (_counters(dewi).return_count, _counters(dewi).returned_total) == (1, 44_000)


def test_more_than_was_bought_is_not_tied_to_the_purchase():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A1", cast.line(quantity=1), days_ago=4)
    back = ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=22_000)
    _returns(dewi, back)
    _returns(dewi, back, source="R2")
    assert [row.order_line is None for row in ReturnLine.objects.order_by("id")] == [False, True]


def test_a_return_before_the_purchase_is_not_tied_to_it():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A1", days_ago=1)
    _returns(dewi, ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=22_000), days_ago=2)
    assert ReturnLine.objects.get().order_line is None


def test_the_same_return_twice_is_one_return():
    dewi = cast.member("dewi")
    back = ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=22_000)
    assert [_returns(dewi, back), _returns(dewi, back)] == [1, 0]
    assert (Return.objects.count(), _counters(dewi).returned_total) == (1, 22_000)


def test_a_double_click_writes_one_order():
    dewi = cast.member("dewi")
    ids = {
        place_by_hand(
            number="",
            customer_id=dewi.id,
            outlet_id=None,
            lines=[cast.hand_line(quantity=2)],
            once="form-7",
            by=SYSTEM,
            at=cast.NOW,
        )
        for _ in range(2)
    }
    assert (len(ids), Order.objects.get().net, _counters(dewi).order_count) == (1, 44_000, 1)


_orders = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(1, 5), st.integers(0, 400)), min_size=1, max_size=12
)


@given(rounds=st.lists(_orders, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counters_equal_a_recount_after_any_history(rounds, django_db_blocker):
    from django.db import transaction

    with transaction.atomic():
        people = [cast.member(name) for name in ("dewi", "eko", "fitri")]
        for history in rounds:
            drafts = {
                f"A{number}": cast.sale(f"A{number}", people[number % 3], cast.line(quantity=many), days_ago=days)
                for _, number, many, days in history
            }
            record_sales(drafts=list(drafts.values()), by=SYSTEM, at=cast.NOW)
            for who, number, many, days in history:
                back = ReturnLineDraft(product_id=cast.product(), quantity_milli=many * 1000, total=many * 22_000)
                _returns(people[who], back, source=f"R{number}-{days}", days_ago=days)
        assert recount(customer_ids=[person.id for person in people]) == 0
        transaction.set_rollback(True)
