"""The parts of the recommendations' benchmark, each in a process of its own: make a shop and its lake, or advise it."""

import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

import setia.sqlite_driver  # noqa: F401 (the SQLite that Setia runs on)

import django  # isort: skip
import duckdb

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from setia.domains.analytics.lake.manifest import Manifest, Part, parts_folder, publish  # noqa: E402
from setia.domains.analytics.lake.tables import TABLES  # noqa: E402

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
PRODUCTS = 5_000
# Eight orders and twenty lines a customer over three years; each belongs to one of fifty circles of a hundred products
# and buys four of five things there, the first of them oftenest.
_MAKE = {
    "customers": "SELECT range + 1 AS customer_id, range + 1 AS person_id, '' AS source, NULL AS cost, "
    "TIMESTAMP '2023-11-01 00:00:00' AS made_at FROM range({n})",
    "products": "SELECT range + 1 AS product_id, 'K' || (range % 9) AS category FROM range({products})",
    "orders": "SELECT row_number() OVER () AS order_id, customer_id, CAST(NULL AS BIGINT) AS outlet_id, '' AS channel, "
    "'paid' AS status, day AS shop_day, CAST(day AS TIMESTAMP) AS placed_at, net, CAST(0 AS BIGINT) AS returned_total "
    "FROM (SELECT c + 1 AS customer_id, "
    "DATE '2023-11-22' + CAST(1095 * (1 - pow(random(), 1.2)) AS INTEGER) AS day, "
    "CAST(15000 + 200000 * random() * random() AS BIGINT) AS net FROM (SELECT range AS c, "
    "CAST(1 + 7 / sqrt(0.02 + random()) AS INTEGER) AS total FROM range({n})) people, range(60) k "
    "WHERE k.range < least(people.total, 60) / 1.6)",
    "lines": "SELECT order_id, customer_id, CAST(CASE WHEN random() < 0.8 "
    "THEN (hash(customer_id) % 50) * 100 + 1 + 99 * random() * random() * random() "
    "ELSE 1 + {products} * random() * random() - 0.5 END AS BIGINT) AS product_id, shop_day, "
    "CAST(1000 AS BIGINT) AS quantity_milli, CAST(net / 2 AS BIGINT) AS net FROM orders, range(3) k "
    "WHERE k.range < 2 OR order_id % 2 = 0",
    "returns": "SELECT order_id AS return_id, customer_id, order_id, outlet_id, shop_day, net AS total FROM orders "
    "WHERE order_id % 40 = 0",
    "return_lines": "SELECT customer_id, product_id, quantity_milli FROM lines WHERE order_id % 40 = 0",
}


def make(count: int) -> dict[str, Any]:
    """Write a shop of so many customers and the lake of what they bought."""
    call_command("migrate", verbosity=0)
    sizes = _make_lake(count)
    with connection.cursor() as cursor:
        at, day = str(AT.replace(tzinfo=None)), TODAY.isoformat()
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
        cursor.execute(
            f"INSERT INTO commerce_product (id, key, sku, name, category, price, created_at) {numbers} "
            "SELECT i, 'p' || i, '', 'Produk ' || i, 'K' || ((i - 1) %% 9), 20000, %s FROM n",
            [PRODUCTS, at],
        )
        cursor.execute(
            "INSERT INTO customers_customer (id, name, search_name, code, address, city, country, language, salutation,"
            f" gender, interests, preferred_channel, acquisition_source, joined_at, created_at) {numbers} "
            "SELECT i, 'Orang ' || i, '', '', '', '', '', 'id', '', '', '[]', '', '', %s, %s FROM n",
            [count, at, at],
        )
        cursor.execute(
            "UPDATE commerce_customercounters SET order_count = 1 + customer_id %% 12, spent_total = 60000 * (1 + "
            "customer_id %% 12), first_order_at = datetime(%s, '-' || (400 + customer_id %% 300) || ' days'), "
            "last_order_at = datetime(%s, '-' || (customer_id %% 400) || ' days')",
            [at, at],
        )
        cursor.execute(
            "INSERT INTO analytics_analysis (id, state, today, sequence, started_at, finished_at, step, share_done, "
            "problem, notes) VALUES (1, 'done', %s, 1, %s, %s, '', 1, '', '{}')",
            [day, at, at],
        )
        cursor.execute(
            "INSERT INTO analytics_personscore (customer_id, recency_days, recency, frequency, money, segment, level, "
            "chance_silent, worth, health, risk, activity, lifecycle, top_milli) "
            "SELECT customer_id, customer_id % 400, "
            "3, 3, 3, 'loyal', 2, customer_id % 1000, 500000, 50, 50, 'active', 'mature', 1 + customer_id % 999 "
            "FROM commerce_customercounters"
        )
    connection.commit()
    return {"customers": count, "products": PRODUCTS, **sizes}


def _make_lake(count: int) -> dict[str, int]:
    parts, folder = [], parts_folder() / "00000001-bench"
    folder.mkdir()
    engine = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")})
    engine.execute("SELECT setseed(0.5)").fetchall()
    for table in TABLES:
        columns = ", ".join(f"CAST({column.name} AS {column.type}) AS {column.name}" for column in table.columns)
        empty = "SELECT " + ", ".join(f"NULL AS {column.name}" for column in table.columns) + " WHERE false"
        asked = _MAKE.get(table.name, empty).format(n=count, products=PRODUCTS)
        engine.execute(f"CREATE TABLE {table.name} AS SELECT {columns} FROM ({asked})")
        target = folder / table.name
        if table.month:
            month = f"*, strftime({table.month}, '%Y-%m') AS month"
            engine.execute(
                f"COPY (SELECT {month} FROM {table.name}) TO '{target}' (FORMAT parquet, PARTITION_BY (month))"
            )
        else:
            target.mkdir()
            engine.execute(f"COPY {table.name} TO '{target}/part.parquet' (FORMAT parquet)")
        for file in sorted(target.rglob("*.parquet")):
            named = file.parent.name.removeprefix("month=") if table.month else ""
            parts.append(Part(table.name, named, str(file), 0, file.stat().st_size))
    sizes = {name: engine.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("orders", "lines")}
    publish(Manifest(1, AT, tuple(parts)))
    return sizes


def advise() -> dict[str, Any]:
    """Make all advice, and say how long each step took and what was written."""
    from setia.domains.advice.actions import advise as advise_everybody

    begun, steps, last = time.monotonic(), {}, [("begin", time.monotonic())]

    def report(step: str) -> None:
        name, since = last[0]
        steps[name] = round(time.monotonic() - since, 2)
        last[0] = (step, time.monotonic())

    done = advise_everybody(at=AT, now=lambda: AT, report=report)
    report("end")
    assert done is not None
    judged = {
        name: {each: figures["hit_rate"][0] for each, figures in found["lists"].items()}
        for name, found in done.notes["judged"].items()
    }
    return {
        "seconds": round(time.monotonic() - begun, 2),
        "steps": steps,
        "changed": done.notes["changed"],
        "actions": sum(done.notes["actions"].values()),
        "actions_changed": done.notes["actions_changed"],
        "hit_rates": judged,
        "windows": {name: found.get("tried") for name, found in done.notes["windows"].items()},
    }


def main() -> None:
    """Do one part and print its figures as one JSON object."""
    begun = time.process_time()
    figures = make(int(sys.argv[2])) if sys.argv[1] == "make" else advise()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures |= {"cpu_seconds": round(time.process_time() - begun, 2), "peak_mib": round(usage.ru_maxrss / 1024)}
    print(json.dumps(figures))


main()
