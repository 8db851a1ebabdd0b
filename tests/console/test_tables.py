"""Columns to choose: heading and cells agree in every choice, the choice stays with its person."""

import re
from itertools import pairwise

import pytest
from django.utils import translation

from setia.console.tables import TABLES, known_names, table_for
from setia.domains.staff.actions import choose_columns
from setia.domains.staff.models import Staff
from tests import cast
from tests.console.verdicts import Browser, browser
from tests.console.verdicts import scene as lay_scene

pytestmark = pytest.mark.django_db

SUBSETS = [
    (name, tuple(column.name for index, column in enumerate(table.columns) if mask >> index & 1))
    for name, table in TABLES.items()
    for mask in {0, 2 ** len(table.columns) - 1, *(1 << index for index in range(len(table.columns)))}
]


def cells(client: Browser, url: str) -> tuple[list[str], list[str]]:
    """Return the headings and the cells of the first row of the table on a page."""
    text = client.get(url).content.decode()
    head = re.search(r"<thead>(.*?)</thead>", text, re.S).group(1)  # type: ignore[union-attr]
    row = re.search(r"<tbody>\s*<tr>(.*?)</tr>", text, re.S).group(1)  # type: ignore[union-attr]
    words = re.findall(r"<th\b[^>]*>(.*?)</th>", head, re.S)
    return [re.sub(r"<[^>]+>", "", word) for word in words], re.findall(r"<td\b", row)


@pytest.mark.parametrize(("table", "names"), SUBSETS)
def test_each_heading_has_its_cell_and_each_cell_its_heading(table: str, names: tuple[str, ...]) -> None:
    lay_scene()
    client = browser("owner")
    answer = client.post(f"/console/columns/{table}/", {"column": names, "query": "?q=&page=1"})
    assert answer.headers["Location"] == f"/console/{table}/?q=&page=1"
    head, row = cells(client, f"/console/{table}/")
    assert len(head) == len(row) == 1 + len(names)
    with translation.override("id"):
        assert head[1:] == [str(column.label) for column in TABLES[table].columns if column.name in names]


def test_the_choice_stays_with_its_person_and_the_usual_ones_come_back() -> None:
    lay_scene()
    sari, tono = browser("owner"), browser("agent")
    usual = cells(sari, "/console/customers/")[0]
    sari.post("/console/columns/customers/", {"column": ["gap", "joined", "no-such-column"]})
    assert cells(sari, "/console/customers/")[0] == ["Pelanggan", "Jarak belanja", "Pelanggan sejak"]
    assert cells(tono, "/console/customers/")[0] == usual
    sari.post("/console/columns/customers/", {"column": ["gap"], "usual": "1"})
    assert cells(sari, "/console/customers/")[0] == usual
    assert cast.staff("sari").table_columns == {}


def test_another_tables_choice_is_left_alone() -> None:
    sari = cast.staff("sari")
    choose_columns(person=sari, table="orders", names=["time"])
    choose_columns(person=sari, table="customers", names=["gap"])
    choose_columns(person=sari, table="orders", names=None)
    assert Staff.objects.get(id=sari.id).table_columns == {"customers": ["gap"]}


def test_a_choice_of_an_older_release_keeps_what_is_still_there() -> None:
    sari = cast.staff("sari")
    sari.table_columns = {"customers": ["spent", "gone"], "orders": "damaged"}
    assert table_for(sari, "customers").shown == {"spent"}
    assert table_for(sari, "orders").shown == {"customer", "time", "status", "outlet", "amount"}
    assert known_names("products", ["sku", "x", "category"]) == ["category", "sku"]
    assert known_names("products", ["price", "sku", "category"]) is None


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/account/", "javascript:x"])
def test_the_way_back_leads_nowhere_else(back: str) -> None:
    answer = browser("owner").post("/console/columns/orders/", {"query": back})
    assert answer.headers["Location"] == "/console/orders/"


def test_no_such_table() -> None:
    assert browser("owner").post("/console/columns/secrets/", {}).status_code == 404


def test_a_heading_sorts_and_says_so() -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(eko, "A-1")
    for number in ("B-1", "B-2"):
        cast.buys(dewi, number)
    client = browser("owner")
    text = client.get("/console/customers/?stage=buyers&cursor=x").content.decode()
    link = re.search(r'<a href="(\?[^"]*sort=orders[^"]*)"', text).group(1)  # type: ignore[union-attr]
    assert "cursor" not in link
    sorted_page = client.get("/console/customers/" + link.replace("&amp;", "&")).content.decode()
    assert re.search(r'class="number" aria-sort="descending">Pesanan</th>', sorted_page)
    places = [sorted_page.index(f"/console/customers/{person.id}/") for person in (dewi, eko)]
    assert all(one < other for one, other in pairwise(places))
