"""Goods that come back line by line, under the policy of the shop."""

from datetime import date, timedelta
from typing import Any

import pytest

from setia.domains.commerce.actions import (
    Money,
    UnableToPay,
    UnableToReturn,
    change_return_policy,
    mark_checked,
    move_order,
    record_returns,
    recount,
    take_back,
    undo_return,
)
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft
from setia.domains.commerce.models import (
    CustomerCounters,
    Order,
    OrderLine,
    Refund,
    Return,
    ReturnCase,
    ReturnLine,
    ReturnPolicy,
)
from setia.domains.commerce.queries.work import doubts_about, work_on
from setia.domains.commerce.standing import balance_of
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}


def bought(*, days_ago: int = 0, customer: Any = None) -> tuple[int, int]:
    """Sell three coffees for 66,000 and return the ids of order and line."""
    order_id = cast.buys(customer, "A", cast.line(quantity=3), days_ago=days_ago)
    return order_id, OrderLine.objects.get(order_id=order_id).id


def give_back(order_id: int, line_id: int, pieces: int, source: str = "s1", **more: Any) -> Return:
    goods = {"order_id": order_id, "quantities": {line_id: pieces * 1000}, "reason": "rusak", "source": source}
    return take_back(**{**goods, **BY, **more})


def test_a_line_comes_back_with_its_worth_its_money_and_its_promises() -> None:
    dewi = cast.member("dewi")
    order_id, line_id = bought(customer=dewi)
    row = give_back(order_id, line_id, 2, refund=Money(44_000, "Tunai"))
    assert (row.total, row.order_id, ReturnLine.objects.get().order_line_id) == (44_000, order_id, line_id)
    case = ReturnCase.objects.get()
    assert (case.check_due_date, case.refund_due_date, case.done_due_date) == (
        date(2026, 11, 25),
        date(2026, 11, 30),
        date(2026, 12, 2),
    )
    money_back = Refund.objects.get()
    assert (money_back.return_row_id, money_back.amount, money_back.tender) == (row.id, 44_000, "Tunai")
    order = Order.objects.get()
    assert (order.returned_total, order.refunded_total) == (44_000, 44_000)
    assert (balance_of(order).rest, balance_of(order).surplus) == (0, 0)
    counters = CustomerCounters.objects.get(customer=dewi)
    assert (counters.return_count, counters.returned_total) == (1, 44_000)


def test_sent_twice_it_is_one_return() -> None:
    order_id, line_id = bought()
    rows = {give_back(order_id, line_id, 2, refund=Money(44_000, "Tunai")).id for _ in range(2)}
    assert (len(rows), Return.objects.count(), Refund.objects.count()) == (1, 1, 1)


def test_never_more_comes_back_than_was_bought() -> None:
    order_id, line_id = bought()
    give_back(order_id, line_id, 2)
    for pieces, code in ((2, "too_much"), (0, "nothing")):
        with pytest.raises(UnableToReturn, match=code):
            give_back(order_id, line_id, pieces, "s2")
    with pytest.raises(UnableToReturn, match="nothing"):
        give_back(order_id, 12345, 1, "s2")
    assert give_back(order_id, line_id, 1, "s3").total == 22_000


def test_what_the_till_took_back_counts_too() -> None:
    dewi = cast.member("dewi")
    order_id, line_id = bought(customer=dewi)
    line = ReturnLineDraft(product_id=cast.product(), quantity_milli=2000, total=44_000)
    till = ReturnDraft(source="till", customer_id=dewi.id, returned_at=cast.NOW, lines=(line,))
    record_returns(drafts=[till], **BY)
    with pytest.raises(UnableToReturn, match="too_much"):
        give_back(order_id, line_id, 2)
    with pytest.raises(UnableToPay, match="too_much"):
        give_back(order_id, line_id, 1, refund=Money(22_001, "Tunai"))
    give_back(order_id, line_id, 1, refund=Money(22_000, "Tunai"))


def test_too_much_money_leaves_nothing_of_the_return() -> None:
    order_id, line_id = bought()
    with pytest.raises(UnableToPay, match="too_much"):
        give_back(order_id, line_id, 1, refund=Money(66_001, "Tunai"))
    assert (Return.objects.count(), ReturnCase.objects.count(), Order.objects.get().returned_total) == (0, 0, 0)
    assert not Event.objects.filter(kind="commerce.return_recorded").exists()


def test_a_cancelled_order_has_nothing_to_give_back() -> None:
    order_id, line_id = bought()
    move_order(order_id=order_id, from_status="paid", to_status="cancelled", **BY)
    with pytest.raises(UnableToReturn, match="not_returnable"):
        give_back(order_id, line_id, 1)


def test_outside_the_window_somebody_says_why() -> None:
    order_id, line_id = bought(days_ago=15)
    assert doubts_about(Order.objects.get(), at=cast.NOW) == ("window",)
    with pytest.raises(UnableToReturn, match="reason_needed"):
        give_back(order_id, line_id, 1, exception_reason="  ")
    give_back(order_id, line_id, 1, exception_reason="Pelanggan lama, sakit")
    case = ReturnCase.objects.get()
    assert (case.doubts, case.exception_reason) == (["window"], "Pelanggan lama, sakit")


def test_the_window_counts_from_the_delivery() -> None:
    order_id, _ = bought(days_ago=20)
    from setia.domains.commerce.actions import ship_order

    parcel: dict[str, Any] = {"courier": "JNE", "tracking_number": "", "estimated_date": None, "by": SYSTEM}
    ship_order(order_id=order_id, from_status="paid", at=cast.NOW - timedelta(days=19), **parcel)
    arrived = cast.NOW - timedelta(days=10)
    move_order(order_id=order_id, from_status="shipped", to_status="delivered", by=SYSTEM, at=arrived)
    assert doubts_about(Order.objects.get(), at=cast.NOW) == ()


def test_a_changed_policy_holds_for_new_returns_only() -> None:
    order_id, line_id = bought()
    give_back(order_id, line_id, 1)
    changes = {"check_days_max": 1, "check_days_min": 1, "excluded_categories": ["kopi"]}
    for _ in range(2):
        change_return_policy(changes=changes, **BY)
    fact = Event.objects.get(kind="commerce.return_policy_changed")
    assert fact.payload["fields"] == ["check_days_max", "excluded_categories"]
    assert ReturnPolicy.objects.get().window_days == 14
    with pytest.raises(UnableToReturn, match="reason_needed"):
        give_back(order_id, line_id, 1, "s2")
    give_back(order_id, line_id, 1, "s2", exception_reason="rusak")
    dates = ReturnCase.objects.order_by("id").values_list("check_due_date", flat=True)
    assert list(dates) == [date(2026, 11, 25), date(2026, 11, 23)]


def test_promised_and_actual_dates_stand_side_by_side() -> None:
    order_id, line_id = bought()
    row = give_back(order_id, line_id, 1)
    order = Order.objects.get()
    late = work_on(order, at=cast.NOW + timedelta(days=4)).returns[0]
    assert (late.is_check_late, late.is_refund_late) == (True, False)
    assert [mark_checked(return_id=row.id, **BY) for _ in range(2)] == [True, False]
    shown = work_on(order, at=cast.NOW + timedelta(days=9)).returns[0]
    assert (shown.is_check_late, shown.is_refund_late) == (False, True)
    assert Event.objects.filter(kind="commerce.return_checked").count() == 1


def test_a_return_written_by_mistake_is_taken_back_whole() -> None:
    dewi = cast.member("dewi")
    order_id, line_id = bought(customer=dewi)
    row = give_back(order_id, line_id, 2, refund=Money(44_000, "Tunai"))
    assert undo_return(return_id=row.id, **BY) == order_id
    order = Order.objects.get()
    assert (order.returned_total, order.refunded_total, Return.objects.count()) == (0, 0, 0)
    assert sum(Refund.objects.values_list("amount", flat=True)) == 0
    assert recount(customer_ids=[dewi.id]) == 0
    with pytest.raises(Return.DoesNotExist):
        undo_return(return_id=row.id, **BY)


def test_a_return_of_the_till_is_undone_there() -> None:
    line = ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=1)
    record_returns(drafts=[ReturnDraft(source="t", customer_id=None, returned_at=cast.NOW, lines=(line,))], **BY)
    with pytest.raises(UnableToReturn, match="till"):
        undo_return(return_id=Return.objects.get().id, **BY)
