"""A served shop in a process of its own, and a browser looking at it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.conftest import CHROMIUM
from tests.processes.shops import free_port

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 860}


@dataclass(frozen=True)
class Served:
    """A running demo shop: its address, its home, a signed-in browser state."""

    url: str
    home: Path
    state: str
    env: dict[str, str]

    def ask(self, code: str) -> str:
        """Run a few lines of Python inside the shop and return what they print."""
        head = "import setia, django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code], env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@contextmanager
def _chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("CI needs Chromium: apt install chromium")
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser(served: "Served") -> Iterator[Browser]:
    """Return a browser that is gone with its file: while it lives, its event loop keeps Django's tests out."""
    with _chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home, port = tmp_path_factory.mktemp("served"), free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SETIA_", "DJANGO_"))}
    env |= {
        "SETIA_HOME": str(home),
        "SETIA_DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "setia.config.settings",
        "SETIA_DEMO": "1",
    }
    database = ""
    if env.get("DATABASE_URL"):
        database = f"setia_browser_{os.getpid()}"
        _postgres(env["DATABASE_URL"], f'CREATE DATABASE "{database}"')
        env["DATABASE_URL"] = env["DATABASE_URL"].rsplit("/", 1)[0] + "/" + database
    command = [sys.executable, "-m", "setia", "demo", "--port", str(port), "--customers", "150"]
    log = (home.parent / f"served-{port}.log").open("w+")
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        state = _signed_in(_login_link(process, log, url), home / "browser-state.json")
        yield Served(url, home, state, env)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()
        if database:
            _postgres(os.environ["DATABASE_URL"], f'DROP DATABASE "{database}" WITH (FORCE)')


def _login_link(process: "subprocess.Popen[bytes]", log: IO[str], url: str) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url + "/health/", timeout=2) as answer:
                if answer.status == 200:
                    break
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    text = log.read()
    link = next((word for word in text.split() if "/masuk/" in word), None)
    assert link, f"the shop did not start:\n{text}"
    return link


def _signed_in(link: str, state: Path) -> str:
    with _chromium() as browser:
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        page.click("main .card form button")
        page.wait_for_url("**/console/")
        context.storage_state(path=state)
    return str(state)


def _postgres(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def opened(browser: Browser, served: Served, *, size=None, dark=False, script=True, signed_in=True) -> BrowserContext:
    """Return a fresh browser window of a size, light or dark, with or without script."""
    return browser.new_context(
        base_url=served.url,
        viewport=size or DESK,
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        storage_state=served.state if signed_in else None,
        locale="id-ID",
    )
