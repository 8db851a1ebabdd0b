"""DuckDB inside this process: the engine of every shop that fits on one machine."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from setia.domains.analytics.engine.base import Params, Stopped, words
from setia.domains.analytics.lake.manifest import Manifest
from setia.domains.analytics.lake.tables import TABLES
from setia.foundation import home

MEMORY = "1GB"


class DuckEngine:
    """An engine over the parts of one manifest; what does not fit into memory goes to scratch files."""

    name = "duckdb"

    def __init__(self, lake: Manifest, *, memory: str = MEMORY, threads: int | None = None) -> None:
        self.sequence = lake.sequence
        self._scratch = tempfile.mkdtemp(prefix="engine-", dir=home.folder("scratch"))
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads or min(os.cpu_count() or 1, 4),
                "temp_directory": self._scratch,
                # Nothing but the lake is read, whatever a question says.
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET preserve_insertion_order = false")
        for table in TABLES:
            columns = ", ".join(column.name for column in table.columns)
            files = [part.file for part in lake.of_table(table.name)]
            if files:
                named = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
                source = f"read_parquet([{named}], hive_partitioning = false)"
            else:
                empty = ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in table.columns)
                source = f"(SELECT {empty} WHERE false)"
            self._connection.execute(f"CREATE VIEW {table.name} AS SELECT {columns} FROM {source}")  # noqa: S608
        self._connection.execute(f"SET allowed_directories = ['{_quoted(home.folder('lake'))}']")
        self._connection.execute("SET enable_external_access = false")

    def tables(self) -> list[str]:
        """Return the tables and snapshots that can be asked."""
        found = self._connection.execute("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
        return [row[0] for row in found]

    def run(self, sql: str, params: Params | None = None) -> pa.Table:
        """Return all rows of an answer."""
        asked = words(sql, params, dialect="duckdb")
        return self._told(lambda: self._connection.sql(asked).to_arrow_table())

    def snapshot(self, name: str, sql: str, params: Params | None = None) -> int:
        """Keep an answer as a table."""
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a table")
        asked = words(sql, params, dialect="duckdb")
        self._ask(f"CREATE OR REPLACE TEMP TABLE {name} AS {asked}").fetchall()
        return int(self._ask(f"SELECT count(*) FROM {name}").fetchall()[0][0])  # noqa: S608 (an identifier)

    def view(self, name: str, sql: str, params: Params | None = None) -> None:
        """Give a question a name."""
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a table")
        self._ask(f"CREATE OR REPLACE TEMP VIEW {name} AS " + words(sql, params, dialect="duckdb")).fetchall()

    def explain(self, sql: str, params: Params | None = None) -> str:
        """Return the plan."""
        return str(self._ask("EXPLAIN " + words(sql, params, dialect="duckdb")).fetchall()[0][1])

    def cancel(self) -> None:
        """Interrupt the question."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection and remove the scratch files."""
        self._connection.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _ask(self, text: str) -> duckdb.DuckDBPyConnection:
        answer: duckdb.DuckDBPyConnection = self._told(lambda: self._connection.execute(text))
        return answer

    def _told(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except duckdb.InterruptException as error:
            raise Stopped from error
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            raise ValueError(str(error)) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
