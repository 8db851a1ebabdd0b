"""The scratch table of kinds whose rows are written one by one: customers, products, interactions, consents."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from setia.domains.imports.kinds.protocol import Refusal
from setia.domains.imports.staging import open_scratch

_SCHEMA = "CREATE TABLE row (position INTEGER PRIMARY KEY, key TEXT NOT NULL, content TEXT NOT NULL);"
_BATCH_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One row: `key` tells what it is about, `content` is what it says, as plain JSON values."""

    position: int
    key: str
    content: dict[str, Any]


class RowStage:
    """An open scratch table; `fresh` starts an empty one. Rows keep the order of the file."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self._db: sqlite3.Connection = open_scratch(path, _SCHEMA, fresh=fresh)
        self._rows: list[tuple[int, str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._db.close()

    def add(self, row_number: int, row: tuple[str, dict[str, Any]]) -> None:
        """Keep one row, given as its key and its content."""
        key, content = row
        self._rows.append((row_number, key, json.dumps(content, default=str, separators=(",", ":"))))
        if len(self._rows) >= _BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO row VALUES (?, ?, ?)", self._rows)
        self._db.execute("COMMIT")
        self._rows = []

    def finish(self) -> Iterator[Refusal]:
        """Write what is held in memory; nothing is refused late."""
        self._flush()
        self._db.execute("CREATE INDEX row_key ON row (key)")
        return iter(())

    def tally(self) -> dict[str, Any]:
        """Return how many rows there are and how many different keys."""
        records, keys = self._db.execute("SELECT count(*), count(DISTINCT key) FROM row").fetchone()
        return {"records": records, "distinct": keys}

    def unit_count(self) -> int:
        """Return how many rows there are."""
        return int(self._db.execute("SELECT coalesce(max(position), 0) FROM row").fetchone()[0])

    def units_after(self, position: int, *, line_limit: int) -> list[StagedRow]:
        """Return the next rows."""
        rows = self._db.execute(
            "SELECT position, key, content FROM row WHERE position > ? ORDER BY position LIMIT ?",
            [position, max(1, line_limit // 6)],
        )
        return [StagedRow(row[0], row[1], json.loads(row[2])) for row in rows]

    def contents(self, *, size: int) -> Iterator[list[dict[str, Any]]]:
        """Walk over what all rows say, in portions."""
        cursor = self._db.execute("SELECT content FROM row ORDER BY position")
        while rows := cursor.fetchmany(size):
            yield [json.loads(text) for (text,) in rows]
