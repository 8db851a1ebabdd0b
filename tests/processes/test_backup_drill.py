"""A backup made while the shop writes, and the restore drill: one consistent moment comes back, keys and all."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.shops import ON_POSTGRES, ShopOnDisk, kill, make_sales_file, open_shop, until

SQLITE_ONLY = pytest.mark.skipif(ON_POSTGRES, reason="about the SQLite file")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopOnDisk]:
    with open_shop(tmp_path) as shop:
        yield shop


def modes(folder: Path) -> dict[str, str]:
    """Return the permissions of what others could read, by name."""
    paths = [folder, *folder.rglob("*")]
    loose = {path: stat.S_IMODE(path.stat().st_mode) for path in paths if path.stat().st_mode & 0o077}
    return {str(path.relative_to(folder)): oct(mode) for path, mode in loose.items()}


def sell(seconds: float) -> None:
    """Sell to the four members in turn, as quickly as it goes."""
    import time

    from tests import cast

    people, end, number = [cast.member(name) for name in cast.MEMBERS], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        cast.buys(people[number % 4], f"S{number}", cast.line(), cast.line("Teh", quantity=2, price=9_000))


def test_a_backup_made_while_the_shop_sells_restores_one_consistent_moment(shop: ShopOnDisk, tmp_path: Path) -> None:
    till = shop.start_call("tests.processes.test_backup_drill:sell", 60)
    before = until(lambda: shop.one("SELECT count(*) FROM commerce_order"))
    made = shop.run("backup", file := tmp_path / "safe" / "shop.setia-backup", "--json").json
    kill(till)
    assert (made["file"], made["bytes"], modes(file.parent).get(file.name)) == (str(file), file.stat().st_size, None)
    later = shop.one("SELECT count(*) FROM commerce_order")
    restored = shop.run("restore", file, "--yes", "--json").json
    assert (restored["troubles"], restored["customers"]) == ([], 4)
    orders = shop.one("SELECT count(*) FROM commerce_order")
    assert before <= orders < later
    sums = shop.rows("SELECT sum(order_count), sum(line_count), sum(spent_total) FROM commerce_customercounters")
    assert sums == [(orders, orders * 2, orders * 40_000)]
    assert shop.one("SELECT count(*) FROM commerce_orderline") == orders * 2
    assert shop.one("SELECT count(*) FROM foundation_event WHERE kind = 'commerce.order_placed'") == orders
    assert shop.run("recount", "--json").json == {"customers": 4, "mended": 0}


def test_a_wrong_passphrase_is_told_clearly_and_changes_nothing(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    before = sorted(path.name for path in shop.home.iterdir())
    shop.extra["SETIA_BACKUP_PASSPHRASE"] = "not this passphrase"
    answer = shop.run("restore", file, "--yes", code=1)
    assert "wrong passphrase, or a damaged file" in answer.err
    assert "Traceback" not in answer.err
    assert sorted(path.name for path in shop.home.iterdir()) == before
    shop.extra["SETIA_BACKUP_PASSPHRASE"] = "short"
    assert "too short" in shop.run("backup", file, code=1).err


def add_dewi() -> None:
    from tests import cast

    cast.member("dewi")


def test_a_keyring_of_another_shop_is_found_out(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.call("tests.processes.test_backup_drill:add_dewi")
    ring = shop.home / "keys" / "keyring.json"
    other = ShopOnDisk(tmp_path / "other")
    other.call("setia.foundation.crypto:blind_index", "x", "y")
    ring.write_bytes((other.home / "keys" / "keyring.json").read_bytes())
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    answer = shop.run("restore", file, "--yes", code=1)
    assert "its keys do not fit" in answer.err


@SQLITE_ONLY
def test_all_a_shop_owns_is_readable_by_its_owner_only(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.run("backup")
    shop.run("restore", next((shop.home / "backups").glob("*.setia-backup")), "--yes")
    assert modes(shop.home) == {}


def test_keys_uploads_and_exports_are_readable_by_their_owner_only(shop: ShopOnDisk, tmp_path: Path) -> None:
    make_sales_file(tmp_path / "till.csv", rows=50)
    shop.run("import", "lines", tmp_path / "till.csv", "--dry-run", "--json")
    shop.run("export", "customers", tmp_path / "customers.csv")
    known = {"setia.sqlite3", next(shop.home.rglob("refused.csv")).relative_to(shop.home).as_posix()}
    assert {name: mode for name, mode in modes(shop.home).items() if name not in known} == {}
    assert stat.S_IMODE((tmp_path / "customers.csv").stat().st_mode) == 0o600


@pytest.mark.django_db
def test_refused_rows_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    from setia.domains.imports import files
    from setia.domains.imports.models import Import
    from tests.processes.test_workers import take_and_check

    make_sales_file(tmp_path / "till.csv", rows=50)
    take_and_check(tmp_path / "till.csv")
    assert modes(files.refused_rows(Import.objects.get().id)) == {}


@SQLITE_ONLY
def test_a_home_made_by_hand_is_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "by-hand"
    home.mkdir(mode=0o755)
    ShopOnDisk(home).run("migrate")
    database = stat.S_IMODE((home / "setia.sqlite3").stat().st_mode)
    assert not (stat.S_IMODE(home.stat().st_mode) & 0o077 and database & 0o077)


@SQLITE_ONLY
def test_a_database_of_another_name_comes_back_whole(shop: ShopOnDisk, tmp_path: Path) -> None:
    database = tmp_path / "elsewhere" / "shop.db"
    database.parent.mkdir()
    shop.extra["DATABASE_URL"] = f"sqlite:///{database}"
    shop.run("migrate")
    shop.run("user", "add", "--name", "Budi", "--email", "budi@toko.id")
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    holder = shop.start_call("tests.processes.test_backup_drill:add_and_stay", str(tmp_path / "written"))
    until((tmp_path / "written").exists)
    kill(holder)  # the writer dies, so its write-ahead log stays beside the database
    assert database.with_name("shop.db-wal").stat().st_size > 0
    shop.run("restore", file, "--yes")
    users = shop.run("user", "list", "--json").json["users"]
    assert [user["email"] for user in users] == ["budi@toko.id"]


def add_and_stay(mark: str) -> None:
    import time

    add_dewi()
    from tests import cast

    cast.staff("rina")
    Path(mark).touch()
    time.sleep(60)


@pytest.mark.skipif(not ON_POSTGRES, reason="about pg_restore")
def test_a_restore_that_fails_leaves_the_keys_that_fit(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    ring = (shop.home / "keys" / "secret_key").read_text()
    (shop.home / "keys" / "secret_key").write_text(ring + "-newer")
    url, shop.extra["DATABASE_URL"] = shop.url, shop.url + "_that_is_not_there"
    shop.run("restore", file, "--yes", code=1)
    shop.extra["DATABASE_URL"] = url
    assert (shop.home / "keys" / "secret_key").read_text() == ring + "-newer"
