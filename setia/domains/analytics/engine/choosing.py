"""Which engine answers: DuckDB in this process, or Spark where a master is named."""

import os

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.lake.manifest import Manifest


def open_engine(lake: Manifest, *, master: str | None = None) -> Engine:
    """Open the engine over a state of the lake; `master` overrides `SETIA_SPARK_MASTER`, an empty text means DuckDB."""
    wanted = os.environ.get("SETIA_SPARK_MASTER", "").strip() if master is None else master
    if wanted:
        from setia.domains.analytics.engine.spark import SparkEngine

        return SparkEngine(lake, master=wanted)
    return DuckEngine(lake)
