"""What an engine can do, and how a question becomes the words of one.

The part of DuckDB's dialect that all engines answer alike; each rule was a wrong number on one of them once:

- money and counts are whole numbers; `CAST(x AS DOUBLE)` before a division, `NULLIF(x, 0)` beneath it;
- days are DATE, moments TIMESTAMP in UTC; the distance of two days is `DATE_DIFF('day', a, b)`;
- `CASE WHEN` inside an aggregate instead of FILTER, ROW_NUMBER with a unique last key instead of RANK;
- no QUALIFY, no lists, no approximate aggregates; ORDER BY names every column it needs;
- a parameter is `$name` and stands for an int, a float, a text, a day or a boolean.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

import pyarrow as pa
import sqlglot
from sqlglot import exp

Value = int | float | str | date | bool | None
Params = Mapping[str, Value]


class Stopped(Exception):
    """Raised when a question was cancelled."""


class Engine(Protocol):
    """An open engine over one state of the lake. Not shared by threads, but for `cancel`."""

    name: str
    sequence: int

    def tables(self) -> list[str]:
        """Return the tables and snapshots that can be asked."""

    def run(self, sql: str, params: Params | None = None) -> pa.Table:
        """Return all rows of an answer; raises Stopped, and ValueError for a question that is none."""

    def snapshot(self, name: str, sql: str, params: Params | None = None) -> int:
        """Keep an answer as a table for later questions, in place of one of that name, and return its rows."""

    def view(self, name: str, sql: str, params: Params | None = None) -> None:
        """Give a question a name; whoever asks it later has it answered then, and only of what he wants."""

    def explain(self, sql: str, params: Params | None = None) -> str:
        """Return how the engine would go about it."""

    def cancel(self) -> None:
        """Stop the question that is being answered, from another thread."""

    def close(self) -> None:
        """Give back memory and files."""


@lru_cache(maxsize=500)
def _parsed(sql: str) -> Any:
    try:
        found = sqlglot.parse(sql, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise ValueError(str(error)) from error
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise ValueError("not one question")
    return found[0]


def words(sql: str, params: Params | None, *, dialect: str) -> str:
    """Return a question in the words of an engine, with its parameters as literals that the builder writes.

    Raises ValueError for what is no single question and for a parameter without a value.
    """
    given = params or {}

    def filled(node: Any) -> Any:
        if not isinstance(node, exp.Parameter | exp.Placeholder):
            return node
        name = node.name
        if name not in given:
            raise ValueError(f"the question needs a value for ${name}")
        return literal(given[name])

    text: str = _parsed(sql).transform(filled).sql(dialect=dialect, copy=False)  # it is a copy already
    return text


def literal(value: Value) -> Any:
    """Return a value as the builder writes it; a text can never become anything but a text."""
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.convert(value)


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return an answer as rows by name."""
    found: list[dict[str, Any]] = table.to_pylist()
    return found
