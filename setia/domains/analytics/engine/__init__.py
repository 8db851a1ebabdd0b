"""Engines that answer questions to the lake: one text of SQL for all of them, in a small part of DuckDB's dialect."""

from setia.domains.analytics.engine.base import Engine, Stopped
from setia.domains.analytics.engine.choosing import open_engine

__all__ = ["Engine", "Stopped", "open_engine"]
