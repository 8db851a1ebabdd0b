"""Amounts are read as people write them, and what could mean two amounts is refused."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from setia.console.money_field import MoneyField
from setia.domains.commerce.models import Order, OrderLine, Refund
from tests.console.verdicts import browser


@pytest.mark.parametrize(
    ("typed", "scale", "amount"),
    [
        ("25000", 0, "25000"),
        ("25.000", 0, "25000"),
        ("25,000", 0, "25000"),
        ("Rp 1.250.000", 0, "1250000"),
        ("1.250.000,00", 0, "1250000"),
        ("Rp 25.000,-", 0, "25000"),
        ("12.50", 2, "12.5"),
        ("1.250,50", 2, "1250.5"),
        ("", 0, None),
        ("   ", 0, None),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, scale: int, amount: str | None) -> None:
    expected = None if amount is None else Decimal(amount)
    assert MoneyField(scale=scale, required=False).clean(typed) == expected


@pytest.mark.parametrize(
    ("typed", "scale"),
    [
        ("2.55", 0),
        ("25.5", 0),
        ("54.000", 2),
        ("1.2345", 2),
        ("dua", 0),
        ("😀", 0),
        ("1e999", 0),
        ("-5", 0),
        ("9" * 40, 0),
    ],
)
def test_what_is_no_clear_amount_is_refused(typed: str, scale: int) -> None:
    with pytest.raises(forms.ValidationError):
        MoneyField(scale=scale, min_value=0, max_value=10**12).clean(typed)


def test_a_refusal_shows_how_to_write_it_and_a_field_its_thousands() -> None:
    with translation.override("id"):
        with pytest.raises(forms.ValidationError, match="25\\.000"):
            MoneyField().clean("dua puluh lima ribu")
        assert MoneyField().prepare_value(Decimal(272_500)) == "272.500"
        assert MoneyField(scale=2).prepare_value(Decimal("1250.5")) == "1.250,50"
        assert MoneyField().prepare_value("tak tahu") == "tak tahu"


@pytest.mark.django_db
def test_a_refund_of_54_000_is_not_54() -> None:
    rina = browser("manager")
    line = {"product_0": "Kopi", "quantity_0": "2", "price_0": "54.000", "once": "a"}
    rina.post("/console/orders/new/", line)
    order = Order.objects.get()
    assert order.net == 108_000
    line_id = OrderLine.objects.get().id
    fields = {f"quantity_{line_id}": "1", "reason": "rusak", "amount": "54.000", "tender": "tunai", "once": "b"}
    rina.post(f"/console/orders/{order.id}/return/", fields)
    assert Refund.objects.get().amount == 54_000


@pytest.mark.django_db
def test_a_price_that_cannot_be_read_is_not_called_missing() -> None:
    page = browser("agent").post(
        "/console/orders/new/", {"product_0": "Kopi Aneh", "quantity_0": "1", "price_0": "2.55", "once": "c"}
    )
    assert page.status_code == 422
    assert "Produk ini baru" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["customers/?stage=everyone&spent_min", "orders/?net_min", "products/?price_min"])
def test_filters_read_amounts_with_thousands_marks(asked: str) -> None:
    page = browser("owner").get(f"/console/{asked}=25.000").content.decode()
    assert "Rp\u00a025.000" in page
