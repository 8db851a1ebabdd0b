"""The part of the pages benchmark that runs inside the shop: fill it, then time its pages."""

import argparse
import gzip
import json
import re
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.shops import percentile  # noqa: E402
from setia.cli.upkeep import collect_static  # noqa: E402
from setia.demo.loading import load_demo  # noqa: E402
from setia.domains.commerce.actions import record_sales  # noqa: E402
from setia.domains.commerce.drafts import LineDraft, SaleDraft  # noqa: E402
from setia.domains.commerce.models import CustomerCounters, Order, Product  # noqa: E402
from setia.domains.customers.actions import tagging  # noqa: E402
from setia.domains.customers.models import Customer, Tag  # noqa: E402
from setia.domains.customers.queries import contacts  # noqa: E402
from setia.domains.lists.actions import save_view  # noqa: E402
from setia.domains.lists.models import SavedView  # noqa: E402
from setia.domains.staff.models import Staff  # noqa: E402
from setia.foundation import clock  # noqa: E402
from setia.foundation.actors import SYSTEM  # noqa: E402

LIST = "/console/customers/"
SEARCH = "/console/search/?q="


def fill(customers: int, events: int) -> int:
    """Make the shop and give its best customer many events; return that customer."""
    collect_static()
    at = clock.now()
    load_demo(
        customers=customers,
        months=24,
        seed=1,
        at=at,
        report=lambda text: print(text, file=sys.stderr),
        # Fewer lines a person than in life: lists and searches depend on people and orders, and the disk is small.
        lines_per_customer=4.0 if customers > 100_000 else None,
    )
    best: int = CustomerCounters.objects.order_by("-spent_total")[0].customer_id
    line = LineDraft(product_id=Product.objects.all()[0].id, quantity_milli=1000, unit_price=1, gross=1)
    for start in range(0, events, 500):
        drafts = [
            SaleDraft(
                source=f"bench|{n}", number=f"B{n}", customer_id=best, placed_at=at - timedelta(hours=n), lines=(line,)
            )
            for n in range(start, start + 500)
        ]
        record_sales(drafts=drafts, by=SYSTEM, at=at)
    mark(at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return best


def mark(at: datetime) -> None:
    """Put tags on many and on few people, let the team look after some, and keep a view of them."""
    ids = list(Customer.objects.order_by("id").values_list("id", flat=True))
    team = list(Staff.objects.order_by("id"))
    for name, step in (("Sering", 3), ("VIP", 13), ("Langka", 997)):
        for start in range(0, len(ids), 13 * 997):
            tagging.add_tags(customer_ids=ids[start : start + 13 * 997 : step], names=[name], by=SYSTEM, at=at)
    for start in range(0, len(ids), 10_000):
        owner = team[start // 10_000 % len(team)]
        tagging.assign_owner(customer_ids=ids[start : start + 10_000 : 4], owner=owner, by=SYSTEM, at=at)
    sari = Staff.objects.get(role="owner")
    query = "stage=lost&sort=spend&city=Bandung&spent_min=100000"
    save_view(table="customers", name="Besar", query=query, columns=["tags", "owner"], is_shared=True, by=sari, at=at)


def filtered(rounds: int) -> dict[str, list[str]]:
    """Return lists narrowed by each filter and by two, in every sort, of stages large and small."""
    tags = dict(Tag.objects.values_list("name", "id"))
    owner = Staff.objects.order_by("id")[1].id
    view = SavedView.objects.get()
    day = (clock.now() - timedelta(days=200)).date()
    asked = {
        "tag": [f"tag={tag_id}" for tag_id in tags.values()],
        "owner": [f"owner={owner}", "owner=none", "owner=me"],
        "city": ["city=Bandung", "city=Cimahi", "city=Nihil"],
        "amounts": ["spent_min=100000&spent_max=200000", "orders_min=2&orders_max=3", "spent_min=5000000"],
        "days": [f"last_to={day}", f"added={day}", "birth=5"],
        "reach": ["phone=no", "email=yes", "email=no"],
        "two": [
            f"tag={tags['VIP']}&city=Bandung",
            f"birth=5&owner={owner}",
            "city=Bandung&spent_min=1000000&email=yes",
        ],
    }
    sorts = [(stage, sort) for stage in ("buyers", "active", "lost") for sort in ("recent", "spend", "name")]
    lists = {
        f"list_by_{name}": [f"{LIST}?stage={stage}&sort={sort}&{query}" for stage, sort in sorts for query in queries]
        for name, queries in asked.items()
    }
    return lists | {"list_view": [f"{LIST}?{view.query}&view={view.id}"] * rounds}


def plan(best: int, rounds: int) -> dict[str, list[str]]:
    """Return the addresses to ask for, by kind of page; many different ones, so that no cache flatters."""
    some = list(CustomerCounters.objects.filter(order_count__gte=2).values_list("customer_id", flat=True)[:rounds])
    phones = [contact.phone for contact in contacts(some).values() if contact.phone]
    names = list(Customer.objects.filter(id__in=some).values_list("name", flat=True))
    numbers = list(Order.objects.values_list("number", flat=True)[:rounds])
    sorts = [(stage, sort) for stage in ("buyers", "active", "at_risk", "lost") for sort in ("recent", "spend", "name")]
    return {
        "home": ["/console/"] * rounds,
        "list": [f"{LIST}?stage={stage}&sort={sort}" for stage, sort in sorts] * (1 + rounds // 12),
        "list_everyone": [f"{LIST}?stage=everyone&sort={sort}" for sort in ("added", "name")] * (rounds // 2),
        "search_name": [SEARCH + name for name in names],
        "search_two_letters": [SEARCH + name[:2] for name in names],
        "search_phone": [f"{SEARCH}%2B{phone[1:]}" for phone in phones],
        "search_last_four": [SEARCH + phone[-4:] for phone in phones],
        "search_order": [SEARCH + number for number in numbers],
        "person": [f"{LIST}{customer_id}/" for customer_id in some],
        "person_with_many_events": [f"{LIST}{best}/"] * rounds,
        "orders": ["/console/orders/"] * rounds,
        **filtered(rounds),
        "tags": ["/console/tags/"] * rounds,
    }


def ask(client: Client, path: str) -> tuple[float, bytes]:
    """Ask for one page and return its server time in ms (middleware, view, template) and its gzip bytes."""
    start = time.perf_counter()
    answer = client.get(path)
    spent = 1000 * (time.perf_counter() - start)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return spent, answer.content


def deep(client: Client, rounds: int) -> list[float]:
    """Turn pages one after another and return the ms of each."""
    path, times = f"{LIST}?stage=buyers&sort=spend", []
    for _ in range(rounds):
        spent, body = ask(client, path)
        times.append(spent)
        text = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        found = re.search(r'rel="next" href="([^"]+)"', text)
        if found is None:
            break
        path = LIST + found.group(1).replace("&amp;", "&")
    return times


def summary(times: list[float]) -> dict[str, Any]:
    """Return p50 and p95 in ms."""
    return {"p50_ms": round(percentile(times, 0.5), 1), "p95_ms": round(percentile(times, 0.95), 1)}


def main() -> None:
    """Fill and time; the last line is the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("customers", type=int)
    parser.add_argument("events", type=int)
    parser.add_argument("rounds", type=int)
    options = parser.parse_args()
    started = time.monotonic()
    best = fill(options.customers, options.events)
    figures: dict[str, Any] = {"made_in_seconds": round(time.monotonic() - started, 1)}
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(headers={"Accept-Encoding": "gzip"})
    client.force_login(Staff.objects.get(role="owner"))
    for name, paths in plan(best, options.rounds).items():
        ask(client, paths[0])
        rows = [ask(client, path) for path in paths]
        figures[name] = {**summary([spent for spent, _ in rows]), "bytes": max(len(body) for _, body in rows)}
    figures["deep_paging"] = summary(deep(client, options.rounds))
    print(json.dumps(figures))


main()
