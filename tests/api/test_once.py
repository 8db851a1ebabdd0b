"""Idempotency-Key: a repeated call is answered as the first was, and done once; also when two come together."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from setia.api import answers
from setia.config.schedule import SCHEDULE
from setia.domains.apikeys import answering
from setia.domains.apikeys.actions import KEEP_ANSWERS, purge_old
from setia.domains.apikeys.answering import Answer, StillAtWork, answered_once
from setia.domains.apikeys.models import GivenAnswer
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.models import Order
from setia.domains.customers.models import Customer
from setia.foundation import clock
from tests import cast
from tests.api.callers import AT, Caller, order, told
from tests.processes.shops import ON_POSTGRES, ShopOnDisk, at_once


@pytest.mark.django_db
def test_a_repeated_call_hears_the_first_answer() -> None:
    caller = Caller()
    first = caller.post("orders", order(), **{"Idempotency-Key": "a"})
    again = caller.post("orders", order(), **{"Idempotency-Key": "a"})
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, again)] == [None, "true"]
    assert Order.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["orders", "orders/bulk"])
def test_the_same_token_with_another_request_is_refused(path: str) -> None:
    caller = Caller()
    caller.post("orders", order(), **{"Idempotency-Key": "a"})
    other = order("W-2") if path == "orders" else {"items": [order()]}
    answer = caller.post(path, other, **{"Idempotency-Key": "a"})
    assert told(answer)[:2] == (422, "idempotency_mismatch")
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_token_belongs_to_its_key() -> None:
    Caller().post("orders", order(), **{"Idempotency-Key": "a"})
    answer = Caller(source="kasir").post("orders", order("W-2"), **{"Idempotency-Key": "a"})
    assert answer.status_code == 201


@pytest.mark.django_db
def test_a_refused_call_leaves_its_token_free() -> None:
    caller = Caller()
    refused = caller.post("orders", order(outlet="XXX"), **{"Idempotency-Key": "a"})
    assert (refused.status_code, GivenAnswer.objects.count()) == (422, 0)
    assert caller.post("orders", order(), **{"Idempotency-Key": "a"}).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "ä", "x" * 256, "a b"])
def test_an_odd_token_is_refused(token: str) -> None:
    headers = {"Idempotency-Key": token.encode().decode("latin-1")}
    answer = Caller().post("orders", order(), **headers)
    assert told(answer)[2][0][0] == "Idempotency-Key"
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_what_was_answered_is_kept_sealed() -> None:
    caller, dewi = Caller(), cast.member("dewi")
    caller.patch(f"customers/{dewi.id}", {"city": "Cimahi"}, **{"Idempotency-Key": "a"})
    assert "dewi@contoh.id" in GivenAnswer.objects.get().answer
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM apikeys_givenanswer")
        sealed = cursor.fetchone()[0]
    assert sealed.startswith("k1:")
    assert "dewi" not in sealed


@pytest.mark.django_db
def test_a_failure_in_the_middle_leaves_neither_work_nor_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller()

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(GivenAnswer.objects, "create", fail)
        answer = caller.post("orders", order(), **{"Idempotency-Key": "a"})
    assert told(answer)[:2] == (500, "server_error")
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
    assert caller.post("orders", order(), **{"Idempotency-Key": "a"}).status_code == 201


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_week_by_the_schedule() -> None:
    Caller().post("orders", order(), **{"Idempotency-Key": "a"})
    assert purge_old(at=cast.NOW + KEEP_ANSWERS) == 0
    assert purge_old(at=cast.NOW + KEEP_ANSWERS * 1.01) == 1
    assert "setia.domains.apikeys.tasks.purge_calls" in {line.task_path for line in SCHEDULE}


# Real threads with connections of their own, in a shop of their own, on whichever database the tests run.


def _together(work: Callable[[], None]) -> None:
    def run() -> None:
        with clock.frozen(cast.NOW):
            work()

    at_once(6, run)


def race() -> dict[str, Any]:
    """Send the same order six times at once, with a token and without, and tell what was heard and written."""
    caller, keyed, bare = Caller(), [], []

    def with_token() -> None:
        answer = caller.post("orders", order(), **{"Idempotency-Key": "a"})
        keyed.append((answer.status_code, answer.headers.get("Retry-After"), answer.json().get("id")))

    _together(with_token)
    _together(lambda: bare.append(caller.post("orders", order("W-2")).json()["status"]))
    counts = [model.objects.count() for model in (Order, GivenAnswer, Customer)]
    return {"keyed": keyed, "bare": bare, "counts": counts, "counted": Customer.objects.get().counters.order_count}


def twins(*, is_elsewhere: bool) -> tuple[str, list[Any]]:
    """Call twice with one token, the second while the first is at work; `is_elsewhere`: in another process."""
    if is_elsewhere:
        answering._at_work = _Forgetful()
    key = Caller(Scope.ORDERS_WRITE).key
    inside, go_on, heard = threading.Event(), threading.Event(), []

    def slow() -> Answer:
        inside.set()
        go_on.wait(10)
        return Answer(201, "{}")

    def call() -> Answer:
        return answered_once(key=key, token="a", request=b"x", at=cast.NOW, work=slow)

    def first() -> None:
        heard.append(call().is_replayed)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    if is_elsewhere and connection.vendor == "sqlite":
        threading.Timer(0.2, go_on.set).start()  # the second waits for the file's lock
    try:
        second = f"replayed: {call().is_replayed}"
    except StillAtWork:
        second = "still at work"
    go_on.set()
    thread.join()
    heard.append(call().is_replayed)
    return second, heard


class _Forgetful(set):  # type: ignore[type-arg]
    """What another process knows of the calls of this one: nothing."""

    def __contains__(self, item: object) -> bool:
        return False


def races() -> dict[str, Any]:
    """Run all races in one process."""
    return {"race": race(), "here": twins(is_elsewhere=False), "elsewhere": twins(is_elsewhere=True)}


def test_equal_calls_at_once_do_the_work_once(shop: ShopOnDisk) -> None:
    found = shop.call("tests.api.test_once:races")
    keyed, bare = found["race"]["keyed"], found["race"]["bare"]
    assert {status for status, _, _ in keyed} <= {201, 409}
    assert len({row_id for status, _, row_id in keyed if status == 201}) == 1
    assert {wait for status, wait, _ in keyed if status == 409} <= {"1"}
    assert sorted(bare) == ["created", *["known"] * 5]
    assert (found["race"]["counts"], found["race"]["counted"]) == ([2, 1, 1], 2)
    assert found["here"] == ["still at work", [False, True]]
    waits = "still at work" if ON_POSTGRES else "replayed: True"
    assert found["elsewhere"] == [waits, [False, True]]


@pytest.mark.django_db
def test_doors_that_collide_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import IntegrityError

    tries = []

    def work() -> tuple[int, dict[str, str]]:
        tries.append(1)
        if len(tries) < 3:
            raise IntegrityError("twin")
        return 200, {"id": "1", "status": "known"}

    monkeypatch.setattr("setia.api.answers.time.sleep", lambda seconds: None)
    answer = answers._again_when_doors_collide(lambda: Answer(*[work()[0], "{}"]))
    assert (answer.status, len(tries)) == (200, 3)


# "created" is said by one call only, whatever the others saw when they looked.


def created_once() -> dict[str, list[str]]:
    """Send the same new customer, product, return and event six times at once and return what was answered."""
    caller = Caller()
    bodies = {
        "customers": {"external_id": "u-1", "phone": "0812-3456-7890", "name": "Dewi Lestari"},
        "products": {"sku": "KS-1", "name": "Kopi Susu Senja", "price": 22_000},
        "returns": {"external_id": "R-1", "returned_at": AT, "lines": [{"name": "Teh", "quantity": 1, "total": 9_000}]},
        "events": {"external_id": "e-1", "name": "app.login", "occurred_at": AT},
    }
    heard: dict[str, list[str]] = {}
    for path, body in bodies.items():
        said = heard[path] = []
        _together(lambda path=path, body=body, said=said: said.append(_said(caller.post(path, body))))  # type: ignore[misc]
        many = heard[f"{path}/bulk"] = []
        body = {**body, "sku": "KS-2"} if "sku" in body else {**body, "external_id": "x-2", "phone": "0813 1111 2222"}
        body = {name: value for name, value in body.items() if name != "phone" or path == "customers"}
        items = {"items": [body]}
        _together(lambda path=path, items=items, many=many: many.append(_said(caller.post(f"{path}/bulk", items))))  # type: ignore[misc]
    return heard


def _said(answer: Any) -> str:
    value = answer.json()
    return str(value["results"][0]["status"] if "results" in value else value.get("status", value))


def test_created_is_said_once_of_everything(shop: ShopOnDisk) -> None:
    heard = shop.call("tests.api.test_once:created_once")
    assert {path: sorted(said) for path, said in heard.items()} == {
        path: ["created", *["known"] * 5]
        for noun in ("customers", "products", "returns", "events")
        for path in (noun, f"{noun}/bulk")
    }
