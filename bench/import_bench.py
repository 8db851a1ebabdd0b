"""How fast and in how much memory a till export becomes a shop, beside merely reading the same file."""

import argparse
import csv
import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

from bench.shops import shop

ROWS = {"small": 40_000, "full": 541_909}


def _made_up(path: Path, rows: int) -> None:
    """Write a file like the UCI Online Retail one: no invoice numbers, a quarter of the lines without a customer."""
    chance = random.Random(7)
    names = [f"GIFT {chance.choice(['RED', 'BLUE', 'HEART', 'LACE', 'TIN'])} BOX No {n}" for n in range(3_800)]
    with gzip.open(path, "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"])
        minute, left, customer = 0, 0, ""
        for _ in range(rows):
            if not left:
                minute += chance.randint(1, 18)
                left = chance.randint(1, 50)
                customer = "" if chance.random() < 0.1 else f"{12_000 + int(chance.paretovariate(0.9)) % 4_400}.0"
            left -= 1
            day, clock = divmod(minute, 600)
            stamp = f"2011-{1 + day // 28 % 12:02}-{1 + day % 28:02} {8 + clock // 60:02}:{clock % 60:02}:00"
            many = -chance.randint(1, 3) if chance.random() < 0.02 else chance.randint(1, 12)
            price = chance.choice((0.42, 0.85, 1.25, 1.65, 2.1, 2.55, 4.95))
            out.writerow([chance.choice(names), many, stamp, price, customer, "United Kingdom"])


def _only_read(path: Path) -> float:
    start = time.perf_counter()
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - start


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Import one file into a fresh shop on each database and return rows a second and peak memory."""
    figures: dict[str, Any] = {"bench": "import", "scale": options.scale}
    for database in ("sqlite", "postgresql"):
        with shop(database) as place:
            if database == "postgresql" and "DATABASE_URL" not in place.env:
                figures["postgresql"] = None
                continue
            path = Path(options.file) if options.file else place.home / "made-up.csv.gz"
            if not options.file:
                _made_up(path, ROWS[options.scale])
            place.run("migrate")
            answer = json.loads(place.run("import", "lines", str(path), "--currency", "GBP", "--yes", "--json"))
            seconds = answer["seconds"]
            figures[database] = {
                "rows": answer["rows"],
                "seconds": seconds,
                "rows_per_second": round(answer["rows"] / seconds),
                "peak_mib": answer["peak_mib"],
                "times_mere_reading": round(seconds / _only_read(path), 1),
                "customers": answer["customers"],
                "orders": answer["orders"],
                "gross": answer["gross"],
            }
    return figures
