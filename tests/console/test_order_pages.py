"""The pages of orders at work, as the people of the shop use them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from setia.console.hours_words import as_typed
from setia.domains.commerce.actions import CartLineDraft, abandon_carts, place_by_hand, save_cart
from setia.domains.commerce.models import (
    Order,
    OrderLine,
    Payment,
    Product,
    Refund,
    Return,
    ReturnCase,
    ReturnPolicy,
    Shipment,
)
from setia.domains.customers.models import Customer
from setia.domains.shop.actions import save_outlet
from setia.domains.shop.models import Outlet
from setia.domains.shop.rules import as_json, parse_hours
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.conftest import signed_in
from tests.console.test_once_and_back import take_back
from tests.console.verdicts import browser

pytestmark = pytest.mark.django_db


def page(client: Client, url: str) -> str:
    """Return the words of a page, without its tags."""
    html = client.get(url).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").split())


def url_of(order_id: int) -> str:
    return f"/console/orders/{order_id}/"


def unpaid(fulfilment: str = "") -> int:
    hand = {"number": "H-1", "customer_id": cast.member("dewi").id, "outlet_id": None, "lines": [cast.hand_line()]}
    return place_by_hand(**hand, once="h", fulfilment=fulfilment, is_paid=False, by=SYSTEM, at=cast.NOW)


def test_budi_packs_an_order_and_undoes_it() -> None:
    budi, order_id = browser("cashier"), unpaid("collect")
    assert "Siap diambil" in page(budi, url_of(order_id))
    budi.post(f"{url_of(order_id)}move/", {"from_status": "open", "to_status": "packed"})
    assert Order.objects.get().status == "packed"
    take_back(budi, url_of(order_id))
    assert Order.objects.get().status == "open"


def test_of_two_clerks_the_second_reads_how_it_stands() -> None:
    budi, order_id = browser("cashier"), unpaid()
    for to_status in ("packed", "cancelled"):
        budi.post(f"{url_of(order_id)}move/", {"from_status": "open", "to_status": to_status})
    assert Order.objects.get().status == "packed"
    assert "Barusan ada orang lain yang mengubah pesanan ini." in page(budi, url_of(order_id))


def test_a_parcel_is_written_down_and_found_by_its_number() -> None:
    tono, order_id = browser("agent"), cast.buys(None, "A")
    wrong = tono.post(f"{url_of(order_id)}ship/", {"from_status": "paid", "tracking_number": "JP123"})
    assert (wrong.status_code, "JP123" in wrong.content.decode()) == (422, True)
    fields = {"from_status": "paid", "courier": "JNE", "tracking_number": "JP123", "estimated_date": "2026-11-24"}
    tono.post(f"{url_of(order_id)}ship/", fields)
    assert Shipment.objects.get().estimated_date.isoformat() == "2026-11-24"
    assert "24 Nov 2026" in page(tono, url_of(order_id))
    assert f"orders/{order_id}/" in tono.get("/console/orders/?q=JP123").content.decode()
    with clock.frozen(cast.NOW + timedelta(days=4)):
        assert "Terlambat" in page(browser("agent"), url_of(order_id))


def test_a_payment_sent_twice_is_one_and_can_be_taken_back() -> None:
    budi, order_id = browser("cashier"), unpaid()
    assert "Kurang Rp 22.000" in page(budi, url_of(order_id))
    fields = {"amount": "12000", "tender": "QRIS", "once": "one page"}
    for _ in range(2):
        assert budi.post(f"{url_of(order_id)}pay/", fields).status_code == 302
    assert Payment.objects.count() == 1
    assert "Kurang Rp 10.000" in page(browser("cashier"), url_of(order_id))
    take_back(budi, url_of(order_id))
    assert Order.objects.get().paid_total == 0


def test_a_refused_payment_keeps_what_was_typed() -> None:
    order_id = unpaid()
    answer = browser("cashier").post(f"{url_of(order_id)}pay/", {"amount": "-5", "tender": "Emas"})
    assert (answer.status_code, Payment.objects.count()) == (422, 0)
    assert 'value="Emas"' in answer.content.decode()


def test_budi_cannot_refund_and_tono_can() -> None:
    order_id = cast.buys(None, "A", cast.line(quantity=2))
    assert "Terima retur" not in page(signed_in("budi"), url_of(order_id))
    tono, line_id = browser("agent"), OrderLine.objects.get().id
    fields = {f"quantity_{line_id}": "1", "reason": "rusak", "amount": "22000", "tender": "Tunai", "once": "x"}
    for _ in range(2):
        assert tono.post(f"{url_of(order_id)}return/", fields).status_code == 302
    assert (Return.objects.count(), Refund.objects.get().amount) == (1, 22_000)
    words = page(tono, url_of(order_id))
    assert "Diperiksa paling lambat 25 Nov 2026" in words
    assert "Uang kembali paling lambat 30 Nov 2026" in words
    row = Return.objects.get()
    tono.post(f"/console/returns/{row.id}/check/")
    assert ReturnCase.objects.get().checked_at == cast.NOW
    tono.post(f"/console/returns/{row.id}/undo/")
    assert (Return.objects.count(), Order.objects.get().refunded_total) == (0, 0)


def test_a_return_of_too_much_says_how_much_is_left() -> None:
    order_id = cast.buys(None, "A", cast.line(quantity=2))
    fields = {f"quantity_{OrderLine.objects.get().id}": "3", "reason": "rusak"}
    answer = browser("agent").post(f"{url_of(order_id)}return/", fields)
    assert answer.status_code == 422
    assert "paling banyak 2" in answer.content.decode()


def test_outside_the_window_the_form_asks_why() -> None:
    order_id = cast.buys(None, "A", days_ago=15)
    tono, url = browser("agent"), f"{url_of(order_id)}return/"
    assert "Batas waktu retur sudah lewat." in page(tono, url)
    fields = {f"quantity_{OrderLine.objects.get().id}": "1", "reason": "rusak"}
    refused = tono.post(url, fields)
    assert (refused.status_code, Return.objects.count()) == (422, 0)
    assert "Tulis kenapa kamu membuat pengecualian." in refused.content.decode()
    assert tono.post(url, {**fields, "exception_reason": "sakit"}).status_code == 302
    assert ReturnCase.objects.get().exception_reason == "sakit"


def test_a_cancelled_order_is_paid_back_from_its_page() -> None:
    order_id = cast.buys(None, "A")
    tono = browser("agent")
    tono.post(f"{url_of(order_id)}move/", {"from_status": "paid", "to_status": "cancelled"})
    assert "Harus dikembalikan Rp 22.000" in page(tono, url_of(order_id))
    too_much = tono.post(f"{url_of(order_id)}refund/", {"amount": "22001", "tender": "Tunai"})
    assert "melebihi uang pesanan" in too_much.content.decode()
    tono.post(f"{url_of(order_id)}refund/", {"amount": "22000", "tender": "Tunai"})
    assert Order.objects.get().refunded_total == 22_000
    take_back(tono, url_of(order_id))
    assert Order.objects.get().refunded_total == 0


def test_the_policy_is_changed_and_comes_back() -> None:
    rina = browser("manager")
    spans = {f"{name}_days_{end}": "4" for name in ("check", "refund", "total") for end in ("min", "max")}
    fields = {"window_days": "30", **spans, "excluded_categories": "Kopi\n\n Kopi \nTeh"}
    wrong = rina.post("/console/settings/returns/", {**fields, "check_days_max": "3"})
    assert (wrong.status_code, ReturnPolicy.objects.count()) == (422, 0)
    assert rina.post("/console/settings/returns/", fields).status_code == 302
    policy = ReturnPolicy.objects.get()
    assert (policy.window_days, policy.excluded_categories) == (30, ["Kopi", "Teh"])
    take_back(rina, "/console/settings/returns/")
    policy.refresh_from_db()
    assert (policy.window_days, policy.check_days_min, policy.excluded_categories) == (14, 1, [])


def test_orders_are_listed_by_status_and_outlet(sari: Client) -> None:
    first, _ = cast.buys(None, "A-1"), cast.buys(None, "A-2")
    sari.post(f"{url_of(first)}move/", {"from_status": "paid", "to_status": "packed"})
    words = page(sari, "/console/orders/?status=packed")
    assert ("A-1" in words, "A-2" in words) == (True, False)
    assert "A-2" in page(sari, "/console/orders/?status=nonsense")


def test_a_customers_orders_and_timeline_tell_what_happened(sari: Client) -> None:
    order_id = unpaid()
    dewi = Customer.objects.get()
    sari.post(f"{url_of(order_id)}pay/", {"amount": "22000", "tender": "QRIS"})
    sari.post(f"{url_of(order_id)}move/", {"from_status": "paid", "to_status": "cancelled"})
    assert "Batal" in page(sari, f"/console/customers/{dewi.id}/orders/")
    words = page(sari, f"/console/customers/{dewi.id}/timeline/?show=orders")
    for part in ("Pembayaran pesanan H-1", "Pesanan H-1: Lunas", "Pesanan H-1: Batal", "Sari Wulandari"):
        assert part in words


def test_an_order_is_written_down_to_be_paid_later() -> None:
    line = {"product_0": "Kopi", "quantity_0": "2", "price_0": "10000"}
    fields = {"once": "x", "fulfilment": "collect", "is_unpaid": "on", **line}
    assert browser("cashier").post("/console/orders/new/", fields).status_code == 302
    order = Order.objects.get()
    assert (order.status, order.fulfilment, order.net) == ("open", "collect", 20_000)


def cart(source: str = "web|1") -> int:
    line = CartLineDraft(product_id=cast.product(), quantity_milli=1000, unit_price=22_000)
    dewi = Customer.objects.first() or cast.member("dewi")
    return save_cart(source=source, customer_id=dewi.id, lines=[line], by=SYSTEM, at=cast.NOW).id


def test_a_cart_that_was_left_behind_is_ordered_by_hand() -> None:
    cart_id, budi = cart(), browser("cashier")
    assert "Tidak ada keranjang di sini" in page(budi, "/console/carts/")
    abandon_carts(by=SYSTEM, at=cast.NOW + timedelta(hours=1))
    words = page(budi, "/console/carts/")
    assert ("Ditinggal (1)" in words, "Dewi Lestari" in words, "1 × Kopi Susu Senja" in words.replace("1×", "1 ×")) == (
        True,
        True,
        True,
    )
    for _ in range(2):
        budi.post(f"/console/carts/{cart_id}/order/")
    assert (Order.objects.get().status, Order.objects.count()) == ("open", 1)
    assert "Ditinggal (0)" in page(budi, "/console/carts/?state=ordered")


def test_maya_changes_a_price_and_takes_it_back() -> None:
    product_id, maya = cast.product(), browser("marketer")
    url = f"/console/products/{product_id}/"
    fields = {"name": "Kopi Susu Senja", "category": "Kopi", "price": "25000"}
    assert maya.post(f"{url}edit/", fields).status_code == 302
    assert "Rp 22.000 → Rp 25.000" in page(maya, url)
    maya.post(f"{url}edit/", fields | {"price": "26000"})
    take_back(maya, url)
    assert Product.objects.get().price == 25_000
    assert "edit/" not in browser("cashier").get(url).content.decode()


def test_a_product_is_added_once_and_stands_in_its_category() -> None:
    maya, fields = browser("marketer"), {"name": "Teh Tarik", "category": "Teh", "price": "15000"}
    assert maya.post("/console/products/new/", fields).status_code == 302
    again = maya.post("/console/products/new/", fields)
    assert (again.status_code, "Produk ini sudah ada." in again.content.decode()) == (422, True)
    assert "Teh 1 Rp 15.000" in page(maya, "/console/products/categories/")
    cast.product()
    words = page(maya, "/console/products/?category=Teh")
    assert ("Teh Tarik" in words, "Kopi Susu Senja" in words) == (True, False)


def test_an_outlets_hours_are_typed_shown_and_typed_again() -> None:
    rina = browser("manager")
    hours = "Senin-Jumat 07.00-09.00\r\nMinggu 08.00-22.00"
    fields = {"code": "DGO", "name": "Dago", "zone_name": "Asia/Jakarta", "hours": hours}
    wrong = rina.post("/console/outlets/new/", {**fields, "hours": "Senen 7-9"})
    assert (wrong.status_code, "“Senen 7-9”: mulai dengan hari" in wrong.content.decode()) == (422, True)
    assert rina.post("/console/outlets/new/", fields).status_code == 302
    words = page(rina, "/console/outlets/")  # a Sunday, ten o'clock
    assert "Sedang buka sampai 22 Nov 2026 22.00 WIB" in words
    outlet = Outlet.objects.get()
    form = rina.get(f"/console/outlets/{outlet.id}/edit/").content.decode()
    assert "Senin-Jumat 07.00-09.00\nSabtu tutup\nMinggu 08.00-22.00" in form
    rina.post(f"/console/outlets/{outlet.id}/edit/", {**fields, "hours": "Senin 07.00-09.00"})
    assert "Sedang tutup buka lagi 23 Nov 2026 07.00 WIB" in page(signed_in("budi"), "/console/outlets/")
    take_back(rina, "/console/outlets/")
    assert set(Outlet.objects.get().hours["week"]) == set("0123456")


def test_the_words_an_import_brought_stay_a_note(sari: Client) -> None:
    common = {"city": "", "zone_name": "Asia/Jakarta", "by": SYSTEM, "at": cast.NOW}
    save_outlet(code="X", name="X", opening_hours="buka tiap hari", **common)
    words = page(sari, "/console/outlets/")
    assert ("buka tiap hari" in words, "Sedang" in words) == (True, False)


def test_the_order_page_costs_as_much_with_many_rows_as_with_one() -> None:
    from tests.console.test_query_counts import questions

    client, order_id = browser("owner"), cast.buys(cast.member("dewi"), "A", cast.line(quantity=20))
    line_id = OrderLine.objects.get().id

    def work(number: int) -> None:
        goods = {f"quantity_{line_id}": "1", "reason": "x", "amount": "1", "tender": "Tunai", "once": str(number)}
        assert client.post(f"{url_of(order_id)}return/", goods).status_code == 302
        client.post(f"{url_of(order_id)}pay/", {"amount": "5", "tender": "Tunai", "once": str(number)})

    work(1)
    few = questions(client, url_of(order_id))
    for number in range(2, 12):
        work(number)
    many = questions(client, url_of(order_id))
    assert len(many) == len(few) <= 30


def test_lists_of_carts_and_categories_cost_the_same(sari: Client) -> None:
    from tests.console.test_query_counts import questions

    cart()
    urls = ("/console/carts/?state=open", "/console/products/categories/", "/console/orders/?status=paid")
    few = [len(questions(sari, url)) for url in urls]
    for number in range(2, 12):
        cart(f"web|{number}")
        cast.product(f"Kopi {number}")
        cast.buys(None, f"N{number}")
    assert [len(questions(sari, url)) for url in urls] == few


@pytest.mark.parametrize(
    "text",
    [
        "Senin-Jumat 07.00-12.00, 13.00-22.00\nSabtu 18.00-02.00\nMinggu tutup\n2026-12-25 tutup",
        "Setiap hari 24 jam\n31/12/2026 00.00-12.00",
        "Rabu 07.00-00.00",
        "",
    ],
)
def test_hours_shown_to_be_typed_again_are_the_same_hours(text: str) -> None:
    hours = parse_hours(text)
    outlet = Outlet(zone_name="Asia/Jakarta", hours=as_json(hours))
    again = parse_hours(as_typed(outlet))
    days = [datetime(2026, 12, 20, tzinfo=UTC).date() + timedelta(days=ahead) for ahead in range(14)]
    assert [again.spans_on(day) for day in days] == [hours.spans_on(day) for day in days]
