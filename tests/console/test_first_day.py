"""What somebody meets on the first day at the shop: words that say what happened, and dates that can be."""

from datetime import timedelta

import pytest

from setia.domains.commerce.models import Order
from setia.domains.customers.models import Customer
from setia.domains.teamwork.models import Mention
from setia.domains.teamwork.rules import mentioned, unknown_mentions
from setia.foundation import clock
from tests import cast
from tests.console.verdicts import browser

TEAM = {1: "Rina Kusuma", 2: "Budi Santoso", 3: "Budi Hartono"}


@pytest.mark.parametrize(
    ("text", "told", "unknown"),
    [
        ("@Rina tolong", {1}, []),
        ("@rina kusuma tolong, @budi juga", {1}, ["budi"]),
        ("@ri tolong", set(), ["ri"]),
        ("siti@contoh.id", set(), []),
        ("@x @x @Budi Hartono", {3}, ["x"]),
    ],
)
def test_who_is_told_and_which_name_means_nobody(text: str, told: set[int], unknown: list[str]) -> None:
    assert mentioned(text, TEAM) == told
    assert unknown_mentions(text, TEAM) == unknown


@pytest.mark.django_db
def test_saving_a_note_says_who_was_told_and_which_name_meant_nobody() -> None:
    rina = cast.staff("rina")
    dewi, agent = cast.member("dewi"), browser("agent")
    fields = {"kind": "note", "body": f"Tolong @{rina.name.split()[0]} dan @ri", "once": "a"}
    url = agent.post(f"/console/customers/{dewi.id}/contacts/new/", fields).headers["Location"]
    page = agent.get(url).content.decode()
    assert f"Diberi tahu: {rina.name}." in page
    assert "@ri bukan nama rekan" in page
    assert [row.person_id for row in Mention.objects.all()] == [rina.id]


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["2099", "0050"])
def test_nobody_is_born_tomorrow_or_before_1900(year: str) -> None:
    page = browser("agent").post("/console/customers/new/", {"name": "Masa Depan", "birth_date": f"{year}-01-01"})
    assert page.status_code == 422
    assert "Periksa tahunnya" in page.content.decode()
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_a_parcel_cannot_arrive_before_it_was_ordered() -> None:
    agent = browser("agent")
    line = {"product_0": "Kopi", "quantity_0": "1", "price_0": "9000", "fulfilment": "ship", "once": "a"}
    agent.post("/console/orders/new/", line)
    order = Order.objects.get()
    parcel = {"from_status": order.status, "courier": "JNE"}
    url = f"/console/orders/{order.id}/ship/"
    yesterday, tomorrow = (clock.now().date() + timedelta(days=days) for days in (-2, 2))
    assert agent.post(url, parcel | {"estimated_date": f"{yesterday}"}).status_code == 422
    assert agent.post(url, parcel | {"estimated_date": f"{tomorrow}"}).status_code == 302


@pytest.mark.django_db
def test_an_order_says_in_indonesian_how_it_came_and_was_paid_and_is_found_by_a_number_typed_small() -> None:
    dewi, agent = cast.member("dewi"), browser("agent")
    line = {"customer": dewi.id, "number": "DGO-17", "product_0": "Kopi", "quantity_0": "1", "price_0": "9000"}
    url = agent.post("/console/orders/new/", line | {"tender": "cash", "once": "a"}).headers["Location"]
    page = agent.get(url).content.decode()
    assert "Tunai · dicatat sendiri" in page
    for typed in ("dgo-17", "%23DGO-17", "DGO-17"):
        assert url in agent.get(f"/console/search/?q={typed}").content.decode()


@pytest.mark.django_db
def test_a_taken_number_says_whose_it_is() -> None:
    dewi = cast.member("dewi")
    page = browser("agent").post("/console/customers/new/", {"name": "Lain", "phone": "0812-3456-7890"})
    assert f"Milik {dewi.name}" in page.content.decode()


@pytest.mark.django_db
def test_who_looked_names_its_pages() -> None:
    dewi, owner = cast.member("dewi"), browser("owner")
    owner.get(f"/console/customers/{dewi.id}/")
    page = owner.get("/console/audit/access/").content.decode()
    assert "Halaman pelanggan" in page
    assert '<td data-label="Halaman">customer</td>' not in page
