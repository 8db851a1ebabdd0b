"""Tags and owners: who gets one, who keeps one, what two names of one tag are."""

from datetime import timedelta

import pytest

from setia.domains.customers.actions import tagging
from setia.domains.customers.models import Customer, CustomerTag, Tag
from setia.domains.customers.rules.tags import UnableToTag
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(minutes=1)


def test_a_tag_is_put_on_once_and_says_who_is_new_to_it() -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    put = {"names": ["VIP"], "by": SYSTEM, "at": cast.NOW}
    assert tagging.add_tags(customer_ids=[dewi.id], **put) == {"VIP": [dewi.id]}
    assert tagging.add_tags(customer_ids=[dewi.id, eko.id, 5], **put) == {"VIP": [eko.id]}
    assert tagging.add_tags(customer_ids=[dewi.id, eko.id], **put) == {"VIP": []}
    assert Event.objects.filter(kind="customers.tagged").count() == 2


@pytest.mark.parametrize("name", ["VIP", " vip ", "ＶＩＰ"])
def test_names_that_read_the_same_are_one_tag(name: str) -> None:
    assert tagging.ensure_tags(names=["VIP"], at=cast.NOW)["VIP"] == tagging.ensure_tags(names=[name], at=LATER)[name]
    assert Tag.objects.get().name == "VIP"


@pytest.mark.parametrize(("name", "code"), [("", "no_name"), (" \x00 ", "no_name"), ("x" * 41, "too_long")])
def test_a_name_that_is_none_is_refused(name: str, code: str) -> None:
    with pytest.raises(UnableToTag, match=code):
        tagging.add_tags(customer_ids=[], names=[name], by=SYSTEM, at=cast.NOW)


def test_tags_are_taken_off_and_only_those_of_one_moment_if_asked() -> None:
    people = [cast.member(name) for name in ("dewi", "eko", "fitri")]
    for person, at in zip(people, (cast.NOW, cast.NOW, LATER), strict=True):
        tagging.add_tags(customer_ids=[person.id], names=["VIP"], by=SYSTEM, at=at)
    ids = [person.id for person in people]
    taken = tagging.remove_tags(customer_ids=ids, names=["vip"], by=SYSTEM, at=LATER, put_on_at=cast.NOW)
    assert taken == {"vip": ids[:2]}
    assert tagging.remove_tags(customer_ids=ids, names=["VIP", "Nihil"], by=SYSTEM, at=LATER) == {
        "VIP": ids[2:],
        "Nihil": [],
    }
    assert not CustomerTag.objects.exists()


def test_owners_change_and_the_former_ones_are_told() -> None:
    dewi, eko = cast.member("dewi"), cast.member("eko")
    tono, maya = cast.staff("tono"), cast.staff("maya")
    give = {"customer_ids": [dewi.id, eko.id], "by": SYSTEM, "at": cast.NOW}
    assert tagging.assign_owner(owner=tono, **give) == {dewi.id: None, eko.id: None}
    assert tagging.assign_owner(owner=tono, **give) == {}
    assert tagging.assign_owner(owner=maya, **{**give, "customer_ids": [dewi.id]}) == {dewi.id: tono.id}
    assert tagging.assign_owner(owner=None, **give) == {dewi.id: maya.id, eko.id: tono.id}
    assert not Customer.objects.exclude(owner=None).exists()
    facts = Event.objects.filter(kind="customers.assigned", customer_id=dewi.id).order_by("id")
    assert [fact.payload["owner_id"] for fact in facts] == [str(tono.id), str(maya.id), None]


def test_who_left_is_given_nobody() -> None:
    budi = cast.staff("budi")
    budi.is_active = False
    with pytest.raises(UnableToTag, match="closed_account"):
        tagging.assign_owner(customer_ids=[], owner=budi, by=SYSTEM, at=cast.NOW)


def test_a_tag_is_renamed_but_not_to_anothers_name() -> None:
    ids = tagging.ensure_tags(names=["VIP", "Reseller"], at=cast.NOW)
    vip = Tag.objects.get(id=ids["VIP"])
    tagging.rename_tag(tag=vip, name="vip", by=SYSTEM, at=cast.NOW)
    assert Tag.objects.get(id=vip.id).name == "vip"
    with pytest.raises(UnableToTag, match="name_taken"):
        tagging.rename_tag(tag=vip, name="RESELLER", by=SYSTEM, at=cast.NOW)


def test_a_tag_that_somebody_has_is_not_dropped_and_a_dropped_one_comes_back_as_itself() -> None:
    dewi = cast.member("dewi")
    tagging.add_tags(customer_ids=[dewi.id], names=["VIP"], by=SYSTEM, at=cast.NOW)
    vip = Tag.objects.get().id
    assert not tagging.drop_tag(tag_id=vip)
    tagging.remove_tags(customer_ids=[dewi.id], names=["VIP"], by=SYSTEM, at=cast.NOW)
    assert tagging.drop_tag(tag_id=vip)
    assert tagging.restore_tag(tag_id=vip, name="VIP", at=LATER) == "VIP"
    assert Tag.objects.get().id == vip
    tagging.rename_tag(tag=Tag.objects.get(), name="Penting", by=SYSTEM, at=LATER)
    assert tagging.restore_tag(tag_id=vip, name="VIP", at=LATER) == "Penting"
