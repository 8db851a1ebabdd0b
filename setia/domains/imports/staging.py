"""The scratch table of an import: all lines of the file, sorted into orders, outside the shop's own database.

Sorting needs the whole file, memory must not: so the lines go into a SQLite file of their own. It is made anew by
each check and thrown away at the end. What was read here is what a dry run shows and what is then written.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from setia.domains.customers.rules import PersonClaim
from setia.domains.imports.lines import Line
from setia.domains.imports.rules import Tally

_SCHEMA = """
CREATE TABLE line (
    row_number INTEGER PRIMARY KEY, source TEXT NOT NULL, is_return INTEGER NOT NULL, person TEXT NOT NULL,
    placed_at INTEGER NOT NULL, invoice TEXT NOT NULL, product TEXT NOT NULL, quantity_milli INTEGER NOT NULL,
    unit_price INTEGER NOT NULL, gross INTEGER NOT NULL, discount INTEGER NOT NULL, tax INTEGER NOT NULL,
    outlet TEXT NOT NULL, channel TEXT NOT NULL, tender TEXT NOT NULL);
CREATE TABLE person (key TEXT PRIMARY KEY, claim TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE product (key TEXT PRIMARY KEY, name TEXT, sku TEXT, category TEXT, price INTEGER) WITHOUT ROWID;
"""
_UNITS = """
CREATE INDEX line_unit ON line (source, is_return, row_number);
CREATE TABLE unit (
    position INTEGER PRIMARY KEY, source TEXT NOT NULL, is_return INTEGER NOT NULL, line_count INTEGER NOT NULL);
INSERT INTO unit (source, is_return, line_count)
    SELECT source, is_return, count(*) FROM line GROUP BY source, is_return
    ORDER BY min(placed_at), is_return, source;
"""
_LINE_INSERT = f"INSERT INTO line VALUES ({', '.join('?' * 15)})"  # noqa: S608 (placeholders only)
_BATCH_ROWS = 5_000
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class StagedLine:
    """A line as it was staged; money in smallest units, `product` is the key of its product."""

    row_number: int
    person: str
    placed_at: datetime
    invoice: str
    product: str
    quantity_milli: int
    unit_price: int
    gross: int
    discount: int
    tax: int
    outlet: str
    channel: str
    tender: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One order, or one return, with its lines in the order of the file."""

    position: int
    source: str
    is_return: bool
    lines: tuple[StagedLine, ...]

    def first(self, name: str) -> str:
        """Return the first value given by a line for something that belongs to the whole order."""
        return next((value for line in self.lines if (value := getattr(line, name))), "")


def open_scratch(path: Path, schema: str, *, fresh: bool) -> sqlite3.Connection:
    """Open a scratch table; `fresh` throws an older one away and begins with this schema."""
    if fresh:
        for old in path.parent.glob(path.name + "*"):
            old.unlink()
        path.touch(mode=0o600)
    db = sqlite3.connect(path, isolation_level=None)
    # Losing the scratch table costs a second reading, nothing else: no journal, no waiting for the disk.
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("PRAGMA cache_size=-24000")
    if fresh:
        db.executescript(schema)
    return db


class Staging:
    """An open scratch table. `fresh` starts an empty one."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self._db = open_scratch(path, _SCHEMA, fresh=fresh)
        self._lines: list[tuple[Any, ...]] = []
        self._people: dict[str, str] = {}
        self._products: dict[str, tuple[str, str, str, str, int]] = {}
        self._known_people: set[str] = set()
        self._known_products: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, row_number: int, line: Line) -> None:
        """Stage one line."""
        money = line.amounts
        product = f"sku:{line.sku.casefold()}" if line.sku else line.product.casefold()
        self._lines.append(
            (
                row_number,
                line.source,
                int(money.is_return),
                line.person,
                int(line.placed_at.timestamp()),
                line.invoice,
                product,
                money.quantity_milli,
                money.unit_price,
                money.gross,
                money.discount,
                money.tax,
                line.outlet,
                line.channel,
                line.tender,
            )
        )
        if line.claim is not None and line.person not in self._known_people:
            self._known_people.add(line.person)
            self._people[line.person] = _claim_text(line.claim)
        if product not in self._known_products:
            self._known_products.add(product)
            self._products[product] = (product, line.product, line.sku, line.category, money.unit_price)
        if len(self._lines) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is held in memory."""
        self._db.execute("BEGIN")
        self._db.executemany(_LINE_INSERT, self._lines)
        self._db.executemany("INSERT OR IGNORE INTO person VALUES (?, ?)", self._people.items())
        self._db.executemany("INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?, ?)", self._products.values())
        self._db.execute("COMMIT")
        self._lines, self._people, self._products = [], {}, {}
        # Forgetting only costs an insert that is ignored; remembering a million people would cost memory.
        for known in (self._known_people, self._known_products):
            if len(known) > _REMEMBERED:
                known.clear()

    def finish(self) -> Iterator[Any]:
        """Sort the lines into orders and returns by time; no row is refused so late."""
        self.flush()
        self._db.executescript(_UNITS)
        return iter(())

    def unit_count(self) -> int:
        """Return how many orders and returns there are."""
        return int(self._db.execute("SELECT count(*) FROM unit").fetchone()[0])

    def tally(self) -> dict[str, Any]:
        """Count what is staged; rows and skipped rows are the reader's to fill in."""
        row = self._db.execute(
            """SELECT count(DISTINCT CASE WHEN is_return = 0 AND person <> '' THEN person END),
                      sum(is_return = 0 AND person <> ''), sum(is_return = 1 AND person <> ''),
                      sum(CASE WHEN is_return = 0 AND person <> '' THEN gross ELSE 0 END),
                      sum(CASE WHEN is_return = 1 AND person <> '' THEN gross - discount ELSE 0 END),
                      sum(is_return = 0 AND person = ''), sum(is_return = 1 AND person = ''),
                      sum(CASE WHEN is_return = 0 AND person = '' THEN gross ELSE 0 END),
                      min(placed_at), max(placed_at)
               FROM line"""
        ).fetchone()
        orders = self._db.execute(
            """SELECT sum(has), sum(1 - has) FROM (
                   SELECT max(person <> '') AS has FROM line WHERE is_return = 0 GROUP BY source)"""
        ).fetchone()
        customers, lines, returns, gross, returned, loose_lines, loose_returns, loose_gross, first, last = row
        return Tally(
            customers=customers or 0,
            orders=orders[0] or 0,
            lines=lines or 0,
            returns=returns or 0,
            gross=gross or 0,
            returned=returned or 0,
            orders_without_customer=orders[1] or 0,
            lines_without_customer=loose_lines or 0,
            gross_without_customer=loose_gross or 0,
            returns_without_customer=loose_returns or 0,
            first_at=_iso(first),
            last_at=_iso(last),
        ).as_json()

    def outlets(self) -> list[str]:
        """Return the outlet codes of the file."""
        rows = self._db.execute("SELECT DISTINCT outlet FROM line WHERE outlet <> '' ORDER BY outlet")
        return [row[0] for row in rows]

    def units_after(self, position: int, *, line_limit: int) -> list[Unit]:
        """Return the next units, as many as hold about `line_limit` lines together and at least one."""
        chosen: list[tuple[Any, ...]] = []
        total = 0
        for row in self._db.execute("SELECT * FROM unit WHERE position > ? ORDER BY position LIMIT 1000", [position]):
            total += row[3]
            if chosen and total > line_limit:
                break
            chosen.append(row)
        return [Unit(row[0], row[1], bool(row[2]), tuple(self._lines_of(row[1], row[2]))) for row in chosen]

    def _lines_of(self, source: str, is_return: int) -> Iterator[StagedLine]:
        rows = self._db.execute(
            "SELECT row_number, person, placed_at, invoice, product, quantity_milli, unit_price, gross, discount, tax, "
            "outlet, channel, tender FROM line WHERE source = ? AND is_return = ? ORDER BY row_number",
            [source, is_return],
        )
        for number, person, seconds, *rest in rows:
            yield StagedLine(number, person, datetime.fromtimestamp(seconds, UTC), *rest)

    def people(self, keys: Iterable[str]) -> dict[str, PersonClaim]:
        """Return the claims of people by key."""
        return {
            key: _claim_of(text)
            for key in keys
            for (text,) in self._db.execute("SELECT claim FROM person WHERE key = ?", [key])
        }

    def products(self, keys: Iterable[str]) -> dict[str, tuple[str, str, str, int]]:
        """Return name, SKU, category and price of products by key."""
        return {
            key: row
            for key in keys
            for row in self._db.execute("SELECT name, sku, category, price FROM product WHERE key = ?", [key])
        }


def _iso(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _claim_text(claim: PersonClaim) -> str:
    values = {name: value for name, value in asdict(claim).items() if value}
    return json.dumps(values, default=str, separators=(",", ":"))


def _claim_of(text: str) -> PersonClaim:
    values = json.loads(text)
    if "birth_date" in values:
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    return PersonClaim(**values)
