"""Lists ask the database the same number of questions for one row as for twenty."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.commerce.actions import CartLineDraft, save_cart
from setia.domains.commerce.models import Return, Shipment
from setia.domains.customers.actions import add_customer, resolve_people, suggest_duplicate, tagging
from setia.domains.customers.models import Customer, Tag
from setia.domains.customers.rules import PersonClaim
from setia.domains.imports.models import Import
from setia.domains.lists.actions import run_act, save_view, start_act
from setia.domains.lists.models import BulkKind
from setia.domains.lists.selections import Selection
from setia.domains.shop.actions import save_outlet
from setia.domains.staff.actions import add_staff, choose_columns
from setia.domains.staff.rules import Role
from setia.domains.teamwork.actions import make_task
from setia.domains.timeline.actions import write_note
from setia.foundation.actors import SYSTEM
from tests import cast

pytestmark = pytest.mark.django_db

Add = Callable[[int], None]


def buyer(index: int) -> Customer:
    """Add a member who has bought, at an outlet of his own."""
    claim = PersonClaim(
        phone=f"0812345678{index:02}", email=f"d{index}@contoh.id", name=f"Dewi {index}", city="Bandung"
    )
    person = add_customer(claim=claim, door="form", by=SYSTEM, at=cast.NOW)
    cast.buys(person, f"N{index}", cast.line(f"Kopi {index}"), cast.line("Roti"), days_ago=1)
    cast.buys(person, f"M{index}", cast.line(f"Kopi {index}"), days_ago=100 + index)
    return person


def silent_buyer(index: int) -> None:
    """Add a member who has gone silent, for the home page."""
    claim = PersonClaim(phone=f"0813345678{index:02}", name=f"Eko {index}")
    person = add_customer(claim=claim, door="form", by=SYSTEM, at=cast.NOW)
    for number in "ab":
        cast.buys(person, f"{number}{index}", days_ago=100 + index)


def one_buyers_life(index: int) -> None:
    """Let Gilang buy, bring back and be written about once more."""
    gilang = Customer.objects.filter(name="Gilang Ramadhan").first() or cast.member("gilang")
    order_id = cast.buys(gilang, f"G{index}", cast.line(f"Teh {index}"), days_ago=index)
    write_note(customer=gilang, body=f"Catatan {index}", author=cast.staff("tono"), at=cast.NOW)
    row = Return.objects.create(
        number=f"R{index}", reason="salah pesan", customer=gilang, order_id=order_id, total=1,
        returned_at=cast.NOW, shop_day=cast.NOW.date(), source_key=b"%016d" % index, created_at=cast.NOW,
    )  # fmt: skip
    row.lines.create(product_id=cast.product(f"Teh {index}"), quantity_milli=1000, total=1)


def colleague(index: int) -> None:
    """Open an account."""
    add_staff(email=f"s{index}@kopisenja.example", name=f"Staf {index}", role=Role.CASHIER, by=SYSTEM, at=cast.NOW)


def outlet(index: int) -> None:
    """Open an outlet."""
    save_outlet(
        code=f"C{index}",
        name=f"Gerai {index}",
        city="",
        zone_name="Asia/Jakarta",
        opening_hours="",
        by=SYSTEM,
        at=cast.NOW,
    )


def file(index: int) -> None:
    """Bring a file in."""
    Import.objects.create(
        file_name=f"{index}.csv", file_hash=f"{index:064}", byte_count=1, actor_kind="system", actor_id=0,
        created_at=cast.NOW, state="done", written={"orders": 1}, options={"currency": "IDR"},
    )  # fmt: skip


def life_of(person: str) -> str:
    """Return the address of somebody's page."""
    return f"/console/customers/{Customer.objects.get(name=person).id}/"


def marked_buyer(index: int) -> None:
    """Add a member with two tags whom Tono looks after."""
    person = buyer(index)
    tagging.add_tags(customer_ids=[person.id], names=["VIP", f"Ke-{index}"], by=SYSTEM, at=cast.NOW)
    tagging.assign_owner(customer_ids=[person.id], owner=cast.staff("tono"), by=SYSTEM, at=cast.NOW)
    columns = ["tags", "owner", "stage", "spent"]
    choose_columns(person=cast.staff("sari"), table="customers", names=columns)


def view(index: int) -> None:
    """Keep a view, and one that somebody else shares."""
    for name, is_shared in (("sari", False), ("tono", True)):
        save_view(
            table="customers", name=f"V{index}", query="stage=lost", columns=None, is_shared=is_shared,
            by=cast.staff(name), at=cast.NOW,
        )  # fmt: skip


def view_of_orders(index: int) -> None:
    """Keep a view of orders that others share, and sell something."""
    cast.buys(None, f"V{index}")
    save_view(
        table="orders", name=f"V{index}", query="status=paid", columns=None, is_shared=True,
        by=cast.staff("tono"), at=cast.NOW,
    )  # fmt: skip


def sent(index: int) -> None:
    """Sell something and send it; every parcel has the same number, as when a courier takes several at once."""
    order_id = cast.buys(None, f"S{index}")
    Shipment.objects.create(order_id=order_id, courier="JNE", tracking_number="TRK1", shipped_at=cast.NOW)


def gilangs_cart(index: int) -> None:
    """Let Gilang put one more thing into his cart."""
    gilang = Customer.objects.filter(name=GILANG).first() or cast.member("gilang")
    content = {"quantity_milli": 1000, "unit_price": 5_000}
    lines = [CartLineDraft(product_id=cast.product(f"Kopi {number}"), **content) for number in range(index)]
    save_cart(source=f"web|{index % 3}", customer_id=gilang.id, lines=lines, by=SYSTEM, at=cast.NOW)


def act(index: int) -> None:
    """Give somebody a tag as an act."""
    picked = Selection(customer_ids=(buyer(index).id,))
    by = cast.staff("maya").actor
    record = start_act(kind=BulkKind.ADD_TAG, selection=picked, tag_name=f"T{index}", by=by, at=cast.NOW)
    run_act(act=record, now=lambda: cast.NOW)


def gilangs_tag(index: int) -> None:
    """Put one more tag on Gilang and give him to somebody else."""
    gilang = Customer.objects.filter(name=GILANG).first() or cast.member("gilang")
    tagging.add_tags(customer_ids=[gilang.id], names=[f"T{index}"], by=cast.staff("maya").actor, at=cast.NOW)
    owner = cast.staff(("tono", "budi")[index % 2])
    tagging.assign_owner(customer_ids=[gilang.id], owner=owner, by=cast.staff("maya").actor, at=cast.NOW)


def pair(index: int) -> None:
    """Suggest that two who have bought are one, and ask about a newcomer on the number of the first."""
    left, right = buyer(index), buyer(index + 50)
    suggest_duplicate(left_id=left.id, right_id=right.id, score=80, reasons=["same_name"], at=cast.NOW)
    stranger = PersonClaim(phone=f"0812345678{index:02}", name=f"Joko Susilo {index}")
    resolve_people(claims=[stranger], door="import", by=SYSTEM, at=cast.NOW)


def task(index: int) -> None:
    """Give Sari something to do for a customer."""
    sari = cast.staff("sari")
    make_task(title=f"Telepon {index}", assignee=sari, customer=buyer(index), by=sari, at=cast.NOW)


GILANG = "Gilang Ramadhan"
LISTS: dict[str, tuple[Add, Callable[[], str]]] = {
    "home": (silent_buyer, lambda: "/console/"),
    "customers": (buyer, lambda: "/console/customers/"),
    "customers, everyone by name": (buyer, lambda: "/console/customers/?stage=everyone&sort=name"),
    "customers found": (buyer, lambda: "/console/customers/?q=Dewi"),
    "orders": (buyer, lambda: "/console/orders/"),
    "products": (buyer, lambda: "/console/products/"),
    "orders narrowed": (
        buyer,
        lambda: "/console/orders/?status=paid&payment=paid&net_min=1&first=2020-01-01&channel=&return=no&parcel=",
    ),
    "orders narrowed by parcels": (sent, lambda: "/console/orders/?courier=JNE&parcel=on_way"),
    "orders with views": (view_of_orders, lambda: "/console/orders/?status=paid"),
    "products narrowed": (buyer, lambda: "/console/products/?category=Kopi&active=yes&sold=yes&price_min=1"),
    "search, orders": (sent, lambda: "/console/search/?q=TRK1"),
    "a customer's carts": (gilangs_cart, lambda: life_of(GILANG)),
    "search": (buyer, lambda: "/console/search/?q=Dewi"),
    "search, products": (buyer, lambda: "/console/search/?q=Kopi"),
    "outlets": (outlet, lambda: "/console/outlets/"),
    "imports": (file, lambda: "/console/imports/"),
    "staff": (colleague, lambda: "/console/staff/"),
    "order form": (outlet, lambda: "/console/orders/new/"),
    "a customer": (one_buyers_life, lambda: life_of(GILANG)),
    "a customer's timeline": (one_buyers_life, lambda: f"{life_of(GILANG)}timeline/"),
    "a customer's orders": (one_buyers_life, lambda: f"{life_of(GILANG)}orders/"),
    "customers narrowed": (
        marked_buyer,
        lambda: f"/console/customers/?tag={Tag.objects.get(name='VIP').id}&city=bandung&owner={cast.staff('tono').id}",
    ),
    "customers with views": (view, lambda: "/console/customers/?stage=everyone"),
    "views": (view, lambda: "/console/lists/views/"),
    "acts on many": (act, lambda: "/console/lists/bulk/"),
    "tags": (act, lambda: "/console/tags/"),
    "a customer's tags": (gilangs_tag, lambda: f"{life_of(GILANG)}timeline/"),
    "who stands twice": (pair, lambda: "/console/customers/duplicates/"),
    "whose number is it": (pair, lambda: "/console/customers/questions/"),
    "tasks": (task, lambda: "/console/tasks/"),
    "audit": (gilangs_tag, lambda: "/console/audit/"),
    "a product": (buyer, lambda: f"/console/products/{cast.product('Roti')}/"),
}
MOST = 30


def questions(client: Client, url: str) -> list[str]:
    """Return what a page asks the database."""
    client.get(url)  # fills what is kept between requests
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


@pytest.mark.parametrize("name", LISTS)
def test_twenty_rows_cost_as_many_questions_as_one(sari: Client, name: str) -> None:
    add, url = LISTS[name]
    for index in range(1, 2):
        add(index)
    few = questions(sari, url())
    for index in range(2, 21):
        add(index)
    many = questions(sari, url())
    assert (len(many), len(few)) == (len(few), len(few)), [
        sql[:160] for sql in many if many.count(sql) > few.count(sql)
    ]
    assert len(many) <= MOST
