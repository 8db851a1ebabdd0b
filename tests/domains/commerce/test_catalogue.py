"""Products added and changed by hand, with what they cost before."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from setia.domains.commerce.actions import (
    ProductClaim,
    ProductExists,
    add_product,
    change_product,
    ensure_products,
    move_order,
)
from setia.domains.commerce.actions import catalogue as verbs
from setia.domains.commerce.models import CategoryChange, OrderLine, PriceChange, Product
from setia.domains.commerce.queries.orders import product_figures
from setia.domains.commerce.queries.work import categories, changes_of
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": cast.NOW}


def coffee() -> Product:
    return Product.objects.get(id=cast.product())


def test_a_new_price_leaves_the_old_one_and_orders_keep_theirs() -> None:
    cast.buys(None, "A")
    for _ in range(2):
        change_product(product=coffee(), changes={"price": 25_000, "category": "Kopi Susu"}, **BY)
    price, category = PriceChange.objects.get(), CategoryChange.objects.get()
    assert (price.old_price, price.new_price) == (22_000, 25_000)
    assert (category.old_category, category.new_category) == ("Kopi", "Kopi Susu")
    assert OrderLine.objects.get().unit_price == 22_000
    assert Event.objects.get(kind="commerce.product_changed").payload["fields"] == ["category", "price"]
    assert [(change.is_price, change.new) for change in changes_of(coffee(), limit=9)] == [
        (True, 25_000),
        (False, "Kopi Susu"),
    ]


def test_the_till_still_finds_a_product_that_was_renamed() -> None:
    product_id = cast.product()
    change_product(product=coffee(), changes={"name": "Es Kopi Susu Senja"}, **BY)
    claim = ProductClaim(name="Kopi Susu Senja", price=22_000)
    assert ensure_products(claims=[claim], at=cast.NOW) == {claim.key: product_id}
    assert not PriceChange.objects.exists()


def test_history_cannot_be_rewritten() -> None:
    change_product(product=coffee(), changes={"price": 1}, **BY)
    with pytest.raises(DatabaseError), transaction.atomic():
        PriceChange.objects.update(new_price=2)


def test_a_change_that_cannot_be_told_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    product = coffee()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(verbs, "record", fail)
    with pytest.raises(RuntimeError):
        change_product(product=product, changes={"price": 1}, **BY)
    assert (coffee().price, PriceChange.objects.count()) == (22_000, 0)


def test_a_product_is_added_once() -> None:
    product = add_product(claim=ProductClaim(name="Teh  Tarik", sku="T1", category="Teh", price=15_000), **BY)
    assert (product.name, product.key) == ("Teh Tarik", "sku:t1")
    with pytest.raises(ProductExists) as refused:
        add_product(claim=ProductClaim(name="Lain", sku="t1"), **BY)
    assert refused.value.product_id == product.id
    assert Event.objects.filter(kind="commerce.product_added").count() == 1


def test_categories_are_counted_with_their_prices() -> None:
    cast.product("A", 5_000), cast.product("B", 9_000)
    add_product(claim=ProductClaim(name="C", price=1), **BY)
    rows = [(row["category"], row["product_count"], row["lowest"], row["highest"]) for row in categories()]
    assert rows == [("", 1, 1, 1), ("Kopi", 2, 5_000, 9_000)]


def test_a_cancelled_order_sold_nothing() -> None:
    order_id = cast.buys(None, "A")
    cast.buys(None, "B")
    move_order(order_id=order_id, from_status="paid", to_status="cancelled", **BY)
    assert product_figures(coffee())["orders"] == 1
