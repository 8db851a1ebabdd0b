"""A shop moved to the other database and back is the same shop, row by row, or it has not moved at all."""

import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.processes import shops
from tests.processes.shops import ON_POSTGRES, ROOT, SERVER_URL, ShopOnDisk, kill, until

HERE = "tests.processes.test_move"
MEMBERS = 150


def test_ci_runs_this_file_where_postgresql_is() -> None:
    """Without PostgreSQL most of this file is skipped, so the run that has one must not get lost."""
    script = ROOT / ".ci" / "run"
    if not os.environ.get("CI") or ON_POSTGRES:
        pytest.skip("asked for in CI's run without PostgreSQL only")
    assert 'DATABASE_URL="$server_url" make test' in script.read_text()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> ShopOnDisk:
    """Give a shop on SQLite with members, purchases, and one row of everything that is hard to carry."""
    if not ON_POSTGRES:
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    place = ShopOnDisk(tmp_path_factory.mktemp("demo") / "home")
    place.extra["SETIA_DEMO"] = "1"
    place.run("demo", "--no-serve", "--customers", MEMBERS, "--months", 6)
    place.call(f"{HERE}:add_hard_rows")
    return place


@pytest.fixture
def shop(demo: ShopOnDisk, tmp_path: Path) -> Iterator[ShopOnDisk]:
    """Give a copy of that shop."""
    home = tmp_path / "home"
    shutil.copytree(demo.home, home, ignore=shutil.ignore_patterns("run", "*.gate", "*.lock"))
    place = ShopOnDisk(home)
    place.extra["SETIA_DEMO"] = "1"
    yield place
    place.close()


@pytest.fixture
def new_database() -> Iterator[Callable[[], str]]:
    """Give a maker of PostgreSQL databases without a table; it returns the URL."""
    if not ON_POSTGRES:
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    made: list[str] = []

    def make() -> str:
        made.append(shops._new_database())
        return made[-1]

    yield make
    for url in made:
        shops._on_server(f"DROP DATABASE IF EXISTS {shops._name_of(url)} WITH (FORCE)")


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """Give the URL of a PostgreSQL database without a table."""
    return new_database()


def add_hard_rows() -> None:
    """Add what the demo has none of: sealed secrets, bytes, NULL beside empty, JSON's own null, odd moments."""
    from datetime import timedelta

    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.sessions.backends.db import SessionStore

    from setia.domains.customers.models import Customer
    from setia.domains.staff.models import FailedLogin, LoginLink, Staff
    from setia.domains.timeline.models import Note
    from setia.foundation.events.models import AccessLog
    from setia.foundation.jobs.models import Job
    from tests import cast

    sari = Staff.objects.get(role="owner")
    TOTP.activate(sari, "JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=sari, type="recovery_codes", data={"seed": "é", "used_mask": 0})
    Authenticator.objects.get(type="recovery_codes").delete()  # a number is missing before the last
    Authenticator.objects.create(
        user=sari, type="webauthn", data={"credential": {"id": "Ā\u2028", "n": [1, 2.5, None]}}
    )
    session = SessionStore()
    session["who"] = "sari"
    session.save()
    LoginLink.objects.create(token_hash="a" * 64, staff=sari, expires_at=cast.NOW, used_at=None)
    for number, address in enumerate(("127.0.0.1", "2001:db8::ff", None)):
        moment = cast.NOW + timedelta(microseconds=number * 120_000)
        FailedLogin.objects.create(failed_at=moment, login_hash="", address=address, reason='back\\slash\t"x"\n\r')
    person = Customer.objects.order_by("id").first()
    assert person is not None
    merged = Customer(name="Åsa 🧋 'O''Neill' \\N", joined_at=cast.NOW, created_at=cast.NOW, canonical=person)
    merged.address = "Jl. Braga 1\nBandung"
    merged.save()
    note = Note(customer=person, author=None, written_at=cast.NOW)
    note.body = "Suka kopi tanpa gula"
    note.save()
    AccessLog.objects.create(looked_at=cast.NOW, actor_kind="staff", actor_id=sari.id, customer_id=None, page="")
    times = {"due_at": cast.NOW, "enqueued_at": cast.NOW, "task_path": "x", "state": "done"}
    for result in (None, {"b": 1, "a": {"z": 1e16, "y": 0.1, "x": 10**18}}, [], "", 0, "null"):
        Job.objects.create(**times, result=result, kwargs={"": None})
    from django.db.models import JSONField, Value

    Job.objects.create(**times, result=Value(None, JSONField()), error="null of JSON")


def as_said(cell: Any) -> Any:
    """Return a cell of JSON without what JSON does not say: the order of keys, and how a number is written."""
    if isinstance(cell, dict):
        return sorted((key, as_said(value)) for key, value in cell.items())
    if isinstance(cell, list):
        return [as_said(value) for value in cell]
    return int(cell) if isinstance(cell, float) and cell == int(cell) else cell


def all_rows(file: str) -> None:
    """Write every row of every model as Django reads it into a file."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    found: dict[str, Any] = {
        model._meta.db_table: sorted(
            repr(list(map(as_said, row)))
            for row in model._base_manager.values_list(*[field.attname for field in model._meta.local_concrete_fields])
        )
        for model in apps.get_models(include_auto_created=True)
    }
    found["django_migrations"] = sorted(map(str, MigrationRecorder(connection).applied_migrations()))
    Path(file).write_text(json.dumps(found))


def rows_of(place: ShopOnDisk, file: Path) -> dict[str, list[str]]:
    """Return every row of a shop, by table."""
    place.call(f"{HERE}:all_rows", str(file))
    found: dict[str, list[str]] = json.loads(file.read_text())
    return found


def pages() -> list[str]:
    """Return what an owner sees on some pages at one fixed moment, and open what is sealed."""
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator
    from django.test import Client

    from setia.domains.customers.models import Customer
    from setia.domains.customers.search import candidates
    from setia.domains.staff.models import Staff
    from setia.domains.timeline.models import Note
    from setia.foundation import clock
    from tests import cast

    browser = Client(HTTP_HOST="127.0.0.1")
    person = Customer.objects.filter(counters__order_count__gt=1).order_by("id")[0]
    with clock.frozen(cast.NOW):
        browser.force_login(Staff.objects.get(role="owner"))
        seen = [browser.get(f"/console/{path}") for path in ("", "customers/", f"customers/{person.id}/", "products/")]
    bare = [re.sub(r'(?<=value=")[-\w]{20,}', "", page.content.decode()) for page in seen]  # tokens of forms
    totp = get_adapter().decrypt(Authenticator.objects.get(type="totp").data["secret"])
    found = sorted(candidates(person.search_name.split()[0]))
    return [*(str(page.status_code) for page in seen), *bare, totp, str(found), Note.objects.get().body]


def write_on() -> list[str]:
    """Go on selling in a moved shop, and try what its database must refuse."""
    from allauth.mfa.models import Authenticator
    from django.db import DatabaseError

    from setia.domains.commerce.models import CustomerCounters
    from setia.domains.customers.search import candidates
    from setia.domains.staff.models import Staff
    from setia.foundation.db import may_fail, write_tx
    from setia.foundation.events.models import Event
    from tests import cast

    dewi = cast.member("dewi")
    cast.buys(dewi, "AFTER-1")
    said = [str(CustomerCounters.objects.get(customer=dewi).order_count), str(dewi.id in candidates("lestari"))]
    rina = Staff.objects.get(email__startswith="rina")
    said.append(str(Authenticator.objects.create(user=rina, type="totp", data={}).pk > 0))
    with write_tx():
        for refused in (lambda: Event.objects.all().delete(), lambda: Event.objects.update(kind="x")):
            try:
                with may_fail():
                    refused()
            except DatabaseError as error:
                said.append("append-only" if "append-only" in str(error) else str(error))
    return said


WROTE_ON = ["1", "True", "True", "append-only", "append-only"]


def objects_of(url: str) -> list[tuple[Any, ...]]:
    """Return the schema of a PostgreSQL database: constraints, indexes and triggers, with what they say."""
    sql = (
        "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace "
        "UNION SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION SELECT tgname::text, tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    )
    # PostgreSQL writes a condition that it has read from its own words with other casts and brackets.
    with psycopg.connect(url) as connection:
        found = [
            (name, re.sub(r"::(text|character varying)(\[\])?|[()]", "", said))
            for name, said in connection.execute(sql)
        ]
    return sorted(found)


def schema_of(file: Path) -> list[tuple[Any, ...]]:
    """Return the schema of a SQLite file."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall(), key=str)


def is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_shop_moved_there_and_back_is_the_same_row_by_row(
    shop: ShopOnDisk, database: str, new_database: Callable[[], str], tmp_path: Path
) -> None:
    assert shop.call("tests.processes.shops:seal_audit")[0] > 0
    before = rows_of(shop, tmp_path / "before.json")
    assert min(len(before[name]) for name in ("mfa_authenticator", "timeline_note", "commerce_returnline")) > 0
    there = shop.run("move", "--to", database, "--json").json
    assert (there["from"], there["to"], there["switch"]) == ("sqlite", "postgresql", f"DATABASE_URL={database}")
    assert {row["table"]: row["rows"] for row in there["tables"]} == {
        name: len(rows) for name, rows in before.items() if name != "django_migrations"
    }
    assert set(there["left_behind"]) == {"django_migrations", "setia_cache"}
    moved = ShopOnDisk(shop.home, database)
    assert rows_of(moved, tmp_path / "there.json") == before
    migrated = new_database()
    ShopOnDisk(tmp_path / "other", migrated).run("migrate")
    assert objects_of(database) == objects_of(migrated)

    back = moved.run("move", "--to", f"sqlite:///{tmp_path}/back/shop.db", "--json").json
    assert [row["checksum"] for row in back["tables"]] == [row["checksum"] for row in there["tables"]]
    returned = ShopOnDisk(shop.home)
    returned.extra["DATABASE_URL"] = f"sqlite:///{tmp_path}/back/shop.db"
    assert rows_of(returned, tmp_path / "back.json") == before == rows_of(shop, tmp_path / "again.json")
    assert sorted(path.name for path in (tmp_path / "back").iterdir() if "lock" not in path.name)[0] == "shop.db"
    assert schema_of(tmp_path / "back" / "shop.db") == schema_of(shop.database)
    figures = [place.call(f"{HERE}:pages") for place in (shop, moved, returned)]
    assert figures[0][:4] == ["200"] * 4
    assert figures[0][-3:][::2] == ["JBSWY3DPEHPK3PXP", "Suka kopi tanpa gula"]
    assert figures[0] == figures[1] == figures[2]
    for place in (moved, returned):
        assert place.call(f"{HERE}:write_on") == WROTE_ON
        assert place.run("recount", "--json").json["mended"] == 0
        assert place.run("check", "--json").json["troubles"] == []
    audits = [place.run("audit", "verify", "--json").json for place in (shop, moved, returned)]
    assert {(audit["finding"], audit["last_hash"]) for audit in audits} == {(None, audits[0]["last_hash"])}
    assert audits[0]["seals"] > 0


def test_a_database_with_fresh_tables_takes_a_shop(shop: ShopOnDisk, database: str, tmp_path: Path) -> None:
    ShopOnDisk(tmp_path / "other", database).run("migrate")
    shop.run("move", "--to", database)
    before = rows_of(shop, tmp_path / "b")
    moved = ShopOnDisk(shop.home, database)
    assert rows_of(moved, tmp_path / "a") == before
    for path in shop.home.glob("setia.sqlite3*"):
        path.unlink()
    answer = moved.run("move", "--to", "sqlite")
    assert "are equal on both sides" in answer.out
    assert "To use the new database:  unset DATABASE_URL" in answer.out
    assert rows_of(shop, tmp_path / "c") == before


def test_a_target_that_is_not_empty_is_refused_and_stays_as_it_is(
    shop: ShopOnDisk, database: str, tmp_path: Path
) -> None:
    other = ShopOnDisk(tmp_path / "other", database)
    other.run("migrate")
    other.run("user", "add", "--owner", "--name", "Ibu", "--email", "ibu@toko.id")
    answer = shop.run("move", "--to", database, code=1)
    assert "is not empty" in answer.err
    assert "Nothing was moved." in answer.err
    assert len(other.run("user", "list", "--json").json["users"]) == 1
    other.change("DELETE FROM django_migrations WHERE app = 'imports'")
    assert "of another release" in shop.run("move", "--to", database, code=1).err
    other.change("DROP SCHEMA public CASCADE")
    other.change("CREATE SCHEMA public CREATE TABLE invoices (id int)")
    assert "it has the table invoices" in shop.run("move", "--to", database, code=1).err
    taken = tmp_path / "taken.db"
    taken.write_text("x")
    assert f"{taken} is there already" in shop.run("move", "--to", f"sqlite:///{taken}", code=1).err
    assert "setia.sqlite3 is there already" in shop.run("move", "--to", "sqlite", code=1).err
    assert taken.read_text() == "x"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://x/y", "--to begins with 'mysql'"),
        ("postgresql://", "--to names no database"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "The move failed"),
        ("sqlite:////dev/null/shop.db", "The move failed"),
    ],
)
def test_a_target_that_cannot_be_reached_is_told_in_a_sentence(shop: ShopOnDisk, url: str, told: str) -> None:
    answer = shop.run("move", "--to", url, code=1)
    assert told in answer.err
    assert "Traceback" not in answer.err
    assert "secret" not in answer.err + answer.out


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("command", ["worker", "run", "writer"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_shop_at_work_is_not_moved(shop: ShopOnDisk, database: str, tmp_path: Path, command: str, kind: str) -> None:
    source, target = shop, database
    if kind == "postgresql":
        shop.run("move", "--to", database)
        source, target = ShopOnDisk(shop.home, database), f"sqlite:///{tmp_path}/new.db"
        source.extra["SETIA_DEMO"] = "1"
    if command == "writer":
        busy = source.start_call("tests.processes.test_backup_drill:sell", 60)
        before = source.one("SELECT count(*) FROM commerce_order")
        until(lambda: source.one("SELECT count(*) FROM commerce_order") > before)
    elif command == "worker":
        busy = source.start("worker")
        pipes = shop.home / "run" / "wake"
        until(lambda: pipes.exists() and list(pipes.iterdir()))
        until(lambda: source.one("SELECT count(*) FROM foundation_scheduledrun"))
    else:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        busy = source.start("run", "--port", port, "--no-worker", "--workers", 1)
        until(lambda: answers(port))
    answer = source.run("move", "--to", target, code=1)
    assert "Stop `setia run`" in answer.err
    assert "Nothing was moved." in answer.err
    # `setia run` ends its web processes when asked; killed outright it could not.
    busy.terminate()
    busy.communicate(timeout=60)
    assert is_empty(database) if kind == "sqlite" else not (tmp_path / "new.db").exists()


def test_a_value_that_does_not_fit_is_named_and_a_second_try_works(
    shop: ShopOnDisk, database: str, tmp_path: Path
) -> None:
    key = shop.one("SELECT id FROM commerce_product ORDER BY id LIMIT 1 OFFSET 2")
    was = shop.one(f"SELECT name FROM commerce_product WHERE id = {key}")
    shop.change(f"UPDATE commerce_product SET name = '{'rahasia' * 40}' WHERE id = {key}")
    answer = shop.run("move", "--to", database, code=1)
    assert f"commerce_product.name, row {key} does not fit there: value too long" in answer.err
    assert "rahasia" not in answer.err
    assert is_empty(database)
    shop.change(f"UPDATE commerce_product SET name = '{was}' || char(0) WHERE id = {key}")
    assert "commerce_product" in shop.run("move", "--to", database, code=1).err
    assert is_empty(database)
    shop.change(f"UPDATE commerce_product SET name = '{was}' WHERE id = {key}")
    shop.run("move", "--to", database)
    assert rows_of(ShopOnDisk(shop.home, database), tmp_path / "a") == rows_of(shop, tmp_path / "b")


def move_with_a_flaw(url: str, flaw: str) -> None:
    """Move with a copy that goes wrong on the way, as a fault of ours or of a disk would."""
    import sys

    from setia.cli import main, move_postgres, move_sqlite

    for end in (move_postgres.PostgresTarget, move_sqlite.SqliteTarget):
        whole: Any = end.write

        def write(self: Any, table: Any, batches: Any, whole: Any = whole) -> None:
            def flawed() -> Iterator[Any]:
                for rows in batches:
                    if table.name != "commerce_customercounters":
                        yield rows
                    elif flaw == "lost":
                        yield rows[1:]
                    elif flaw == "changed":
                        yield [(*rows[0][:-1], None), *rows[1:]]
                    else:
                        raise OSError(28, "No space left on device")

            whole(self, table, flawed())

        end.write = write  # type: ignore[method-assign]
    sys.argv = ["setia", "move", "--to", url]
    main()


@pytest.mark.parametrize(
    ("flaw", "told"), [("lost", "is not the same"), ("changed", "is not the same"), ("full", "No space left")]
)
def test_a_flaw_on_the_way_is_found_and_leaves_no_target(
    shop: ShopOnDisk, database: str, tmp_path: Path, flaw: str, told: str
) -> None:
    before = rows_of(shop, tmp_path / "before")
    for url in (database, f"sqlite:///{tmp_path}/new/shop.db"):
        child = shop.start_call(f"{HERE}:move_with_a_flaw", url, flaw)
        _, err = child.communicate(timeout=120)
        assert (child.returncode, told in err, "Traceback" in err) == (1, True, False), err
    assert is_empty(database)
    assert list((tmp_path / "new").iterdir()) == []
    assert rows_of(shop, tmp_path / "after") == before


def multiply(shop: ShopOnDisk, times: int) -> None:
    """Have many facts instead of some."""
    with contextlib.closing(sqlite3.connect(shop.database, isolation_level=None)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(foundation_event)")]
        others = ", ".join(name for name in columns if name != "id")
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) INSERT INTO "
            f"foundation_event (id, {others}) SELECT id + i * 1000000000000, {others} FROM foundation_event, n"
        )


def test_a_killed_move_leaves_no_target_and_a_second_one_works(shop: ShopOnDisk, database: str, tmp_path: Path) -> None:
    multiply(shop, 60)
    child = shop.start("move", "--to", database)
    copying = (
        "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = "
        f"'{shops._name_of(database)}' AND tuples_processed > 5000"
    )
    with psycopg.connect(SERVER_URL, autocommit=True) as server:
        until(lambda: server.execute(copying).fetchone() != (0,), every=0.002)
    kill(child)
    until(lambda: is_empty(database))
    shop.run("move", "--to", database)
    moved = ShopOnDisk(shop.home, database)
    target = tmp_path / "new" / "shop.db"
    child = moved.start("move", "--to", f"sqlite:///{target}")
    scratch = target.with_name(".shop.db.moving")
    until(lambda: scratch.exists() and scratch.stat().st_size > 3 << 20, every=0.002)
    kill(child)
    assert not target.exists()
    until(lambda: moved.one("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1)
    moved.run("move", "--to", f"sqlite:///{target}")
    assert [path.name for path in target.parent.iterdir()] == ["shop.db"]
    shop.extra["DATABASE_URL"] = f"sqlite:///{target}"
    assert shop.one("SELECT count(*) FROM foundation_event") == moved.one("SELECT count(*) FROM foundation_event")


def test_a_large_shop_moves_in_the_memory_of_a_small_one(
    shop: ShopOnDisk, new_database: Callable[[], str], tmp_path: Path
) -> None:
    peaks = []
    for number, url in enumerate((new_database(), new_database())):
        if number:
            multiply(shop, 150)
        file = f"sqlite:///{tmp_path}/{number}.db"
        there = shop.call("tests.processes.test_backup_drill:peak_of", "move", "--to", url)
        back = ShopOnDisk(shop.home, url).call("tests.processes.test_backup_drill:peak_of", "move", "--to", file)
        peaks.append((there, back))
    assert peaks[1][0] - peaks[0][0] < 16, peaks
    assert peaks[1][1] - peaks[0][1] < 48, peaks  # SQLite's pages, of which it keeps 32 MiB


def test_a_password_is_not_repeated() -> None:
    from setia.cli.moving import _without_password

    assert _without_password("postgresql://sari:kopi@host/toko?x=1") == "postgresql://sari:…@host/toko?x=1"
    assert _without_password("postgresql:///toko") == "postgresql:///toko"
