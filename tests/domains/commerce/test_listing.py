"""The list of customers: stages, sorts, pages, search."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setia.domains.commerce.queries import customer_count, customer_page, home_figures, search_customers
from setia.domains.commerce.queries.figures import slipping_customers
from setia.domains.customers.actions import resolve_people
from setia.domains.customers.rules import PersonClaim
from setia.foundation.actors import SYSTEM
from tests import cast

pytestmark = pytest.mark.django_db


def _names(rows):
    return [row.customer.name.split()[0] for row in rows]


def _everybody_bought():
    dewi, eko, fitri = cast.member("dewi"), cast.member("eko"), cast.member("fitri")
    cast.buys(dewi, "D1", days_ago=200)
    cast.buys(dewi, "D2", cast.line(quantity=9), days_ago=3)
    cast.buys(eko, "E1", cast.line(quantity=4), days_ago=120)
    cast.buys(fitri, "F1", days_ago=190)
    gilang = cast.member("gilang")
    cast.buys(gilang, "G1", days_ago=10)


@pytest.mark.parametrize(
    ("stage", "names"),
    [
        ("buyers", ["Dewi", "Gilang", "Eko", "Fitri"]),
        ("new", ["Gilang"]),
        ("active", ["Dewi", "Gilang"]),
        ("at_risk", ["Eko"]),
        ("lost", ["Fitri"]),
    ],
)
def test_each_stage_has_its_people(stage, names):
    _everybody_bought()
    page = customer_page(stage=stage, sort="recent", cursor="", size=10, at=cast.NOW, is_many=False)
    assert _names(page.rows) == names
    assert customer_count(stage=stage, at=cast.NOW) == len(names)


def test_who_never_bought_has_a_stage_of_his_own():
    _everybody_bought()
    resolve_people(claims=[PersonClaim(phone="0899 1234 567", name="Hesti")], door="form", by=SYSTEM, at=cast.NOW)
    page = customer_page(stage="no_orders", sort="added", cursor="", size=10, at=cast.NOW, is_many=False)
    assert _names(page.rows) == ["Hesti"]
    assert customer_count(stage="everyone", at=cast.NOW) == 5


@pytest.mark.parametrize("sort", ["spend", "orders", "name"])
@pytest.mark.parametrize("stage", ["buyers", "new", "active", "at_risk", "lost"])
def test_a_stage_has_the_same_people_whichever_way_it_is_walked(stage, sort):
    _everybody_bought()
    pages = [
        customer_page(stage=stage, sort=sort, cursor="", size=10, at=cast.NOW, is_many=is_many)
        for is_many in (False, True)
    ]
    assert _names(pages[0].rows) == _names(pages[1].rows) != []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how many rows a stage has")
@pytest.mark.parametrize(("sort", "index"), [("spend", "counters_by_spend"), ("orders", "counters_by_orders")])
def test_a_large_stage_is_walked_in_the_order_of_the_sort(sort, index):
    with CaptureQueriesContext(connection) as asked:
        customer_page(stage="lost", sort=sort, cursor="", size=10, at=cast.NOW, is_many=True)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
        plan = " / ".join(row[3] for row in cursor.fetchall())
    assert index in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("sort", "first"), [("spend", "Dewi"), ("orders", "Dewi"), ("name", "Dewi"), ("recent", "Dewi")]
)
@pytest.mark.parametrize("is_many", [False, True])
def test_pages_join_without_gap_or_double(sort, first, is_many):
    _everybody_bought()
    seen, cursor = [], ""
    while True:
        page = customer_page(stage="buyers", sort=sort, cursor=cursor, size=1, at=cast.NOW, is_many=is_many)
        seen += _names(page.rows)
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen[0] == first
    assert sorted(seen) == ["Dewi", "Eko", "Fitri", "Gilang"]


@pytest.mark.parametrize(
    "text",
    [
        "dewi",
        "DEWI LES",
        "les",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "7890",
        "dewi@contoh.id",
        "DEWI@contoh.ID",
        "D2",
    ],
)
def test_search_finds_a_person_by_anything_he_is_known_by(text):
    _everybody_bought()
    assert _names(search_customers(text, limit=5)) == ["Dewi"]


@pytest.mark.parametrize(
    "text", ["", "x", "ewi", "0812", "1234", "dewi eko", "%", "' OR 1=1 --", '"', "*", "🙂", "\x00"]
)
def test_search_finds_nobody_where_nobody_is_meant(text):
    _everybody_bought()
    assert search_customers(text, limit=5) == []


def test_search_shows_best_customers_first():
    for number, many in enumerate((1, 5, 3)):
        claim = PersonClaim(phone=f"08120000000{number}", name=f"Sari {number}")
        customer_id = resolve_people(claims=[claim], door="form", by=SYSTEM, at=cast.NOW)[0]
        from setia.domains.customers.models import Customer

        cast.buys(Customer.objects.get(id=customer_id), f"S{number}", cast.line(quantity=many))
    assert [row.customer.name for row in search_customers("sari", limit=2)] == ["Sari 1", "Sari 2"]


def test_home_compares_a_morning_with_a_morning():
    dewi = cast.member("dewi")
    cast.buys(dewi, "T1", cast.line(quantity=2))
    cast.buys(dewi, "W1", days_ago=7)
    cast.buys(None, "W2", cast.line(quantity=9), days_ago=7)
    later = cast.sale("W3", None, cast.line(quantity=50), at=cast.NOW + timedelta(hours=3), days_ago=7)
    from setia.domains.commerce.actions import record_sales

    record_sales(drafts=[later], by=SYSTEM, at=cast.NOW)
    figures = home_figures(at=cast.NOW)
    assert (figures.today.net, figures.today.orders, figures.today.known_orders) == (44_000, 1, 1)
    assert (figures.week_ago.net, figures.week_ago.orders) == (220_000, 2)
    assert figures.active_customers == 1


def test_home_names_good_customers_who_have_just_gone_silent():
    eko, fitri = cast.member("eko"), cast.member("fitri")
    cast.buys(eko, "E1", days_ago=130)
    cast.buys(eko, "E2", days_ago=95)
    cast.buys(fitri, "F1", days_ago=95)
    assert _names(slipping_customers(at=cast.NOW, limit=5)) == ["Eko"]
