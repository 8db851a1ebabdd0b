"""A form sent twice is done once; what was done can be taken back from the words that say so."""

import html
import re

import pytest
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.sessions.models import Session

from setia.cli.upkeep import collect_static
from setia.console.toasts import way_back
from setia.domains.commerce.models import Order
from setia.domains.customers.actions import publish_wording
from setia.domains.customers.models import ConsentEvent, Customer
from setia.domains.customers.queries import contacts
from setia.domains.customers.rules.consents import Purpose
from setia.domains.shop.models import Outlet, Shop
from setia.domains.staff.models import Staff
from setia.domains.timeline.models import Note
from setia.foundation.actors import SYSTEM
from setia.foundation.once import done_once, purge_done
from setia.foundation.once.models import DoneOnce
from tests import cast
from tests.console.verdicts import Browser, browser
from tests.console.verdicts import scene as lay_scene
from tests.processes.shops import ShopOnDisk, at_once

FORM = re.compile(r'<li class="notice good">.*?<form method="post" action="([^"]+)">(.*?)</form>', re.S)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def take_back(client: Browser, url: str) -> None:
    """Press the button in the latest words on a page."""
    action, inside = FORM.findall(client.get(url).content.decode())[-1]
    fields = {name: html.unescape(value) for name, value in HIDDEN.findall(inside)}
    assert client.post(action, fields).status_code == 302


@pytest.mark.django_db
def test_a_customer_sent_twice_is_one_and_a_second_page_makes_a_second() -> None:
    client = browser("owner")
    page = client.get("/console/customers/new/").content.decode()
    token = re.search(r'name="once" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    first, second = (client.post("/console/customers/new/", {"name": "Wati", "once": token}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Customer.objects.filter(name="Wati").count() == 1
    client.post("/console/customers/new/", {"name": "Wati", "once": "another page"})
    assert Customer.objects.filter(name="Wati").count() == 2


@pytest.mark.django_db
def test_the_token_of_one_person_does_not_stop_another() -> None:
    dewi = cast.member("dewi")
    for person in ("owner", "agent"):
        browser(person).post(f"/console/customers/{dewi.id}/notes/", {"body": "Halo", "once": "same"})
    assert Note.objects.count() == 2


@pytest.mark.django_db
def test_work_that_fails_leaves_no_mark() -> None:
    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        done_once("x", "t", at=cast.NOW, work=fail)
    assert done_once("x", "t", at=cast.NOW, work=lambda: 7) == 7
    assert done_once("x", "t", at=cast.NOW, work=fail) == 7
    assert purge_done(at=cast.NOW) == 0
    assert purge_done(at=cast.NOW.replace(month=12)) == 1
    assert not DoneOnce.objects.exists()


def tap_eight_times() -> list[int]:
    """Send the same form from eight threads at once."""
    settings.ALLOWED_HOSTS = ["testserver"]
    collect_static()
    client, statuses = browser("agent"), []
    fields = {"name": "Wati", "phone": "0812-9999-1111", "once": "one page"}

    def tap() -> None:
        mine = Browser()
        mine.cookies = client.cookies
        statuses.append(mine.post("/console/customers/new/", fields).status_code)

    at_once(8, tap)
    return [*sorted(statuses), Customer.objects.count()]


def test_eight_taps_at_once_make_one_customer_and_no_error(shop: ShopOnDisk) -> None:
    assert shop.call("tests.console.test_once_and_back:tap_eight_times") == [302] * 8 + [1]


@pytest.mark.django_db
def test_a_changed_profile_comes_back_whole() -> None:
    scene = lay_scene()
    client, url = browser("owner"), scene.url("console:customer_edit")
    dewi = Customer.objects.get(id=scene.ids["customer_id"])
    before = [(dewi.name, dewi.city, dewi.birth_date), contacts([dewi.id])[dewi.id]]
    changed = {
        "name": 'Dewi "Baru" <b>',
        "phone": "0812-1111-0000",
        "email": "",
        "birth_date": "1990-02-28",
        "city": "",
    }
    assert client.post(url, changed).status_code == 302
    dewi.refresh_from_db()
    assert dewi.name == 'Dewi "Baru" <b>'
    take_back(client, scene.url("console:customer"))
    dewi.refresh_from_db()
    assert [(dewi.name, dewi.city, dewi.birth_date), contacts([dewi.id])[dewi.id]] == before
    # Taking back is a change like any other, and can be taken back itself.
    take_back(client, scene.url("console:customer"))
    dewi.refresh_from_db()
    assert dewi.name == 'Dewi "Baru" <b>'


@pytest.mark.django_db
def test_what_the_way_back_holds_is_sealed_in_the_session() -> None:
    scene = lay_scene()
    client = browser("owner")
    client.post(scene.url("console:note_remove"), {})
    stored = Session.objects.get(session_key=client.session.session_key).get_decoded()
    assert "Suka kopi" not in str(stored)
    take_back(client, scene.url("console:customer"))
    assert Note.objects.get().body == "Suka kopi tanpa gula."


@pytest.mark.django_db
def test_notes_outlets_duties_and_accounts_can_be_taken_back() -> None:
    scene = lay_scene()
    client = browser("owner")
    client.post(scene.url("console:note_write"), {"body": "Salah orang"})
    take_back(client, scene.url("console:customer"))
    assert [note.body for note in Note.objects.all()] == ["Suka kopi tanpa gula."]
    outlet = Outlet.objects.get(id=scene.ids["outlet_id"])
    fields = {"code": "DGO", "name": "Dago Atas", "city": "Cimahi", "zone_name": "Asia/Jayapura", "opening_hours": "9"}
    client.post(scene.url("console:outlet_edit"), fields)
    take_back(client, "/console/outlets/")
    assert list(Outlet.objects.filter(id=outlet.id).values_list("name", "city", "zone_name")) == [
        (outlet.name, outlet.city, outlet.zone_name)
    ]
    client.post(scene.url("console:staff_edit"), {"role": "manager"})
    take_back(client, "/console/staff/")
    assert Staff.objects.get(id=scene.ids["staff_id"]).role == "cashier"
    client.post(scene.url("console:staff_suspend"), {})
    take_back(client, "/console/staff/")
    assert Staff.objects.get(id=scene.ids["staff_id"]).is_active
    Shop.objects.update(name="Kopi Senja")
    fields = {"name": "Toko Lain", "currency_code": "IDR", "zone_name": "Asia/Makassar", "cutoff_hour": "3"}
    fields["cart_idle_minutes"] = "90"
    assert client.post("/console/settings/", fields).status_code == 302
    take_back(client, "/console/settings/")
    assert Shop.objects.get().name == "Kopi Senja"


@pytest.mark.django_db
def test_words_that_nobody_reads_do_not_pile_up() -> None:
    scene = lay_scene()
    client = browser("agent")
    for number in range(9):
        client.post(scene.url("console:note_write"), {"body": f"Catatan {number}"})
    page = client.get(scene.url("console:customer")).content.decode()
    assert len(FORM.findall(page)) == 5
    assert FORM.findall(client.get(scene.url("console:customer")).content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("tags", ["", "k9:zzz", "not sealed", "k1:AAAA"])
def test_a_message_that_carries_nothing_of_ours_has_no_way_back(tags: str) -> None:
    assert way_back(Message(25, "Tersimpan", extra_tags=tags)) is None


@pytest.mark.django_db
def test_other_words_from_a_page_that_was_sent_already_are_not_lost() -> None:
    dewi, agent = cast.member("dewi"), browser("agent")
    for body in ("Halo", "Halo", "Halo lagi"):
        agent.post(f"/console/customers/{dewi.id}/contacts/new/", {"kind": "note", "body": body, "once": "same"})
    assert sorted(note.body for note in Note.objects.all()) == ["Halo", "Halo lagi"]


@pytest.mark.django_db
def test_what_was_taken_back_can_be_saved_again_from_the_same_page() -> None:
    dewi, agent = cast.member("dewi"), browser("agent")
    fields = {"kind": "note", "body": "Halo", "once": "same"}
    agent.post(f"/console/customers/{dewi.id}/contacts/new/", fields)
    agent.post(f"/console/customers/{dewi.id}/notes/{Note.objects.get().id}/remove/")
    agent.post(f"/console/customers/{dewi.id}/contacts/new/", fields)
    assert [note.body for note in Note.objects.all()] == ["Halo"]


@pytest.mark.django_db
def test_a_yes_changed_to_a_no_on_the_way_back_is_written_down() -> None:
    dewi, agent = cast.member("dewi"), browser("agent")
    url = f"/console/customers/{dewi.id}/consents/new/"
    publish_wording(purpose=Purpose.MARKETING, text_id="Boleh kami kabari?", text_en="", by=SYSTEM, at=cast.NOW)
    answer = {"purpose": "marketing", "channels": "whatsapp", "evidence": "di kasir", "once": "same"}
    for said in ("yes", "yes", "no"):
        assert agent.post(url, answer | {"answer": said}).status_code == 302
    assert [row.is_granted for row in ConsentEvent.objects.order_by("id")] == [True, False]


@pytest.mark.django_db
def test_an_order_with_another_line_on_the_way_back_is_a_second_order() -> None:
    agent = browser("agent")
    for quantity in ("1", "1", "2"):
        line = {"product_0": "Kopi", "quantity_0": quantity, "price_0": "9.000", "once": "same"}
        assert agent.post("/console/orders/new/", line).status_code == 302
    assert sorted(Order.objects.values_list("net", flat=True)) == [9_000, 18_000]
