"""The parts of the analytics benchmark, each in a process of its own: make a lake, or answer from it."""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import django
import duckdb

django.setup()

from setia.domains.analytics.lake.manifest import Manifest, Part, parts_folder, publish, read_manifest  # noqa: E402
from setia.domains.analytics.lake.tables import TABLES, LakeTable  # noqa: E402

TODAY = date(2026, 11, 22)
# About eight orders and twenty lines a customer over three years, a few with very many, bought at skewed rates.
_MAKE = {
    "customers": "SELECT range + 1 AS customer_id, range + 1 AS person_id, '' AS source, NULL AS cost, "
    "TIMESTAMP '2023-11-01 00:00:00' AS made_at FROM range({n})",
    "products": "SELECT range + 1 AS product_id, 'K' || (range % 9) AS category FROM range(200)",
    "orders": "SELECT row_number() OVER () AS order_id, customer_id, CAST(NULL AS BIGINT) AS outlet_id, '' AS channel, "
    "'paid' AS status, day AS shop_day, CAST(day AS TIMESTAMP) AS placed_at, net, CAST(0 AS BIGINT) AS returned_total "
    "FROM (SELECT c + 1 AS customer_id, "
    "DATE '2023-11-22' + CAST(1096 * (1 - pow(random(), 1.2)) AS INTEGER) AS day, "
    "CAST(15000 + 200000 * random() * random() AS BIGINT) AS net FROM (SELECT range AS c, "
    "CAST(1 + 7 / sqrt(0.02 + random()) AS INTEGER) AS total FROM range({n})) people, range(60) k "
    "WHERE k.range < least(people.total, 60) / 1.6)",
    "lines": "SELECT order_id, customer_id, CAST(1 + 200 * random() * random() AS BIGINT) AS product_id, shop_day, "
    "CAST(1000 AS BIGINT) AS quantity_milli, CAST(net / 2 AS BIGINT) AS net FROM orders, range(2) k",
    "returns": "SELECT order_id AS return_id, customer_id, order_id, outlet_id, shop_day, net AS total FROM orders "
    "WHERE order_id % 40 = 0",
    "return_lines": "SELECT customer_id, product_id, quantity_milli FROM lines WHERE order_id % 40 = 0",
}

_HAND = """
WITH spent AS (
    SELECT customer_id, shop_day, count(*) AS orders, sum(net - returned_total) AS value FROM orders
    WHERE status <> 'cancelled' GROUP BY ALL
), people AS (
    SELECT customer_id, min(shop_day) AS first_day, max(shop_day) AS last_day, sum(orders) AS orders,
           sum(value) AS value
    FROM spent GROUP BY customer_id
)
"""


def _made(table: LakeTable, count: int) -> str:
    """Return the question that makes a table; what customers do beside buying is left empty."""
    if table.name in _MAKE:
        return _MAKE[table.name].format(n=count)
    return "SELECT " + ", ".join(f"NULL AS {column.name}" for column in table.columns) + " WHERE false"


def make(count: int) -> dict[str, Any]:
    """Write a lake of so many customers and publish it."""
    parts, folder = [], parts_folder() / "00000001-bench"
    folder.mkdir()
    engine = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")})
    engine.execute("SELECT setseed(0.5)").fetchall()
    for table in TABLES:
        columns = ", ".join(f"CAST({column.name} AS {column.type}) AS {column.name}" for column in table.columns)
        engine.execute(f"CREATE TABLE {table.name} AS SELECT {columns} FROM ({_made(table, count)})")
        target = folder / table.name
        split = ""
        if table.month:
            columns, split = f"*, strftime({table.month}, '%Y-%m') AS month", ", PARTITION_BY (month)"
            engine.execute(f"COPY (SELECT {columns} FROM {table.name}) TO '{target}' (FORMAT parquet{split})")
        else:
            target.mkdir()
            engine.execute(f"COPY {table.name} TO '{target}/part.parquet' (FORMAT parquet)")
        parts += [
            Part(
                table.name, file.parent.name.removeprefix("month=") if split else "", str(file), 0, file.stat().st_size
            )
            for file in sorted(target.rglob("*.parquet"))
        ]
    sizes = {name: engine.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("orders", "lines")}
    publish(Manifest(1, datetime(2026, 11, 22, tzinfo=UTC), tuple(parts)))
    return {"customers": count, **sizes, "lake_mib": round(sum(part.bytes for part in parts) / 1048576)}


def lake() -> Manifest:
    """Return the lake that was made."""
    found = read_manifest()
    assert found is not None
    return found


def people_of_the_shop(count: int) -> dict[str, Any]:
    """Make the shop's own database with so many customers in it, for what is written back to belong to somebody."""
    from django.core.management import call_command
    from django.db import connection

    from setia.domains.customers.models import Customer
    from setia.foundation import clock
    from setia.foundation.db import write_tx

    call_command("migrate", verbosity=0)
    at = clock.now()
    given: dict[str, Any] = {"created_at": at, "updated_at": at}
    names: list[str] = []
    values: list[Any] = []
    for field in Customer._meta.concrete_fields:
        names.append(str(field.column))
        value = given.get(field.name, field.get_default())
        if value is None and not field.null and "Date" in field.get_internal_type():
            value = at
        values.append(None if field.primary_key else field.get_db_prep_save(value, connection))
    marks = ", ".join("i" if column == "id" else "%s" for column in names)
    sql = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
        f"INSERT INTO customers_customer ({', '.join(names)}) SELECT {marks} FROM n"
    )
    with write_tx(), connection.cursor() as cursor:
        cursor.execute(sql, [count, *(v for v, name in zip(values, names, strict=True) if name != "id")])
    return {}


def rfm(engine: Any) -> int:
    """Score everybody by recency, frequency and money, and name his segment, as an analysis does; return how many."""
    import numpy as np

    from setia.domains.analytics.rules.rfm import CELLS, FIVE_LEVELS, score

    table = engine.run(
        "SELECT person_id, DATE_DIFF('day', last_day, $today) AS days, order_count, value FROM people "
        "ORDER BY person_id", {"today": TODAY},
    )  # fmt: skip
    days, counts, amounts = (
        np.asarray(table[name].to_numpy(), dtype=np.int64) for name in ("days", "order_count", "value")
    )
    recency, frequency, money = score(days, counts, amounts, FIVE_LEVELS)
    return len(CELLS[recency, frequency, money])


def setia() -> dict[str, Any]:
    """Answer RFM and cohorts as the others do (`seconds`), then all that an analysis answers, and write it back."""
    return _analyze(first=True)


def incremental() -> dict[str, Any]:
    """Rewrite four months of orders, lines and returns, as new, late and refunded ones have them read again; then all.

    The months are read from the lake and not from the shop's tables, which hold no orders here; all the rest is what an
    analysis does, and only what differs is written back.
    """
    begun = time.monotonic()
    before, folder = lake(), parts_folder() / "00000002-bench"
    folder.mkdir()
    engine = duckdb.connect(config={"memory_limit": "512MB", "temp_directory": str(folder / "spill")})
    changed, parts = {"2024-03", "2024-09", "2025-05", TODAY.strftime("%Y-%m")}, []
    for part in before.parts:
        if part.month not in changed:
            parts.append(part)
            continue
        target = folder / f"{part.table}-{part.month}-{Path(part.file).stem}.parquet"
        columns = {
            "orders": "* REPLACE (CASE WHEN order_id % 50 = 0 THEN net ELSE returned_total END AS returned_total)"
        }.get(part.table, "*")
        engine.execute(
            f"COPY (SELECT {columns} FROM read_parquet('{part.file}', hive_partitioning = false)) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        parts.append(Part(part.table, part.month, str(target), part.rows, target.stat().st_size))
    engine.close()
    publish(Manifest(2, datetime(2026, 11, 22, tzinfo=UTC), tuple(parts)))
    rewritten = time.monotonic()
    figures = _analyze(first=False)
    return {
        **figures,
        "rewrite_seconds": round(rewritten - begun, 2),
        "incremental_seconds": round(time.monotonic() - begun, 2),
    }


def _analyze(*, first: bool) -> dict[str, Any]:
    from setia.domains.analytics.churn.learning import back_test
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.measuring import MEASURES, Choices
    from setia.domains.analytics.measuring.answers import answer_all
    from setia.domains.analytics.measuring.cohorts import cohort_cells
    from setia.domains.analytics.measuring.measuring import lay_out, measure_all, months_until
    from setia.domains.analytics.measuring.people import score_people
    from setia.domains.analytics.scoring.history import history
    from setia.domains.analytics.writing import write_cohorts, write_measures, write_scores

    marks: list[tuple[str, float, float]] = [("begun", time.monotonic(), time.process_time())]

    def done(name: str) -> None:
        marks.append((name, time.monotonic(), time.process_time()))

    engine = open_engine(lake(), master="")
    lay_out(engine, today=TODAY)
    done("tables")
    cells = cohort_cells(engine)
    done("cohorts")
    scored_count = rfm(engine)
    done("rfm")
    months = months_until(engine, today=TODAY)
    values = measure_all(engine, months, today=TODAY, choices=Choices(), measures=MEASURES) if first else []
    done("measures")
    answers = answer_all(engine, today=TODAY, choices=Choices()) if not first else None
    done("answers")
    scored = score_people(engine, today=TODAY, preset="levels")
    done("models")
    if first:
        history(engine, today=TODAY, choices=Choices(), preset="levels")
        done("history")
        back_test(engine, today=TODAY, choices=Choices(), people=len(scored.person_id))
        done("churn_fit")
    engine.close()
    if answers is not None:
        write_measures(answers.values)
        write_cohorts(answers.cells)
    changed = write_scores(scored)
    done("written")
    times: dict[str, float] = {}
    for (_last, wall, cpu), (name, wall_now, cpu_now) in pairwise(marks):
        times |= {f"{name}_seconds": round(wall_now - wall, 2), f"{name}_cpu_seconds": round(cpu_now - cpu, 2)}
    same = ("tables", "cohorts", "rfm")
    return {
        "seconds": round(sum(times[f"{name}_seconds"] for name in same), 2),
        "same_cpu_seconds": round(sum(times[f"{name}_cpu_seconds"] for name in same), 2),
        "all_seconds": round(marks[-1][1] - marks[0][1], 2),
        **times,
        "changed": changed,
        "check": [scored_count, sum(cell.people for cell in cells), len(values)],
    }


def by_duckdb() -> dict[str, Any]:
    """Answer RFM and cohorts by SQL written by hand for this one purpose."""
    begun = time.monotonic()
    engine = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(Path(os.environ["SETIA_HOME"]) / "t")})
    files = [part.file for part in lake().of_table("orders")]
    engine.execute(f"CREATE VIEW orders AS SELECT * FROM read_parquet({files}, hive_partitioning = false)")
    rfm: Any = engine.sql(
        f"{_HAND} SELECT customer_id, CASE WHEN days <= 7 THEN 5 WHEN days <= 30 THEN 4 WHEN days <= 60 THEN 3 "
        "WHEN days <= 90 THEN 2 ELSE 1 END AS r, CASE WHEN orders > 10 THEN 5 WHEN orders > 5 THEN 4 "
        "WHEN orders > 3 THEN 3 WHEN orders > 1 THEN 2 ELSE 1 END AS f, CASE WHEN value > 10000000 THEN 5 "
        "WHEN value > 5000000 THEN 4 WHEN value > 2000000 THEN 3 WHEN value > 500000 THEN 2 ELSE 1 END AS m FROM "
        f"(SELECT customer_id, DATE '{TODAY}' - last_day AS days, orders, value FROM people) ORDER BY customer_id"
    ).to_arrow_table()
    cohorts = engine.execute(
        f"{_HAND} SELECT date_trunc('month', first_day) AS cohort, date_diff('month', first_day, shop_day) AS offset_, "
        "count(DISTINCT s.customer_id) AS people, sum(s.orders) AS orders, sum(s.value) AS value "
        "FROM spent s JOIN people p ON p.customer_id = s.customer_id GROUP BY ALL"
    ).fetchall()
    seconds = round(time.monotonic() - begun, 2)
    return {"seconds": seconds, "check": [rfm.num_rows, sum(row[2] for row in cohorts)]}


def by_polars() -> dict[str, Any]:
    """Answer the same by polars, lazily; nothing where it is not installed."""
    try:
        pl: Any = importlib.import_module("polars")
    except ImportError:
        return {}
    begun = time.monotonic()
    files = [part.file for part in lake().of_table("orders")]
    orders = pl.scan_parquet(files, hive_partitioning=False).filter(pl.col("status") != "cancelled")
    spent = (
        orders.group_by("customer_id", "shop_day")
        .agg(pl.len().alias("orders"), (pl.col("net") - pl.col("returned_total")).sum().alias("value"))
        .collect(engine="streaming")
    )
    people = spent.group_by("customer_id").agg(
        pl.col("shop_day").min().alias("first_day"), pl.col("shop_day").max().alias("last_day"),
        pl.col("orders").sum(), pl.col("value").sum(),
    ).sort("customer_id")  # fmt: skip

    def month(name: str) -> Any:
        return pl.col(name).dt.year() * 12 + pl.col(name).dt.month()

    cohorts = (
        spent.join(people.select("customer_id", "first_day"), on="customer_id")
        .group_by(month("first_day").alias("cohort"), (month("shop_day") - month("first_day")).alias("offset"))
        .agg(pl.col("customer_id").n_unique().alias("people"), pl.col("orders").sum(), pl.col("value").sum())
    )
    return {"seconds": round(time.monotonic() - begun, 2), "check": [len(people), int(cohorts["people"].sum())]}


def by_pandas() -> dict[str, Any]:
    """Answer the same by pandas; nothing where it is not installed."""
    try:
        pd: Any = importlib.import_module("pandas")
    except ImportError:
        return {}
    begun = time.monotonic()
    files = [part.file for part in lake().of_table("orders")]
    columns = ["customer_id", "shop_day", "net", "returned_total", "status"]
    orders = pd.concat([pd.read_parquet(file, columns=columns) for file in files])
    orders = orders[orders["status"] != "cancelled"]
    orders["shop_day"] = pd.to_datetime(orders["shop_day"])
    orders["value"] = orders["net"] - orders["returned_total"]
    spent = orders.groupby(["customer_id", "shop_day"])["value"].agg(["size", "sum"]).reset_index()
    people = spent.groupby("customer_id").agg({"shop_day": ["min", "max"], "size": "sum", "sum": "sum"})
    first = spent["customer_id"].map(people[("shop_day", "min")])
    spent["cohort"] = first.dt.year * 12 + first.dt.month
    spent["offset"] = spent["shop_day"].dt.year * 12 + spent["shop_day"].dt.month - spent["cohort"]
    cohorts = spent.groupby(["cohort", "offset"]).agg({"customer_id": "nunique", "size": "sum", "sum": "sum"})
    return {"seconds": round(time.monotonic() - begun, 2), "check": [len(people), int(cohorts["customer_id"].sum())]}


def main() -> None:
    """Do one part and print its figures as one JSON object."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "setia": setia,
        "incremental": incremental,
        "duckdb": by_duckdb,
        "polars": by_polars,
        "pandas": by_pandas,
        "make": lambda: {**people_of_the_shop(int(sys.argv[2])), **make(int(sys.argv[2]))},
    }
    begun = time.process_time()
    figures = parts[sys.argv[1]]()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures |= {"cpu_seconds": round(time.process_time() - begun, 2), "peak_mib": round(usage.ru_maxrss / 1024)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
