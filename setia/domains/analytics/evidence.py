"""Figures by which a shop's habits are judged: whom it spends on and talks to, how it keeps its word, who leaves how.

Counted once in an analysis, so that the guide's pages read one row. It holds counts only.
"""

from datetime import timedelta
from typing import Any

import numpy as np
from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.models import MarketingSpend
from setia.domains.commerce.models import Order, Return, Shipment
from setia.domains.commerce.models.work import ReturnCase, ReturnPolicy
from setia.domains.customers.models import Customer
from setia.domains.teamwork.models import Task, TaskState
from setia.domains.timeline.models import Interaction, Note

RECENT = timedelta(days=90)
HALF_YEAR = timedelta(days=180)
FOLLOW_UP_DAYS = 14
SAMPLE = 500
_REASONS = 12

_ORDERS = """
SELECT SUM(CASE WHEN p.shop_day = q.first_day THEN 1 ELSE 0 END) AS first_orders, COUNT(*) AS orders
FROM purchases p JOIN people q ON q.person_id = p.person_id WHERE p.shop_day > $since
"""
# Of those who left and of those who stay: how their last day was, and whether an order was cancelled after it.
_LAST = """
WITH last_orders AS (
    SELECT p.person_id, MAX(CASE WHEN p.value < p.net THEN 1 ELSE 0 END) AS came_back
    FROM purchases p JOIN people q ON q.person_id = p.person_id AND q.last_day = p.shop_day GROUP BY p.person_id
), gone AS (
    SELECT c.person_id, MAX(o.shop_day) AS cancelled_day
    FROM orders o JOIN customers c ON c.customer_id = o.customer_id
    WHERE o.status = 'cancelled' AND o.shop_day <= $today GROUP BY c.person_id
)
SELECT CASE WHEN q.last_day <= $lost THEN 'lost' WHEN q.last_day > $active THEN 'active' ELSE 'between' END AS kind,
       COUNT(*) AS people, SUM(l.came_back) AS came_back,
       SUM(CASE WHEN g.cancelled_day >= q.last_day THEN 1 ELSE 0 END) AS cancelled,
       SUM(CASE WHEN q.day_count = 1 THEN 1 ELSE 0 END) AS once
FROM people q JOIN last_orders l ON l.person_id = q.person_id LEFT JOIN gone g ON g.person_id = q.person_id
GROUP BY 1
"""


def evidence(this: Round) -> dict[str, Any]:
    """Return the counts; each judgment of the guide says which of them it reads."""
    known: dict[str, Any] = {"since": this.today - RECENT}
    orders = rows(this.engine.run(_ORDERS, known))[0]
    last: dict[str, Any] = {
        "today": this.today, "lost": this.today - timedelta(days=this.choices.lost_days),
        "active": this.today - timedelta(days=this.choices.active_days),
    }  # fmt: skip
    experience = {
        row["kind"]: {name: int(row[name] or 0) for name in ("people", "came_back", "cancelled", "once")}
        for row in rows(this.engine.run(_LAST, last))
    }
    return {
        "first_orders": int(orders["first_orders"] or 0),
        "orders": int(orders["orders"] or 0),
        "spend": _spend(this),
        "contacts": _contacts(this),
        "service": _service(this),
        "profile": _profile(),
        "follow_up": _follow_up(this),
        "vip": _vip(this),
        "returns": _returns(this),
        "experience": experience,
        "policy": ReturnPolicy.objects.exists(),
    }


def _spend(this: Round) -> dict[str, int]:
    since = this.today - timedelta(days=365)
    found: dict[str, int] = {}
    spent = MarketingSpend.objects.filter(month__gt=since, month__lte=this.today)
    for purpose, amount in spent.values_list("purpose", "amount"):
        found[purpose] = found.get(purpose, 0) + amount
    return found


def _contacts(this: Round) -> dict[str, int]:
    """Return how many contacts of the quarter the shop began with new customers, and with those it had."""
    rows_ = Interaction.objects.filter(happened_at__date__gt=this.today - RECENT, is_inbound=False)
    is_new = Q(customer__counters__first_order_at__date__gt=this.today - RECENT) | Q(
        customer__counters__first_order_at=None
    )
    return {**rows_.aggregate(new=Count("id", filter=is_new), old=Count("id", filter=~is_new))}


def _service(this: Round) -> dict[str, int]:
    """Return parcels that arrived by the promised day, tasks done by theirs, and orders that wait too long."""
    parcels = Shipment.objects.filter(shipped_at__date__gt=this.today - HALF_YEAR, estimated_date__isnull=False)
    due = parcels.filter(Q(delivered_at__isnull=False) | Q(estimated_date__lt=this.today))
    tasks = Task.objects.filter(due_date__gt=this.today - RECENT, due_date__lt=this.today).exclude(
        state=TaskState.CANCELLED
    )
    waiting = Order.objects.filter(status__in=["open", "packed"], shop_day__lt=this.today - timedelta(days=3))
    cases = ReturnCase.objects.filter(done_due_date__gt=this.today - HALF_YEAR, done_due_date__lt=this.today)
    return {
        "parcels": due.count(),
        "parcels_in_time": due.annotate(day=TruncDate("delivered_at")).filter(day__lte=F("estimated_date")).count(),
        "tasks": tasks.count(),
        "tasks_in_time": tasks.annotate(day=TruncDate("closed_at")).filter(day__lte=F("due_date")).count(),
        "waiting": waiting.count(),
        "cases": cases.count(),
        "cases_in_time": cases.annotate(day=TruncDate("checked_at")).filter(day__lte=F("check_due_date")).count(),
    }


def _profile() -> dict[str, int]:
    standing = Customer.objects.filter(canonical=None)
    known = ~Q(interests=[]) | ~Q(preferred_channel="") | Q(birth_date__isnull=False)
    found = standing.aggregate(people=Count("id"), named=Count("id", filter=~Q(name="")))
    return {**found, "known": standing.filter(known & ~Q(name="")).count()}


def _contacted(customer_ids: list[int], this: Round, since: timedelta) -> set[int]:
    """Return which of these a colleague talked to, wrote about or did a task for within some days."""
    day = this.today - since
    found = set(
        Interaction.objects.filter(customer_id__in=customer_ids, happened_at__date__gt=day).values_list(
            "customer_id", flat=True
        )
    )
    found |= set(
        Note.objects.filter(customer_id__in=customer_ids, written_at__date__gt=day).values_list(
            "customer_id", flat=True
        )
    )
    done = Task.objects.filter(customer_id__in=customer_ids, state=TaskState.DONE, closed_at__date__gt=day)
    return found | {int(row) for row in done.values_list("customer_id", flat=True) if row}


def _follow_up(this: Round) -> dict[str, int]:
    """Return of the latest buyers who have had two weeks since how many somebody got in touch with afterwards."""
    until = this.today - timedelta(days=FOLLOW_UP_DAYS)
    bought = Order.objects.filter(shop_day__lte=until, shop_day__gt=this.today - RECENT, customer__isnull=False)
    latest = bought.exclude(status="cancelled").order_by("-placed_at", "-id").values_list("customer_id", "placed_at")
    first_seen: dict[int, Any] = {}
    for customer_id, placed_at in latest[:SAMPLE]:
        if customer_id is not None:
            first_seen.setdefault(customer_id, placed_at)
    touched: set[int] = set()
    for model, name in ((Interaction, "happened_at"), (Note, "written_at")):
        for customer_id, at in model.objects.filter(customer_id__in=list(first_seen)).values_list("customer_id", name):
            bought_at = first_seen[customer_id]
            if bought_at <= at <= bought_at + timedelta(days=FOLLOW_UP_DAYS):
                touched.add(customer_id)
    return {"buyers": len(first_seen), "touched": len(touched)}


def _vip(this: Round) -> dict[str, int]:
    """Return of the best tenth by worth, and of as many others, how many are cared for in person."""
    worth = this.scored.worth
    if len(worth) < 10:
        return {"people": 0, "cared": 0, "others": 0, "others_cared": 0}
    order = np.argsort(-worth, kind="stable")
    best = [int(row) for row in this.scored.person_id[order[: max(1, len(worth) // 10)][:SAMPLE]]]
    rest = order[len(worth) // 10 :]
    others = [int(row) for row in this.scored.person_id[rest[:: max(1, len(rest) // SAMPLE)][:SAMPLE]]]

    def cared(ids: list[int]) -> int:
        owned = set(Customer.objects.filter(id__in=ids, owner__isnull=False).values_list("id", flat=True))
        return len(owned | _contacted(ids, this, RECENT))

    return {"people": len(best), "cared": cared(best), "others": len(others), "others_cared": cared(others)}


def _returns(this: Round) -> dict[str, Any]:
    """Return how many returns of the year say why, and the reasons most given."""
    year = Return.objects.filter(shop_day__gt=this.today - timedelta(days=365), shop_day__lte=this.today)
    reasons = year.exclude(reason="").values("reason").annotate(count=Count("id")).order_by("-count", "reason")
    return {
        "count": year.count(),
        "told": year.exclude(reason="").count(),
        "reasons": [[row["reason"], row["count"]] for row in reasons[:_REASONS]],
    }
