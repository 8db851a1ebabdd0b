"""Numbers with two names, values that are nobody's, limits: no silent merge, no doubt asked twice."""

import pytest

from setia.domains.customers.actions import (
    IdentityIsBlocked,
    NotAnIdentity,
    TooManyIdentities,
    UnableToAnswer,
    add_customer,
    add_identity,
    answer_question,
    block_identity,
    block_question,
    remove_identity,
    resolve_people,
    set_identity,
    unblock_identity,
)
from setia.domains.customers.models import BlockedIdentity, Customer, Identity, IdentityAnswer, IdentityQuestion
from setia.domains.customers.queries import alias_ids, contacts, identities_of
from setia.domains.customers.rules import IdentityKind, PersonClaim, is_nobody, names_agree, normal_value
from setia.foundation.actors import SYSTEM
from tests import cast

PHONE = "0812 3456 7890"


def _resolve(*claims: PersonClaim) -> list[int]:
    return resolve_people(claims=claims, door="import", by=SYSTEM, at=cast.NOW)


def _answer(answer: IdentityAnswer) -> IdentityQuestion:
    question = IdentityQuestion.objects.get()
    answer_question(question=question, answer=answer, by=SYSTEM, at=cast.NOW)
    return question


@pytest.mark.django_db
def test_a_recycled_number_raises_one_question_and_merges_nobody():
    dewi = cast.member("dewi")
    claim = PersonClaim(phone=PHONE, name="Joko Susilo")
    newcomer = _resolve(claim)[0]
    assert newcomer != dewi.id
    assert _resolve(claim, PersonClaim(phone=PHONE, name="Pak Joko Susilo")) == [newcomer, newcomer]
    question = IdentityQuestion.objects.get()
    assert (question.holder_id, question.newcomer_id, question.answer) == (dewi.id, newcomer, "open")
    assert (question.value, contacts([newcomer])[newcomer].phone) == ("+6281234567890", "")
    assert _resolve(PersonClaim(phone=PHONE, name="Dewi L.")) == [dewi.id]
    assert _resolve(PersonClaim(phone=PHONE)) == [dewi.id]


@pytest.mark.django_db
def test_two_names_on_one_number_in_one_file_are_two_people():
    first, second, third = _resolve(
        PersonClaim(phone=PHONE, name="Dewi Lestari"),
        PersonClaim(phone=PHONE, name="Joko Susilo"),
        PersonClaim(phone=PHONE, name="Bu Dewi"),
    )
    assert (first == third, first == second) == (True, False)
    assert IdentityQuestion.objects.count() == 1


@pytest.mark.django_db
def test_the_same_person_under_another_name_is_merged_and_not_asked_again():
    dewi = cast.member("dewi")
    newcomer = _resolve(PersonClaim(phone=PHONE, name="Mama Rafi Keren"))[0]
    _answer(IdentityAnswer.SAME)
    assert alias_ids(dewi.id) == [dewi.id, newcomer]
    assert _resolve(PersonClaim(phone=PHONE, name="Mama Rafi Keren"))[0] in alias_ids(dewi.id)
    assert IdentityQuestion.objects.count() == 1


@pytest.mark.django_db
def test_a_number_that_went_to_somebody_else_leaves_its_former_owner():
    dewi = cast.member("dewi")
    newcomer = _resolve(PersonClaim(phone=PHONE, name="Joko Susilo"))[0]
    _answer(IdentityAnswer.MOVED)
    reach = contacts([dewi.id, newcomer])
    assert (reach[dewi.id].phone, reach[newcomer].phone) == ("", "+6281234567890")
    assert _resolve(PersonClaim(phone=PHONE)) == [newcomer]
    # Dewi's old receipts still come with that number: that is a new question, not Joko.
    assert _resolve(PersonClaim(phone=PHONE, name="Dewi Lestari"))[0] not in (newcomer,)
    assert IdentityQuestion.objects.count() == 2


@pytest.mark.django_db
def test_a_shared_number_tells_people_apart_by_name():
    dewi = cast.member("dewi")
    newcomer = _resolve(PersonClaim(phone=PHONE, name="Joko Susilo"))[0]
    _answer(IdentityAnswer.SHARED)
    assert _resolve(PersonClaim(phone=PHONE, name="Joko S")) != [dewi.id]
    assert _resolve(PersonClaim(phone=PHONE, name="Joko Susilo"), PersonClaim(phone=PHONE, name="Dewi")) == [
        newcomer,
        dewi.id,
    ]


@pytest.mark.django_db
def test_a_question_is_decided_once():
    cast.member("dewi")
    _resolve(PersonClaim(phone=PHONE, name="Joko Susilo"))
    question = _answer(IdentityAnswer.SHARED)
    answer_question(question=question, answer=IdentityAnswer.SHARED, by=SYSTEM, at=cast.NOW)
    with pytest.raises(UnableToAnswer, match="answered"):
        answer_question(question=question, answer=IdentityAnswer.MOVED, by=SYSTEM, at=cast.NOW)


@pytest.mark.django_db
def test_a_stronger_identity_outranks_a_doubtful_number():
    dewi = cast.member("dewi")
    joko = _resolve(PersonClaim(card="SENJA-0007", phone=PHONE, name="Joko Susilo"))[0]
    assert joko != dewi.id
    assert _resolve(PersonClaim(card="senja 0007", phone=PHONE, name="Joko Susilo")) == [joko]
    assert IdentityQuestion.objects.count() == 1


@pytest.mark.django_db
def test_marketplace_cards_and_networks_find_their_person():
    person = _resolve(PersonClaim(market="Shopee: Dewi88", card="1234-5678", social="instagram:@Dewi.L", name="Dewi"))[
        0
    ]
    for claim in (
        PersonClaim(market="shopee:dewi88"),
        PersonClaim(card="12345678"),
        PersonClaim(social="Instagram:dewi.l"),
    ):
        assert _resolve(claim) == [person]
    assert _resolve(PersonClaim(market="tokopedia:dewi88")) != [person]
    assert [row.kind for row in identities_of([person])] == ["card", "market", "social"]


@pytest.mark.django_db
def test_the_shops_own_number_makes_nobody_one():
    block_identity(kind=IdentityKind.PHONE, value="0812-9999-0000", reason="nomor toko", by=SYSTEM, at=cast.NOW)
    first, second = _resolve(
        PersonClaim(phone="081299990000", name="Ani"), PersonClaim(phone="+62 812 9999 0000", email="b@contoh.id")
    )
    assert first != second
    assert not Identity.objects.filter(kind="phone").exists()


@pytest.mark.django_db
def test_blocking_takes_a_value_from_its_holder_and_can_be_taken_back():
    dewi = cast.member("dewi")
    blocked = block_identity(kind=IdentityKind.PHONE, value=PHONE, reason="", by=SYSTEM, at=cast.NOW)
    again = block_identity(kind=IdentityKind.PHONE, value=PHONE, reason="", by=SYSTEM, at=cast.NOW)
    assert (again.id, contacts([dewi.id])[dewi.id].phone) == (blocked.id, "")
    with pytest.raises(IdentityIsBlocked):
        set_identity(customer=dewi, kind=IdentityKind.PHONE, value="+6281234567890", by=SYSTEM, at=cast.NOW)
    unblock_identity(blocked=blocked, by=SYSTEM, at=cast.NOW)
    unblock_identity(blocked=blocked, by=SYSTEM, at=cast.NOW)
    set_identity(customer=dewi, kind=IdentityKind.PHONE, value="+6281234567890", by=SYSTEM, at=cast.NOW)
    assert contacts([dewi.id])[dewi.id].phone == "+6281234567890"


@pytest.mark.django_db
def test_a_tablets_address_stops_gathering_people_at_the_limit():
    claims = [PersonClaim(phone=f"0812 7000 01{index:02}", email="kasir@kopisenja.id") for index in range(8)]
    people = _resolve(*claims)
    assert len(set(people[:5])) == 1
    assert len(set(people)) == 4
    question = IdentityQuestion.objects.get()
    assert (question.kind, question.holder_id) == ("email", people[0])
    block_question(question=question, reason="tablet kasir", by=SYSTEM, at=cast.NOW)
    assert BlockedIdentity.objects.get().value == "kasir@kopisenja.id"
    assert _resolve(PersonClaim(phone="0812 7000 9999", email="kasir@kopisenja.id"))[0] not in people


@pytest.mark.django_db
def test_identities_are_added_and_removed_one_by_one():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    second = add_identity(customer=dewi, kind=IdentityKind.PHONE, value="0877-1234-5678", by=SYSTEM, at=cast.NOW)
    assert add_identity(customer=dewi, kind=IdentityKind.PHONE, value="6287712345678", by=SYSTEM, at=cast.NOW) == second
    assert contacts([dewi.id])[dewi.id].phone == "+6281234567890"
    assert _resolve(PersonClaim(phone="087712345678")) == [dewi.id]
    for text in ("abc", "0811 1111 1111"):
        with pytest.raises(NotAnIdentity):
            add_identity(customer=eko, kind=IdentityKind.PHONE, value=text, by=SYSTEM, at=cast.NOW)
    for index in range(3):
        add_identity(customer=dewi, kind=IdentityKind.PHONE, value=f"0812 5000 00{index}1", by=SYSTEM, at=cast.NOW)
    with pytest.raises(TooManyIdentities):
        add_identity(customer=dewi, kind=IdentityKind.PHONE, value="0812 5000 0099", by=SYSTEM, at=cast.NOW)
    remove_identity(identity=second, by=SYSTEM, at=cast.NOW)
    assert _resolve(PersonClaim(phone="087712345678"))[0] != dewi.id


@pytest.mark.django_db
def test_changing_the_shown_phone_keeps_the_others():
    dewi = cast.member("dewi")
    add_identity(customer=dewi, kind=IdentityKind.PHONE, value="0877-1234-5678", by=SYSTEM, at=cast.NOW)
    set_identity(customer=dewi, kind=IdentityKind.PHONE, value="+6281200000001", by=SYSTEM, at=cast.NOW)
    values = [row.value for row in identities_of([dewi.id]) if row.kind == "phone"]
    assert (values, contacts([dewi.id])[dewi.id].phone) == (["+6281200000001", "+6287712345678"], "+6281200000001")


@pytest.mark.django_db
def test_nobodys_number_added_by_hand_makes_a_person_without_it():
    person = add_customer(
        claim=PersonClaim(phone="0811 1111 1111", name="Tamu Baik"), door="form", by=SYSTEM, at=cast.NOW
    )
    assert not Identity.objects.filter(customer=person).exists()


@pytest.mark.django_db
def test_names_are_kept_out_of_questions_and_facts():
    cast.member("dewi")
    _resolve(PersonClaim(phone=PHONE, name="Joko Susilo"))
    question = IdentityQuestion.objects.values().get()
    assert "Joko" not in str(question)
    assert "+6281234567890" not in str(question["value"])
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("Bu Dewi", "Dewi Lestari", True),
        ("Nur Aini", "Nuraini", True),
        ("Mohamad R.", "Muhammad Rizki", True),
        ("Devi", "Dewi", True),
        ("D. Lestari", "Dewi Lestari", True),
        ("Pelanggan Umum", "Eko", True),
        ("", "Eko", True),
        ("Muhammad Rizki", "Muhammad Fajar", False),
        ("Dewi Lestari", "Dewi Sartika", False),
        ("Dewi Lestari", "Eko Prasetyo", False),
        ("Ani", "Ami Lia", False),
    ],
)
def test_when_two_names_can_be_one_persons(left, right, agree):
    assert names_agree(left, right) is agree
    assert names_agree(right, left) is agree


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *[(IdentityKind.EXTERNAL, text) for text in ("0", "-", "000", "Tamu", "n/a", "NULL", "-1", "Pelanggan Umum")],
        *[(IdentityKind.PHONE, text) for text in ("0811 1111 1111", "+62 888 8888 8888")],
        *[(IdentityKind.EMAIL, text) for text in ("a@a.com", "noreply@toko.id", "tidak-ada@x.id", "test@test.com")],
        (IdentityKind.MARKET, "shopee:guest"),
    ],
)
def test_what_people_type_to_get_past_a_field_is_nobody(kind, text):
    value = normal_value(kind, text)
    assert value is None or is_nobody(kind, value)


@pytest.mark.parametrize("text", ["dewi@contoh.id", "a1@contoh.id", "kasir@toko.id"])
def test_addresses_of_people_are_somebodys(text):
    assert not is_nobody(IdentityKind.EMAIL, text)
