"""The parts of the segments benchmark, each in a process of its own inside the shop."""

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from bench.shops import percentile  # noqa: E402
from setia.domains.analytics.lake import read_manifest  # noqa: E402
from setia.domains.commerce.actions import ProductClaim, ensure_products, record_sales  # noqa: E402
from setia.domains.commerce.drafts import LineDraft, SaleDraft  # noqa: E402
from setia.domains.segments import actions  # noqa: E402
from setia.domains.segments.models import Segment, Standing  # noqa: E402
from setia.domains.segments.names import ShopNames  # noqa: E402
from setia.domains.segments.rules.text import parse  # noqa: E402
from setia.foundation import clock  # noqa: E402
from setia.foundation.actors import SYSTEM  # noqa: E402
from setia.foundation.db import write_tx  # noqa: E402

# The lake of the analytics benchmark ends on this day.
TODAY = datetime(2026, 11, 22, 3, tzinfo=UTC)
FIRST = "pesanan(365 hari) >= 3 dan belanja_terakhir >= 60 hari"
TEN = (
    FIRST,
    "belanja_terakhir > 180 hari",
    "belanja_pertama <= 30 hari",
    "pesanan(90 hari) >= 3",
    "belanja(365 hari) >= 500000",
    'pesanan(90 hari, kategori: "K3") >= 1 dan bukan pesanan(30 hari, kategori: "K4") >= 1',
    "pesanan = 1 dan belanja_terakhir = 7..45 hari",
    "rata_rata(365 hari) >= 80000 dan pesanan(365 hari) >= 2",
    "retur(180 hari) >= 1 atau belanja(30 hari) = 0",
    'kota = "Bandung" dan belanja_terakhir <= 90 hari',
)
FRESH = "belanja_terakhir <= 3 hari"
SHARE_WITH_ORDERS = 10
EVENTS = 200
FLIPS = 200


def make(count: int) -> dict[str, Any]:
    """Make the lake, the customers, and in the database the orders of a tenth of them."""
    from bench.inside_analytics import make as make_lake

    found = make_lake(count)
    with write_tx(), connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
            "INSERT INTO customers_customer (id, name, search_name, code, address, city, country, language, "
            "salutation, gender, interests, preferred_channel, acquisition_source, joined_at, created_at) "
            "SELECT i, 'Orang ' || i, 'orang ' || i, '', '', CASE i %% 5 WHEN 0 THEN 'Bandung' WHEN 1 THEN 'Jakarta' "
            "ELSE '' END, '', 'id', '', '', '[]', '', '', '2023-11-01 00:00:00', '2023-11-01 00:00:00' FROM n",
            [count],
        )
    found["orders_in_database"] = _orders_of_some()
    return found


def _orders_of_some() -> int:
    """Write the orders of every tenth customer from the lake into the shop's own table, and return how many."""
    import duckdb

    lake = read_manifest()
    assert lake is not None
    files = [part.file for part in lake.of_table("orders")]
    rows = duckdb.connect().execute(
        "SELECT order_id, customer_id, CAST(shop_day AS VARCHAR), net FROM "
        f"read_parquet({files}, hive_partitioning = false) WHERE customer_id % {SHARE_WITH_ORDERS} = 0"
    )
    total = 0
    while chunk := rows.fetchmany(20_000):
        with write_tx(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO commerce_order (id, number, customer_id, channel, tender, status, placed_at, shop_day, "
                "gross, discount, tax, net, returned_total, line_count, source_key, created_at) VALUES "
                "(%s, %s, %s, '', '', 'paid', %s, %s, %s, 0, 0, %s, 0, 1, %s, %s)",
                [
                    (i, str(i), who, f"{day} 03:00:00", day, net, net, i.to_bytes(16, "big"), f"{day} 03:00:00")
                    for i, who, day, net in chunk
                ],
            )
        total += len(chunk)
    return total


def count() -> dict[str, Any]:
    """Count a rule over everybody for the first time in this process."""
    node = parse(FIRST, ShopNames())
    from setia.domains.segments.setwise.counting import count as count_rule

    lake = read_manifest()
    assert lake is not None
    begun, used = time.monotonic(), time.process_time()
    found = count_rule(lake, node, at=TODAY)
    return {
        "first_count_seconds": round(time.monotonic() - begun, 3),
        "first_count_cpu_seconds": round(time.process_time() - used, 3),
        "first_count": len(found.ids),
    }


def ten() -> dict[str, Any]:
    """Count ten rules over everybody."""
    nodes = [parse(text, ShopNames()) for text in TEN]
    from setia.domains.segments.setwise.counting import count_many

    lake = read_manifest()
    assert lake is not None
    begun, used = time.monotonic(), time.process_time()
    found = count_many(lake, nodes, at=TODAY)
    return {
        "ten_segments_seconds": round(time.monotonic() - begun, 2),
        "ten_segments_cpu_seconds": round(time.process_time() - used, 2),
        "ten_counts": [len(each.ids) for each in found],
    }


def fill() -> dict[str, Any]:
    """Let the ten and one more go live and find their people, with the instants of everybody to come."""
    from setia.domains.segments.setwise import filling

    # The lake of this benchmark holds more than its database; it is taken as it stands.
    filling.fresh_lake = lambda **_: read_manifest()
    seconds = []
    for number, text in enumerate((*TEN, FRESH)):
        segment = actions.make_segment(name=f"S{number}", node=parse(text, ShopNames()), by=SYSTEM, at=clock.now())
        actions.go_live(segment=segment, by=SYSTEM, at=clock.now())
        begun = time.monotonic()
        actions.fill(segment_id=segment.id, now=clock.now)
        seconds.append(round(time.monotonic() - begun, 1))
    from setia.foundation.jobs.models import Job

    Job.objects.filter(task_path__contains="segments.tasks.fill").delete()
    return {
        "fill_seconds": seconds,
        "standing_rows": Standing.objects.count(),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def events() -> dict[str, Any]:
    """Let people buy one after another and wait for each until he is in; the worker does the rest."""
    segment = Segment.objects.get(name=f"S{len(TEN)}")
    product = ensure_products(claims=[ProductClaim(name="Kopi", price=20_000)], at=clock.now())
    product_id = next(iter(product.values()))
    highest = Segment.objects.count() and _highest_customer()
    chance, took = random.Random(3), []
    inside = set(Standing.objects.filter(segment=segment, is_member=True).values_list("customer_id", flat=True))
    people = [SHARE_WITH_ORDERS * n for n in chance.sample(range(1, highest // SHARE_WITH_ORDERS), EVENTS * 2)]
    for number, who in enumerate([each for each in people if each not in inside][:EVENTS]):
        line = LineDraft(product_id=product_id, quantity_milli=1000, unit_price=20_000, gross=20_000)
        at = clock.now()
        draft = SaleDraft(source=f"b|{number}", number=f"b{number}", customer_id=who, placed_at=at, lines=(line,))
        begun = time.monotonic()
        record_sales(drafts=[draft], by=SYSTEM, at=at)
        mine = Standing.objects.filter(segment=segment, customer_id=who, is_member=True)
        while not mine.exists():
            time.sleep(0.001)
            if time.monotonic() - begun > 60:
                raise RuntimeError("an order never came to the segment")
        took.append(1000 * (time.monotonic() - begun))
    return {"event_p50_ms": round(percentile(took, 0.5), 1), "event_p95_ms": round(percentile(took, 0.95), 1)}


def _highest_customer() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM customers_customer")
        return int(cursor.fetchone()[0])


def flips() -> dict[str, Any]:
    """Let an instant come for some people and say how long after it the last of them had changed.

    They are those who just bought, taken out as if the rule began to hold for them at the next full minute: every
    instant of a shop is a full hour.
    """
    segment = Segment.objects.get(name=f"S{len(TEN)}")
    rows = Standing.objects.filter(segment=segment, is_member=True, customer_id__lte=_highest_customer())
    ids = list(rows.order_by("-since").values_list("id", flat=True)[:FLIPS])
    now = clock.now()
    instant = (now + timedelta(seconds=65)).replace(second=0, microsecond=0)
    Standing.objects.filter(id__in=ids).update(is_member=False, recheck_at=instant)
    waiting = Standing.objects.filter(id__in=ids, is_member=False)
    while clock.now() < instant or waiting.exists():
        time.sleep(0.02)
        if clock.now() > instant + timedelta(minutes=5):
            raise RuntimeError("the instant was missed")
    lag = (clock.now() - instant).total_seconds()
    return {"flips": len(ids), "flip_lag_seconds": round(lag, 2)}


def main() -> None:
    """Do one part and print its figures as one JSON object."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "make": lambda: make(int(sys.argv[2])),
        "count": count,
        "ten": ten,
        "fill": fill,
        "events": events,
        "flips": flips,
    }
    print(json.dumps(parts[sys.argv[1]]()))


if __name__ == "__main__":
    main()
