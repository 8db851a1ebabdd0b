"""A lake made of rows given in a test, without a shop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from setia.domains.analytics.lake.manifest import Manifest, Part
from setia.domains.analytics.lake.tables import TABLES
from setia.foundation import home

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # as the lake keeps moments


@dataclass(frozen=True)
class Sale:
    """An order of somebody (0: of nobody known)."""

    person: int
    day: date
    net: int = 100
    returned: int = 0
    status: str = "paid"
    products: tuple[int, ...] = ()
    outlet: int = 0


def lake_of(
    sales: Iterable[Sale],
    *,
    merged: Mapping[int, int] | None = None,
    returns: Iterable[tuple[date, int]] = (),
    products: Mapping[int, str] | None = None,
    back: Iterable[tuple[int, int]] = (),
    costs: Mapping[int, int] | None = None,
) -> Manifest:
    """Write the parts of the home's lake; `merged` names for a row the person it stands for.

    `products` holds the catalogue's categories by id, `back` who gave back a piece of what,
    `costs` what it cost to win somebody.
    """
    sales, merged, folder = list(sales), merged or {}, home.folder("lake")
    people = sorted({sale.person for sale in sales if sale.person})
    rows: dict[str, list[tuple[Any, ...]]] = {
        "customers": [(each, merged.get(each, each), "", (costs or {}).get(each), _LONG_AGO) for each in people],
        "products": sorted((products or {}).items()),
        "orders": [
            (
                number, sale.person or None, sale.outlet or None, "", sale.status, sale.day,
                _LONG_AGO, sale.net, sale.returned,
            )
            for number, sale in enumerate(sales, start=1)
        ],
        "lines": [
            (number, sale.person or None, product, sale.day, 1000, sale.net)
            for number, sale in enumerate(sales, start=1)
            for product in sale.products
        ],
        "returns": [(number, None, None, None, day, total) for number, (day, total) in enumerate(returns, start=1)],
        "return_lines": [(person, product, 1000) for person, product in back],
    }  # fmt: skip
    parts = []
    with duckdb.connect() as connection:
        for table in TABLES:
            form = ", ".join(f"{column.name} {column.type}" for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({form})")
            marks = ", ".join("?" for _ in table.columns)
            for row in rows.get(table.name, []):
                connection.execute(f"INSERT INTO {table.name} VALUES ({marks})", row)
            file = folder / f"{table.name}.parquet"
            connection.execute(f"COPY {table.name} TO '{file}' (FORMAT parquet)")
            parts.append(Part(table.name, "", str(file), len(rows.get(table.name, [])), file.stat().st_size))
    return Manifest(1, datetime(2026, 11, 22, tzinfo=UTC), tuple(parts))
