"""A shop of one's own for each benchmark: a scratch folder, a database, a served address."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Shop:
    """A shop in a scratch folder; `env` starts programs inside it."""

    home: Path
    env: dict[str, str]
    database: str

    def run(self, *arguments: str) -> str:
        """Run `setia …` inside the shop and return what it printed."""
        command = [sys.executable, "-m", "setia", *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def module(self, name: str, *arguments: str) -> str:
        """Run a module inside the shop and return what it printed."""
        command = [sys.executable, "-m", name, *arguments]
        done = subprocess.run(command, env=self.env, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()

    def ask(self, code: str) -> str:
        """Run Python inside the shop and return what it printed."""
        head = "import setia, django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout.strip()


def postgres_url() -> str | None:
    """Return a PostgreSQL server to use, or None: `SETIA_BENCH_POSTGRES`, else one on this machine's socket."""
    import psycopg

    url = os.environ.get("SETIA_BENCH_POSTGRES", "postgresql:///postgres")
    try:
        with psycopg.connect(url, connect_timeout=3):
            return url
    except psycopg.OperationalError:
        return None


@contextmanager
def shop(database: str = "sqlite", *, folder: str | None = None) -> Iterator[Shop]:
    """Open a fresh shop and throw it away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="setia-bench-", dir=folder))
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SETIA_", "DJANGO_"))}
    env.pop("DATABASE_URL", None)
    env |= {"SETIA_HOME": str(home), "DJANGO_SETTINGS_MODULE": "setia.config.settings", "PYTHONPATH": str(ROOT)}
    name = f"setia_bench_{os.getpid()}_{time.monotonic_ns() % 10**6}"
    server = postgres_url() if database == "postgresql" else None
    if server:
        _execute(server, f'CREATE DATABASE "{name}"')
        env["DATABASE_URL"] = server.rsplit("/", 1)[0] + "/" + name
    try:
        yield Shop(home, env, database)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if server:
            _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def on_each_database(measure: Callable[[Shop], Any]) -> dict[str, Any]:
    """Measure in a fresh shop on SQLite and in one on PostgreSQL; None where there is no PostgreSQL."""
    figures: dict[str, Any] = {}
    for database in ("sqlite", "postgresql"):
        with shop(database) as place:
            there = database == "sqlite" or "DATABASE_URL" in place.env
            place.env["SETIA_DEMO"] = "1"
            figures[database] = measure(place) if there else None
            print(json.dumps({database: figures[database]}), file=sys.stderr)
    return figures


def _execute(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(place: Shop, *arguments: str) -> Iterator[str]:
    """Serve a shop with `setia run` and yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "setia", "run", "--port", str(port), *arguments]
    process = subprocess.Popen(command, env=place.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url + "/health/", 120)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, seconds: float) -> None:
    """Wait until an address answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile of some values, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
