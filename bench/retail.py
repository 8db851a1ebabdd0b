"""The lake of a file of sales in the form of UCI's "Online Retail": a line is something one customer bought."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from setia.domains.analytics.lake.manifest import Manifest, Part
from setia.domains.analytics.lake.tables import TABLES
from setia.foundation import home

# An order is one customer at one minute; what came back (quantities below 0) and passers-by are left out.
_READ = """
CREATE TABLE bought AS
SELECT CAST(CustomerID AS BIGINT) AS customer_id, CAST(InvoiceDate AS TIMESTAMP) AS placed_at,
       CAST(round(100 * Quantity * UnitPrice) AS BIGINT) AS net,
       dense_rank() OVER (ORDER BY CustomerID, InvoiceDate) AS order_id
FROM read_csv('{file}') WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
"""
_TABLES = {
    "customers": "SELECT DISTINCT customer_id, customer_id AS person_id, '' AS source, NULL AS cost, "
    "TIMESTAMP '2010-12-01' AS made_at FROM bought",
    "orders": "SELECT order_id, customer_id, NULL AS outlet_id, '' AS channel, 'paid' AS status, "
    "CAST(placed_at AS DATE) AS shop_day, placed_at, sum(net) AS net, 0 AS returned_total FROM bought GROUP BY ALL",
    "lines": "SELECT order_id, customer_id, NULL AS product_id, CAST(placed_at AS DATE) AS shop_day, "
    "1000 AS quantity_milli, net FROM bought",
}


def retail_lake(file: Path) -> Manifest:
    """Write the parts of a lake into the home's folder and return it."""
    folder, parts = home.folder("lake"), []
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute(_READ.format(file=str(file).replace("'", "''")))
        for table in TABLES:
            said = ", ".join(f"CAST({column.name} AS {column.type}) AS {column.name}" for column in table.columns)
            empty = ", ".join(f"NULL AS {column.name}" for column in table.columns) + " WHERE false"
            target = folder / f"{table.name}.parquet"
            source = _TABLES.get(table.name, f"SELECT {empty}")
            engine.execute(f"COPY (SELECT {said} FROM ({source})) TO '{target}' (FORMAT parquet)")
            parts.append(Part(table.name, "", str(target), 0, target.stat().st_size))
    return Manifest(1, datetime(2011, 12, 10, tzinfo=UTC), tuple(parts))
