"""A real shop is measured: its lake says what its tables say, after any change, and after any death."""

import contextlib
import json
import shutil
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from tests.processes.shops import ShopOnDisk, at_once, kill

HERE = "tests.processes.test_analyzing"


def trade(seed: int, people: int = 12) -> list[int]:
    """Let people of the cast's kind buy at random over two years."""
    import random
    from datetime import timedelta

    from setia.domains.commerce.actions import record_sales
    from setia.domains.commerce.drafts import LineDraft, SaleDraft
    from setia.domains.customers.actions import add_customer
    from setia.domains.customers.rules import PersonClaim
    from setia.foundation.actors import SYSTEM
    from tests import cast

    chance = random.Random(seed)
    drafts = []
    for number in range(people):
        claim = PersonClaim(phone=f"0812{seed:04}{number:04}", name=f"Rahasia Nama {seed} {number}", city="Bandung")
        person = add_customer(claim=claim, door="form", by=SYSTEM, at=cast.NOW)
        for order in range(chance.randint(1, 9)):
            line = LineDraft(product_id=cast.product(), quantity_milli=1000, unit_price=20_000, gross=20_000)
            drafts.append(
                SaleDraft(
                    source=f"t|{seed}|{number}|{order}",
                    number=f"T{seed}-{number}-{order}",
                    customer_id=person.id,
                    placed_at=cast.NOW - timedelta(days=chance.randint(0, 700)),
                    lines=(line,),
                )
            )
    record_sales(drafts=drafts, by=SYSTEM, at=cast.NOW)
    return [len(drafts)]


def change() -> list[int]:
    """Cancel an order, take one back in part, merge two people, and sell something long ago."""
    from setia.domains.commerce.actions import take_back
    from setia.domains.commerce.models import Order, OrderLine
    from setia.domains.customers.actions import merge_customers
    from setia.domains.customers.models import Customer
    from setia.foundation.actors import SYSTEM
    from tests import cast

    order = Order.objects.filter(returned_total=0).order_by("id")[3]
    line = OrderLine.objects.get(order=order)
    goods = {"quantities": {line.id: 500}, "reason": "rusak", "source": "t", "exception_reason": "uji"}
    take_back(order_id=order.id, by=SYSTEM, at=cast.NOW, **goods)
    one, other = Customer.objects.filter(canonical=None).order_by("id")[:2]
    merge_customers(winner=one, loser=other, by=SYSTEM, at=cast.NOW)
    cast.buys(cast.member("dewi"), "OLD", days_ago=650)
    return [Order.objects.count()]


def state() -> list[object]:
    """Return all that the last analysis wrote."""
    from setia.domains.analytics.models import CohortCell, MeasureValue, PersonScore

    measures = MeasureValue.objects.order_by("measure", "grain", "outlet_id", "start")
    measures = list(measures.values_list("measure", "value", "population"))
    cells = list(
        CohortCell.objects.order_by("grain", "cohort", "offset").values_list("offset", "people", "orders", "revenue")
    )
    names = (
        "customer_id",
        "recency",
        "frequency",
        "money",
        "segment",
        "level",
        "chance_silent",
        "expected_value",
        "health",
        "risk",
        "activity",
        "lifecycle",
        "top_milli",
    )
    return [measures, cells, list(PersonScore.objects.order_by("customer_id").values_list(*names))]


def listed() -> list[object]:
    """List the people behind every measure of October; return per measure what was shown and what was listed."""
    from datetime import date

    from setia.domains.analytics.actions import list_people
    from setia.domains.analytics.lists import ListKey
    from setia.domains.analytics.measuring import measure_by_name
    from setia.domains.analytics.models import MeasureValue
    from setia.domains.analytics.queries import latest_analysis

    found: list[object] = []
    analysis = latest_analysis()
    assert analysis is not None
    for row in MeasureValue.objects.filter(grain="month", start=date(2026, 10, 1), value__isnull=False):
        measure = measure_by_name(row.measure)
        keys = [ListKey(analysis.sequence, group, row.start, row.end) for group in measure.groups]
        if keys:
            assert list_people(keys=keys)
            shown = row.denominator if measure.unit == "share" and not measure.bands else row.population
            found.append([row.measure, measure.unit, shown, row.numerator, [key.count() for key in keys]])
    return found


def lake_rows(shop: ShopOnDisk, table: str, what: str = "count(*)") -> object:
    """Ask the files of the lake."""
    manifest = json.loads((shop.home / "lake" / "manifest.json").read_text())
    files = [part["file"] for part in manifest["parts"] if part["table"] == table]
    with duckdb.connect() as connection:
        sql = f"SELECT {what} FROM read_parquet(?, hive_partitioning = false)"
        return connection.execute(sql, [files]).fetchall()[0][0]


@pytest.fixture
def trading(shop: ShopOnDisk) -> ShopOnDisk:
    """Return a shop that has sold something."""
    shop.call(f"{HERE}:trade", 1)
    return shop


def test_the_lake_says_what_the_tables_say(trading: ShopOnDisk) -> None:
    trading.run("analyze", "--json")
    for table, source, what in (
        ("customers", "customers_customer", "count(*)"),
        ("orders", "commerce_order", "count(*)"),
        ("orders", "commerce_order", "sum(net)"),
        ("orders", "commerce_order", "min(shop_day)"),
        ("lines", "commerce_orderline", "sum(quantity_milli)"),
        ("orders", "commerce_order", "sum(customer_id % 1000003)"),
    ):
        assert str(lake_rows(trading, table, what)) == str(trading.one(f"SELECT {what} FROM {source}")), what


def test_nothing_that_names_a_person_is_in_the_lake(trading: ShopOnDisk) -> None:
    trading.run("analyze")
    files = [path for path in (trading.home / "lake").rglob("*") if path.is_file()]
    assert len(files) > 10
    with duckdb.connect() as connection:
        for path in files:
            assert path.stat().st_mode & 0o077 == 0
            assert b"Rahasia" not in path.read_bytes()
            if path.suffix == ".parquet":
                names = connection.execute("SELECT name FROM parquet_schema(?)", [str(path)]).fetchall()
                assert not {"name", "phone", "email", "value", "address", "city"} & {row[0] for row in names}
                rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
                assert not [row for row in rows if "Rahasia" in str(row) or "0812" in str(row)]


def test_what_changed_is_read_again_and_equals_the_whole(trading: ShopOnDisk) -> None:
    trading.run("analyze")
    # Stamps are real moments; the overlap would read all months of this young shop again.
    trading.call(f"{HERE}:change")
    trading.run("analyze")
    in_steps = trading.call(f"{HERE}:state")
    trading.run("analyze", "--whole")
    assert trading.call(f"{HERE}:state") == in_steps
    assert lake_rows(trading, "orders") == trading.one("SELECT count(*) FROM commerce_order")
    again = trading.run("analyze", "--json").json
    assert again["changed"] == 0


def age_the_lake() -> list[int]:
    """Pretend that the lake was filled a day later than it was, so that no stamp marks a month as changed."""
    from dataclasses import replace
    from datetime import timedelta

    from setia.domains.analytics.lake.manifest import publish, read_manifest

    manifest = read_manifest()
    assert manifest is not None
    publish(replace(manifest, read_at=manifest.read_at + timedelta(days=1)))
    return [manifest.sequence]


def take_away() -> list[int]:
    """Remove an order and count its day anew, as taking an import back does; no stamp tells of it."""
    from django.db import connection

    from setia.domains.commerce.models import Order, OrderLine

    order = Order.objects.filter(returned_total=0).order_by("id")[2]
    OrderLine.objects.filter(order=order).delete()
    order.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_daycounters SET order_count = order_count - 1, net_total = net_total - %s "
            "WHERE id = (SELECT min(id) FROM commerce_daycounters WHERE shop_day = %s)",
            [order.net, order.shop_day.isoformat()],
        )
    return [Order.objects.count()]


def test_rows_that_went_without_a_trace_are_missed(trading: ShopOnDisk) -> None:
    trading.run("analyze")
    trading.call(f"{HERE}:age_the_lake")
    manifest = json.loads((trading.home / "lake" / "manifest.json").read_text())
    left = trading.call(f"{HERE}:take_away")[0]
    trading.run("analyze")
    assert lake_rows(trading, "orders") == left
    after = json.loads((trading.home / "lake" / "manifest.json").read_text())
    kept = {part["file"] for part in manifest["parts"]} & {part["file"] for part in after["parts"]}
    assert len(kept) > len(after["parts"]) / 2  # only the month that changed was read again


def test_killed_at_any_moment_it_ends_like_a_calm_one(trading: ShopOnDisk) -> None:
    calm = None
    for pause in (0.3, 0.9, 1.4, 1.9, 2.4, 3.0):
        child = trading.start_call(f"{HERE}:measure")
        time.sleep(pause)
        kill(child)
    trading.run("analyze")
    after = trading.call(f"{HERE}:state")
    trading.run("analyze", "--whole")
    calm = trading.call(f"{HERE}:state")
    assert after == calm
    assert len(after[0]) > 100
    assert after[2]


def measure() -> list[str]:
    """Analyze inside a shop; says "busy" when somebody else does."""
    from setia.domains.analytics.actions import analyze
    from setia.domains.analytics.lake import LakeBusy
    from setia.foundation import clock

    try:
        return [str(analyze(at=clock.now(), now=clock.now, whole=True).state)]
    except LakeBusy:
        return ["busy"]


def test_two_at_once_are_one(trading: ShopOnDisk) -> None:
    said: list[str] = []
    at_once(3, lambda: said.extend(trading.call(f"{HERE}:measure")))
    assert set(said) <= {"done", "busy"}
    assert "done" in said


def test_each_finished_analysis_is_told_once_and_a_failed_one_never(trading: ShopOnDisk) -> None:
    assert trading.run("analyze", "--json").json["failed"] == {}
    told = "SELECT count(*) FROM foundation_event WHERE kind = 'analytics.analysis_finished'"
    of_one_done = (
        "SELECT count(*) FROM foundation_event e JOIN analytics_analysis a ON a.id = e.subject_id "
        "WHERE e.kind = 'analytics.analysis_finished' AND a.state = 'done'"
    )
    assert (trading.one(told), trading.one(of_one_done)) == (1, 1)
    (trading.home / "lake" / "manifest.json").unlink()
    (trading.home / "lake" / "manifest.json").mkdir()
    trading.run("analyze", code=1)
    assert trading.rows("SELECT state FROM analytics_analysis ORDER BY id")[-1][0] == "failed"
    assert trading.one(told) == 1


def test_a_shop_without_sales_is_measured_without_error(shop: ShopOnDisk) -> None:
    done = shop.run("analyze", "--json").json
    assert (done["people"], done["buying"], done["failed"]) == (0, {"problem": "too_few"}, {})
    assert {row["why"] for row in shop.run("metrics", "--json").json["metrics"]} == {"no_data"}


def test_metrics_say_what_they_were_divided_by(trading: ShopOnDisk, tmp_path: Path) -> None:
    assert "run `setia analyze` first" in trading.run("metrics", code=1).err
    trading.run("analyze")
    period = ("--from", "2026-11-01", "--until", "2026-11-22")
    said = trading.run("metrics", "--json", *period).json
    found = {row["metric"]: row for row in said["metrics"]}
    orders = trading.rows("SELECT net FROM commerce_order WHERE shop_day >= '2026-11-01'")
    assert found["revenue"]["value"] == sum(row[0] for row in orders)
    assert found["order_value"]["denominator"] == len(orders)
    assert "There is no measure 'x'" in trading.run("metrics", "--measure", "x", code=1).err
    assert "ends" in trading.run("metrics", "--from", "2026-11-22", "--until", "2026-11-01", code=1).err


def test_as_many_people_stand_behind_a_number_as_it_says(trading: ShopOnDisk) -> None:
    trading.run("analyze")
    rows = trading.call(f"{HERE}:listed")
    by_name = {row[0]: row for row in rows}
    assert {"retention", "churn", "buyers", "one_time", "top_fifth"} <= set(by_name)
    for name in ("retention", "churn", "retention_year", "churn_year", "repeat_rate", "one_time"):
        _name, _unit, population, numerator, counts = by_name[name]
        assert counts == [numerator, population], name
    for name in ("buyers", "active_customers", "lost_customers"):
        assert by_name[name][4] == [by_name[name][3]], name
    # A list goes with the figures it belongs to.
    assert len(list((trading.home / "lists").glob("*.ids"))) > 10
    trading.run("analyze")
    assert not list((trading.home / "lists").glob("*.ids"))


def test_a_full_disk_is_said_plainly_and_takes_nothing_away(trading: ShopOnDisk) -> None:
    """The lake lies on a disk of its own that has no room left: what stood there stands, and nothing half remains."""
    trading.run("analyze")
    lake = trading.home / "lake"
    before = (lake / "manifest.json").read_text()
    shutil.move(lake, trading.home / "kept")
    lake.mkdir(mode=0o700)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(lake)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk can be made by root only")
    try:
        (lake / "manifest.json").write_text(before)
        (lake / "parts").mkdir(mode=0o700)
        with contextlib.suppress(OSError), (lake / "filler").open("wb") as filler:
            while True:
                filler.write(bytes(1024))
                filler.flush()
        done = trading.run("analyze", "--whole", code=1)
        assert "The disk is full" in done.err
        assert (lake / "manifest.json").read_text() == before
        assert list((lake / "parts").iterdir()) == []
    finally:
        subprocess.run(["umount", str(lake)], check=True)
    shutil.rmtree(lake)
    shutil.move(trading.home / "kept", lake)
    assert "measured" in trading.run("analyze").out
