"""Who works at one outlet sees its orders, returns and carts, and no others: by no address, list, search or fact."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from setia.domains.commerce.actions import CartLineDraft, Money, record_sales, save_cart, take_back, take_payment
from setia.domains.commerce.drafts import SaleDraft
from setia.domains.commerce.models import Order, OrderLine, Refund
from setia.domains.commerce.queries.figures import daily_sales, home_figures
from setia.domains.exports.actions import request_export
from setia.domains.exports.rules import Filters
from setia.domains.imports import files as import_files
from setia.domains.imports.models import Import
from setia.domains.shop.actions import save_outlet
from setia.domains.shop.models import Outlet
from setia.domains.staff.actions import UnableToChangeStaff, change_role, limit_outlets
from setia.domains.staff.models import Staff, StaffOutlet
from setia.domains.staff.queries import outlet_scope
from setia.domains.staff.rules import Role
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast
from tests.conftest import signed_in
from tests.console import verdicts

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
COUNTS = (
    *("customers", "orders", "lines", "gross", "orders_without_customer", "gross_without_customer"),
    *("returns", "returned"),
)


def outlet(code: str, name: str) -> Outlet:
    """Open an outlet."""
    place = {"city": "Bandung", "zone_name": "Asia/Jakarta", "opening_hours": ""}
    return save_outlet(code=code, name=name, by=SYSTEM, at=cast.NOW, **place)


class Town:
    """Two outlets, an order, a payment, a return with its refund and a cart in each; Dewi buys in both."""

    def __init__(self) -> None:
        self.dewi = cast.member("dewi")
        self.outlets = {name: outlet(name[:3].upper(), name) for name in ("Dago", "Braga")}
        self.ids = {name: self._life(name, place) for name, place in self.outlets.items()}

    def _life(self, name: str, place: Outlet) -> dict[str, int]:
        by: Any = {"by": SYSTEM, "at": cast.NOW}
        price = {"Dago": 11_000, "Braga": 77_000}[name]
        draft = SaleDraft(
            source=f"invoice||{name}", number=f"N-{name}", customer_id=self.dewi.id, placed_at=cast.NOW,
            lines=(cast.line(f"Kopi {name}", price=price),), outlet_id=place.id,
        )  # fmt: skip
        order_id = record_sales(drafts=[draft], **by).order_ids[0]
        payment = take_payment(order_id=order_id, amount=100, tender="QRIS", reference="", source=name, **by)
        goods = {OrderLine.objects.get(order_id=order_id).id: 1000}
        row = take_back(
            order_id=order_id, quantities=goods, reason="rusak", source=name, refund=Money(50, "QRIS"), **by
        )
        tea = CartLineDraft(product_id=cast.product(f"Teh {name}"), quantity_milli=1000, unit_price=15_000)
        cart = save_cart(source=name, customer_id=self.dewi.id, outlet_id=place.id, lines=[tea], **by)
        refund = Refund.objects.get(return_row=row)
        return {
            "order_id": order_id, "payment_id": payment.id, "return_id": row.id, "refund_id": refund.id,
            "cart_id": cart.id, "customer_id": self.dewi.id,
        }  # fmt: skip

    def limit(self, name: str, *places: str) -> Staff:
        """Let somebody see these outlets only."""
        person = cast.staff(name)
        limit_outlets(person=person, outlet_ids=[self.outlets[place].id for place in places], by=SYSTEM, at=cast.NOW)
        return person


@pytest.fixture
def town(db: None) -> Town:
    """Lay out the two outlets."""
    return Town()


def text_of(client: Client, url: str) -> str:
    """Return a page's text."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


ORDER_WORDS = ("order_", "payment_", "refund_", "return_", "cart_")
NAMES = [
    name
    for name, wanted in verdicts.arguments().items()
    if name.startswith("console:") and any(argument.startswith(ORDER_WORDS) for argument in wanted)
]


@pytest.mark.parametrize("person", ["budi", "tono", "rina"])
def test_an_order_of_another_outlet_is_not_there_by_any_address(town: Town, person: str) -> None:
    """Each address of an order, return or cart, by GET and POST: 404 (405 where there is no such method)."""
    town.limit(person, "Dago")
    client = signed_in(person)
    refused = (403,) if person == "budi" else ()  # a cashier may not take goods back anywhere
    before, wrong = verdicts.rows(), []
    for name in NAMES:
        for method in ("get", "post"):
            foreign = getattr(client, method)(verdicts.Scene(town.ids["Braga"]).url(name))
            if foreign.status_code not in (404, 405, *refused):
                wrong.append((name, method, foreign.status_code))
    assert len(NAMES) >= 12
    assert wrong == []
    assert verdicts.rows() == before


def test_his_own_outlet_stays_open_to_him(town: Town) -> None:
    town.limit("tono", "Dago")
    client, scene = signed_in("tono"), verdicts.Scene(town.ids["Dago"])
    assert client.get(scene.url("console:order")).status_code == 200
    assert client.post(scene.url("console:return_check")).status_code == 302
    assert client.post(scene.url("console:cart_order")).status_code == 302


@pytest.mark.parametrize(
    "path", ["orders/", "orders/?q=N-Braga", "search/?q=N-Braga", "carts/?state=open", "customers/{id}/orders/"]
)
def test_lists_and_searches_hold_nothing_of_other_outlets(town: Town, path: str) -> None:
    town.limit("budi", "Dago")
    url = "/console/" + path.format(id=town.dewi.id)
    whole, limited = text_of(signed_in("nadia"), url), text_of(signed_in("budi"), url)
    mark = "Teh Braga" if "carts" in path else f"/console/orders/{town.ids['Braga']['order_id']}/"
    assert mark in whole
    assert mark not in limited
    assert "77.000" not in limited


def test_the_outlet_of_a_filter_is_no_way_in(town: Town) -> None:
    town.limit("budi", "Dago")
    text = text_of(signed_in("budi"), f"/console/orders/?outlet={town.outlets['Braga'].id}")
    assert "N-Braga" not in text
    assert "Braga" not in text


def test_the_customer_stays_visible_and_what_happened_elsewhere_shows_without_amounts(town: Town) -> None:
    town.limit("budi", "Dago")
    for url in (f"/console/customers/{town.dewi.id}/", f"/console/customers/{town.dewi.id}/timeline/"):
        text = text_of(signed_in("budi"), url)
        assert f"/console/orders/{town.ids['Braga']['order_id']}/" not in text
        assert "N-Braga" not in text
        assert "Ada kegiatan di outlet lain" in text
        assert "N-Dago" in text
    whole = text_of(signed_in("nadia"), f"/console/customers/{town.dewi.id}/")
    assert "N-Braga" in whole
    assert "Ada kegiatan di outlet lain" not in whole


def test_figures_of_the_home_page_are_those_of_his_outlets(town: Town) -> None:
    only = {town.outlets["Dago"].id}
    everything, dago = home_figures(at=cast.NOW), home_figures(at=cast.NOW, outlet_ids=only)
    assert (everything.today.net, dago.today.net, dago.returned_today) == (88_000, 11_000, 11_000)
    day = everything.today.day
    assert [row.net for row in daily_sales(first=day, last=day, outlet_ids=only)] == [11_000]
    town.limit("budi", "Dago")
    assert "88.000" in text_of(signed_in("nadia"), "/console/")
    assert "88.000" not in text_of(signed_in("budi"), "/console/")


def test_whoever_sees_some_outlets_takes_no_files_away(town: Town) -> None:
    record = request_export(kind="orders", form="csv", filters=Filters(), by=SYSTEM, at=cast.NOW)
    rina = town.limit("rina", "Dago")
    client, before = signed_in("rina"), verdicts.rows()
    urls = ["exports/", "exports/new/", f"exports/{record.id}/", f"exports/{record.id}/progress/"]
    assert [client.get(f"/console/{url}").status_code for url in urls] == [403] * 4
    posts = ["exports/new/", *(f"exports/{record.id}/{act}/" for act in ("file", "cancel", "delete", "again"))]
    assert [client.post(f"/console/{url}").status_code for url in posts] == [403] * 5
    scene = verdicts.Scene({})
    assert client.post(scene.url("console:bulk_export"), {"everybody": "1"}).status_code == 403
    assert verdicts.rows() == before
    limit_outlets(person=rina, outlet_ids=[], by=SYSTEM, at=cast.NOW)
    assert client.get("/console/exports/").status_code == 200


def test_an_order_written_down_by_him_is_of_one_of_his_outlets(town: Town) -> None:
    town.limit("budi", "Dago")
    client = signed_in("budi")
    typed = {"once": "a", "product_0": "Kopi", "price_0": "1", "quantity_0": "1"}
    before = Order.objects.count()
    for place in ("", str(town.outlets["Braga"].id)):
        assert client.post("/console/orders/new/", {**typed, "outlet": place}).status_code == 422
    assert Order.objects.count() == before
    answer = client.post("/console/orders/new/", {**typed, "outlet": str(town.outlets["Dago"].id)})
    assert client.get(answer.headers["Location"]).status_code == 200


def test_open_carts_on_a_customers_page_are_those_of_his_outlets(town: Town) -> None:
    fresh = {"customer_id": town.dewi.id, "by": SYSTEM, "at": cast.NOW}
    url = f"/console/customers/{town.dewi.id}/"
    whole = text_of(signed_in("nadia"), url)
    assert ("Teh Dago" in whole, "Teh Braga" in whole) == (True, True)
    town.limit("budi", "Dago")
    limited = text_of(signed_in("budi"), url)
    assert ("Teh Dago" in limited, "Teh Braga" in limited) == (True, False)
    for name in ("Dago", "Braga"):
        save_cart(source=name, lines=[], outlet_id=town.outlets[name].id, **{**fresh, "at": cast.NOW + MINUTE})
    assert "Tidak ada yang menunggu di keranjang." in text_of(signed_in("budi"), url)


@pytest.mark.parametrize("page", ["orders", "products"])
def test_lists_are_no_files_for_whoever_sees_some_outlets(town: Town, page: str) -> None:
    rina = town.limit("rina", "Dago")
    client = signed_in("rina")
    assert client.post(f"/console/{page}/export/", {"query": ""}).status_code == 403
    assert f"/console/{page}/export/" not in text_of(client, f"/console/{page}/")
    assert 'href="/console/exports/"' not in text_of(client, "/console/")
    limit_outlets(person=rina, outlet_ids=[], by=SYSTEM, at=cast.NOW)
    assert f"/console/{page}/export/" in text_of(client, f"/console/{page}/")
    assert 'href="/console/exports/"' in text_of(client, "/console/")


@pytest.mark.parametrize("path", ["audit/facts.csv", "audit/access.csv"])
def test_the_audit_leaves_as_a_file_only_whole(town: Town, path: str) -> None:
    town.limit("rina", "Dago")
    rina = signed_in("rina")
    assert rina.get(f"/console/{path}").status_code == 403
    text = text_of(rina, f"/console/{path.partition('.')[0].replace('facts', '').replace('access', 'access/')}")
    assert f"/console/{path}" not in text
    assert "N-Braga" not in text
    assert signed_in("sari").get(f"/console/{path}").status_code == 200


def brought(town: Town, *places: str) -> Import:
    """Let a file have brought one order to each of these outlets."""
    record = Import.objects.create(
        file_name="kasir.csv", file_hash="0" * 64, byte_count=1, actor_kind="staff", actor_id=1,
        created_at=cast.NOW, state="done", written={"orders": len(places)}, options={"currency": "IDR"},
        counts={**dict.fromkeys(COUNTS, 0), "rows": 2, "skipped": {"no_identity": 1}},
    )  # fmt: skip
    drafts = [
        SaleDraft(
            source=f"file|{name}", number=f"F-{name}", customer_id=None, placed_at=cast.NOW, lines=(cast.line(),),
            outlet_id=town.outlets[name].id,
        )
        for name in places
    ]  # fmt: skip
    record_sales(drafts=drafts, by=SYSTEM, at=cast.NOW, origin_id=record.id)
    return record


def test_an_import_of_several_outlets_is_taken_back_by_who_sees_them_all(town: Town) -> None:
    mixed, own = brought(town, "Dago", "Braga"), brought(town, "Dago")
    Import.objects.filter(id=own.id).update(file_hash="1" * 64)
    rina = town.limit("rina", "Dago")
    client = signed_in("rina")
    client.post(f"/console/imports/{mixed.id}/undo/")
    assert Import.objects.get(id=mixed.id).state == "done"
    assert "Minta orang yang melihat semua outlet" in text_of(client, f"/console/imports/{mixed.id}/")
    client.post(f"/console/imports/{own.id}/undo/")
    assert Import.objects.get(id=own.id).state == "undoing"
    limit_outlets(person=rina, outlet_ids=[], by=SYSTEM, at=cast.NOW)
    client.post(f"/console/imports/{mixed.id}/undo/")
    assert Import.objects.get(id=mixed.id).state == "undoing"


def test_pages_of_the_whole_shop_say_so_and_give_no_file(town: Town) -> None:
    """What a product sold and what an import brought are figures of the shop (ADR 0008)."""
    record, words = brought(town, "Dago", "Braga"), "Angka di sini milik seluruh toko"
    path = import_files.refused_rows(record.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("row,code,column,value,A\n2,no_identity,phone,,77.000\n", encoding="utf-8-sig")
    pages = [f"/console/imports/{record.id}/", f"/console/products/{cast.product('Kopi Dago')}/"]
    assert [words in text_of(signed_in("sari"), page) for page in pages] == [False, False]
    town.limit("rina", "Dago")
    rina = signed_in("rina")
    assert [words in text_of(rina, page) for page in pages] == [True, True]
    refused = f"/console/imports/{record.id}/refused.csv"
    assert refused not in text_of(rina, pages[0])
    assert rina.get(refused).status_code == 403
    assert refused in text_of(signed_in("sari"), pages[0])


def test_outlets_he_does_not_see_lead_to_no_orders(town: Town) -> None:
    town.limit("budi", "Dago")
    text = text_of(signed_in("budi"), "/console/outlets/")
    assert f"?outlet={town.outlets['Dago'].id}" in text
    assert f"?outlet={town.outlets['Braga'].id}" not in text


# The form of an account.


def test_the_owner_ticks_outlets_and_takes_it_back(town: Town) -> None:
    budi, sari = cast.staff("budi"), signed_in("sari")
    dago = town.outlets["Dago"].id
    url = f"/console/staff/{budi.id}/"
    assert sari.post(url, {"role": "cashier", f"outlet_{dago}": "on"}).status_code == 302
    assert outlet_scope(budi) == {dago}
    fact = Event.objects.get(kind="staff.outlets_changed")
    assert (fact.payload["old_outlet_ids"], fact.payload["new_outlet_ids"]) == ([], [dago])
    assert f'name="outlet_{dago}" id="id_outlet_{dago}" checked' in text_of(sari, url)
    sari.post(url, {"role": "cashier", f"outlet_{dago}": "on"})
    assert Event.objects.filter(kind="staff.outlets_changed").count() == 1
    sari.post(url, {"role": "cashier"})
    assert outlet_scope(budi) is None


def test_a_new_person_can_be_limited_from_the_start(town: Town) -> None:
    typed = {"name": "Joko", "email": "joko@kopisenja.example", "role": "cashier"}
    signed_in("sari").post("/console/staff/new/", {**typed, f"outlet_{town.outlets['Braga'].id}": "on"})
    assert outlet_scope(Staff.objects.get(name="Joko")) == {town.outlets["Braga"].id}


def test_an_owner_sees_all_outlets(town: Town) -> None:
    budi = cast.staff("budi")
    answer = signed_in("sari").post(
        f"/console/staff/{budi.id}/", {"role": "owner", f"outlet_{town.outlets['Dago'].id}": "on"}
    )
    assert answer.status_code == 422
    assert Staff.objects.get(id=budi.id).role == "cashier"
    assert not StaffOutlet.objects.exists()
    with pytest.raises(UnableToChangeStaff, match="owner_sees_all"):
        limit_outlets(person=cast.staff("sari"), outlet_ids=[town.outlets["Dago"].id], by=SYSTEM, at=cast.NOW)
    town.limit("budi", "Dago")
    change_role(person=budi, role=Role.OWNER, by=SYSTEM, at=cast.NOW)
    assert outlet_scope(budi) is None


def test_strangers_see_no_outlet() -> None:
    assert outlet_scope(None) == frozenset()


# What is taken away counts from the very next request of a session that is open.


def test_a_role_taken_away_counts_at_once(town: Town) -> None:
    rina, sari = signed_in("rina"), signed_in("sari")
    assert rina.get("/console/exports/").status_code == 200
    sari.post(f"/console/staff/{cast.staff('rina').id}/", {"role": "cashier"})
    assert rina.get("/console/exports/").status_code == 403
    assert "0812-3456-7890" not in text_of(rina, f"/console/customers/{town.dewi.id}/")


def test_outlets_taken_away_count_at_once(town: Town) -> None:
    budi, sari = signed_in("budi"), signed_in("sari")
    url = f"/console/orders/{town.ids['Braga']['order_id']}/"
    assert budi.get(url).status_code == 200
    dago = town.outlets["Dago"].id
    sari.post(f"/console/staff/{cast.staff('budi').id}/", {"role": "cashier", f"outlet_{dago}": "on"})
    assert budi.get(url).status_code == 404
    sari.post(f"/console/staff/{cast.staff('budi').id}/", {"role": "cashier"})
    assert budi.get(url).status_code == 200


def test_a_suspension_counts_at_once_and_its_sessions_stay_closed(town: Town) -> None:
    budi, sari = Client(), signed_in("sari")
    budi.post("/account/login/", {"login": cast.staff("budi").email, "password": "kopi-senja-enak"})
    assert budi.get("/console/").status_code == 200
    sari.post(f"/console/staff/{cast.staff('budi').id}/suspend/")
    assert verdicts.verdict_of(budi.get("/console/")) == "in"
    sari.post(f"/console/staff/{cast.staff('budi').id}/reinstate/")
    assert verdicts.verdict_of(budi.get("/console/")) == "in"


def test_the_owner_ends_one_session_of_two(town: Town) -> None:
    from allauth.usersessions.models import UserSession

    person, sari = cast.staff("budi"), signed_in("sari")
    typed = {"login": person.email, "password": "kopi-senja-enak"}
    phone, till = Client(headers={"User-Agent": "HP Budi"}), Client(headers={"User-Agent": "Kasir Dago"})
    for client in (phone, till):
        client.post("/account/login/", typed)
        assert client.get("/console/").status_code == 200
    text = text_of(sari, f"/console/staff/{person.id}/")
    assert ("HP Budi" in text, "Kasir Dago" in text) == (True, True)
    lost = UserSession.objects.get(user=person, user_agent="HP Budi")
    url = f"/console/staff/{person.id}/sessions/{lost.pk}/end/"
    assert sari.post(url).status_code == 302
    assert verdicts.verdict_of(phone.get("/console/")) == "in"
    assert till.get("/console/").status_code == 200
    assert "HP Budi" not in text_of(sari, f"/console/staff/{person.id}/")
    assert sari.post(url).status_code == 404
    assert Event.objects.filter(kind="staff.session_ended", subject_id=person.id).count() == 1


def test_a_session_is_ended_through_its_own_person_only(town: Town) -> None:
    from allauth.usersessions.models import UserSession

    sari = signed_in("sari")
    row = UserSession.objects.create(user=cast.staff("budi"), ip="127.0.0.1", session_key="x" * 32)
    assert sari.post(f"/console/staff/{cast.staff('tono').id}/sessions/{row.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=row.pk).exists()
