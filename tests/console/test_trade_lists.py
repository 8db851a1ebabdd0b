"""The lists of orders and products as people use them: filters in the address, saved views, a file, the empty state."""

import csv
import io
import re

import pytest
from django.test import Client

from setia.domains.commerce.models import Order, Product
from setia.domains.lists import actions
from setia.domains.lists.models import SavedView
from setia.domains.shop.models import Outlet
from setia.foundation.events.models import AccessLog
from tests import cast
from tests.console.verdicts import browser
from tests.domains.commerce.trade import COUNT, day, trade

pytestmark = pytest.mark.django_db

ORDERS, PRODUCTS = "/console/orders/", "/console/products/"


def links(client: Client, url: str) -> list[str]:
    """Return the first column of a list."""
    text = client.get(url).content.decode()
    return re.findall(r'class="row-link" href="/console/(?:orders|products)/\d+/">([^<]+)<', text)


def chips(client: Client, url: str) -> list[tuple[str, str]]:
    """Return the address and the words of each chip of a list."""
    text = client.get(url).content.decode()
    part = text.split('<ul class="chips"')[1].split("</ul>")[0] if 'class="chips"' in text else ""
    return [(href.replace("&amp;", "&"), words) for href, words in re.findall(r'<a href="([^"]+)">([^<]+) <svg', part)]


def test_filters_of_orders_stand_in_the_address_and_each_chip_takes_one_away(sari: Client) -> None:
    orders, dago = trade(), Outlet.objects.get(code="DGO")
    query = f"?status=paid&outlet={dago.id}&first={day(80)}&net_min=1000&payment=paid&channel=pos&return=no"
    shown = chips(sari, ORDERS + query)
    assert [words for _url, words in shown] == [
        "Lunas", "Dago", f"Dibeli ≥ {day(80).day} Sep 2026", "Kanal penjualan: pos",
        "Total ≥ Rp\u00a01.000", "Lunas", "Tanpa retur",
    ]  # fmt: skip
    expected = [
        order.number
        for order in orders
        if (order.status, order.outlet_id, order.returned_total) == ("paid", dago.id, 0) and order.shop_day >= day(80)
    ]
    assert links(sari, ORDERS + query) == expected
    without_status = shown[0][0]
    assert "status" not in without_status
    assert set(links(sari, ORDERS + without_status)) > set(expected)
    assert len(links(sari, ORDERS)) == COUNT


def test_filters_of_products_stand_in_the_address(sari: Client) -> None:
    trade()
    query = f"?category=Kopi&price_min=3000&sold=yes&sold_from={day(20)}&sold_to={day(1)}&active=yes"
    assert [words for _url, words in chips(sari, PRODUCTS + query)] == [
        "Kopi", "Terjual dalam 90 hari ini", "Harga ≥ Rp\u00a03.000", "Terjual 2 Nov 2026 – 21 Nov 2026",
    ]  # fmt: skip
    assert links(sari, f"{PRODUCTS}?sold=never") == ["Produk yang tak laku"]
    assert links(sari, f"{PRODUCTS}?category=+") == []
    assert links(sari, f"{PRODUCTS}?q=Produk+yang&price_max=9000") == ["Produk yang tak laku"]
    assert len(links(sari, PRODUCTS)) == Product.objects.count() == 6


@pytest.mark.parametrize("base", [ORDERS, PRODUCTS])
@pytest.mark.parametrize(
    "query",
    [
        "status=x&payment=x&parcel=x&return=x&outlet=x",
        "net_min=-1&net_max=" + "9" * 30 + "&price_min=x&price_max=" + "9" * 15,
        "first=2026-13-40&last=9999-12-31&sold_from=0001-01-01&sold=maybe",
        "first=2026-11-20&last=2026-11-01&sold_from=2200-01-01&sold_to=1900-01-01",
        "channel=%25&courier=+&category=%25&active=1",
        "view=" + "9" * 30 + "&cursor=abc",
        "outlet=" + "9" * 30,
    ],
)
def test_nonsense_in_the_address_is_survived(sari: Client, base: str, query: str) -> None:
    trade()
    assert sari.get(f"{base}?{query}").status_code == 200


def test_an_empty_list_says_which_filter_to_drop(sari: Client) -> None:
    trade()
    empty = sari.get(f"{ORDERS}?status=paid&channel=nihil").content.decode().split('class="card empty"')[1]
    assert ("Kanal penjualan: nihil" in empty, "Lunas" in empty) == (True, False)
    empty = sari.get(f"{PRODUCTS}?category=Nihil&sold=yes").content.decode().split('class="card empty"')[1]
    assert ("Nihil" in empty, "Terjual" in empty) == (True, False)
    assert "nomor resi" in sari.get(f"{ORDERS}?q=takada").content.decode().split('class="card empty"')[1]


@pytest.mark.parametrize(
    ("table", "query"), [("orders", "status=open&channel=web"), ("products", "sold=never&price_min=1000")]
)
def test_a_view_is_saved_opened_shared_and_opens_the_list(sari: Client, table: str, query: str) -> None:
    trade()
    base = f"/console/{table}/"
    form = {"table": table, "query": f"?{query}&q=x&cursor=y", "name": "Kerja hari ini", "shared": "1", "once": "a"}
    answer = sari.post("/console/lists/views/new/", form)
    view = SavedView.objects.get()
    assert (view.table, view.query, answer.headers["Location"]) == (table, query, f"{base}?{query}&view={view.id}")
    assert sari.get(f"{base}?view={view.id}").headers["Location"] == f"{base}?{query}&view={view.id}"
    assert "<h1>Kerja hari ini</h1>" in sari.get(f"{base}?{query}&view={view.id}").content.decode()
    tono = browser("agent")
    assert f'href="?view={view.id}"' in tono.get(base).content.decode()
    assert f"{base}?view={view.id}" in tono.get("/console/lists/views/").content.decode()
    tono.post(f"/console/lists/views/{view.id}/default/")
    assert tono.get(base).headers["Location"] == f"{base}?{query}&view={view.id}"
    assert tono.get(f"{base}?view=").status_code == 200  # the usual list
    assert sari.get(base).status_code == 200


def test_a_view_keeps_the_columns_of_its_list(sari: Client) -> None:
    ask = {"table": "orders", "query": "status=paid", "is_shared": True, "by": cast.staff("sari"), "at": cast.NOW}
    view = actions.save_view(name="Kasir", columns=["amount"], **ask)
    cast.buys(None, "A")
    text = browser("cashier").get(f"{ORDERS}?status=paid&view={view.id}").content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)', text) == ["Nomor", "Total"]


def test_a_shared_view_of_another_outlet_shows_nothing_of_it(sari: Client) -> None:
    from setia.domains.staff.actions import limit_outlets
    from setia.foundation.actors import SYSTEM

    trade()
    dago, other = Outlet.objects.get(code="DGO"), Outlet.objects.get(code="JYP")
    budi = browser("cashier")
    limit_outlets(person=cast.staff("budi"), outlet_ids=[dago.id], by=SYSTEM, at=cast.NOW)
    mine = set(Order.objects.filter(outlet=dago).values_list("number", flat=True))
    assert set(links(budi, f"{ORDERS}?outlet={other.id}")) <= mine
    assert "Jayapura" not in budi.get(f"{ORDERS}?outlet={other.id}").content.decode()


def test_the_list_is_saved_as_a_file_as_it_is_narrowed(sari: Client) -> None:
    orders = trade()
    Order.objects.filter(id=orders[1].id).update(channel="=1+1")
    answer = sari.post(f"{ORDERS}export/", {"query": "?status=open"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["Nomor"] for row in rows] == [order.number for order in orders if order.status == "open"]
    assert (rows[0]["Kanal penjualan"], rows[0]["Total"]) == ("'=1+1", "2000")
    answer = sari.post(f"{PRODUCTS}export/", {"query": "?sold=never"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["Produk"], row["Harga"]) for row in rows] == [("Produk yang tak laku", "9000")]
    logged = AccessLog.objects.filter(page__endswith="_export").order_by("id").values_list("page", "row_count")
    assert list(logged) == [("orders_export", 4), ("products_export", 1)]
    empty = sari.post(f"{ORDERS}export/", {"query": "?channel=nihil"})
    assert empty.headers["Location"] == f"{ORDERS}?channel=nihil"


def test_only_who_may_export_is_offered_the_file(sari: Client) -> None:
    trade()
    assert f'action="{ORDERS}export/"' in sari.get(ORDERS).content.decode()
    assert f'action="{ORDERS}export/"' not in browser("cashier").get(ORDERS).content.decode()


def test_the_search_at_the_top_finds_an_order_by_number_and_by_its_parcel(sari: Client) -> None:
    trade()
    for text in ("T5", "TRK5", "trk5"):
        assert ">T5<" in sari.get(f"/console/search/?q={text}").content.decode()
