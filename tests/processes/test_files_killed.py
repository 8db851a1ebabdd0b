"""Files of people killed while they come in, and exports killed while they are made, end like calm ones."""

import random
from pathlib import Path

from setia.domains.exports.models import ExportState
from tests.processes.shops import ShopOnDisk, kill, pause, until

MAKE = "tests.processes.test_files_killed:make"


def make() -> str:
    """Make a file with all customers: the one that was begun, or else a new one."""
    from setia.domains.exports.actions import request_export
    from setia.domains.exports.models import Export
    from setia.domains.exports.rules import Filters
    from setia.domains.exports.tasks import make as task
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    begun = Export.objects.first() or request_export(
        kind="customers", form="csv", filters=Filters(), by=SYSTEM, at=clock.now()
    )
    return str(task.func(str(begun.id)))


def _people(path: Path, count: int) -> None:
    rows = [f"K{n},Orang {n},0812-{n:04d}-0000,Jl. Dago {n},Bandung" for n in range(1, count + 1)]
    path.write_text("\n".join(["Kode,Nama,No HP,Alamat,Kota", *rows]) + "\n")


def test_people_and_their_export_survive_kills_and_go_without_a_trace(shop: ShopOnDisk, tmp_path: Path) -> None:
    chance = random.Random(5)
    file = tmp_path / "orang.csv"
    _people(file, 600)
    before = shop.table_counts()
    child = shop.start("import", "customers", file, "--yes", "--json")
    until(lambda: (shop.one("SELECT max(position) FROM imports_import") or 0) > 1, every=0.003)
    pause(chance.random() * 0.1)
    kill(child)
    assert shop.one("SELECT count(*) FROM customers_customer") < 600
    answer = shop.run("import", "customers", file, "--yes", "--json").json
    assert (answer["state"], shop.one("SELECT count(*) FROM customers_customer")) == ("done", 600)
    assert shop.one("SELECT count(DISTINCT lookup) FROM customers_identity WHERE kind = 'phone'") == 600
    assert shop.one("SELECT count(*) FROM customers_customer WHERE address = ''") == 0
    _killed_export(shop, chance)
    shop.run("import", "undo", answer["import_id"], "--yes")
    after = shop.table_counts()
    kept = ("foundation_", "imports_import", "imports_savedmapping", "exports_")
    assert {name: n for name, n in after.items() if not name.startswith(kept)} == {
        name: n for name, n in before.items() if not name.startswith(kept)
    }
    assert shop.one("SELECT count(*) FROM imports_importchange") == 0


def _killed_export(shop: ShopOnDisk, chance: random.Random) -> None:
    child = shop.start_call(MAKE)
    until(lambda: shop.one("SELECT state FROM exports_export") == "running", every=0.002)
    pause(chance.random() * 0.05)
    kill(child)
    assert shop.call(MAKE) == ExportState.DONE
    folder = shop.home / "exports" / str(shop.one("SELECT id FROM exports_export"))
    lines = (folder / "file.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 601
    assert [path.name for path in folder.iterdir()] == ["file.csv"]
    assert shop.one("SELECT count(*) FROM foundation_accesslog WHERE page = 'export:customers'") == 1
