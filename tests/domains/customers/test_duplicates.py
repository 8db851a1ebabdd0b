"""Finding people who stand in the shop twice, and leaving alone those who do not."""

from datetime import date

import pytest

from setia.domains.customers.actions import dismiss_duplicate, merge_customers, resolve_people
from setia.domains.customers.duplicates import find_duplicates
from setia.domains.customers.models import Customer, DuplicateSuggestion
from setia.domains.customers.queries import duplicates_of, open_duplicates
from setia.domains.customers.rules import PersonClaim
from setia.domains.customers.rules.likeness import Traits, compare, strangers_expected
from setia.foundation.actors import SYSTEM
from tests import cast

BORN = date(1990, 5, 17)


def _people(*claims: PersonClaim) -> list[int]:
    return resolve_people(claims=claims, door="form", by=SYSTEM, at=cast.NOW)


def _pairs() -> set[tuple[int, int]]:
    return set(DuplicateSuggestion.objects.filter(state="open").values_list("left_id", "right_id"))


TWICE = [
    (
        PersonClaim(name="Dewi Lestari", phone="0812 3456 7890"),
        PersonClaim(name="Lestari Dewi", email="dewi.lestari@contoh.id"),
    ),
    (
        PersonClaim(name="Eko Prasetyo", phone="0813 1111 2222", birth_date=BORN),
        PersonClaim(name="Eko P.", email="eko@contoh.id", birth_date=BORN),
    ),
    (
        PersonClaim(name="Fitri Handayani", phone="0857 3333 4444"),
        PersonClaim(name="Fitri Handayani", phone="0857 3333 4445"),
    ),
    (
        PersonClaim(name="Gilang Ramadhan", email="gilang.ramadhan@contoh.id"),
        PersonClaim(name="Gilang R", email="gilangramadhan@toko.id"),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), TWICE)
def test_people_who_stand_twice_are_found(one, other):
    ids = _people(one, other, PersonClaim(name="Hana Wijaya", phone="0811 2222 3333"))
    assert find_duplicates(at=cast.NOW) == 1
    assert _pairs() == {tuple(ids[:2])}


@pytest.mark.django_db
def test_strangers_are_left_alone():
    _people(
        PersonClaim(name="Sari", phone="0812 3456 7890"),
        PersonClaim(name="Sari", phone="0813 9999 8888"),
        PersonClaim(name="Muhammad Rizki", birth_date=BORN, city="Bandung"),
        PersonClaim(name="Muhammad Fajar", birth_date=BORN, city="Bandung"),
        PersonClaim(name="Dewi Lestari", phone="0812 3456 0000", birth_date=BORN),
        PersonClaim(name="Dewi Lestari", phone="0856 1234 5678", birth_date=date(1971, 1, 2)),
    )
    assert find_duplicates(at=cast.NOW) == 0


@pytest.mark.django_db
def test_what_was_decided_is_not_suggested_again():
    ids = _people(*TWICE[0])
    find_duplicates(at=cast.NOW)
    suggestion = open_duplicates(cursor="", size=5).rows[0]
    dismiss_duplicate(suggestion=suggestion, by=SYSTEM, at=cast.NOW)
    assert find_duplicates(at=cast.NOW) == 0
    assert duplicates_of(ids[0]) == []
    assert DuplicateSuggestion.objects.count() == 1


@pytest.mark.django_db
def test_the_merged_are_one_and_are_not_compared():
    one, other = (Customer.objects.get(id=row_id) for row_id in _people(*TWICE[0]))
    merge_customers(winner=one, loser=other, by=SYSTEM, at=cast.NOW)
    assert find_duplicates(at=cast.NOW) == 0


@pytest.mark.django_db
def test_an_interrupted_search_goes_on_when_it_is_repeated():
    _people(*(claim for pair in TWICE for claim in pair))
    assert find_duplicates(at=cast.NOW, should_stop=lambda: True) == 0
    assert find_duplicates(at=cast.NOW) == 4


def test_reasons_are_told_strongest_first():
    left = Traits(1, "Eko Prasetyo", ["+6281311112222"], [], BORN, "Cimahi")
    right = Traits(2, "Eko Prasetyo", ["+6281311112223"], [], BORN, "Cimahi")
    likeness = compare(left, right, strangers=0.02)
    assert likeness.reasons == ("same_birthday", "phone_one_digit_off", "same_name", "same_city")
    assert likeness.score >= 99


def test_a_common_name_says_less_than_a_rare_one():
    left, right = Traits(1, "Dewi Lestari"), Traits(2, "Dewi Lestari")
    rare, common = (compare(left, right, strangers=strangers).score for strangers in (0.002, 1))
    assert rare > 60 > 30 > common


def test_strangers_under_a_name_are_counted_by_its_words():
    # Two of a million bear the name, and its words are borne by 20,000 and 5,000: 100 strangers by chance.
    expected = strangers_expected(people=1_000_000, bearers=2, word_counts=[20_000, 5_000])
    assert expected == pytest.approx(100, rel=0.01)
    # Words nobody else bears: practically nobody.
    assert strangers_expected(people=1_000_000, bearers=2, word_counts=[2, 2]) < 1e-5
    # Ten bear a name of rare words: eight strangers, whatever the words say.
    assert strangers_expected(people=1_000_000, bearers=10, word_counts=[10, 10]) == 8


def test_a_mailbox_that_is_only_the_name_says_less():
    def score(mailbox: str) -> int:
        emails = [f"{mailbox}@contoh.id"], [f"{mailbox}@toko.id"]
        left, right = (Traits(number, "Dewi Lestari", [], each) for number, each in enumerate(emails))
        return compare(left, right, strangers=1).score

    assert score("dewi.lestari") < 60 < score("dewi.lestari77")


def test_a_birthday_on_new_year_says_less():
    def score(born: date) -> int:
        left, right = (Traits(number, "Dewi Lestari", birth_date=born) for number in (1, 2))
        return compare(left, right, strangers=1).score

    assert score(date(1990, 1, 1)) < 60 < score(BORN)


def test_a_different_birthday_outweighs_a_name():
    left, right = Traits(1, "Dewi Lestari", birth_date=BORN), Traits(2, "Dewi Lestari", birth_date=date(1960, 1, 1))
    assert compare(left, right, strangers=0.002).score < 30
