"""Carts: kept as a whole, left behind once, ordered once."""

from datetime import timedelta
from typing import Any

import pytest

from setia.config.schedule import SCHEDULE
from setia.domains.commerce.actions import CartLineDraft, UnableToOrder, abandon_carts, convert_cart, save_cart
from setia.domains.commerce.actions import carts as cart_verbs
from setia.domains.commerce.models import Cart, CartLine, Order
from setia.domains.commerce.queries.work import cart_page
from setia.domains.shop.actions import change_shop
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def keep(*quantities: int, source: str = "web|1", minutes: int = 0, customer_id: int | None = None) -> Cart:
    lines = [
        CartLineDraft(product_id=cast.product(f"Kopi {number}"), quantity_milli=quantity * 1000, unit_price=22_000)
        for number, quantity in enumerate(quantities)
    ]
    at = cast.NOW + timedelta(minutes=minutes)
    return save_cart(source=source, customer_id=customer_id, lines=lines, channel="web", by=SYSTEM, at=at)


def left_behind(minutes: int) -> int:
    return abandon_carts(by=SYSTEM, at=cast.NOW + timedelta(minutes=minutes))


def told() -> int:
    return Event.objects.filter(kind="commerce.cart_abandoned").count()


def test_a_cart_is_kept_as_it_is_and_the_same_again_changes_nothing() -> None:
    keep(1, 2)
    keep(1, 2, minutes=9)
    cart = Cart.objects.get()
    assert (cart.total, cart.line_count, cart.updated_at, cart.state) == (66_000, 2, cast.NOW, "open")
    keep(3, minutes=10)
    cart.refresh_from_db()
    assert (cart.total, CartLine.objects.count(), cart.updated_at) == (66_000, 1, cast.NOW + timedelta(minutes=10))
    assert Event.objects.filter(kind="commerce.cart_started").count() == 1


def test_older_news_is_dropped_and_a_known_customer_stays_known() -> None:
    dewi = cast.member("dewi")
    keep(1, customer_id=dewi.id, minutes=5)
    keep(7, minutes=2)
    keep(2, minutes=6)
    cart = Cart.objects.get()
    assert (cart.customer_id, cart.total) == (dewi.id, 44_000)
    assert set(CartLine.objects.values_list("customer_id", flat=True)) == {dewi.id}


def test_a_cart_is_left_behind_after_an_hour_exactly_once() -> None:
    keep(1, customer_id=cast.member("dewi").id)
    assert [left_behind(59), left_behind(60), left_behind(61), told()] == [0, 1, 0, 1]
    cart = Cart.objects.get()
    assert (cart.state, cart.abandoned_at) == ("abandoned", cast.NOW + HOUR)
    fact = Event.objects.get(kind="commerce.cart_abandoned")
    assert (fact.payload["total"], fact.customer_id) == (22_000, cart.customer_id)
    keep(1, minutes=70)  # looked at again, nothing changed
    assert left_behind(600) == 0
    keep(2, minutes=700)
    assert [Cart.objects.get().state, left_behind(800), told()] == ["open", 1, 2]


def test_empty_and_ordered_carts_are_not_left_behind() -> None:
    keep(source="web|empty")
    convert_cart(cart_id=keep(1).id, number="", by=SYSTEM, at=cast.NOW)
    assert left_behind(600) == 0


def test_the_shop_says_how_long_it_waits_and_the_schedule_looks_often() -> None:
    change_shop(changes={"cart_idle_minutes": 10}, by=SYSTEM, at=cast.NOW)
    keep(1)
    assert [left_behind(9), left_behind(10)] == [0, 1]
    (line,) = (line for line in SCHEDULE if line.name == "abandon_carts")
    assert line.every <= timedelta(minutes=5)


def test_many_carts_are_told_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cart_verbs, "_PORTION", 2)
    for number in range(5):
        keep(1, source=f"web|{number}")
    assert [left_behind(60), told()] == [5, 5]


def test_a_cart_that_cannot_be_told_of_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(1)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(cart_verbs, "record_many", fail)
        with pytest.raises(RuntimeError):
            left_behind(60)
    assert [Cart.objects.get().state, left_behind(60)] == ["open", 1]


def test_a_cart_becomes_one_order() -> None:
    dewi = cast.member("dewi")
    cart = keep(1, 2, customer_id=dewi.id)
    ids = {convert_cart(cart_id=cart.id, number="W-1", by=SYSTEM, at=cast.NOW) for _ in range(2)}
    order = Order.objects.get()
    assert ids == {order.id}
    assert (order.net, order.status, order.channel, order.customer_id) == (66_000, "open", "web", dewi.id)
    assert (Cart.objects.get().state, Cart.objects.get().order_id) == ("ordered", order.id)
    with pytest.raises(UnableToOrder, match="ordered"):
        keep(5, minutes=5)
    with pytest.raises(UnableToOrder, match="empty"):
        convert_cart(cart_id=keep(source="web|2").id, number="", by=SYSTEM, at=cast.NOW)
    assert [row.source for row in cart_page(viewer=cast.staff("sari"), state="ordered", cursor="", size=9).rows] == [
        "web|1"
    ]
