"""Taking suggestions up, dismissing them, taking either back; what is gathered; and what is written for everybody."""

from datetime import date, timedelta

import pytest

from setia.domains.advice.actions import UnableToDecide, accept, dismiss, save_choices, take_back
from setia.domains.advice.actions.rounds import judge_outcomes
from setia.domains.advice.facts import gather
from setia.domains.advice.models import AGAIN, ALSO, Decision, NextAction, Recommended
from setia.domains.advice.queries import advice_for, learned, lists_of, ranked_page, terms_of
from setia.domains.advice.writing import write_actions
from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.actions import CartLineDraft, Money, save_cart
from setia.domains.commerce.actions import take_back as bring_back
from setia.domains.commerce.models import OrderLine
from setia.domains.customers.actions import merge_customers, publish_wording, record_consents
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import Customer
from setia.domains.customers.rules.consents import Channel, Purpose
from setia.domains.staff.queries import NotAllowed
from setia.domains.teamwork.actions import finish_task, log_contact, make_task
from setia.domains.teamwork.models import Task
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db


def consents(person, purpose=Purpose.MARKETING, channel=Channel.WHATSAPP, *, yes=True):
    """Let somebody answer."""
    wording = publish_wording(purpose=purpose, text_id="Boleh?", text_en="", by=SYSTEM, at=cast.NOW)
    answer = ConsentDraft(
        customer_id=person.id, purpose=purpose, channel=channel, is_granted=yes, given_at=cast.NOW,
        source=f"t|{person.id}|{purpose}|{yes}", evidence="ditanya", wording_version=wording.version,
    )  # fmt: skip
    record_consents(answers=[answer], door="form", by=SYSTEM, at=cast.NOW)


def silent(name="eko", days=80):
    """Return a member who used to buy every ten days, has been silent since, and may be written to."""
    person = cast.member(name)
    for number in range(6):
        cast.buys(person, f"{name}{number}", cast.line(price=300_000), days_ago=days + 10 * number)
    Customer.objects.filter(id=person.id).update(birth_date=date(1990, 5, 17))
    person.refresh_from_db()
    consents(person)
    PersonScore.objects.create(
        customer=person, recency_days=days, recency=1, frequency=4, money=4, segment="at_risk", level=4,
        chance_silent=900, worth=2_000_000, health=40, risk=60, activity="at_risk", top_milli=300,
    )  # fmt: skip
    return person


def takes_up(person, by=None, kind="win_back"):
    """Take a suggestion up."""
    return accept(customer=person, kind=kind, title="Ajak kembali", by=by or cast.staff("maya"), at=cast.NOW)


def best(person):
    """Return the kind suggested now, or None."""
    found = advice_for([person], at=cast.NOW)[0].judged.best
    return found.kind if found else None


def test_a_suggestion_becomes_a_task_once():
    eko = silent()
    assert best(eko) == "win_back"
    one = takes_up(eko)
    assert takes_up(eko, by=cast.staff("rina")).id == one.id
    task = Task.objects.get()
    assert (task.title, task.customer_id, task.assignee, task.source, one.task_id) == (
        "Ajak kembali", eko.id, cast.staff("maya"), "advice", task.id,
    )  # fmt: skip
    assert best(eko) is None
    fact = Event.objects.get(kind="advice.accepted")
    assert (fact.customer_id, fact.payload["action"], fact.actor_id) == (eko.id, "win_back", cast.staff("maya").id)
    assert one.expected > 0
    assert one.chance_anyway == 35  # 1 - 0.9 ** (30 / 90)


def test_the_task_goes_to_who_looks_after_the_customer():
    eko = silent()
    Customer.objects.filter(id=eko.id).update(owner=cast.staff("tono"))
    assert takes_up(Customer.objects.get(id=eko.id)).task.assignee == cast.staff("tono")


def test_a_cashier_takes_it_up_for_himself():
    eko = silent()
    Customer.objects.filter(id=eko.id).update(owner=cast.staff("tono"))
    assert takes_up(Customer.objects.get(id=eko.id), by=cast.staff("budi")).task.assignee == cast.staff("budi")


@pytest.mark.parametrize(("reason", "days"), [("not_now", 14), ("not_suitable", 180), ("already_done", 30)])
def test_a_dismissed_suggestion_stays_away_as_long_as_its_reason(reason, days):
    eko = silent()
    one = dismiss(customer=eko, kind="win_back", reason=reason, by=cast.staff("maya"), at=cast.NOW)
    assert (one.until - date(2026, 11, 22)).days == days
    assert dismiss(customer=eko, kind="win_back", reason="not_now", by=cast.staff("tono"), at=cast.NOW).id == one.id
    later = cast.NOW + timedelta(days=days - 1)
    assert "win_back" in gather([eko], at=later)[0].facts.away
    assert gather([eko], at=later + timedelta(days=1))[0].facts.away == frozenset()
    again = dismiss(customer=eko, kind="win_back", reason=reason, by=cast.staff("maya"), at=later + timedelta(days=1))
    assert (again.id != one.id, Decision.objects.filter(stands=True).count()) == (True, 1)


def test_it_stays_away_while_its_task_is_open_and_a_while_after():
    eko = silent()
    task = takes_up(eko).task
    later = cast.NOW + timedelta(days=40)
    assert "win_back" in gather([eko], at=later)[0].facts.away
    finish_task(task=task, by=cast.staff("maya"), at=later)
    assert gather([eko], at=later)[0].facts.away == frozenset()


def test_a_decision_is_taken_back_with_its_task():
    eko = silent()
    one = takes_up(eko)
    assert take_back(decision=one, by=cast.staff("maya"), at=cast.NOW) is True
    assert take_back(decision=one, by=cast.staff("maya"), at=cast.NOW) is False
    assert (Task.objects.get().state, best(eko), learned()["win_back"].accepted) == ("cancelled", "win_back", 0)
    assert Event.objects.filter(kind="advice.undone").count() == 1
    assert takes_up(eko).id != one.id


def test_what_cannot_be_decided_is_refused_and_writes_nothing():
    eko = silent()
    for call, code in (
        (lambda: takes_up(eko, kind="dance"), "unknown"),
        (lambda: dismiss(customer=eko, kind="cart", reason="dislike", by=SYSTEM, at=cast.NOW), "unknown"),
        (lambda: takes_up(eko, kind="birthday"), "gone"),
    ):
        with pytest.raises(UnableToDecide, match=code):
            call()
    dismiss(customer=eko, kind="win_back", reason="not_now", by=SYSTEM, at=cast.NOW)
    with pytest.raises(UnableToDecide, match="decided"):
        takes_up(eko)
    assert (Decision.objects.count(), Task.objects.count()) == (1, 0)


def test_a_failing_fact_leaves_neither_task_nor_decision(monkeypatch):
    eko = silent()

    def fail(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr("setia.domains.advice.actions.deciding.record", fail)
    with pytest.raises(RuntimeError):
        takes_up(eko)
    assert (Decision.objects.count(), Task.objects.count()) == (0, 0)


def test_what_is_known_of_a_customer_is_gathered_with_merged_rows():
    eko, dewi = silent(), cast.member("dewi")
    log_contact(
        customer=dewi, kind="call", happened_at=cast.NOW - timedelta(days=3), by=cast.staff("tono"), at=cast.NOW
    )
    make_task(title="Telepon", customer=dewi, by=cast.staff("tono"), at=cast.NOW)
    tea = CartLineDraft(product_id=cast.product("Teh", 15_000), quantity_milli=1000, unit_price=15_000)
    day_ago = cast.NOW - timedelta(days=1, hours=1)
    save_cart(source="c", customer_id=dewi.id, lines=[tea], by=SYSTEM, at=day_ago)
    order = cast.buys(dewi, "D1", cast.line(price=300_000), days_ago=2)
    goods = {"quantities": {OrderLine.objects.get(order_id=order).id: 500}, "reason": "rusak", "source": "r"}
    bring_back(order_id=order, refund=Money(500, "QRIS"), by=SYSTEM, at=cast.NOW, **goods)
    merge_customers(winner=eko, loser=dewi, by=SYSTEM, at=cast.NOW)
    facts = gather([Customer.objects.get(id=eko.id)], at=cast.NOW)[0].facts
    assert (facts.order_count, facts.silent, facts.average_order) == (7, 2, 300_000)
    assert (facts.contacted, facts.has_open_task, facts.cart_age, facts.cart_total) == (3, True, 1, 15_000)
    assert (facts.brought_back, facts.may_message, facts.may_call, facts.was_asked) == (0, True, False, True)
    assert (facts.has_contact, facts.missing, facts.objects) == (True, (), False)


def test_who_objects_to_being_measured_gets_no_advice():
    eko = silent()
    consents(eko, Purpose.PROFILING, Channel.ANY, yes=False)
    assert gather([eko], at=cast.NOW)[0].facts.objects is True
    assert best(eko) is None


def test_many_are_gathered_like_one(django_assert_num_queries):
    people = [cast.member(name) for name in ("dewi", "fitri", "gilang")] + [silent()]
    one_by_one = [gather([person], at=cast.NOW)[0].facts for person in people]
    with django_assert_num_queries(13):
        together = gather(people, at=cast.NOW)
    assert [one.facts for one in together] == one_by_one


def test_everybody_is_written_by_rows_that_differ():
    eko = silent()
    cast.buys(cast.member("gilang"), "G1", days_ago=3)
    terms = terms_of({"usual_order": 50_000})
    first = write_actions(terms=terms, learned={}, at=cast.NOW)
    assert first["actions"].get("win_back") == 1
    row = NextAction.objects.get(customer=eko)
    assert (row.kind, row.net > 0) == ("win_back", True)
    assert write_actions(terms=terms, learned={}, at=cast.NOW)["actions_changed"] == 0
    takes_up(eko)
    assert not NextAction.objects.filter(customer=eko).exists()
    write_actions(terms=terms, learned={}, at=cast.NOW)
    assert not NextAction.objects.filter(customer=eko, kind="win_back").exists()


def test_outcomes_are_judged_after_thirty_days():
    eko = silent()
    one = takes_up(eko)
    assert judge_outcomes(at=cast.NOW + timedelta(days=29)) == 0
    order = cast.sale("E99", eko, at=cast.NOW + timedelta(days=5))
    from setia.domains.commerce.actions import record_sales

    record_sales(drafts=[order], by=SYSTEM, at=cast.NOW + timedelta(days=5))
    assert judge_outcomes(at=cast.NOW + timedelta(days=31)) == 1
    one.refresh_from_db()
    assert (one.has_bought, one.bought_net) == (True, 22_000)
    known = learned()["win_back"]
    assert (known.accepted, known.judged, known.bought, round(known.anyway, 3)) == (1, 1, 1, 0.035)
    assert judge_outcomes(at=cast.NOW + timedelta(days=31)) == 0


def test_the_whole_shop_is_for_those_who_give_tasks():
    eko, dewi = silent(), cast.member("dewi")
    Customer.objects.filter(id=dewi.id).update(owner=cast.staff("budi"))
    NextAction.objects.create(customer=eko, kind="win_back", net=5_000)
    NextAction.objects.create(customer=dewi, kind="thank", net=9_000)

    def seen(name, **more):
        page = ranked_page(cast.staff(name), kind="", is_all=True, cursor="", size=10)
        return [row.customer_id for row in page.rows]

    assert seen("maya") == [dewi.id, eko.id]
    assert seen("budi") == [dewi.id]
    assert seen("nadia") == []
    with pytest.raises(NotAllowed):
        ranked_page(None, kind="", is_all=True, cursor="", size=10)


def test_lists_leave_out_what_was_excluded_since():
    from setia.domains.advice.models import AdviceRound

    eko, coffee, tea = cast.member("eko"), cast.product(), cast.product("Teh Tarik", 15_000)
    notes = {"popular": [str(coffee), str(tea)], "judged": {}, "windows": {}}
    AdviceRound.objects.create(state="done", today=date(2026, 11, 22), started_at=cast.NOW, notes=notes)
    again = AGAIN.pack(coffee, 5, 100, 20_770)
    Recommended.objects.create(
        customer=eko, day_count=5, gap_tenths=100, last_day=20_770, again=again, also=ALSO.pack(tea)
    )
    found = lists_of([eko.id], today=date(2026, 11, 22))
    assert ([one.product.id for one in found.again], [one.id for one in found.also]) == ([coffee], [tea])
    assert (found.again[0].times, found.again[0].gap, found.again[0].next) == (5, 10.0, None)
    save_choices(changes={"excluded_products": [str(tea)]}, by=SYSTEM, at=cast.NOW)
    save_choices(changes={"excluded_products": [str(tea)]}, by=SYSTEM, at=cast.NOW)
    assert lists_of([eko.id], today=date(2026, 11, 22)).also == []
    assert Event.objects.filter(kind="advice.choices_changed").count() == 1
