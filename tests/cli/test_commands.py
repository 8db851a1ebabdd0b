"""The command line: what it says, its exit codes, and what it refuses."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from setia.cli import Failure, cli, sqlite_driver, upkeep
from setia.cli.serving import is_loopback, refuse_plain_http
from tests import cast
from tests.processes.shops import ON_POSTGRES, ShopOnDisk, make_sales_file
from tests.processes.test_workers import take_and_check


def say(*args: str) -> tuple[int, str]:
    """Run a command in this process."""
    done = CliRunner().invoke(cli, list(args))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.django_db
def test_check_tells_what_is_wrong_and_exits_with_5(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out = say("check", "--json")
    found = json.loads(out.splitlines()[-1])
    assert (code, found["owners"], found["pending_migrations"]) == (5, 0, 0)
    assert found["troubles"] == ["Nobody can sign in as owner; run `setia user add --owner …`."]
    cast.staff("sari")
    code, out = say("check", "--json")
    assert (code, json.loads(out)["troubles"], json.loads(out)["worker_behind_seconds"]) == (0, [], 0)
    assert say("check")[1].splitlines()[-1] == "All is well."


@pytest.mark.django_db
def test_user_add_gives_a_link_once_and_refuses_the_same_address() -> None:
    code, out = say("user", "add", "--owner", "--name", "Sari", "--email", "sari@toko.id", "--json")
    made = json.loads(out)
    assert (code, made["role"]) == (0, "owner")
    assert made["link"].startswith("http://127.0.0.1:8000/masuk/")
    code, out = say("user", "add", "--name", "Sari", "--email", "sari@toko.id")
    assert (code, "has an account already" in out) == (1, True)
    users = json.loads(say("user", "list", "--json")[1])["users"]
    assert users == [{"email": "sari@toko.id", "name": "Sari", "role": "owner", "active": True}]
    assert say("user", "suspend", "sari@toko.id")[0] == 1
    assert say("user", "link", "nobody@toko.id")[0] == 1


@pytest.mark.django_db
def test_import_list_is_empty_then_names_each_file(tmp_path: Path) -> None:
    assert say("import", "list", "--json") == (0, '{"imports": []}\n')
    make_sales_file(tmp_path / "till.csv", rows=30)
    assert say("import", "lines", str(tmp_path / "till.csv"), "--dry-run", "--json")[0] == 0
    rows = json.loads(say("import", "list", "--json")[1])["imports"]
    assert [(row["file"], row["state"], row["written"]["orders"]) for row in rows] == [("till.csv", "checked", 0)]
    assert say("import", "lines", str(tmp_path / "till.csv"))[0] == 1
    assert say("import", "lines", str(tmp_path / "missing.csv"))[0] == 2
    assert say("import", "undo", "1", "--yes") == (1, "Error: There is no import 1; `setia import list` shows them.\n")


@pytest.mark.django_db
def test_a_file_that_leaves_a_question_exits_with_4(tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text("Nota,Tanggal,Produk,Harga\nN1,03/04/2026,Kopi,20000\n")
    code, out = say("import", "lines", str(file), "--yes", "--json")
    assert (code, '"question": "date_order"' in out) == (4, True)
    assert say("import", "lines", str(file), "--yes", "--json", "--date-order", "DMY")[0] == 0
    assert say("import", "lines", str(file), "--map", "nonsense=Nota")[0] in (0, 1)


@pytest.mark.django_db
def test_exported_customers_are_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    from setia.domains.customers.actions import add_customer
    from setia.domains.customers.rules import PersonClaim
    from setia.foundation.actors import SYSTEM

    names = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "Dewi"]
    for number, name in enumerate(names):
        claim = PersonClaim(name=name, city="=1+1", phone=f"0812345600{number}")
        add_customer(claim=claim, door="form", by=SYSTEM, at=cast.NOW)
    code, out = say("export", "customers")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, [row["name"] for row in rows]) == (0, [*(f"'{name}" for name in names[:4]), "'\t'=1", "Dewi"])
    assert {row["city"] for row in rows} == {"'=1+1"}
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in ("=", "+", "-", "@")]
    assert (
        say("export", "customers", str(tmp_path / "c.csv"), "--json")[1]
        == json.dumps({"kind": "customers", "rows": 6, "file": str(tmp_path / "c.csv")}) + "\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_plain_http_is_served_on_loopback(host: str) -> None:
    assert is_loopback(host)
    refuse_plain_http(host, url="http://127.0.0.1:8000", has_certificate=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "toko.id", "127.0.0.1.evil.id", "", "8.8.8.8"])
def test_plain_http_is_refused_off_loopback(host: str) -> None:
    with pytest.raises(Failure, match="does not serve plain HTTP"):
        refuse_plain_http(host, url="http://toko.id", has_certificate=False)
    refuse_plain_http(host, url="https://toko.id", has_certificate=False)
    refuse_plain_http(host, url="http://toko.id", has_certificate=True)


def test_run_refuses_before_it_touches_the_shop(shop: ShopOnDisk) -> None:
    answer = shop.run("run", "--host", "0.0.0.0", code=1)
    assert "does not serve plain HTTP on 0.0.0.0" in answer.err
    assert not (shop.home / "static").exists()


def test_an_unsafe_sqlite_is_refused_with_exit_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_driver, "running_version", lambda: (3, 40, 1))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    code, out = say("check", "--json")
    assert code == 3
    assert out.startswith("Setia does not start on SQLite 3.40.1: it has the WAL-reset bug")
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/x")
    assert say("import", "list")[0] == 3


def newer(shop: ShopOnDisk) -> None:
    shop.change(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('customers', '0099_tiers', '2030-01-01 00:00:00')"
    )


def test_a_database_of_a_newer_setia_is_refused(shop: ShopOnDisk) -> None:
    newer(shop)
    answer = shop.run("migrate", code=1)
    assert "written by a newer Setia (it knows customers.0099_tiers)" in answer.err
    found = shop.run("check", "--json", code=5).json
    assert found["troubles"] == [
        "The database is newer than this Setia (customers.0099_tiers); install the newer version."
    ]


def test_an_older_setia_writes_nothing_to_a_newer_database(shop: ShopOnDisk) -> None:
    newer(shop)
    assert shop.run("user", "add", "--name", "Budi", "--email", "budi@toko.id", code=None).code == 1


@pytest.mark.django_db
def test_every_app_of_ours_is_guarded_against_a_newer_database() -> None:
    assert upkeep.unknown_migrations() == []
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("setia.") and app.models_module}
    for label in [*ours, "sessions"]:
        MigrationRecorder(connection).record_applied(label, "9999_of_next_year")
    assert {name.partition(".")[0] for name in upkeep.unknown_migrations()} == ours


def test_a_wrong_database_url_is_told_in_a_sentence(tmp_path: Path) -> None:
    shop = ShopOnDisk(tmp_path / "home")
    shop.extra["DATABASE_URL"] = "mysql://x/y"
    answer = shop.run("check", code=None)
    assert "DATABASE_URL begins with 'mysql'" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.skipif(ON_POSTGRES, reason="the same on both")
def test_a_shop_without_tables_is_told_to_migrate(tmp_path: Path) -> None:
    answer = ShopOnDisk(tmp_path / "home").run("user", "list", code=None)
    assert answer.code != 0
    assert "setia migrate" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.django_db
def test_an_undo_while_the_import_is_writing_is_refused_in_a_sentence(tmp_path: Path) -> None:
    from setia.domains.imports import actions, files
    from setia.foundation.actors import SYSTEM

    make_sales_file(tmp_path / "till.csv", rows=30)
    record = take_and_check(tmp_path / "till.csv")
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    with files.working_on(record.id):  # another process is writing it
        code, out = say("import", "undo", str(record.id), "--yes")
    record.refresh_from_db()
    assert (code, out.startswith("Error:"), record.state) == (1, True, "writing")


@pytest.mark.django_db
def test_files_of_every_kind_come_in_from_the_terminal(tmp_path: Path) -> None:
    from tests.domains.imports import kinds

    for kind in ("customers", "products", "orders"):
        (tmp_path / f"{kind}.csv").write_text(kinds.FILES[kind])
        (tmp_path / "rows.csv").write_text(kinds.ORDER_LINES)
        more = ["--lines", str(tmp_path / "rows.csv")] if kind == "orders" else []
        code, out = say("import", kind, str(tmp_path / f"{kind}.csv"), *more, "--yes", "--json")
        answer = json.loads(out)
        assert (code, answer["state"], answer["skipped"]) == (0, "done", {})
        assert json.loads(say("import", kind, str(tmp_path / f"{kind}.csv"), *more, "--yes", "--json")[1])[
            "already_imported"
        ]
    assert say("import", "customers", str(tmp_path / "customers.csv"), "--map", "nix=Nama")[0] in (0, 1)


@pytest.mark.django_db
def test_exports_leave_in_every_form_from_the_terminal(tmp_path: Path) -> None:
    cast.member("dewi")
    for form in ("csv", "xlsx", "jsonl", "parquet"):
        target = tmp_path / f"x.{form}"
        code, out = say("export", "customers", "--format", form, "--to", str(target), "--json")
        assert (code, json.loads(out)["rows"], target.stat().st_mode & 0o077) == (0, 1, 0)
    assert say("export", "customers", "--format", "parquet")[0] == 1
    assert say("export", "orders", "--outlet", "nowhere")[0] == 1
    assert say("export", "orders", "--from", "2026-01-01", "--until", "2026-12-31")[0] == 0
