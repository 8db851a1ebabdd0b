"""The screens of the census as the team uses them: profile, consent, who is who."""

import re

import pytest
from django.test import Client

from setia.domains.customers.actions import publish_wording, resolve_people, save_field, set_values, suggest_duplicate
from setia.domains.customers.models import (
    BlockedIdentity,
    ConsentEvent,
    Customer,
    CustomField,
    DuplicateSuggestion,
    FamilyDate,
    Identity,
    IdentityQuestion,
    Merge,
)
from setia.domains.customers.queries import contacts, custom_values
from setia.domains.customers.rules import FieldKind, PersonClaim
from setia.domains.customers.rules.consents import Purpose
from setia.foundation.actors import SYSTEM
from setia.foundation.jobs.models import Job
from tests import cast
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def undo(client: Client, response: object) -> None:
    """Press the button that takes back what was just done."""
    page = client.get(response.headers["Location"]).content.decode()  # type: ignore[attr-defined]
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', page.partition('class="toasts"')[2], re.S)
    assert form is not None
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group(2)))
    client.post(form.group(1), fields)


def test_the_whole_profile_is_saved_with_the_shops_own_fields(sari: Client) -> None:
    save_field(label="Kopi kesukaan", kind=FieldKind.TEXT, purpose="menyapa", by=SYSTEM, at=cast.NOW)
    maya = cast.staff("maya")
    response = sari.post(
        "/console/customers/new/",
        {
            "name": "Hana Wijaya",
            "phone": "0811 2222 3333",
            "salutation": "ibu",
            "gender": "female",
            "language": "id",
            "interests": "kopi susu, kue ,kopi susu",
            "acquisition_source": "Instagram",
            "acquisition_cost": "25000",
            "owner": maya.id,
            "custom_kopi_kesukaan": "Gayo",
        },
    )
    hana = Customer.objects.get(name="Hana Wijaya")
    assert response.headers["Location"] == f"/console/customers/{hana.id}/"
    assert (hana.salutation, hana.interests, hana.acquisition_cost, hana.owner) == (
        "ibu",
        ["kopi susu", "kue"],
        25_000,
        maya,
    )
    assert custom_values([hana.id]) == {"kopi_kesukaan": "Gayo"}
    page = sari.get(response.headers["Location"]).content.decode()
    for text in ("kopi susu, kue", "Gayo", "Maya Anggraini", "Instagram"):
        assert text in page


def test_a_bad_value_keeps_all_that_was_typed(sari: Client) -> None:
    save_field(label="Ukuran", kind=FieldKind.NUMBER, purpose="memesan", by=SYSTEM, at=cast.NOW)
    response = sari.post("/console/customers/new/", {"name": "Hana", "interests": "kopi", "custom_ukuran": "besar"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="besar"' in page
    assert 'value="kopi"' in page
    assert not Customer.objects.exists()


def test_a_blocked_phone_is_refused_with_its_reason(sari: Client) -> None:
    sari.post("/console/customers/blocked/", {"kind": "phone", "value": "0812 9999 0000", "reason": "nomor toko"})
    response = sari.post("/console/customers/new/", {"name": "Hana", "phone": "0812-9999-0000"})
    assert response.status_code == 422
    assert "memblokir" in response.content.decode()


def test_identities_are_added_removed_and_taken_back(sari: Client) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    url = f"/console/customers/{dewi.id}/identities/"
    response = sari.post(url, {"kind": "market", "value": "Shopee: dewi88"})
    assert "shopee:dewi88" in sari.get(response.headers["Location"]).content.decode()
    taken = sari.post(url, {"kind": "phone", "value": "0813 1111 2222"})
    assert (taken.status_code, eko.name in taken.content.decode()) == (422, True)
    identity = Identity.objects.get(kind="market")
    undo(sari, sari.post(f"{url}{identity.id}/remove/"))
    assert Identity.objects.get(kind="market").customer_id == dewi.id


def test_a_familys_day_can_be_taken_back(sari: Client) -> None:
    dewi = cast.member("dewi")
    day = {"relation": "child", "name": "Rafi", "date": "2019-04-02"}
    response = sari.post(f"/console/customers/{dewi.id}/family/", day)
    undo(sari, response)
    assert not FamilyDate.objects.exists()


def test_consent_is_written_down_once_with_its_proof(sari: Client) -> None:
    dewi = cast.member("dewi")
    url = f"/console/customers/{dewi.id}/consents/"
    answer = {
        "purpose": "marketing",
        "channels": ["whatsapp", "email"],
        "answer": "yes",
        "evidence": "kartu",
        "once": "a",
    }
    refused = sari.post(f"{url}new/", answer)
    assert (refused.status_code, "Persetujuan" in refused.content.decode()) == (422, True)
    assert "kartu" in refused.content.decode()
    publish_wording(purpose=Purpose.MARKETING, text_id="Boleh kami kabari?", text_en="", by=SYSTEM, at=cast.NOW)
    for _ in range(2):
        assert sari.post(f"{url}new/", answer).status_code == 302
    assert ConsentEvent.objects.count() == 2
    page = sari.get(url).content.decode()
    assert "kartu" in page
    assert "Boleh kami kabari?" in page
    assert "Boleh dikirimi promo" in sari.get(f"/console/customers/{dewi.id}/").content.decode()


def test_a_cashier_records_consent_but_does_not_read_the_proof() -> None:
    dewi = cast.member("dewi")
    publish_wording(purpose=Purpose.MARKETING, text_id="Boleh kami kabari?", text_en="", by=SYSTEM, at=cast.NOW)
    budi = signed_in("budi")
    answer = {"purpose": "marketing", "channels": ["whatsapp"], "answer": "yes", "evidence": "kartu 0812-7777-6666"}
    assert budi.post(f"/console/customers/{dewi.id}/consents/new/", answer).status_code == 302
    assert "7777" not in budi.get(f"/console/customers/{dewi.id}/consents/").content.decode()


def test_a_pair_is_compared_merged_and_parted(sari: Client) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.buys(eko, "A-1")
    suggest_duplicate(left_id=dewi.id, right_id=eko.id, score=84, reasons=["similar_name"], at=cast.NOW)
    assert "nama mirip" in sari.get("/console/customers/duplicates/").content.decode()
    url = f"/console/customers/{dewi.id}/merge/{eko.id}/"
    assert "Eko Prasetyo" in sari.get(url).content.decode()
    response = sari.post(url, {"keep": ["city", "spent_total"]})
    dewi.refresh_from_db()
    assert dewi.city == "Cimahi"
    assert sari.get(f"/console/customers/{eko.id}/").headers["Location"] == f"/console/customers/{dewi.id}/"
    undo(sari, response)
    dewi.refresh_from_db()
    assert (dewi.city, Merge.objects.get().undone_at is not None) == ("Bandung", True)


def test_two_who_stay_two_can_be_looked_at_again(sari: Client) -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    suggest_duplicate(left_id=dewi.id, right_id=eko.id, score=84, reasons=[], at=cast.NOW)
    pair_id = DuplicateSuggestion.objects.get().id
    undo(sari, sari.post(f"/console/customers/duplicates/{pair_id}/dismiss/"))
    assert "84 %" in sari.get("/console/customers/duplicates/").content.decode()


@pytest.mark.parametrize(
    ("answer", "phone_of_holder"), [("same", True), ("moved", False), ("shared", True), ("blocked", False)]
)
def test_a_number_with_two_names_is_decided(sari: Client, answer: str, phone_of_holder: bool) -> None:
    dewi = cast.member("dewi")
    claim = PersonClaim(phone="0812 3456 7890", name="Joko Susilo")
    resolve_people(claims=[claim], door="import", by=SYSTEM, at=cast.NOW)
    page = sari.get("/console/customers/questions/").content.decode()
    assert "Joko Susilo" in page
    question = IdentityQuestion.objects.get()
    sari.post(f"/console/customers/questions/{question.id}/", {"answer": answer})
    question.refresh_from_db()
    assert question.answer == ("shared" if answer == "blocked" else answer)
    assert bool(contacts([dewi.id])[dewi.id].phone) is phone_of_holder
    assert BlockedIdentity.objects.exists() is (answer == "blocked")


def test_the_search_for_duplicates_is_put_in_the_queue_once(sari: Client) -> None:
    for _ in range(2):
        sari.post("/console/customers/duplicates/search/")
    assert Job.objects.filter(unique_key="find_duplicates").count() == 1


def test_a_sensitive_sounding_field_asks_first(sari: Client) -> None:
    field = {"label": "Alergi", "kind": "text", "purpose": "keamanan", "is_active": "on"}
    assert sari.post("/console/settings/fields/new/", field).status_code == 422
    assert sari.post("/console/settings/fields/new/", {**field, "is_specific": "on"}).status_code == 302
    assert CustomField.objects.get().is_specific


def test_a_sensitive_value_is_hidden_from_those_who_may_not_see() -> None:
    dewi = cast.member("dewi")
    save_field(label="Alergi", kind=FieldKind.TEXT, purpose="aman", is_specific=True, by=SYSTEM, at=cast.NOW)
    set_values(customer=dewi, values={"alergi": "kacang tanah"}, by=SYSTEM, at=cast.NOW)
    assert "kacang tanah" in signed_in("tono").get(f"/console/customers/{dewi.id}/").content.decode()
    assert "kacang tanah" not in signed_in("budi").get(f"/console/customers/{dewi.id}/").content.decode()
