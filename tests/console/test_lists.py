"""The list of customers as people use it: filters in the address, saved views, acts on many rows, tags."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client

from setia.domains.commerce import queries as commerce
from setia.domains.customers.actions import add_customer, tagging
from setia.domains.customers.models import Customer, CustomerTag, Tag
from setia.domains.customers.rules import PersonClaim
from setia.domains.lists import actions
from setia.domains.lists.models import BulkAct, DefaultView, SavedView
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import AccessLog
from setia.foundation.jobs.models import Job
from tests import cast
from tests.conftest import signed_in
from tests.console.verdicts import Browser, browser
from tests.domains.lists.people import crowd

pytestmark = pytest.mark.django_db

LIST = "/console/customers/"
START = "/console/lists/bulk/new/"


def names(client: Client, query: str) -> list[str]:
    """Return the names on a page of the list."""
    text = client.get(LIST + query).content.decode()
    return re.findall(r'class="row-link" href="/console/customers/\d+/">([^<]+)<', text)


def tagged(name: str) -> set[int]:
    return set(CustomerTag.objects.filter(tag__name=name).values_list("customer_id", flat=True))


def undo_form(text: str) -> tuple[str, dict[str, str]]:
    """Return the address and the fields of the latest toast's undo."""
    toasts = text.split('class="toasts"')[1].split("</ul>")[0]
    url, fields = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', toasts, re.S)[-1]
    return url, dict(re.findall(r'name="(\w+)" value="([^"]*)"', fields))


# Filters


def test_filters_stand_in_the_address_and_each_chip_takes_one_away(sari: Client) -> None:
    crowd()
    vip = Tag.objects.get(name="VIP").id
    query = f"?stage=everyone&tag={vip}&city=Bandung&spent_min=1&birth=1&phone=yes"
    text = sari.get(LIST + query).content.decode()
    chips = re.findall(r'<a href="([^"]+)">([^<]+) <svg', text.split('class="chips"')[1])
    labels = [label for _, label in chips]
    assert labels == [
        "Label: VIP",
        "Kota: Bandung",
        "Punya nomor HP",
        "Belanja ≥ Rp\u00a01",
        "Ulang tahun bulan Januari",
    ]
    without_city = chips[1][0].replace("&amp;", "&")
    assert "city" not in without_city
    assert all(part in without_city for part in ("stage=everyone", f"tag={vip}", "spent_min=1", "birth=1"))
    assert set(names(sari, query)) <= set(names(sari, without_city))


def test_an_empty_list_says_which_filter_to_drop(sari: Client) -> None:
    crowd()
    text = sari.get(f"{LIST}?stage=everyone&city=Nihil&source=instagram").content.decode()
    empty = text.split('class="card empty"')[1]
    assert "Kota: Nihil" in empty
    assert "Datang lewat" not in empty


@pytest.mark.parametrize(
    "query",
    [
        "tag=x&tag=99999999999999999999",
        "owner=5&city=%25",
        "spent_min=-1&spent_max=" + "9" * 30,
        "orders_min=" + "9" * 15,
        "last_from=2026-13-40&last_to=9999-12-31&added=0001-01-01",
        "birth=13&phone=maybe",
        "view=x&sort=spend&stage=no_orders",
        "view=" + "9" * 30,
    ],
)
def test_nonsense_in_the_address_is_survived(sari: Client, query: str) -> None:
    crowd()
    assert sari.get(f"{LIST}?{query}").status_code == 200


def test_mine_and_nobodys(db: None) -> None:
    crowd()
    tono = signed_in("tono")
    assert len(names(tono, "?stage=everyone&owner=me")) == 8
    assert len(names(tono, "?stage=everyone&owner=none")) == 22


def test_who_may_not_see_birthdays_cannot_ask_for_them(db: None) -> None:
    crowd()
    nadia = browser("analyst")
    assert len(names(nadia, "?stage=everyone&birth=3")) == len(names(nadia, "?stage=everyone")) == 30
    assert 'name="birth"' not in nadia.get(LIST).content.decode()


# Saved views


def test_a_view_is_saved_opened_changed_and_shared(sari: Client) -> None:
    crowd()
    query = "?stage=everyone&city=Bandung&sort=name&cursor=abc&q=0812"
    form = {"table": "customers", "query": query, "name": " Bandung  saja ", "shared": "1", "once": "t1"}
    answer = sari.post("/console/lists/views/new/", form)
    assert sari.post("/console/lists/views/new/", form).headers["Location"] == answer.headers["Location"]
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("Bandung saja", "stage=everyone&city=Bandung&sort=name", True)
    opened = sari.get(f"{LIST}?view={view.id}")
    assert opened.headers["Location"] == f"{LIST}?{view.query}&view={view.id}"
    assert "<h1>Bandung saja</h1>" in sari.get(opened.headers["Location"]).content.decode()
    assert names(sari, f"?{view.query}&view={view.id}") == names(sari, "?stage=everyone&city=Bandung&sort=name")
    changed = f"stage=lost&city=Bandung&view={view.id}"
    assert f"/console/lists/views/{view.id}/update/" in sari.get(f"{LIST}?{changed}").content.decode()
    sari.post(f"/console/lists/views/{view.id}/update/", {"query": changed})
    view.refresh_from_db()
    assert view.query == "stage=lost&city=Bandung"
    tono = browser("agent")
    assert "Bandung saja" in tono.get(LIST).content.decode()
    tono.post(f"/console/lists/views/{view.id}/copy/")
    assert SavedView.objects.get(owner=cast.staff("tono")).is_shared is False


def test_a_private_view_is_nobody_elses(sari: Client) -> None:
    view = actions.save_view(
        table="customers", name="Rahasia", query="", columns=None, is_shared=False, by=cast.staff("sari"), at=cast.NOW
    )
    tono = browser("agent")
    assert "Rahasia" not in tono.get(LIST).content.decode() + tono.get("/console/lists/views/").content.decode()
    for verb in ("copy", "default", "rename", "remove", "restore", "update", "move"):
        assert tono.post(f"/console/lists/views/{view.id}/{verb}/", {"name": "x"}).status_code == 404
    assert tono.get(f"{LIST}?view={view.id}").status_code == 200


def test_the_list_opens_with_the_view_its_reader_chose(sari: Client) -> None:
    crowd()
    ask = {"table": "customers", "columns": ["tags"], "is_shared": True, "by": cast.staff("sari"), "at": cast.NOW}
    view = actions.save_view(name="VIP", query="stage=everyone&sort=name", **ask)
    tono = browser("agent")
    tono.post(f"/console/lists/views/{view.id}/default/")
    assert tono.get(LIST).headers["Location"] == f"{LIST}?stage=everyone&sort=name&view={view.id}"
    assert tono.get(f"{LIST}?stage=buyers").status_code == 200
    text = tono.get(f"{LIST}?stage=everyone&sort=name&view={view.id}").content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)', text) == ["Pelanggan", "Label"]
    actions.change_view(view=view, is_shared=False)
    assert tono.get(LIST).status_code == 200
    assert not DefaultView.objects.exists()


def test_columns_chosen_in_ones_own_view_stay_with_the_view(sari: Client) -> None:
    ask = {"table": "customers", "columns": None, "is_shared": True, "by": cast.staff("sari"), "at": cast.NOW}
    view = actions.save_view(name="VIP", query="stage=everyone", **ask)
    form = {"column": ["owner", "spent"], "query": f"?stage=everyone&view={view.id}"}
    sari.post("/console/columns/customers/", form)
    browser("agent").post("/console/columns/customers/", form)
    view.refresh_from_db()
    assert (view.columns, cast.staff("sari").table_columns) == (["owner", "spent"], {})
    assert cast.staff("tono").table_columns == {"customers": ["owner", "spent"]}


def test_views_are_renamed_moved_removed_and_brought_back(sari: Client) -> None:
    ask = {"table": "customers", "query": "", "columns": None, "is_shared": False, "by": cast.staff("sari")}
    made = [actions.save_view(name=name, at=cast.NOW, **ask) for name in ("A", "B", "C")]
    sari.post(f"/console/lists/views/{made[2].id}/move/", {"to": "up"})
    sari.post(f"/console/lists/views/{made[2].id}/move/", {"to": "up"})
    sari.post(f"/console/lists/views/{made[2].id}/move/", {"to": "up"})
    sari.post(f"/console/lists/views/{made[0].id}/rename/", {"name": "Awal", "shared": "on"})
    text = sari.get("/console/lists/views/").content.decode()
    assert re.findall(r"<strong>([^<]+)</strong></a>", text) == ["C", "Awal", "B"]
    url, fields = undo_form(text)
    sari.post(url, fields)
    sari.post(f"/console/lists/views/{made[1].id}/remove/")
    text = sari.get("/console/lists/views/").content.decode()
    assert re.findall(r"<strong>([^<]+)</strong></a>", text) == ["C", "A"]
    sari.post(*undo_form(text))
    text = sari.get("/console/lists/views/").content.decode()
    assert re.findall(r"<strong>([^<]+)</strong></a>", text) == ["C", "A", "B"]


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_view_without_a_good_name_is_refused_and_the_list_stays(sari: Client, name: str) -> None:
    answer = sari.post("/console/lists/views/new/", {"table": "customers", "query": "stage=lost", "name": name})
    assert answer.headers["Location"] == f"{LIST}?stage=lost"
    assert not SavedView.objects.exists()


# Acts on many rows


def test_ticked_rows_get_a_tag_once_and_the_toast_takes_it_back(sari: Client) -> None:
    people = crowd()
    before = tagged("VIP")
    form = {
        "act": "add_tag",
        "tag_name": "vip",
        "id": [people[0].id, people[1].id],
        "query": "?stage=lost",
        "once": "a",
    }
    for _ in range(2):
        answer = sari.post(START, form)
        assert answer.headers["Location"] == f"{LIST}?stage=lost"
    assert tagged("VIP") == before | {people[1].id}
    assert BulkAct.objects.count() == 1
    text = sari.get(f"{LIST}?stage=lost").content.decode()
    assert "Label “VIP” diberikan: 1 pelanggan berubah." in text
    with clock.frozen(cast.NOW + timedelta(minutes=1)):
        assert sari.post(*undo_form(text)).headers["Location"] == f"{LIST}?stage=lost"
    assert tagged("VIP") == before


def test_all_of_a_list_asks_again_and_then_does_just_the_list(sari: Client) -> None:
    crowd()
    form = {"act": "assign", "owner": cast.staff("rina").id, "scope": "all", "query": "?stage=everyone&city=bandung"}
    page = sari.post(START, {**form, "once": "b"}).content.decode()
    assert "16 pelanggan" in page
    assert not BulkAct.objects.exists()
    sari.post(START, {**form, "sure": "1", "once": "b"})
    assert set(Customer.objects.filter(owner=cast.staff("rina")).values_list("city", flat=True)) == {
        "Bandung",
        "bandung",
    }
    assert BulkAct.objects.get().changed_count == 16


def test_many_people_are_left_to_the_worker(sari: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from setia.domains.lists import tasks
    from setia.domains.lists.actions import bulk

    crowd()
    monkeypatch.setattr(bulk, "STEP_PEOPLE", 8)
    monkeypatch.setattr("setia.console.views.bulk.STEP_PEOPLE", 8)
    form = {"act": "remove_tag", "tag_name": "VIP", "scope": "all", "query": "?stage=everyone", "sure": "1"}
    answer = sari.post(START, form)
    act = BulkAct.objects.get()
    assert answer.headers["Location"] == f"/console/lists/bulk/{act.id}/"
    assert "hx-get" in sari.get(answer.headers["Location"]).content.decode()
    assert sari.get(f"/console/lists/bulk/{act.id}/progress/").status_code == 200
    job = Job.objects.get(task_path="setia.domains.lists.tasks.act")
    assert tasks.act.func(*job.args) == "done"
    assert tagged("VIP") == set()
    assert sari.get(f"/console/lists/bulk/{act.id}/progress/").headers["HX-Refresh"] == "true"
    with clock.frozen(cast.NOW + timedelta(minutes=1)):
        sari.post(f"/console/lists/bulk/{act.id}/undo/")
        job = Job.objects.get(task_path="setia.domains.lists.tasks.undo")
        assert tasks.undo.func(*job.args) == "undone"
    assert len(tagged("VIP")) == 10


def test_an_undo_that_left_somebody_alone_names_him(sari: Client) -> None:
    people = crowd()
    sari.post(START, {"act": "unassign", "scope": "page", "page_ids": ",".join(str(p.id) for p in people)})
    act = BulkAct.objects.get()
    with clock.frozen(cast.NOW + timedelta(minutes=1)) as at:
        tagging.assign_owner(customer_ids=[people[4].id], owner=cast.staff("budi"), by=SYSTEM, at=at)
    with clock.frozen(cast.NOW + timedelta(minutes=2)):
        answer = sari.post(f"/console/lists/bulk/{act.id}/undo/", {"query": "?stage=lost"})
    text = sari.get(answer.headers["Location"]).content.decode()
    assert "Orang 04" in text.split("Yang dibiarkan")[1]
    assert re.findall(r"Rina|Sari Wulandari", sari.get("/console/lists/bulk/").content.decode())


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"act": "add_tag", "tag_name": "VIP"}, "minimal satu pelanggan"),
        ({"act": "add_tag", "tag_name": ""}, "nama labelnya"),
        ({"act": "assign", "owner": "x"}, "siapa yang akan menangani"),
        ({"act": "burn"}, "mau diapakan"),
        ({}, "mau diapakan"),
    ],
)
def test_what_is_missing_is_said(sari: Client, form: dict, words: str) -> None:
    people = crowd()
    ids = {"id": people[0].id} if form.get("tag_name") == "" else {}
    sari.post(START, {**form, **ids, "query": "?stage=lost"})
    assert words in sari.get(LIST).content.decode()
    assert not BulkAct.objects.exists()


def test_every_row_has_a_box_with_a_name_of_its_own_for_those_who_may(sari: Client) -> None:
    crowd()
    text = sari.get(f"{LIST}?stage=everyone").content.decode()
    boxes = re.findall(r'form="bulk" name="id" value="\d+" aria-label="Pilih ([^"]+)"', text)
    assert boxes == names(sari, "?stage=everyone")
    assert len(set(boxes)) == 30
    assert 'aria-live="polite" data-chosen' in text
    assert 'form="bulk"' not in browser("cashier").get(f"{LIST}?stage=everyone").content.decode()


def test_an_export_holds_the_selection_and_no_formula(sari: Client) -> None:
    people = crowd()
    Customer.objects.filter(id=people[2].id).update(name="=cmd|' /C calc'!A0")
    answer = sari.post("/console/lists/export/", {"scope": "all", "query": "?stage=everyone&owner=none"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 22
    assert {row["Nama"] for row in rows} >= {"'=cmd|' /C calc'!A0", "Orang 01"}
    assert next(row for row in rows if row["Nama"] == "Orang 03")["Label"] == "VIP"
    log = AccessLog.objects.get(page="customers_export")
    assert (log.row_count, log.actor_id) == (22, cast.staff("sari").id)


# Tags


def test_tags_are_counted_renamed_merged_deleted_and_brought_back(sari: Client) -> None:
    crowd()
    vip, before = Tag.objects.get(name="VIP"), tagged("VIP")
    text = sari.get("/console/tags/").content.decode()
    assert re.findall(r'row-link"[^>]*>([^<]+)</a></td><td[^>]*>(\d+)<', text) == [("Reseller", "8"), ("VIP", "10")]
    sari.post(f"/console/tags/{vip.id}/rename/", {"name": " Sangat  Penting "})
    assert tagged("Sangat Penting") == before
    sari.post(*undo_form(sari.get("/console/tags/").content.decode()))
    sari.post(f"/console/tags/{vip.id}/rename/", {"name": "reseller"})
    assert "Sudah ada label" in sari.get("/console/tags/").content.decode()
    for minutes, verb, form in ((2, "merge", {"other": "Reseller"}), (4, "delete", {})):
        with clock.frozen(cast.NOW + timedelta(minutes=minutes)):
            sari.post(f"/console/tags/{vip.id}/{verb}/", form)
        assert not Tag.objects.filter(name="VIP").exists()
        with clock.frozen(cast.NOW + timedelta(minutes=minutes + 1)):
            sari.post(*undo_form(sari.get("/console/tags/").content.decode()))
        assert (tagged("VIP"), Tag.objects.get(name="VIP").id) == (before, vip.id)
        assert len(tagged("Reseller")) == 8


def test_a_browsers_form_reaches_the_act() -> None:
    """The tick boxes stand outside the form they belong to."""
    people = crowd()
    owner: Browser = browser("owner")
    text = owner.get(f"{LIST}?stage=everyone").content.decode()
    form = text.split('id="bulk"')[1].split("</form>")[0]
    assert 'action="/console/lists/bulk/new/"' in form
    owner.post(START, {"act": "add_tag", "tag_name": "Baru", "id": [people[0].id, people[5].id]})
    assert tagged("Baru") == {people[0].id, people[5].id}


def test_a_narrowed_list_is_counted_further_when_somebody_asks(sari: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commerce, "NARROWED_LIMIT", 2)
    for index in range(4):
        claim = PersonClaim(phone=f"081234567{index:03}", name=f"Dewi {index}", city="Bandung")
        add_customer(claim=claim, door="form", by=SYSTEM, at=cast.NOW)
    page = sari.get("/console/customers/?stage=everyone&city=Bandung").content.decode()
    assert "2+ pelanggan" in page
    assert "Hitung lebih jauh" in page
    assert page.count("row-link") >= 4
    further = sari.get("/console/customers/?stage=everyone&city=Bandung&count=more").content.decode()
    assert "4 pelanggan" in further
    assert "Hitung lebih jauh" not in further
