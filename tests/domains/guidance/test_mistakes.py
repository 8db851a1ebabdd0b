"""The seven mistakes, why people leave, whom nobody talks to: from counts of the shop's own."""

from datetime import date, timedelta

import pytest

from setia.domains.analytics.models import PersonScore
from setia.domains.guidance.actions import note_leaving
from setia.domains.guidance.queries import leaving_causes, neglected_page
from setia.domains.guidance.rules.mistakes import FAULT, GOOD, UNKNOWN, foundations, mistakes
from setia.domains.teamwork.actions import leave_note, log_contact, make_task
from setia.foundation.events.models import Event
from tests import cast
from tests.domains.analytics.lakes import Sale
from tests.domains.analytics.test_money import ODD, found_in


def counts(**more):
    """Return counts of a shop about which nothing is known, but for what is given."""
    nothing = {
        "first_orders": 0, "orders": 0, "spend": {}, "contacts": {"new": 0, "old": 0},
        "service": dict.fromkeys(
            ("parcels", "parcels_in_time", "tasks", "tasks_in_time", "waiting", "cases", "cases_in_time"), 0
        ),
        "profile": {"people": 0, "named": 0, "known": 0}, "follow_up": {"buyers": 0, "touched": 0},
        "vip": {"people": 0, "cared": 0, "others": 0, "others_cared": 0},
        "returns": {"count": 0, "told": 0, "reasons": []}, "experience": {}, "policy": False,
    }  # fmt: skip
    return nothing | more


def verdicts(**more):
    return {each.name: each.verdict for each in mistakes(counts(**more))}


def test_a_shop_of_which_nothing_is_known_is_not_judged():
    assert set(verdicts().values()) == {UNKNOWN}
    assert all(each.lacks for each in mistakes(counts()))
    assert [each.verdict for each in foundations(counts(), return_rate=None, orders=0)] == [UNKNOWN, UNKNOWN, FAULT]


def profile(people, known):
    return {"profile": {"people": people, "named": people, "known": known}}


def followed(buyers, touched):
    return {"follow_up": {"buyers": buyers, "touched": touched}}


def told(count, with_reason):
    return {"returns": {"count": count, "told": with_reason, "reasons": []}}


def cared(people, cared_for):
    return {"vip": {"people": people, "cared": cared_for, "others": 400, "others_cared": 1}}


def talked(new, old):
    return {"contacts": {"new": new, "old": old}}


@pytest.mark.parametrize(
    ("name", "good", "fault", "few"),
    [
        ("only_new", {"spend": {"win": 60, "keep": 40}}, {"spend": {"win": 90, "keep": 10}}, talked(20, 1)),
        ("only_new", talked(20, 30), talked(90, 10), {"orders": 500, "first_orders": 499}),
        ("impersonal", profile(100, 60), profile(100, 40), profile(29, 0)),
        ("no_follow_up", followed(100, 25), followed(100, 5), followed(29, 0)),
        ("deaf", told(50, 45), told(50, 10), told(5, 0)),
        ("no_vip", cared(40, 30), cared(40, 3), cared(4, 0)),
    ],
)
def test_mistakes_are_judged_by_their_figures_and_few_are_not(name, good, fault, few):
    assert verdicts(**good)[name] == GOOD
    assert verdicts(**fault)[name] == FAULT
    assert verdicts(**few)[name] == UNKNOWN


def test_one_broken_promise_among_kept_ones_is_a_fault():
    service = counts()["service"]
    kept = service | {"parcels": 40, "parcels_in_time": 39, "tasks": 40, "tasks_in_time": 38}
    assert verdicts(service=kept)["slow"] == GOOD
    assert verdicts(service=kept | {"tasks_in_time": 20})["slow"] == FAULT
    assert verdicts(service=service | {"parcels": 5})["slow"] == UNKNOWN


def test_a_programme_that_nobody_could_keep_yet_is_no_fault():
    assert verdicts(orders=10_000)["no_programme"] == UNKNOWN


def test_the_ground_is_firm_where_little_comes_back_and_promises_are_kept():
    service = counts()["service"] | {"cases": 40, "cases_in_time": 40}
    found = {
        each.name: each.verdict
        for each in foundations(counts(service=service, policy=True), return_rate=0.02, orders=500)
    }
    assert found == {"quality": GOOD, "experience": UNKNOWN, "trust": GOOD}
    assert foundations(counts(), return_rate=0.2, orders=500)[0].verdict == FAULT


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


@pytest.mark.django_db
@pytest.mark.parametrize("sales", ODD)
def test_odd_shops_are_judged_by_nothing(own_home, sales):
    from setia.domains.analytics.evidence import evidence

    found = found_in(evidence, sales)
    assert GOOD not in {each.verdict for each in mistakes(found)}


@pytest.mark.django_db
def test_evidence_counts_contacts_first_orders_and_how_people_left(own_home):
    from setia.domains.analytics.evidence import evidence

    dewi, eko, tono = cast.member("dewi"), cast.member("eko"), cast.staff("tono")
    cast.buys(dewi, "A", days_ago=200)
    cast.buys(dewi, "B", days_ago=20)
    cast.buys(eko, "C", days_ago=18)
    for customer in (dewi, dewi, eko):
        log_contact(customer=customer, kind="call", happened_at=cast.NOW - timedelta(days=10), by=tono, at=cast.NOW)
    today = date(2026, 11, 22)
    sales = [
        Sale(dewi.id, today - timedelta(days=200)), Sale(dewi.id, today - timedelta(days=20)),
        Sale(eko.id, today - timedelta(days=18)), Sale(3, today - timedelta(days=300), net=100, returned=40),
        Sale(3, today - timedelta(days=290), status="cancelled"),
    ]  # fmt: skip
    found = found_in(evidence, sales)
    assert found["contacts"] == {"new": 1, "old": 2}
    assert (found["first_orders"], found["orders"]) == (1, 2)
    assert found["follow_up"] == {"buyers": 2, "touched": 2}
    assert found["experience"]["lost"] == {"people": 1, "came_back": 1, "cancelled": 1, "once": 1}
    assert found["experience"]["active"]["people"] == 2


def scored(name, worth):
    """Give somebody a score."""
    return PersonScore.objects.create(
        customer=cast.member(name), recency_days=10, recency=3, frequency=3, money=3, segment="loyal", level=5,
        worth=worth,
    )  # fmt: skip


@pytest.mark.django_db
def test_only_those_nobody_was_in_touch_with_are_neglected():
    for name, worth in (("dewi", 900), ("eko", 800), ("fitri", 700), ("gilang", 100)):
        scored(name, worth)
    tono, since = cast.staff("tono"), cast.NOW - timedelta(days=90)

    def names(worth_from=0):
        page = neglected_page(since=since, worth_from=worth_from, cursor="", size=50)
        return [row.customer.name.split()[0] for row in page.rows]

    assert names() == ["Dewi", "Eko", "Fitri", "Gilang"]
    assert names(700) == ["Dewi", "Eko", "Fitri"]
    log_contact(
        customer=cast.member("dewi"), kind="call", happened_at=cast.NOW - timedelta(days=95), by=tono, at=cast.NOW
    )
    assert "Dewi" in names()
    log_contact(customer=cast.member("dewi"), kind="call", happened_at=cast.NOW, by=tono, at=cast.NOW)
    leave_note(customer=cast.member("eko"), body="Suka kopi", author=tono, at=cast.NOW)
    make_task(title="Telepon", customer=cast.member("fitri"), by=tono, at=cast.NOW)
    assert names() == ["Gilang"]


@pytest.mark.django_db
def test_who_was_talked_to_under_a_row_merged_into_him_is_not_neglected():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    scored("dewi", 900)
    log_contact(customer=eko, kind="call", happened_at=cast.NOW, by=cast.staff("tono"), at=cast.NOW)
    type(eko).objects.filter(id=eko.id).update(canonical=dewi)
    page = neglected_page(since=cast.NOW - timedelta(days=90), worth_from=0, cursor="", size=50)
    assert page.rows == []


@pytest.mark.django_db
def test_the_latest_reason_of_a_person_counts():
    dewi, eko, tono = cast.member("dewi"), cast.member("eko"), cast.staff("tono")
    for customer, cause in ((dewi, "price"), (dewi, "ignored"), (eko, "ignored")):
        note_leaving(customer=customer, cause=cause, words="Tidak pernah disapa", by=tono, at=cast.NOW)
    assert leaving_causes(since=cast.NOW - timedelta(days=1)) == {"ignored": 2}
    type(eko).objects.filter(id=eko.id).update(canonical=dewi)
    assert leaving_causes(since=cast.NOW - timedelta(days=1)) == {"ignored": 1}
    assert leaving_causes(since=cast.NOW + timedelta(days=1)) == {}
    fact = Event.objects.filter(kind="guidance.leaving_noted").first()
    assert "disapa" not in str(fact.payload)
