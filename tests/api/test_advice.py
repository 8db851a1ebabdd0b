"""Advice for programs: read it, take it up once, dismiss it."""

import pytest

from setia.domains.advice.models import Decision
from setia.domains.apikeys.rules import Scope
from setia.domains.customers.rules.consents import Channel, Purpose
from setia.domains.teamwork.models import Task
from setia.foundation import clock
from tests import cast
from tests.api.callers import Caller, told
from tests.domains.advice.test_deciding import consents, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(cast.NOW):
        yield


def test_advice_is_read_and_taken_up_once():
    eko, shop = silent(), Caller()
    found = shop.get(f"customers/{eko.id}/advice").json()
    one = found["suggestions"][0]
    assert (one["kind"], one["figures"], one["net"]) == (
        "win_back",
        {"silent": 80, "gap": 10.0},
        one["value"] - one["cost"],
    )
    assert (found["buy_again"], found["next_purchase"], found["objects_to_profiling"]) == ([], None, False)
    body = {"kind": "win_back", "decision": "accept", "title": "Ajak kembali"}
    first, second = (shop.post(f"customers/{eko.id}/advice", body) for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    task = Task.objects.get()
    assert (task.title, task.assignee, first.json()["task_id"]) == ("Ajak kembali", None, str(task.id))
    other = {"kind": "win_back", "decision": "dismiss", "reason": "not_now"}
    assert told(shop.post(f"customers/{eko.id}/advice", other)) == (409, "advice_decided", [])


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"kind": "dance", "decision": "dismiss", "reason": "not_now"}, (422, "validation_failed")),
        ({"kind": "cart", "decision": "accept"}, (422, "validation_failed")),
        ({"kind": "cart", "decision": "dismiss"}, (422, "validation_failed")),
        ({"kind": "cart", "decision": "accept", "title": "Keranjang"}, (409, "advice_gone")),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(body, answer):
    eko = silent()
    assert told(Caller().post(f"customers/{eko.id}/advice", body))[:2] == answer
    assert (Decision.objects.count(), Task.objects.count()) == (0, 0)


def test_who_objects_gets_no_advice_and_a_key_needs_its_scope():
    eko = silent()
    consents(eko, Purpose.PROFILING, Channel.ANY, yes=False)
    found = Caller().get(f"customers/{eko.id}/advice").json()
    assert (found["objects_to_profiling"], found["suggestions"], found["may_also_like"]) == (True, [], [])
    assert Caller(Scope.ORDERS_READ, source="x").get(f"customers/{eko.id}/advice").status_code == 403
    assert Caller(source="y").get("customers/1/advice").status_code == 404
