"""The child that copies tables of the shop's database into Parquet files. Run by its path, with one job on its input.

It is a process of its own, because the driver brings another build of SQLite with it: two builds in one process each
keep their own list of POSIX locks, and rows were lost when they met. So nothing of Setia is imported here. It reads in
one transaction and never writes to the shop's database.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

BATCH_ROWS = "65536"


def _connection(job: dict[str, Any]) -> Any:
    if job["vendor"] == "sqlite":
        from adbc_driver_sqlite import dbapi

        return dbapi.connect(f"file:{job['database']}?mode=ro")
    from adbc_driver_postgresql import dbapi as postgres

    return postgres.connect(job["database"])


def _copy(rows: Any, engine: duckdb.DuckDBPyConnection, table: dict[str, Any], target: Path) -> list[dict[str, Any]]:
    """Write the rows of one question into a fresh folder and return the parts that came of it."""
    engine.register("rows", rows)
    form = "FORMAT parquet, COMPRESSION zstd"
    if table["month"]:
        month = f"strftime({table['month']}, '%Y-%m')"
        engine.execute(
            f"COPY (SELECT *, {month} AS month FROM (SELECT {table['casts']} FROM rows)) "
            f"TO '{target}' ({form}, PARTITION_BY (month), FILENAME_PATTERN 'part_{{i}}')"
        )
    else:
        target.mkdir()
        engine.execute(f"COPY (SELECT {table['casts']} FROM rows) TO '{target}/part.parquet' ({form})")
    engine.unregister("rows")
    return [
        {
            "table": table["name"],
            "month": file.parent.name.removeprefix("month=") if table["month"] else "",
            "file": str(file),
            "rows": engine.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(file)]).fetchall()[0][0],
            "bytes": file.stat().st_size,
        }
        for file in sorted(target.rglob("*.parquet"))
    ]


def main() -> None:
    """Do the job and print its parts; each table that is done prints a line of its own first."""
    job = json.loads(sys.stdin.read())
    folder = Path(job["folder"])
    folder.mkdir(mode=0o700, parents=True)
    os.umask(0o077)
    engine = duckdb.connect(
        config={"memory_limit": job["memory"], "threads": job["threads"], "temp_directory": str(folder / "spill")}
    )
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("SET preserve_insertion_order = false")
    parts: list[dict[str, Any]] = []
    with contextlib.closing(_connection(job)) as shop:
        cursor = shop.cursor()
        if job["vendor"] == "sqlite":
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
        else:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
        for table in job["tables"]:
            begun = time.monotonic()
            for number, question in enumerate(table["questions"]):
                cursor.execute(question)
                parts += _copy(cursor.fetch_record_batch(), engine, table, folder / f"{table['name']}-{number}")
            print(json.dumps({"table": table["name"], "seconds": round(time.monotonic() - begun, 3)}), flush=True)
    engine.close()
    print(json.dumps({"parts": parts}), flush=True)


main()
