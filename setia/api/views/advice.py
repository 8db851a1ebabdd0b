"""Advice: what to do next about a customer, and what to recommend to him."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from setia.api.advice_schemas import AdviceDecision, AdviceIn, AdviceOut
from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.keys import needs
from setia.api.lists import id_in_path
from setia.api.problems import Problem
from setia.api.responses import changes, reads
from setia.domains.advice.actions import UnableToDecide, accept, dismiss
from setia.domains.advice.models import Decision
from setia.domains.advice.queries import Lists, advice_for, lists_of
from setia.domains.advice.rules.actions import Suggestion
from setia.domains.advice.rules.windows import Window
from setia.domains.apikeys.rules import Scope
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import alias_ids, by_ids
from setia.domains.shop.queries import the_shop
from setia.foundation import clock

router = Router(tags=["advice"])
_READ, _WRITE = needs(Scope.CUSTOMERS_READ), needs(Scope.CUSTOMERS_WRITE)


@router.get("/customers/{customer_id}/advice", response=reads(AdviceOut, one=True), summary="Read advice", **_READ)
def read_advice(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Return what is worth doing next about a customer, best first, and what to recommend to him.

    Values are estimates in smallest units. Who does not want to be measured gets neither.
    """
    customer, shop, at = _customer(customer_id), the_shop(), clock.now()
    advised = advice_for([customer], at=at, shop=shop)[0]
    today = clock.shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    objects = advised.known.facts.objects
    lists = None if objects else lists_of(alias_ids(customer.id), today=today)
    return json_response(
        {
            "customer_id": str(customer.id),
            "objects_to_profiling": objects,
            "suggestions": [_suggestion(one) for one in advised.judged.suggestions],
            "forbidden": [{**_suggestion(one), "why": why} for one, why in advised.judged.forbidden],
            **_lists(lists),
        }
    )


@router.post("/customers/{customer_id}/advice", response=changes(AdviceDecision), summary="Decide on advice", **_WRITE)
def decide_on_advice(
    request: HttpRequest, customer_id: str, body: AdviceIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Take a suggestion up, and it becomes a task of who looks after the customer; or dismiss it with a reason, and it
    stays away as long as that lasts. Repeating it changes nothing."""

    def work() -> tuple[int, Mapping[str, Any]]:
        customer, by, at = _customer(customer_id), key_of(request).actor, clock.now()
        try:
            if body.decision == "accept":
                title = body.title or ""
                return 200, _decision(accept(customer=customer, kind=body.kind, title=title, by=by, at=at))
            reason = body.reason or ""
            return 200, _decision(dismiss(customer=customer, kind=body.kind, reason=reason, by=by, at=at))
        except UnableToDecide as error:
            raise Problem("advice_decided" if str(error) == "decided" else "advice_gone") from None

    return written(request, idempotency_key, work)


def _customer(customer_id: str) -> Customer:
    found = by_ids([id_in_path(customer_id)])
    if found and found[0].canonical_id is not None:
        found = by_ids([found[0].canonical_id])
    if not found:
        raise Problem("not_found")
    return found[0]


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "value": one.value,
        "cost": one.cost,
        "net": one.net,
        "figures": {name: round(value, 2) for name, value in one.figures.items()},
    }


def _lists(lists: Lists | None) -> dict[str, Any]:
    if lists is None:
        return {"buy_again": [], "may_also_like": [], "next_purchase": None}
    return {
        "buy_again": [
            {
                "product_id": str(one.product.id),
                "name": one.product.name,
                "days_bought": one.times,
                "mean_gap_days": one.gap,
                "next": _window(one.next),
            }
            for one in lists.again
        ],
        "may_also_like": [{"product_id": str(product.id), "name": product.name} for product in lists.also],
        "next_purchase": _window(lists.next),
    }


def _window(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {"from_days": window.low, "to_days": window.high, "probability": round(window.chance, 3)}


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "decision_id": str(decision.id),
        "kind": decision.kind,
        "is_accepted": decision.is_accepted,
        "reason": decision.reason,
        "task_id": str(decision.task_id) if decision.task_id else None,
        "stays_away_until": decision.until.isoformat(),
    }
