"""Orders as headers and lines: two files, or two sheets of a workbook, joined by the order's number."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from setia.domains.commerce.actions import ProductClaim, ensure_products, record_sales
from setia.domains.commerce.drafts import LineDraft, SaleDraft
from setia.domains.customers.actions import resolve_people
from setia.domains.imports.kinds.cells import CellReader, claim_of, person_key
from setia.domains.imports.kinds.protocol import Part, Reading, Refusal
from setia.domains.imports.models import Import
from setia.domains.imports.reading import BadValue, Cell, Reason
from setia.domains.imports.reading.reasons import shown
from setia.domains.imports.rules import LARGEST, ReadingOptions, order_lines
from setia.domains.imports.staging import open_scratch
from setia.domains.shop.actions import ensure_outlets
from setia.domains.shop.models import Outlet
from setia.foundation.actors import Actor

_SCHEMA = """
CREATE TABLE header (
    number TEXT PRIMARY KEY, row_number INTEGER NOT NULL, placed_at INTEGER NOT NULL, content TEXT NOT NULL,
    person TEXT NOT NULL, outlet TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE line (row_number INTEGER PRIMARY KEY, number TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE unit (position INTEGER PRIMARY KEY, number TEXT NOT NULL, content TEXT NOT NULL, lines TEXT NOT NULL);
"""
_LINES = Part("lines", "order_lines")


class Orders:
    """The kind of files that keep an order's head apart from its lines."""

    name = "orders"
    parts = (Part("", "orders"), _LINES)

    def missing(self, options: ReadingOptions) -> list[str]:
        """See Kind."""
        head, lines = options.mapping, options.line_mapping
        lacking = [name for name in ("invoice", "placed_at") if name not in head]
        lacking += ["lines.invoice"] if "invoice" not in lines else []
        lacking += ["lines.product"] if not {"product", "sku"} & set(lines) else []
        return lacking + (["lines.unit_price"] if not {"unit_price", "line_total"} & set(lines) else [])

    def reader(self, part: Part, reading: Reading) -> "HeaderReader | LineReader":
        """See Kind."""
        return LineReader(reading) if part.name else HeaderReader(reading)

    def stage(self, path: Path, *, fresh: bool) -> "OrderStage":
        """See Kind."""
        return OrderStage(path, fresh=fresh)

    def writer(self, record: Import, stage: "OrderStage", *, at: datetime) -> "OrderWriter":
        """See Kind."""
        return OrderWriter(record, stage, at=at)


class HeaderReader(CellReader):
    """Reads the heads of orders."""

    def read(self, cells: Sequence[Cell]) -> dict[str, Any]:
        """Return what a row says of an order."""
        number = self.code(cells, "invoice")
        if not number:
            raise BadValue(Reason("no_invoice", "invoice"))
        code = self.text(cells, "currency", 10).upper()
        currency = self.reading.options.currency
        if code and code not in (currency, "RP" if currency == "IDR" else ""):
            raise BadValue(Reason("other_currency", "currency", code))
        status = self.word(cells, "status", "status") or "paid"
        if status == "cancelled":
            raise BadValue(Reason("cancelled", "status"))
        outlet = self.text(cells, "outlet", 64)
        zone = self.reading.zones.get(outlet.casefold(), self.reading.zone)
        placed_at = self.moment(cells, "placed_at", time_field="time", zone=zone)
        try:
            claim = self.claim(cells)
        except BadValue as error:
            if error.reason.code != "no_identity":
                raise
            claim = {}  # a passer-by, or a name alone
        said = {
            "number": number,
            "placed_at": placed_at.isoformat(),
            "claim": claim,
            "status": status,
            "total": self.money(cells, "order_total"),
            "discount": self.money(cells, "discount"),
            "tax": self.money(cells, "tax"),
            "shipping": self.money(cells, "shipping"),
            "outlet": outlet,
            "channel": self.text(cells, "channel", 20).lower(),
            "tender": self.text(cells, "tender", 20).lower(),
        }
        return {name: value for name, value in said.items() if value not in ("", None, {})}


class LineReader(CellReader):
    """Reads the lines of orders."""

    def read(self, cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
        """Return the number of a line's order and what the row says."""
        number = self.code(cells, "invoice")
        if not number:
            raise BadValue(Reason("no_invoice", "invoice"))
        sku, name = self.code(cells, "sku"), self.text(cells, "product", 200)
        if not sku and not name:
            raise BadValue(Reason("no_product", "product"))
        quantity = self.milli(cells, "quantity")
        quantity = 1000 if quantity is None else quantity
        if quantity == 0:
            raise BadValue(Reason("zero_quantity", "quantity"))
        if quantity < 0:
            raise BadValue(Reason("negative_amount", "quantity", shown(self.cell(cells, "quantity"))))
        price, total = self.money(cells, "unit_price"), self.money(cells, "line_total")
        discount, tax = self.money(cells, "discount") or 0, self.money(cells, "tax") or 0
        if price is None and total is None:
            raise BadValue(Reason("number_missing", "unit_price"))
        if price is not None:
            gross = (price * quantity + 500) // 1000
            if total is not None and not discount:
                discount = max(0, gross - total)
        else:
            gross = (total or 0) + discount
            price = (gross * 1000 + quantity // 2) // quantity
        if discount > gross:
            raise BadValue(Reason("discount_too_large", "discount", str(discount)))
        if max(gross, quantity) > LARGEST:
            raise BadValue(Reason("bad_number", "quantity", shown(quantity)))
        said = {"sku": sku, "name": name or sku, "category": self.text(cells, "category", 80)}
        money = {"quantity": quantity, "price": price, "gross": gross, "discount": discount, "tax": tax}
        return number, {**{key: value for key, value in said.items() if value}, **money}


@dataclass(frozen=True, slots=True)
class StagedOrder:
    """One order with its lines."""

    position: int
    number: str
    content: dict[str, Any]
    lines: list[dict[str, Any]]


class OrderStage:
    """A scratch table of orders and lines; `fresh` starts an empty one."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self._db: sqlite3.Connection = open_scratch(path, _SCHEMA, fresh=fresh)

    def __enter__(self) -> Self:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        return self

    def __exit__(self, *error: Any) -> None:
        self._db.close()

    def add(self, row_number: int, row: Any) -> None:
        """Keep a head or a line; raises BadValue with `same_invoice` for a number that came before."""
        if isinstance(row, tuple):
            number, content = row
            self._db.execute("INSERT INTO line VALUES (?, ?, ?)", [row_number, number, json.dumps(content)])
            return
        placed_at = int(datetime.fromisoformat(row["placed_at"]).timestamp())
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO header VALUES (?, ?, ?, ?, ?, ?)",
            [
                *(row["number"], row_number, placed_at, json.dumps(row)),
                *(person_key(row.get("claim", {})), row.get("outlet", "")),
            ],
        )
        if not cursor.rowcount:
            raise BadValue(Reason("same_invoice", "invoice", shown(row["number"])))

    def finish(self) -> Iterator[Refusal]:
        """Join heads with their lines; yield those that are left alone, and orders that do not add up."""
        self._db.execute("CREATE INDEX line_number ON line (number)")
        heads = self._db.execute("SELECT number, row_number, content FROM header ORDER BY placed_at, number")
        while batch := heads.fetchmany(500):
            for number, row_number, text in batch:
                rows = self._db.execute("SELECT content FROM line WHERE number = ? ORDER BY row_number", [number])
                lines = [json.loads(row) for (row,) in rows]
                if not lines:
                    yield Refusal(row_number, Reason("no_lines", "invoice", shown(number)))
                    continue
                head = json.loads(text)
                try:
                    lines = order_lines(head, lines)
                except BadValue as error:
                    yield Refusal(row_number, error.reason)
                    continue
                self._db.execute(
                    "INSERT INTO unit (number, content, lines) VALUES (?, ?, ?)", [number, text, json.dumps(lines)]
                )
        strays = self._db.execute(
            "SELECT row_number, number FROM line WHERE number NOT IN (SELECT number FROM header) ORDER BY row_number"
        )
        for row_number, number in strays:
            yield Refusal(row_number, Reason("no_header", "invoice", shown(number)))
        self._db.execute("COMMIT")

    def tally(self) -> dict[str, Any]:
        """Return orders, lines, their worth, and how many people and passers-by there are."""
        orders, first, last = self._db.execute(
            "SELECT count(*), min(placed_at), max(placed_at) FROM header JOIN unit USING (number)"
        ).fetchone()
        people, loose = self._db.execute(
            "SELECT count(DISTINCT CASE WHEN person <> '' THEN person END), sum(person = '') "
            "FROM header JOIN unit USING (number)"
        ).fetchone()
        lines = gross = 0
        for (text,) in self._db.execute("SELECT lines FROM unit"):
            rows = json.loads(text)
            lines += len(rows)
            gross += sum(row["gross"] for row in rows)
        return {
            "orders": orders,
            "lines": lines,
            "gross": gross,
            "customers": people,
            "orders_without_customer": loose or 0,
            "first_at": _iso(first),
            "last_at": _iso(last),
        }

    def outlets(self) -> list[str]:
        """Return the outlet codes of the file."""
        rows = self._db.execute("SELECT DISTINCT outlet FROM header WHERE outlet <> '' ORDER BY outlet")
        return [row[0] for row in rows]

    def unit_count(self) -> int:
        """Return how many orders there are."""
        return int(self._db.execute("SELECT count(*) FROM unit").fetchone()[0])

    def units_after(self, position: int, *, line_limit: int) -> list[StagedOrder]:
        """Return the next orders."""
        rows = self._db.execute(
            "SELECT position, number, content, lines FROM unit WHERE position > ? ORDER BY position LIMIT ?",
            [position, max(1, line_limit // 4)],
        )
        return [StagedOrder(row[0], row[1], json.loads(row[2]), json.loads(row[3])) for row in rows]


def _iso(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


class OrderWriter:
    """Writes orders with their people, products and outlets."""

    def __init__(self, record: Import, stage: OrderStage, *, at: datetime) -> None:
        self._record = record
        self._stage = stage
        self._at = at
        self._by = Actor("import", record.id)
        self._outlets: dict[str, Outlet] = {}

    def prepare(self) -> None:
        """Open the outlets the file names."""
        self._outlets = ensure_outlets(codes=self._stage.outlets(), origin_id=self._record.id, by=self._by, at=self._at)

    def step(self, units: Sequence[StagedOrder]) -> Counter[str]:
        """See StepWriter."""
        origin = self._record.id
        buyers = [unit for unit in units if unit.content.get("claim")]
        ids = resolve_people(
            claims=[claim_of(unit.content["claim"]) for unit in buyers],
            door="import",
            by=self._by,
            at=self._at,
            joined_at=[datetime.fromisoformat(unit.content["placed_at"]) for unit in buyers],
            origin_id=origin,
        )
        people = {unit.number: customer_id for unit, customer_id in zip(buyers, ids, strict=True)}
        claims = {claim.key: claim for unit in units for line in unit.lines for claim in [_product(line)]}
        products = ensure_products(claims=list(claims.values()), at=self._at, origin_id=origin)
        drafts = [self._sale(unit, people, products) for unit in units]
        written = record_sales(drafts=drafts, by=self._by, at=self._at, origin_id=origin)
        return Counter(
            orders=written.new_orders,
            extended_orders=written.extended_orders,
            lines=written.new_lines,
            known_lines=written.known_lines,
        )

    def _sale(self, unit: StagedOrder, people: dict[str, int], products: dict[str, int]) -> SaleDraft:
        head = unit.content
        outlet = head.get("outlet", "").casefold()
        standing = self._outlets.get(outlet)
        return SaleDraft(
            # The very source a till export gives it, so that one order in both files is one order.
            source=f"invoice|{outlet}|{unit.number}",
            number=unit.number,
            customer_id=people.get(unit.number),
            placed_at=datetime.fromisoformat(head["placed_at"]),
            lines=tuple(
                LineDraft(
                    product_id=products[_product(line).key],
                    quantity_milli=line["quantity"],
                    unit_price=line["price"],
                    gross=line["gross"],
                    discount=line["discount"],
                    tax=line["tax"],
                )
                for line in unit.lines
            ),
            outlet_id=standing.id if standing else None,
            channel=head.get("channel", ""),
            tender=head.get("tender", ""),
            status=head["status"],
        )


def _product(line: dict[str, Any]) -> ProductClaim:
    return ProductClaim(
        name=line["name"], sku=line.get("sku", ""), category=line.get("category", ""), price=line["price"]
    )
