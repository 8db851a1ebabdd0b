"""A backup made while the shop writes, and the restore drill: one consistent moment comes back, keys and all."""

import contextlib
import os
import pty
import resource
import select
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.shops import ON_POSTGRES, ShopOnDisk, kill, make_sales_file, open_shop, until

SQLITE_ONLY = pytest.mark.skipif(ON_POSTGRES, reason="about the SQLite file")


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
    assert shop.call("tests.processes.shops:seal_audit")[0] > 0
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
    counted = shop.run("recount", "--json").json
    assert (counted["customers"], counted["mended"]) == (4, 0)
    audit = shop.run("audit", "verify", "--json").json
    assert (audit["finding"], audit["seals"] > 0) == (None, True)


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


def fill(shop: ShopOnDisk, mebibytes: int) -> None:
    """Put so much into the SQLite file that compressing does not make smaller."""
    shop.change("CREATE TABLE IF NOT EXISTS filler (noise BLOB)")
    shop.change(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {mebibytes * 256}) "
        "INSERT INTO filler SELECT randomblob(4096) FROM n"
    )


def peak_of(*args: str) -> float:
    """Run a command in this process and return the most memory it had, in MiB."""
    from setia.cli import cli

    cli.main(list(args), standalone_mode=False)
    # Not ru_maxrss alone: on Linux a child begins with the peak of the process that started it.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


@SQLITE_ONLY
def test_a_large_shop_is_saved_and_restored_in_the_memory_of_a_small_one(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.extra["SETIA_RECOVERY_KEY"] = with_recovery_key(shop)
    peaks, file = [], tmp_path
    for name in ("small", "large"):
        file = tmp_path / f"{name}.setia-backup"
        saving = shop.call("tests.processes.test_backup_drill:peak_of", "backup", str(file))
        restoring = shop.call("tests.processes.test_backup_drill:peak_of", "restore", str(file), "--yes")
        peaks.append((saving, restoring))
        if name == "small":
            fill(shop, 96)
    assert file.stat().st_size > 96 << 20
    (small_saving, small_restoring), (large_saving, large_restoring) = peaks
    assert large_saving - small_saving < 16
    assert large_restoring - small_restoring < 16


def at_terminal(shop: ShopOnDisk, *args: object, answers: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal, answer each question, and return its exit code and what it showed."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "setia", *map(str, args)],
        env=shop.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, waiting = b"", list(answers.items())
    # The terminal is gone with its last program: Linux says so by an error.
    with contextlib.suppress(OSError):
        while select.select([ours], [], [], 60)[0] and (block := os.read(ours, 4096)):
            shown += block
            if waiting and waiting[0][0].encode() in shown:
                os.write(ours, f"{waiting.pop(0)[1]}\n".encode())
    os.close(ours)
    return child.wait(60), shown.decode()


def key_in(text: str) -> str:
    """Return the recovery key as it was shown, line breaks and all."""
    return text[text.index("AGE-SECRET-KEY-1") :].split("\r\n\r\n")[0].split("\n\n")[0]


def with_recovery_key(shop: ShopOnDisk) -> str:
    """Let the shop have a recovery key instead of a passphrase, and return it as it was shown."""
    shop.extra["SETIA_BACKUP_PASSPHRASE"] = ""
    return key_in(shop.run("backup", shop.home / "backups" / "first.setia-backup", "--new-key").err)


def test_the_first_backup_shows_the_recovery_key_once_and_later_ones_need_nobody(
    shop: ShopOnDisk, tmp_path: Path
) -> None:
    shop.extra["SETIA_BACKUP_PASSPHRASE"] = ""
    code, shown = at_terminal(shop, "backup", tmp_path / "1.setia-backup", answers={"Sudah dicatat?": "y"})
    key = key_in(shown)
    assert (code, shown.count("AGE-SECRET-KEY-1"), "Sudah dicatat?" in shown) == (0, 1, True)
    answer = shop.run("backup", tmp_path / "2.setia-backup", "--json")
    assert "AGE-SECRET" not in answer.out + answer.err
    assert answer.json["sealed_for"] == (shop.home / "keys" / "backup_key.pub").read_text().strip()
    secret = "".join(key.split())[-20:].encode()
    assert [path for path in shop.home.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
    shop.extra["SETIA_RECOVERY_KEY"] = key.lower().replace(" ", "-")
    for name in ("1", "2"):
        assert shop.run("restore", tmp_path / f"{name}.setia-backup", "--yes", "--json").json["troubles"] == []


def test_a_key_that_is_not_written_down_is_not_kept(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.extra["SETIA_BACKUP_PASSPHRASE"] = ""
    code, shown = at_terminal(shop, "backup", tmp_path / "1.setia-backup", answers={"Sudah dicatat?": "n"})
    assert (code, "Aborted" in shown, list(tmp_path.glob("*backup"))) == (1, True, [])
    answer = shop.run("backup", tmp_path / "1.setia-backup", code=1)
    assert "has no recovery key yet, and there is no terminal to show one on" in answer.err
    assert not (shop.home / "keys" / "backup_key.pub").exists()


def test_a_restore_asks_for_the_key_hidden_and_takes_it_in_two_lines(shop: ShopOnDisk, tmp_path: Path) -> None:
    key = with_recovery_key(shop)
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    first, *others = [line.strip() for line in key.splitlines()]
    asked = {"Recovery key: ": first, "The rest of it: ": " ".join(others), "in place of what is in": "y"}
    code, shown = at_terminal(shop, "restore", file, answers=asked)
    assert (code, "Restored: 0 customers" in shown) == (0, True), shown
    assert others[0].split()[0] not in shown


def test_a_new_key_opens_new_backups_and_stays_after_an_old_one_came_back(shop: ShopOnDisk, tmp_path: Path) -> None:
    keys, files = {}, {name: tmp_path / f"{name}.setia-backup" for name in ("old", "new")}
    for name, file in files.items():
        keys[name] = with_recovery_key(shop)
        shop.run("backup", file)
    for name, other in (("old", "new"), ("new", "old")):
        (tmp_path / "key.txt").write_text(f"# of Kopi Senja\n{keys[other]}\n")
        answer = shop.run("backup", "--check", files[name], "--key-file", tmp_path / "key.txt", code=1)
        assert "another recovery key, or a damaged file" in answer.err
        (tmp_path / "key.txt").write_text(keys[name])
        shop.run("backup", "--check", files[name], "--key-file", tmp_path / "key.txt")
    kept = (shop.home / "keys" / "backup_key.pub").read_text()
    shop.extra["SETIA_RECOVERY_KEY"] = keys["old"]
    shop.run("restore", files["old"], "--yes")
    assert (shop.home / "keys" / "backup_key.pub").read_text() == kept


def test_a_check_tells_a_whole_backup_from_a_damaged_one_and_restores_nothing(shop: ShopOnDisk, tmp_path: Path) -> None:
    key = with_recovery_key(shop)
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    shop.extra["SETIA_RECOVERY_KEY"] = key
    before = sorted((path, path.stat().st_mtime_ns) for path in shop.home.rglob("*"))
    found = shop.run("backup", "--check", file, "--json").json
    kind = "postgresql" if ON_POSTGRES else "sqlite"
    assert (found["opens"], found["database"], found["has_keyring"]) == (True, kind, True)
    whole = file.read_bytes()
    for part in (whole[:-1], whole[: len(whole) // 2], whole[:-9] + b"?" + whole[-8:], whole + b"?"):
        file.write_bytes(part)
        for command in (("backup", "--check", file), ("restore", file, "--yes")):
            answer = shop.run(*command, code=1)
            assert "damaged" in answer.err
            assert "Traceback" not in answer.err
    file.write_text("Nota;Tanggal\n")
    assert "not a backup of Setia (it is no sealed file)" in shop.run("backup", "--check", file, code=1).err
    run = shop.home / "run"
    after = [path for path in shop.home.rglob("*") if path != run and run not in path.parents]
    assert sorted((p, p.stat().st_mtime_ns) for p in after) == [row for row in before if row[0] in after]


def dewis_phone() -> str:
    from setia.domains.customers.models import Identity

    return Identity.objects.get(kind="phone").value


def test_a_backup_opens_sealed_data_on_a_new_machine_whose_keys_came_from_elsewhere(
    shop: ShopOnDisk, tmp_path: Path
) -> None:
    key = with_recovery_key(shop)
    ring = shop.home / "keys" / "keyring.json"
    shop.extra |= {"SETIA_KEYRING": ring.read_text(), "SETIA_SECRET_KEY": "only-in-the-vault"}
    ring.unlink()
    shop.call("tests.processes.test_backup_drill:add_dewi")
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    with open_shop(tmp_path) as model:
        fresh = ShopOnDisk(tmp_path / "new machine", model.url)
        fresh.extra |= {"SETIA_BACKUP_PASSPHRASE": "", "SETIA_RECOVERY_KEY": key}
        assert fresh.run("restore", file, "--yes", "--json").json["customers"] == 1
        assert fresh.call("tests.processes.test_backup_drill:dewis_phone") == "+6281234567890"
        assert (fresh.home / "keys" / "secret_key").read_text() == "only-in-the-vault"


def test_a_killed_backup_leaves_nothing_that_looks_like_one(shop: ShopOnDisk, tmp_path: Path) -> None:
    uploads = shop.home / "imports"
    uploads.mkdir(exist_ok=True)
    with (uploads / "noise").open("wb") as file:
        for _ in range(60):
            file.write(os.urandom(1 << 20))
    target = tmp_path / "safe" / "shop.setia-backup"
    child = shop.start("backup", target)
    part = target.with_name(".shop.setia-backup.part")
    until(lambda: part.exists() and part.stat().st_size > 1 << 20, every=0.001)
    kill(child)
    assert [path.name for path in target.parent.iterdir()] == [part.name]
    os.utime(part, (1, 1))
    shop.run("backup", other := target.with_name("other.setia-backup"))
    assert [path.name for path in target.parent.iterdir()] == [other.name]
    assert not (shop.home / "run" / "scratch").exists()


def narrow(limit: int, *args: str) -> None:
    """Run a command in this process with room for files of so many bytes only."""
    from setia.cli import main

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sys.argv = ["setia", *args]
    main()


@pytest.mark.parametrize("room", ["nothing fits", "the copy fits"])
def test_a_full_disk_is_told_clearly_and_leaves_nothing(shop: ShopOnDisk, tmp_path: Path, room: str) -> None:
    limit = 10_000 if ON_POSTGRES else 100_000
    if room == "the copy fits":
        (shop.home / "imports").mkdir(exist_ok=True)
        (shop.home / "imports" / "noise").write_bytes(os.urandom(12 << 20))
        limit = 10 << 20
    child = shop.start_call(
        "tests.processes.test_backup_drill:narrow", limit, "backup", str(tmp_path / "safe" / "shop.setia-backup")
    )
    out, err = child.communicate(timeout=60)
    assert child.returncode == 1, err
    assert "Traceback" not in err
    assert ("pg_dump failed" if ON_POSTGRES and room == "nothing fits" else "room") in err
    assert not list((tmp_path / "safe").glob("*")) if (tmp_path / "safe").exists() else True
    assert not (shop.home / "run" / "scratch").exists()


def test_two_backups_at_once_do_not_meet(shop: ShopOnDisk, tmp_path: Path) -> None:
    import fcntl

    (shop.home / "run").mkdir(exist_ok=True)
    with (shop.home / "run" / "backup.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "Another backup or restore" in shop.run("backup", tmp_path / "x.setia-backup", code=1).err


@SQLITE_ONLY
def test_a_backup_of_the_other_kind_of_database_is_refused_before_anything_moves(
    shop: ShopOnDisk, tmp_path: Path
) -> None:
    shop.run("backup", file := tmp_path / "shop.setia-backup")
    shop.extra["DATABASE_URL"] = "postgresql:///nowhere"
    assert "then take the shop over with `setia move`" in shop.run("restore", file, "--yes", code=1).err
    assert shop.database.exists()
