"""The documents say what the API does: the description that is committed, the page, and each of its examples."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from setia.api.description import openapi
from setia.api.docs import operations
from setia.api.examples import EXAMPLES
from setia.api.problems import FIELD_TEXTS, PROBLEMS
from setia.domains.apikeys.rules import Scope
from tests.processes.shops import ShopOnDisk, answers, free_port, until

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_description_is_that_of_the_api() -> None:
    committed = json.loads((ROOT / "docs" / "api" / "openapi.json").read_text("utf-8"))
    assert committed == openapi(), "run .venv/bin/python tools/openapi.py"


def test_every_call_has_one_example_and_one_scope() -> None:
    found = operations(openapi())
    assert sorted(operation["operationId"] for _, _, operation in found) == sorted(one.operation for one in EXAMPLES)
    by_name = {one.operation: one for one in EXAMPLES}
    for method, path, operation in found:
        example = by_name[operation["operationId"]]
        start, _, rest = path.partition("{")
        assert (example.method, f"/api/v1/{example.path}".startswith(start)) == (method, True)
        assert operation["x-scope"] in set(Scope)
        # A measure has a name, which stands in its example as it is.
        assert bool(rest) == ("/$" in example.path or example.operation == "read_measure")


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("id", "Dokumentasi API"), ("en", "API documentation")])
def test_the_page_shows_every_call_and_every_problem(language: str, words: str) -> None:
    page = Client().get("/api/v1/docs/", headers={"Accept-Language": language})
    text = page.content.decode()
    assert page.headers["Content-Language"] == language
    assert words in text
    assert [one.operation for one in EXAMPLES if f'id="{one.operation}"' not in text] == []
    assert [code for code in (*PROBLEMS, *FIELD_TEXTS) if f"<code>{code}</code>" not in text] == []
    assert "<script" not in text


@pytest.mark.django_db
def test_the_contents_lead_to_every_call_and_every_link_of_the_page_leads_somewhere() -> None:
    text = Client().get("/api/v1/docs/").content.decode()
    targets = set(re.findall(r' id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) - targets == set()
    for contents in (text[: text.index("<main")], text[text.index('id="contents"') : text.index('id="start"')]):
        assert [one.operation for one in EXAMPLES if f'href="#{one.operation}"' not in contents] == []


def test_every_example_works_as_it_is_shown(shop: ShopOnDisk) -> None:
    scopes = [word for scope in Scope for word in ("--scope", scope.value)]
    token = shop.run("api-key", "add", "--name", "Toko", "--source", "web-shop", *scopes, "--json").json["token"]
    with serve(shop) as url:
        environment = {"PATH": os.environ["PATH"], "SETIA_URL": url, "SETIA_KEY": token}
        wrong = []
        for example in EXAMPLES:
            programs = [[sys.executable, "-I", "-S", "-c", example.python()]]
            if shutil.which("curl"):
                programs.append(["sh", "-c", example.curl()])
            for program in programs:
                done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)
                wrong += [(example.operation, program[0], done.stdout, done.stderr[-300:])] * bool(
                    done.returncode or "'errors': [{" in done.stdout or '"errors": [{' in done.stdout
                )
                _remember(environment, example.path, done.stdout)
    assert wrong == []


@contextlib.contextmanager
def serve(shop: ShopOnDisk) -> Iterator[str]:
    """Serve a shop and give its address."""
    port = free_port()
    server = shop.start("run", "--port", port, "--no-worker", "--workers", 1)
    try:
        until(lambda: answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _remember(environment: dict[str, str], path: str, out: str) -> None:
    """Keep the id that a single write answered, as $ORDER_ID and the like."""
    noun = path.removesuffix("s").upper()
    if path in ("customers", "products", "orders", "returns", "events", "segments") and (
        found := re.search(r"id.: .(\d+)", out)
    ):
        environment[f"{noun}_ID"] = found[1]
