"""Eight clerks at once: what was bought comes back once, what was paid goes back once, an order takes one step."""

from datetime import timedelta
from typing import Any

from tests.processes.shops import ShopOnDisk, at_once

HERE = "tests.processes.test_order_races"


def _try(call: Any, done: list[Any], **given: Any) -> None:
    from setia.domains.commerce.actions import UnableToMove, UnableToPay, UnableToReturn

    try:
        done.append(call(**given))
    except (UnableToMove, UnableToPay, UnableToReturn) as error:
        done.append(error.code)


def give_back_together(is_known: bool) -> dict[str, Any]:
    """Let eight clerks take two of five pieces back each, with their money."""
    from setia.domains.commerce.actions import Money, take_back
    from setia.domains.commerce.models import Order, OrderLine, Refund, ReturnLine
    from setia.foundation.actors import SYSTEM
    from tests import cast

    order_id = cast.buys(cast.member("dewi") if is_known else None, "A", cast.line(quantity=5, price=10_000))
    line_id = OrderLine.objects.get(order_id=order_id).id
    done: list[Any] = []
    numbers = iter(range(8))

    def work() -> None:
        source = f"s{next(numbers)}"
        goods: dict[str, Any] = {"order_id": order_id, "quantities": {line_id: 2000}, "reason": "x", "source": source}
        _try(take_back, done, **goods, refund=Money(20_000, "QRIS"), by=SYSTEM, at=cast.NOW)

    at_once(8, work)
    order = Order.objects.get()
    return {
        "refused": [answer for answer in done if isinstance(answer, str)],
        "back": sum(ReturnLine.objects.values_list("quantity_milli", flat=True)),
        "money": sum(Refund.objects.values_list("amount", flat=True)),
        "order": [order.returned_total, order.refunded_total],
    }


def test_of_five_pieces_eight_clerks_take_four_back(shop: ShopOnDisk) -> None:
    answer = shop.call(f"{HERE}:give_back_together", True)
    assert answer == {"refused": ["too_much"] * 6, "back": 4000, "money": 40_000, "order": [40_000, 40_000]}


def test_of_a_passer_bys_pieces_too(shop: ShopOnDisk) -> None:
    answer = shop.call(f"{HERE}:give_back_together", False)
    assert answer == {"refused": ["too_much"] * 6, "back": 4000, "money": 40_000, "order": [40_000, 40_000]}


def work_together() -> dict[str, Any]:
    """Let eight threads cancel, pay back, take a payment and leave a cart behind at the same moment."""
    from setia.domains.commerce.actions import (
        CartLineDraft,
        abandon_carts,
        move_order,
        pay_back,
        place_by_hand,
        recount,
        save_cart,
        take_payment,
    )
    from setia.domains.commerce.models import Order, OrderStatusChange, Payment, Refund
    from setia.foundation.actors import SYSTEM
    from setia.foundation.events.models import Event
    from tests import cast

    dewi = cast.member("dewi")
    first = cast.buys(dewi, "A")
    hand: dict[str, Any] = {"number": "H", "customer_id": dewi.id, "outlet_id": None, "lines": [cast.hand_line()]}
    second = place_by_hand(**hand, once="h", is_paid=False, by=SYSTEM, at=cast.NOW)
    line = CartLineDraft(product_id=cast.product(), quantity_milli=1000, unit_price=1)
    for number in range(3):
        save_cart(source=f"w{number}", customer_id=dewi.id, lines=[line], by=SYSTEM, at=cast.NOW)
    moved: list[Any] = []
    money: list[Any] = []
    left: list[int] = []
    numbers = iter(range(8))

    def work() -> None:
        number = next(numbers)
        by: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}
        to_status = "cancelled" if number % 2 else "packed"
        _try(move_order, moved, order_id=first, from_status="paid", to_status=to_status, **by)
        _try(pay_back, money, order_id=first, amount=15_000, tender="x", reason="", source=f"r{number}", **by)
        take_payment(order_id=second, amount=22_000, tender="QRIS", reference="", source="same", **by)
        left.append(abandon_carts(by=SYSTEM, at=cast.NOW + timedelta(hours=2)))

    at_once(8, work)
    return {
        "steps": OrderStatusChange.objects.filter(order_id=first).count(),
        "told": sum(answer == "stale" for answer in moved),
        "refunds": Refund.objects.count(),
        "payments": [Payment.objects.count(), Order.objects.get(id=second).paid_total],
        "second": Order.objects.get(id=second).status,
        "wrong": recount(customer_ids=[dewi.id]),
        "carts": [sum(left), Event.objects.filter(kind="commerce.cart_abandoned").count()],
    }


def test_eight_clerks_at_once_do_each_thing_once(shop: ShopOnDisk) -> None:
    answer = shop.call(f"{HERE}:work_together")
    assert answer == {
        "steps": 1,
        "told": 4,
        "refunds": 1,
        "payments": [1, 22_000],
        "second": "paid",
        "wrong": 0,
        "carts": [3, 3],
    }


def clerk_and_import(rounds: int) -> dict[str, Any]:
    """Let a clerk move orders there and back while a file tells more of the same orders and of their returns."""
    from setia.domains.commerce.actions import move_order, record_returns, record_sales, recount, take_step_back
    from setia.domains.commerce.actions.days import day_errors
    from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft
    from setia.domains.commerce.models import Order
    from setia.foundation.actors import SYSTEM
    from tests import cast

    dewi, eko = cast.member("dewi"), cast.member("eko")
    ids = [cast.buys(person, number) for person, number in ((dewi, "A"), (eko, "B"))]
    errors: list[str] = []
    by: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}
    product_id = cast.product()

    def clerk() -> None:
        for _ in range(rounds):
            for order_id in ids:
                move_order(order_id=order_id, from_status="paid", to_status="cancelled", **by)
                take_step_back(order_id=order_id, from_status="cancelled", **by)

    def file() -> None:
        for number in range(rounds):
            lines = [cast.line()] * (number + 2)
            record_sales(drafts=[cast.sale("B", eko, *lines), cast.sale("A", dewi, *lines)], **by)
            back = ReturnLineDraft(product_id=product_id, quantity_milli=10, total=number + 1)
            draft = ReturnDraft(source=f"R{number}", customer_id=dewi.id, returned_at=cast.NOW, lines=(back,))
            record_returns(drafts=[draft], **by)

    duties = iter((clerk, file))

    def work() -> None:
        try:
            next(duties)()
        except Exception as error:
            errors.append(repr(error))

    at_once(2, work)
    return {
        "errors": errors,
        "lines": list(Order.objects.values_list("line_count", flat=True)),
        "wrong": recount(customer_ids=[dewi.id, eko.id]),
        "days": len(day_errors(days=[cast.NOW.date()])),
    }


def test_a_clerk_and_an_import_never_wait_for_each_other_for_ever(shop: ShopOnDisk) -> None:
    answer = shop.call(f"{HERE}:clerk_and_import", 25)
    assert answer == {"errors": [], "lines": [26, 26], "wrong": 0, "days": 0}
