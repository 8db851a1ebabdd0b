"""Apache Spark, for shops that have outgrown one machine: the same questions, sent to a master.

`pip install setia[spark]` brings it. `SETIA_SPARK_MASTER` names the master: `local[2]`, or `spark://host:7077`, whose
workers must see the lake under the same path.
"""

import importlib
import uuid
from typing import Any

import pyarrow as pa

from setia.domains.analytics.engine.base import Params, Stopped, words
from setia.domains.analytics.lake.manifest import Manifest
from setia.domains.analytics.lake.tables import TABLES

_TYPES = {"BIGINT": "bigint", "VARCHAR": "string", "DATE": "date", "TIMESTAMP": "timestamp"}


class SparkEngine:
    """An engine over the parts of one manifest, in a session on a master."""

    name = "spark"

    def __init__(self, lake: Manifest, *, master: str) -> None:
        sql = importlib.import_module("pyspark.sql")
        self.sequence = lake.sequence
        self._job = f"setia-{uuid.uuid4().hex}"
        builder = sql.SparkSession.builder.master(master).appName("setia")
        for key, value in {
            "spark.sql.session.timeZone": "UTC",
            # Text that is no number is an error here as in DuckDB, and so is a division by zero it was not told of.
            "spark.sql.ansi.enabled": "true",
            "spark.sql.shuffle.partitions": "8",
            "spark.ui.enabled": "false",
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.driver.memory": "1g",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }.items():
            builder = builder.config(key, value)
        self._session: Any = builder.getOrCreate()
        self._names: list[str] = []
        for table in TABLES:
            files = [f"file://{part.file}" for part in lake.of_table(table.name)]
            columns = [column.name for column in table.columns]
            if files:
                frame = self._session.read.parquet(*files).select(*columns)
            else:
                form = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in table.columns)
                frame = self._session.createDataFrame([], form)
            frame.createOrReplaceTempView(table.name)
            self._names.append(table.name)

    def tables(self) -> list[str]:
        """Return the tables and snapshots that can be asked."""
        return sorted(self._names)

    def run(self, sql: str, params: Params | None = None) -> pa.Table:
        """Return all rows of an answer."""
        return self._guarded(lambda: self._frame(sql, params).toArrow())

    def snapshot(self, name: str, sql: str, params: Params | None = None) -> int:
        """Keep an answer as a table, in the memory and on the disks of the workers."""
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a table")

        def keep() -> int:
            frame = self._frame(sql, params).persist()
            count = int(frame.count())
            frame.createOrReplaceTempView(name)
            return count

        count: int = self._guarded(keep)
        self._names = sorted({*self._names, name})
        return count

    def view(self, name: str, sql: str, params: Params | None = None) -> None:
        """Give a question a name."""
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name of a table")
        self._guarded(lambda: self._frame(sql, params).createOrReplaceTempView(name))
        self._names = sorted({*self._names, name})

    def explain(self, sql: str, params: Params | None = None) -> str:
        """Return the plan."""
        return str(self._frame(sql, params)._jdf.queryExecution().toString())

    def cancel(self) -> None:
        """Cancel the jobs of the question."""
        self._session.sparkContext.cancelJobGroup(self._job)

    def close(self) -> None:
        """End the session."""
        self._session.stop()

    def _frame(self, sql: str, params: Params | None) -> Any:
        return self._session.sql(words(sql, params, dialect="spark"))

    def _guarded(self, work: Any) -> Any:
        errors = importlib.import_module("pyspark.errors")
        self._session.sparkContext.setJobGroup(self._job, "setia", interruptOnCancel=True)
        try:
            return work()
        except (errors.ParseException, errors.AnalysisException) as error:
            raise ValueError(str(error)) from error
        except Exception as error:
            if "cancelled" in str(error):
                raise Stopped from error
            raise
