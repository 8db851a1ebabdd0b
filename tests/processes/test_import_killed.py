"""An import that is killed at any moment ends where an undisturbed one ends."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.processes.shops import ShopOnDisk, fingerprint, kill, make_sales_file, open_shop, pause, until
from tests.processes.test_workers import take_and_check

# Undo leaves facts (append-only), the record of the import itself, and how files with such headings are read.
KEPT = {
    "foundation_event",
    "foundation_voidedbatch",
    "foundation_accesslog",
    "imports_import",
    "imports_savedmapping",
}


def bring_in(shop: ShopOnDisk, file: Path) -> Any:
    return shop.run("import", "lines", file, "--yes", "--json").json


def stands(shop: ShopOnDisk) -> tuple[str, int, int]:
    rows = shop.rows("SELECT state, position, total_count FROM imports_import ORDER BY id DESC LIMIT 1")
    return rows[0] if rows else ("", 0, 0)


def bring_in_killed(shop: ShopOnDisk, file: Path, *, kills: int, seed: int) -> list[str]:
    """Kill the import so often, at moments spread over reading and writing; return the states it was killed in."""
    chance, states = random.Random(seed), []
    for number in range(kills):
        child = shop.start("import", "lines", file, "--yes", "--json")
        before = stands(shop)[1]
        reading = number == 0

        def ripe(reading: bool = reading, before: int = before, child: Any = child) -> bool:
            state, position, _ = stands(shop)
            return state == "checking" if reading else position > before or child.poll() is not None

        until(ripe, every=0.003)
        pause(chance.random() * 0.2)  # it dies in the middle of a step, not always between two
        states.append(stands(shop)[0])
        kill(child)
    return states


def proves_whole(shop: ShopOnDisk, tally: dict[str, int]) -> None:
    """Check a shop against what is in the file, row by row and sum by sum."""
    assert shop.one("SELECT count(*) FROM commerce_order") == tally["orders"]
    assert shop.one("SELECT count(*) FROM commerce_orderline") == tally["lines"]
    assert shop.one("SELECT count(*) FROM commerce_returnline") == tally["returns"]
    assert shop.one("SELECT sum(gross) FROM commerce_order") == tally["gross"]
    assert shop.one("SELECT sum(gross) FROM commerce_orderline") == tally["gross"]
    assert (
        shop.one("SELECT count(*) FROM (SELECT 1 FROM commerce_order GROUP BY source_key HAVING count(*) > 1) d") == 0
    )
    assert shop.run("recount", "--json").json["mended"] == 0


def kill_and_compare(shop: ShopOnDisk, tmp_path: Path, *, rows: int, kills: int) -> None:
    file = tmp_path / "till.csv"
    tally = make_sales_file(file, rows=rows)
    states = bring_in_killed(shop, file, kills=kills, seed=rows)
    bring_in(shop, file)
    (answer,) = shop.run("import", "list", "--json").json["imports"]
    assert states[0] == "checking"
    assert "writing" in states
    assert (answer["state"], answer["rows"]) == ("done", tally["rows"])
    assert sum(answer["skipped"].values()) == tally["bad"]
    written = answer["written"]
    assert (written["orders"], written["lines"], written["returns"]) == (
        tally["orders"],
        tally["lines"],
        tally["returns"],
    )
    assert (written["known_lines"], written["extended_orders"]) == (0, 0)
    proves_whole(shop, tally)
    with open_shop(tmp_path) as calm:
        bring_in(calm, file)
        assert fingerprint(shop) == fingerprint(calm) | {"sizes": fingerprint(shop)["sizes"]}
        assert fingerprint(shop)["sizes"] == fingerprint(calm)["sizes"]


def test_an_import_killed_again_and_again_ends_like_a_calm_one(shop: ShopOnDisk, tmp_path: Path) -> None:
    kill_and_compare(shop, tmp_path, rows=4_500, kills=3)


@pytest.mark.soak
def test_a_large_import_killed_eight_times_ends_like_a_calm_one(shop: ShopOnDisk, tmp_path: Path) -> None:
    kill_and_compare(shop, tmp_path, rows=20_000, kills=8)


def test_the_same_file_again_changes_nothing_and_an_overlap_adds_only_what_is_new(
    shop: ShopOnDisk, tmp_path: Path
) -> None:
    first, overlap = tmp_path / "january.csv", tmp_path / "overlap.csv"
    tally = make_sales_file(first, rows=900)
    bring_in(shop, first)
    before = fingerprint(shop)
    again = bring_in(shop, first)
    assert (again["already_imported"], again["written"]["lines"]) == (True, 0)
    assert fingerprint(shop) == before
    both = make_sales_file(overlap, rows=900, first_order=100)
    added = bring_in(shop, overlap)["written"]
    assert added["orders"] == both["next_order"] - tally["next_order"]
    assert added["lines"] + added["known_lines"] == both["lines"]
    whole = make_sales_file(tmp_path / "whole.csv", rows=1, first_order=1, last_order=both["next_order"] - 1)
    proves_whole(shop, whole)


def test_two_imports_of_one_file_at_once_write_no_row_twice(shop: ShopOnDisk, tmp_path: Path) -> None:
    tally = make_sales_file(tmp_path / "till.csv", rows=1_500)
    both = [shop.start("import", "lines", tmp_path / "till.csv", "--yes", "--json") for _ in range(2)]
    for child in both:
        child.communicate(timeout=120)
    bring_in(shop, tmp_path / "till.csv")
    proves_whole(shop, tally)


def undo_restores(shop: ShopOnDisk, tmp_path: Path, *, rows: int, kills: int) -> None:
    before = shop.table_counts()
    make_sales_file(tmp_path / "till.csv", rows=rows)
    import_id = bring_in(shop, tmp_path / "till.csv")["import_id"]
    for _ in range(kills):
        orders = shop.one("SELECT count(*) FROM commerce_order")
        child = shop.start("import", "undo", import_id, "--yes", "--json")
        until(lambda orders=orders: shop.one("SELECT count(*) FROM commerce_order") < orders, every=0.003)
        kill(child)
        assert stands(shop)[0] == "undoing"
        assert shop.run("recount", "--json").json["mended"] == 0
    assert shop.run("import", "undo", import_id, "--yes", "--json").json["state"] == "undone"
    after = shop.table_counts()
    assert {
        name: after[name] - before[name] for name in after if name not in KEPT and after[name] != before[name]
    } == {}
    assert after["foundation_voidedbatch"] == 1
    assert not (shop.home / "imports" / import_id).exists()


def test_undo_killed_in_the_middle_goes_on_and_leaves_nothing(shop: ShopOnDisk, tmp_path: Path) -> None:
    undo_restores(shop, tmp_path, rows=2_000, kills=1)


@pytest.mark.soak
def test_a_large_undo_killed_five_times_leaves_nothing(shop: ShopOnDisk, tmp_path: Path) -> None:
    undo_restores(shop, tmp_path, rows=20_000, kills=5)


def add_dewi() -> None:
    from tests import cast

    cast.member("dewi")


def test_undo_takes_back_what_was_added_to_people_known_before(shop: ShopOnDisk, tmp_path: Path) -> None:
    shop.call("tests.processes.test_import_killed:add_dewi")
    before = shop.table_counts()
    file = tmp_path / "till.csv"
    file.write_text("Nota,Tanggal,Produk,Harga,ID Member,No HP\nN1,31/01/2026,Kopi,20000,M-77,0812-3456-7890\n")
    import_id = bring_in(shop, file)["import_id"]
    assert shop.one("SELECT count(*) FROM customers_customer") == 1
    shop.run("import", "undo", import_id, "--yes")
    after = shop.table_counts()
    assert {
        name: after[name] - before[name] for name in after if name not in KEPT and after[name] != before[name]
    } == {}


@pytest.mark.django_db
def test_an_undo_asked_for_while_the_import_writes_is_not_forgotten(tmp_path: Path) -> None:
    from setia.domains.imports import actions
    from setia.foundation.actors import SYSTEM
    from tests import cast

    make_sales_file(tmp_path / "till.csv", rows=30)
    record = take_and_check(tmp_path / "till.csv")
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)

    def meanwhile() -> bool:
        other = type(record).objects.get(id=record.id)
        actions.start_undo(record=other, by=SYSTEM, at=cast.NOW)
        return False

    actions.run_write(record=record, at=cast.NOW, report=lambda step, share: None, should_stop=meanwhile)
    record.refresh_from_db()
    assert record.state == "undoing"


def shift(file: Path, changed: Path) -> None:
    """Write the file again with other receipt numbers, as another till would number the same people's purchases."""
    changed.write_text(file.read_text().replace("\nN", "\nM").replace("\nR", "\nS"))


def test_undo_keeps_whoever_bought_again_elsewhere(shop: ShopOnDisk, tmp_path: Path) -> None:
    make_sales_file(tmp_path / "one.csv", rows=300, people=60)
    make_sales_file(tmp_path / "few.csv", rows=40, people=60)
    shift(tmp_path / "few.csv", tmp_path / "two.csv")
    first = bring_in(shop, tmp_path / "one.csv")["import_id"]
    added = bring_in(shop, tmp_path / "two.csv")["written"]
    buyers = shop.one("SELECT count(DISTINCT customer_id) FROM commerce_order WHERE number LIKE 'M%'")
    shop.run("import", "undo", first, "--yes")
    assert shop.one("SELECT count(*) FROM customers_customer") == buyers
    assert shop.one("SELECT count(*) FROM commerce_order") == added["orders"]
    assert shop.one("SELECT sum(order_count) FROM commerce_customercounters") == shop.one(
        "SELECT count(*) FROM commerce_order WHERE customer_id IS NOT NULL"
    )
    assert shop.run("recount", "--json").json["mended"] == 0
