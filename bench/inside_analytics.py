"""The parts of the analytics benchmark, each in a process of its own: make a lake, or answer from it."""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
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


def setia() -> dict[str, Any]:
    """Answer all measures for 36 months, the cohorts, and score everybody; say how long the RFM and cohorts took."""
    from setia.domains.analytics.churn.learning import back_test, chances
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.measuring import MEASURES, Choices
    from setia.domains.analytics.measuring.cohorts import cohort_cells
    from setia.domains.analytics.measuring.measuring import lay_out, measure_all, months_until
    from setia.domains.analytics.measuring.people import score_people
    from setia.domains.analytics.scoring.history import history

    begun = time.monotonic()
    engine = open_engine(lake(), master="")
    lay_out(engine, today=TODAY)
    laid = time.monotonic()
    cells = cohort_cells(engine)
    counted = time.monotonic()
    scored = score_people(engine, today=TODAY, preset="levels")
    done = time.monotonic()
    months = months_until(engine, today=TODAY)
    values = measure_all(engine, months, today=TODAY, choices=Choices(), measures=MEASURES)
    measured = time.monotonic()
    _told, moves = history(engine, today=TODAY, choices=Choices(), preset="levels")
    told_history = time.monotonic()
    tried = back_test(engine, today=TODAY, choices=Choices(), people=len(scored.person_id))
    learned = time.monotonic()
    if tried["state"] == "done":
        chances(engine, tried, today=TODAY, choices=Choices(), known=scored.known)
    return {
        "seconds": round(done - begun, 2),
        "all_seconds": round(measured - begun, 2),
        "tables_seconds": round(laid - begun, 2),
        "cohort_seconds": round(counted - laid, 2),
        "people_seconds": round(done - counted, 2),
        "measures_seconds": round(measured - done, 2),
        "history_seconds": round(told_history - measured, 2),
        "churn_fit_seconds": round(learned - told_history, 2),
        "churn_score_seconds": round(time.monotonic() - learned, 2),
        "check": [len(scored.person_id), sum(cell.people for cell in cells), len(values), len(moves)],
    }


def by_duckdb() -> dict[str, Any]:
    """Answer RFM and cohorts by SQL written by hand for this one purpose."""
    begun = time.monotonic()
    engine = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(Path(os.environ["SETIA_HOME"]) / "t")})
    files = [part.file for part in lake().of_table("orders")]
    engine.execute(f"CREATE VIEW orders AS SELECT * FROM read_parquet({files}, hive_partitioning = false)")
    rfm: Any = engine.execute(
        f"{_HAND} SELECT customer_id, DATE '{TODAY}' - last_day AS days, orders, value FROM people ORDER BY customer_id"
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
        "duckdb": by_duckdb,
        "polars": by_polars,
        "pandas": by_pandas,
        "make": lambda: make(int(sys.argv[2])),
    }
    begun = time.process_time()
    figures = parts[sys.argv[1]]()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures |= {"cpu_seconds": round(time.process_time() - begun, 2), "peak_mib": round(usage.ru_maxrss / 1024)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
