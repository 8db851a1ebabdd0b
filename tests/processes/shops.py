"""A shop of its own on disk, with real processes: `python -m setia …` on its own home and its own database.

The database is SQLite, or a fresh one on the server of DATABASE_URL. Migrating once per test run is enough: later
shops are copies.
"""

import atexit
import contextlib
import csv
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
SERVER_URL = os.environ.get("DATABASE_URL", "").strip()
ON_POSTGRES = SERVER_URL.startswith("postgres")
PASSPHRASE = "kopi senja hangat"
_numbers = count(1)
_BOOT = (
    "import setia, sys, json, importlib, django; django.setup(); name, *args = sys.argv[1:]; "
    "module, _, call = name.partition(':'); "
    "print(json.dumps(getattr(importlib.import_module(module), call)(*map(json.loads, args)), default=str))"
)


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the last line of output as JSON."""
        return json.loads(self.out.strip().splitlines()[-1])


class ShopOnDisk:
    """One home and one database; every process it starts is ended with it."""

    def __init__(self, home: Path, url: str = "") -> None:
        self.home, self.url = home, url
        self.extra: dict[str, str] = {}
        self._children: list[subprocess.Popen[str]] = []

    @property
    def database(self) -> Path:
        return self.home / "setia.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        left_out = ("SETIA_", "DATABASE_URL", "DJANGO_SETTINGS", "PYTEST")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        plain |= {"SETIA_HOME": str(self.home), "PYTHONPATH": str(ROOT), "SETIA_BACKUP_PASSPHRASE": PASSPHRASE}
        return plain | ({"DATABASE_URL": self.url} if self.url else {}) | self.extra

    def run(self, *args: object, code: int | None = 0) -> Answer:
        """Run a command to its end and expect an exit code."""
        child = self.start(*args)
        out, err = child.communicate(timeout=300)
        assert code is None or child.returncode == code, f"{args}: {child.returncode}\n{out}\n{err[-3000:]}"
        return Answer(child.returncode, out, err)

    def start(self, *args: object) -> "subprocess.Popen[str]":
        """Start a command and return its process."""
        return self._popen(["-m", "setia", *map(str, args)])

    def call(self, target: str, *args: object) -> Any:
        """Run `module:function` with JSON arguments in a process of its own and return what it returned."""
        child = self.start_call(target, *args)
        out, err = child.communicate(timeout=300)
        assert child.returncode == 0, err[-3000:]
        return Answer(0, out, err).json

    def start_call(self, target: str, *args: object) -> "subprocess.Popen[str]":
        """Start `module:function` with JSON arguments."""
        return self._popen(["-c", _BOOT, target, *map(json.dumps, args)])

    def _popen(self, command: list[str]) -> "subprocess.Popen[str]":
        environment = self.environment
        if command[0] == "-c":
            environment["DJANGO_SETTINGS_MODULE"] = "setia.config.settings"
        pipe = subprocess.PIPE
        child = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=ROOT,
            text=True,
            stdout=pipe,
            stderr=pipe,
            stdin=subprocess.DEVNULL,
        )
        self._children.append(child)
        return child

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the shop's database, on a connection of its own."""
        with self._connected() as connection:
            return [tuple(map(_plain, row)) for row in connection.execute(sql).fetchall()]

    def one(self, sql: str) -> Any:
        """Return the first cell of the first row, or None."""
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def change(self, sql: str) -> None:
        """Change something behind the product's back."""
        with self._connected() as connection:
            connection.execute(sql)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        if self.url:
            import psycopg

            with psycopg.connect(self.url, autocommit=True) as connection:
                yield connection
        else:
            with contextlib.closing(sqlite3.connect(self.database, isolation_level=None, timeout=30)) as connection:
                yield connection

    def table_counts(self) -> dict[str, int]:
        """Return the number of rows of every table of the shop."""
        if self.url:
            sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        else:
            sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%name_search%'"
        names = sorted(row[0] for row in self.rows(sql))
        return {name: self.one(f"SELECT count(*) FROM {name}") for name in names if not name.startswith("sqlite_")}

    def close(self) -> None:
        """End every process that is left and drop the database."""
        for child in self._children:
            kill(child)
        if self.url:
            _on_server(f"DROP DATABASE IF EXISTS {_name_of(self.url)} WITH (FORCE)")


def _plain(cell: Any) -> Any:
    return bytes(cell).hex() if isinstance(cell, bytes | memoryview) else cell


def kill(child: "subprocess.Popen[str]") -> None:
    """Kill -9 a process, if it still lives, and reap it. What it said is lost: its own children may hold its pipes."""
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def until(question: Callable[[], Any], *, seconds: float = 60, every: float = 0.01) -> Any:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, "it never came to be"
        time.sleep(every)
    return answer


def at_once(count: int, work: Callable[[], None]) -> None:
    """Do the same in several threads that start together; each closes its database connection at the end."""
    from django.db import connection

    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def answers(port: int) -> bool:
    """Tell whether the shop's health page answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=2):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pause(seconds: float) -> None:
    """Let another process run on for a moment."""
    time.sleep(seconds)


def _url(name: str) -> str:
    parts = urlsplit(SERVER_URL)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


def _name_of(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _on_server(sql: str) -> None:
    import psycopg

    with psycopg.connect(_url("postgres"), autocommit=True) as connection:
        connection.execute(sql)


def _new_database(template: str = "template0") -> str:
    name = f"setia_proc_{os.getpid()}_{next(_numbers)}"
    _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _url(name)


@lru_cache(maxsize=1)
def _model_shop() -> ShopOnDisk:
    place = Path(tempfile.mkdtemp(prefix="setia-model-shop-"))
    shop = ShopOnDisk(place / "home", _new_database() if ON_POSTGRES else "")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    atexit.register(shop.close)
    shop.run("migrate")
    shop.run("user", "add", "--owner", "--name", "Sari", "--email", "sari@kopisenja.example")
    shop.call("setia.foundation.crypto:blind_index", "x", "y")
    return shop


@contextlib.contextmanager
def open_shop(folder: Path, *, on_postgres: bool = ON_POSTGRES) -> Iterator[ShopOnDisk]:
    """Give a fresh shop with an owner inside a folder, and take it away at the end."""
    if on_postgres != ON_POSTGRES:
        raise ValueError("a run of the tests has one kind of database")
    model = _model_shop()
    home = folder / f"home{next(_numbers)}"
    shutil.copytree(model.home, home, ignore=shutil.ignore_patterns("run", "*.gate", "*.lock"))
    shop = ShopOnDisk(home, _new_database(_name_of(model.url)) if ON_POSTGRES else "")
    try:
        yield shop
    finally:
        shop.close()


_HEADINGS = ("No Nota", "Tanggal", "SKU", "Produk", "Qty", "Harga", "Diskon", "Nama", "No HP", "Email", "Cabang")
_START = datetime(2026, 1, 20, 8, tzinfo=UTC)


def make_sales_file(
    path: Path, *, rows: int, first_order: int = 1, last_order: int = 0, seed: int = 7, people: int = 900
) -> dict[str, int]:
    """Write a till export of at least so many rows, or up to a receipt, and return what is in it.

    Of a hundred receipts about sixteen are passers-by's, five hold the same line twice, four are goods that came
    back (two of them naming the receipt), and two rows cannot be read. The n-th receipt is always the same.
    """
    tally = dict.fromkeys(("orders", "lines", "returns", "bad", "gross", "rows"), 0)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(_HEADINGS)
        number = first_order
        while number <= last_order if last_order else tally["rows"] < rows:
            for row in _receipt(number, random.Random(seed * 1_000_003 + number), people, tally):
                out.writerow(row)
                tally["rows"] += 1
            number += 1
    return tally | {"next_order": number}


def _receipt(number: int, chance: random.Random, people: int, tally: dict[str, int]) -> Iterator[tuple[object, ...]]:
    moment = _START + timedelta(minutes=7 * number)
    date = f"{moment:%d/%m/%Y %H:%M}"
    who = None if chance.random() < 0.16 else chance.randrange(people)
    name, phone, email = ("", "", "")
    if who is not None:
        name, phone = f"Pelanggan {who}", f"0812-{who:04d}-{who * 7 % 10000:04d}"
        email = f"orang{who}@contoh.id" if who % 3 == 0 else ""
    place = ("Dago", "Braga", "")[number % 3]
    tally["orders"] += 1
    sold = [(chance.randrange(40), 1 + chance.randrange(3)) for _ in range(1 + chance.randrange(5))]
    if number % 20 == 0:
        sold.append(sold[0])
    for item, quantity in sold:
        price, discount = 10_000 + 500 * item, 1_000 if item % 10 == 0 else 0
        tally["lines"] += 1
        tally["gross"] += quantity * price
        yield f"N{number}", date, f"K{item}", f"Kopi {item}", quantity, price, discount, name, phone, email, place
    if number % 25 == 0:  # goods come back: now with the receipt's number, now without any customer's own number
        item, quantity = sold[0]
        later = f"{moment + timedelta(days=1):%d/%m/%Y %H:%M}"
        back = f"N{number}" if number % 50 == 0 else f"R{number}"
        tally["returns"] += 1
        yield back, later, f"K{item}", f"Kopi {item}", -1, 10_000 + 500 * item, 0, name, phone, email, place
    if number % 50 == 7:
        tally["bad"] += 1
        yield f"N{number}x", date, "K1", "Kopi 1", 0, 10_500, 0, name, phone, email, place


def seal_audit() -> list[int]:
    """Seal the audit inside a shop, as if the margin for late rows had passed; return how many rows."""
    from setia.foundation.events.sealing import seal_due

    return [seal_due(at=datetime.now(UTC) + timedelta(hours=1))]


def fingerprint(shop: ShopOnDisk) -> dict[str, Any]:
    """Return everything that sales came to, without ids, so that two shops can be compared."""
    counters = shop.rows(
        "SELECT i.kind, i.lookup, c.order_count, c.line_count, c.spent_total, c.return_count, c.returned_total, "
        "CAST(c.first_order_at AS text), CAST(c.last_order_at AS text) "
        "FROM commerce_customercounters c JOIN customers_identity i ON i.customer_id = c.customer_id"
    )
    orders = shop.rows(
        "SELECT number, source_key, CAST(placed_at AS text), CAST(shop_day AS text), gross, discount, tax, net, "
        "returned_total, line_count, customer_id IS NULL, outlet_id IS NULL FROM commerce_order"
    )
    lines = shop.rows(
        "SELECT o.number, p.key, l.position, l.quantity_milli, l.net FROM commerce_orderline l "
        "JOIN commerce_order o ON o.id = l.order_id JOIN commerce_product p ON p.id = l.product_id"
    )
    returns = shop.rows(
        "SELECT r.number, r.source_key, r.total, p.key, l.quantity_milli, l.total, l.order_line_id IS NULL "
        "FROM commerce_returnline l JOIN commerce_return r ON r.id = l.return_row_id "
        "JOIN commerce_product p ON p.id = l.product_id"
    )
    tables = ("commerce_product", "customers_customer", "customers_identity", "shop_outlet", "foundation_event")
    found = {"counters": counters, "orders": orders, "lines": lines, "returns": returns}
    return {name: sorted(rows) for name, rows in found.items()} | {
        "sizes": [shop.one(f"SELECT count(*) FROM {name}") for name in tables]
    }
