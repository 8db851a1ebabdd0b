"""Every customer one person, whichever door he comes through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.customers.actions import IdentityTaken, add_customer, change_profile, resolve_people, set_identity
from setia.domains.customers.models import Customer, Identity
from setia.domains.customers.queries import contacts
from setia.domains.customers.rules import IdentityKind, PersonClaim, choose_match, email_or_none, search_words
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast


def _resolve(*claims):
    return resolve_people(claims=claims, door="import", by=SYSTEM, at=cast.NOW)


@pytest.mark.django_db
def test_every_writing_of_a_number_is_one_person():
    writings = ["081234567890", "62812 3456 7890", "+62 812-3456-7890", "0812.3456.7890", "WA: 0812 3456 7890"]
    ids = _resolve(*[PersonClaim(phone=text, name="Dewi") for text in writings])
    assert len(set(ids)) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_the_same_claims_again_make_nobody():
    claims = [PersonClaim(external="17850", phone="0812 3456 7890"), PersonClaim(email="Eko@Contoh.ID")]
    assert _resolve(*claims) == _resolve(*claims)
    assert Customer.objects.count() == 2
    assert Event.objects.filter(kind="customers.added").count() == 2


@pytest.mark.django_db
def test_what_was_not_known_of_a_person_is_added():
    first = _resolve(PersonClaim(phone="0812 3456 7890", name="Dewi"))[0]
    second = _resolve(PersonClaim(phone="0812 3456 7890", email="dewi@contoh.id", external="A-7"))[0]
    assert first == second
    reach = contacts([first])[first]
    assert (reach.phone, reach.email, reach.external) == ("+6281234567890", "dewi@contoh.id", "A-7")


@pytest.mark.django_db
def test_an_identity_of_somebody_else_stays_his():
    dewi = _resolve(PersonClaim(phone="0812 3456 7890"))[0]
    eko = _resolve(PersonClaim(external="E-1", phone="0812 3456 7890"))[0]
    assert eko == dewi
    fitri = _resolve(PersonClaim(external="F-1", email="f@contoh.id"))[0]
    assert _resolve(PersonClaim(external="F-1", phone="0812 3456 7890"))[0] == fitri
    assert contacts([dewi])[dewi].phone == "+6281234567890"


@pytest.mark.django_db
def test_a_claim_without_identity_is_a_new_person_each_time():
    assert len(set(_resolve(PersonClaim(name="Sari"), PersonClaim(name="Sari")))) == 2


@pytest.mark.django_db
def test_a_known_number_is_not_added_by_hand_again():
    dewi = cast.member("dewi")
    with pytest.raises(IdentityTaken) as refused:
        add_customer(claim=PersonClaim(phone="62812-34567890", name="Devi"), door="form", by=SYSTEM, at=cast.NOW)
    assert refused.value.owner_id == dewi.id
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_profile_and_identity_change_together_or_not_at_all():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    with pytest.raises(IdentityTaken):
        change_profile(
            customer=eko,
            changes={"name": "Eko Baru"},
            identities={IdentityKind.PHONE: "+6281234567890"},
            by=SYSTEM,
            at=cast.NOW,
        )
    assert Customer.objects.get(id=eko.id).name == "Eko Prasetyo"
    assert contacts([dewi.id])[dewi.id].phone == "+6281234567890"


@pytest.mark.django_db
def test_a_number_can_be_given_up_and_taken_by_another():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    set_identity(customer=dewi, kind=IdentityKind.PHONE, value="", by=SYSTEM, at=cast.NOW)
    set_identity(customer=eko, kind=IdentityKind.PHONE, value="+6281234567890", by=SYSTEM, at=cast.NOW)
    reach = contacts([dewi.id, eko.id])
    assert (reach[dewi.id].phone, reach[eko.id].phone) == ("", "+6281234567890")


@pytest.mark.django_db
def test_nothing_personal_lies_in_the_facts():
    cast.member("dewi")
    text = "".join(str(event.payload) for event in Event.objects.all())
    assert "Dewi" not in text
    assert "812" not in text.replace(str(Customer.objects.get().id), "")


def test_the_strongest_identity_decides():
    found = {IdentityKind.EMAIL: 3, IdentityKind.PHONE: 2, IdentityKind.EXTERNAL: 1}
    assert choose_match(found) == 1
    assert choose_match({IdentityKind.EMAIL: 3, IdentityKind.PHONE: 2}) == 2
    assert choose_match({}) is None


@pytest.mark.parametrize(
    "text", ["", "sari", "sari@", "@contoh.id", "sari@contoh", "a b@contoh.id", "a@b@c.id", "x@.id"]
)
def test_what_is_no_address_is_none(text):
    assert email_or_none(text) is None


@given(st.text())
def test_search_words_are_plain(text):
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in search_words(text))
