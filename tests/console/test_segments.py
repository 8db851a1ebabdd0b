"""Screens of segments: building a rule without losing a word, seeing who comes and goes, and why."""

from typing import Any

import pytest
from django.test import Client

from setia.domains.customers.actions import tagging
from setia.domains.segments import actions, previewing
from setia.domains.segments.actions import filling
from setia.domains.segments.models import Preview, Segment, Standing
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.console import verdicts
from tests.domains.segments.story import live, members

pytestmark = pytest.mark.django_db
URL = "/console/segments/"


@pytest.fixture
def maya() -> Any:
    with clock.frozen(cast.NOW):
        yield verdicts.browser("marketer")


def rule(**fields: str) -> dict[str, Any]:
    """Return a form with one condition: three orders or more."""
    plain = {
        "join:0": "all",
        "field:0.0": "order_count",
        "is:0.0": ">=",
        "value:0.0": "3",
        "name": "Sering",
        "as": "form",
    }
    return plain | {key.replace("__", ":").replace("_n_", "."): value for key, value in fields.items()}


def test_the_empty_list_leads_to_ready_made_ones(maya: Client) -> None:
    assert "/console/segments/ready/" in maya.get(URL).content.decode()
    page = maya.get(URL + "ready/").content.decode()
    assert page.count('name="key"') == 25


def test_a_ready_made_one_is_adopted_with_one_press(maya: Client) -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1")
    answer = maya.post(URL + "ready/", {"key": "new"})
    segment = Segment.objects.get()
    assert answer.headers["Location"] == f"{URL}{segment.id}/"
    actions.fill(segment_id=segment.id, now=lambda: cast.NOW)
    page = maya.get(f"{URL}{segment.id}/").content.decode()
    assert "Dewi Lestari" in page
    assert "hari sejak pembelian pertama paling banyak 30" in page
    assert maya.post(URL + "ready/", {"key": "new"}).status_code == 302
    assert Segment.objects.count() == 1


def test_buttons_add_and_drop_parts_and_lose_nothing(maya: Client) -> None:
    typed = rule(within__0_n_0="90", category__0_n_0="Kopi", description="Kata-kata")
    page = maya.post(URL + "new/", typed | {"do": "add:0"}).content.decode()
    assert 'name="value:0.0" value="3"' in page
    assert 'name="within:0.0" value="90"' in page
    assert 'name="category:0.0" value="Kopi"' in page
    assert 'name="field:0.1"' in page
    assert 'value="Kata-kata"' in page
    grown = maya.post(URL + "new/", typed | {"do": "group:0"}).content.decode()
    assert 'name="join:0.1"' in grown
    assert 'name="field:0.1.1"' in grown
    more = {"field:0.1": "city", "is:0.1": "=", "value:0.1": "Bandung"}
    left = maya.post(URL + "new/", typed | more | {"do": "drop:0.0"}).content.decode()
    assert 'name="value:0.0" value="Bandung"' in left
    assert 'name="field:0.1"' not in left
    assert Segment.objects.count() == 0


def test_a_count_is_shown_with_people_before_anything_is_saved(maya: Client) -> None:
    dewi = cast.member("dewi")
    for number in range(3):
        cast.buys(dewi, f"A-{number}")
    cast.buys(cast.member("eko"), "B-1")
    page = maya.post(URL + "new/", rule(do="preview")).content.decode()
    assert "1 pelanggan cocok" in page
    assert "Dewi Lestari" in page
    assert "Eko Prasetyo" not in page
    assert "jumlah pesanan paling sedikit 3" in page
    assert Segment.objects.count() == 0


def test_a_fault_is_told_beside_the_part_that_has_it(maya: Client) -> None:
    answer = maya.post(URL + "new/", rule(value__0_n_0="banyak", do="live"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Di sini seharusnya ada angka." in page
    assert 'value="banyak"' in page
    wrong = rule(field__0_n_0="tags", is__0_n_0="=", value__0_n_0="Rahasia", do="live")
    assert "Label seperti itu tidak ada." in maya.post(URL + "new/", wrong).content.decode()


def test_the_text_form_is_the_same_rule(maya: Client) -> None:
    tagging.ensure_tags(names=["VIP"], at=cast.NOW)
    text = 'pesanan(90 hari, kategori: "Kopi") >= 3 dan (bukan label = "VIP" atau kota ada)'
    page = maya.post(URL + "new/", {"name": "x", "as": "text", "text": text, "do": "as_form"}).content.decode()
    assert 'name="join:0.1"' in page
    assert 'name="category:0.0" value="&quot;Kopi&quot;"' in page
    bad = maya.post(URL + "new/", {"name": "x", "as": "text", "text": "pesanann >= 2", "do": "preview"})
    assert "Maksud Anda: pesanan?" in bad.content.decode()
    saved = maya.post(URL + "new/", {"name": "Uji", "as": "text", "text": text, "do": "draft"})
    segment = Segment.objects.get()
    assert saved.headers["Location"] == f"{URL}{segment.id}/"
    assert text in maya.get(f"{URL}{segment.id}/").content.decode().replace("&quot;", '"').replace("&gt;", ">")
    assert text in maya.get(f"{URL}{segment.id}/edit/?as=text").content.decode().replace("&quot;", '"').replace(
        "&gt;", ">"
    )


def test_sent_twice_it_is_made_once(maya: Client) -> None:
    for _ in range(2):
        maya.post(URL + "new/", rule(do="live", once="abc"))
    assert Segment.objects.count() == 1


def test_a_live_rule_is_saved_only_after_its_comers_and_leavers_were_shown(maya: Client) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    segment = live("Pembeli", "pesanan >= 1")
    changed = rule(name="Pembeli", is__0_n_0="=", value__0_n_0="0", do="save")
    page = maya.post(f"{URL}{segment.id}/edit/", changed).content.decode()
    assert "1 akan masuk" in " ".join(page.split())
    assert "1 akan keluar" in " ".join(page.split())
    assert members(segment) == {dewi.id}
    segment.refresh_from_db()
    assert segment.version == 1
    mark = page.split('name="seen" value="')[1].split('"')[0]
    assert maya.post(f"{URL}{segment.id}/edit/", changed | {"seen": mark}).status_code == 302
    actions.fill(segment_id=segment.id, now=lambda: cast.NOW)
    assert members(segment) == {eko.id}


def test_a_large_shop_counts_in_the_background_and_can_be_stopped(maya: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(previewing, "FEW", 0)
    monkeypatch.setattr(filling, "FEW", 0)
    cast.buys(cast.member("dewi"), "A-1")
    page = maya.post(URL + "new/", rule(do="preview", value__0_n_0="1")).content.decode()
    row = Preview.objects.get()
    assert (row.state, f"/console/segments/counts/{row.id}/" in page) == ("waiting", True)
    previewing.run_preview(preview_id=row.id, now=lambda: cast.NOW)
    assert "1 pelanggan cocok" in maya.get(f"{URL}counts/{row.id}/").content.decode()
    maya.post(URL + "new/", rule(do="preview"))
    other = Preview.objects.latest("id")
    assert maya.post(f"{URL}counts/{other.id}/stop/").status_code == 302
    assert previewing.run_preview(preview_id=other.id, now=lambda: cast.NOW) == "over"
    other.refresh_from_db()
    assert other.state == "stopped"


def test_who_comes_and_goes_within_a_week_is_listed(maya: Client) -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1", days_ago=26)
    segment = live("Diam", "belanja_terakhir >= 30 hari")
    page = " ".join(maya.get(f"{URL}{segment.id}/").content.decode().split())
    assert "1 akan masuk" in page
    assert "Dewi Lestari" in page


def test_a_customers_page_tells_his_segments_and_why(maya: Client) -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1")
    live("Pembeli", 'pesanan >= 1 atau kota = "Bogor"')
    assert f"/console/customers/{dewi.id}/segments/" in maya.get(f"/console/customers/{dewi.id}/").content.decode()
    part = maya.get(f"/console/customers/{dewi.id}/segments/", HTTP_HX_REQUEST="true").content.decode()
    assert "Pembeli" in part
    assert "jumlah pesanan paling sedikit 1" in part
    assert "Bogor" not in part


def test_lists_by_hand(maya: Client) -> None:
    dewi = cast.member("dewi")
    answer = maya.post(URL + "lists/new/", {"name": "Undian"})
    segment = Segment.objects.get()
    people = f"{URL}{segment.id}/people/"
    assert answer.headers["Location"] == people
    assert "Dewi Lestari" in maya.get(people, {"q": "Dewi"}).content.decode()
    maya.post(people, {"customer": str(dewi.id), "do": "add"})
    maya.post(people, {"customer": str(dewi.id), "do": "add"})
    assert members(segment) == {dewi.id}
    segment.refresh_from_db()
    assert segment.member_count == 1
    assert "dimasukkan dengan tangan" in maya.get(f"{URL}{segment.id}/").content.decode()
    maya.post(people, {"customer": [str(dewi.id), "x", "99"], "do": "remove"})
    assert members(segment) == set()


def test_a_used_segment_is_not_archived_and_says_by_whom(maya: Client) -> None:
    segment = live("Pembeli", "pesanan >= 1")
    live("Lain", 'bukan segmen = "Pembeli"')
    maya.post(f"{URL}{segment.id}/move/", {"to": "archived"})
    page = maya.get(f"{URL}{segment.id}/").content.decode()
    assert "Segmen lain memakai segmen ini: Lain." in page
    segment.refresh_from_db()
    assert segment.state == "live"


def test_a_circle_is_refused(maya: Client) -> None:
    one = live("Satu", "pesanan >= 1")
    live("Dua", 'segmen = "Satu"')
    text = {"name": "Satu", "as": "text", "text": 'segmen = "Dua"', "do": "save"}
    page = maya.post(f"{URL}{one.id}/edit/", text).content.decode()
    mark = page.split('name="seen" value="')[1].split('"')[0]
    answer = maya.post(f"{URL}{one.id}/edit/", text | {"seen": mark})
    assert "memakai dirinya sendiri" in answer.content.decode()


def test_a_deleted_tag_leaves_a_rule_that_says_so(maya: Client) -> None:
    tag_id = tagging.ensure_tags(names=["VIP"], at=cast.NOW)["VIP"]
    segment = live("Vip", 'label = "VIP"')
    tagging.drop_tag(tag_id=tag_id)
    assert "(yang sudah tidak ada)" in maya.get(f"{URL}{segment.id}/").content.decode()
    assert maya.get(f"{URL}{segment.id}/edit/").status_code == 200
    assert "(yang sudah tidak ada)" in maya.get(URL).content.decode()


def test_what_segments_have_in_common(maya: Client) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(dewi, "A-1")
    cast.buys(eko, "A-2")
    one = live("Pembeli", "pesanan >= 1")
    two = live("Bandung", 'kota = "Bandung"')
    page = " ".join(maya.get(f"{URL}{one.id}/?with={two.id}").content.decode().split())
    assert "<dt>Di keduanya</dt><dd>1</dd>" in page


def test_a_persona_has_a_name_and_what_its_people_buy(maya: Client) -> None:
    cast.buys(cast.member("dewi"), "A-1")
    segment = live("Pembeli", "pesanan >= 1")
    maya.post(f"{URL}{segment.id}/persona/save/", {"persona": "Ibu Rini", "persona_words": "Beli untuk kantor"})
    page = maya.get(f"{URL}{segment.id}/persona/").content.decode()
    for words in ("Ibu Rini", "Beli untuk kantor", "Kopi", "10.00"):
        assert words in page
    assert Standing.objects.filter(segment=segment).count() == 1
    assert SYSTEM.kind == "system"
