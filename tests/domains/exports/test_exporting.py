"""Everything leaves in files that anybody reads and no spreadsheet runs; logged, gone after a week, made again."""

import csv
import json
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest
from openpyxl import load_workbook

from setia.domains.commerce.actions import (
    ProductClaim,
    ensure_products,
    pay_back,
    record_sales,
    reverse_refund,
    ship_order,
    take_payment,
)
from setia.domains.commerce.models import Order, OrderLine, Product
from setia.domains.customers.actions import change_customer
from setia.domains.customers.models import Customer, Identity
from setia.domains.exports import actions, files, sources, tasks, writers
from setia.domains.exports.models import Export, ExportState
from setia.domains.exports.rules import Filters, Form
from setia.domains.imports.models import Import
from setia.domains.imports.reading.vocabulary import guess_fields, guess_kind
from setia.domains.shop.actions import save_outlet
from setia.domains.timeline.actions import write_note
from setia.foundation.actors import Actor
from setia.foundation.events.models import AccessLog, Event
from setia.foundation.jobs.worker import Stopping
from tests import cast
from tests.domains.exports.disguises import DISGUISES, runs
from tests.domains.imports import kinds

pytestmark = pytest.mark.django_db
SARI = Actor("staff", 7)


def _made(kind, form="csv", *, filters=None, by=SARI):
    record = actions.request_export(kind=kind, form=form, filters=filters or Filters(), by=by, at=cast.NOW)
    assert actions.run_export(record=record, at=cast.NOW)
    record.refresh_from_db()
    assert record.state == ExportState.DONE, record.problem
    return record


def _rows(record):
    path = files.path_of(record)
    if record.form == "csv":
        return list(csv.DictReader(path.read_text("utf-8-sig").splitlines(keepends=True)))
    if record.form == "jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if record.form == "parquet":
        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            found = engine.execute(f"SELECT * FROM '{path}'")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    head, *body = load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def _a_shop(tmp_path):
    dewi = cast.member("dewi")
    change_customer(customer=dewi, changes={"interests": ["kopi", "teh"], "gender": "female"}, by=SARI, at=cast.NOW)
    cast.member("eko")
    cast.buys(dewi, "A-1", cast.line(quantity=2), cast.line("Roti", price=15_000, discount=1_000), days_ago=2)
    cast.buys(None, "A-2", days_ago=1)
    return dewi


@pytest.mark.parametrize("form", list(Form))
def test_every_kind_leaves_in_every_form(tmp_path, form):
    dewi = _a_shop(tmp_path)
    kinds.written(kinds.taken(tmp_path, "interactions", kinds.INTERACTIONS))
    write_note(customer=dewi, body="Suka kopi tanpa gula.", author=cast.staff("tono"), at=cast.NOW)
    counts = {}
    for kind in sources.KINDS:
        record = _made(kind, form)
        rows = _rows(record)
        assert len(rows) == record.row_count == record.total_count, kind
        if rows:
            assert list(rows[0]) == [column.title(form) for column in sources.columns_of(kind)], kind
        assert files.path_of(record).stat().st_mode & 0o077 == 0
        assert [path.name for path in files.folder(record.id).iterdir()] == [f"file.{form}"]
        counts[kind] = len(rows)
    assert [counts[kind] for kind in ("customers", "identities", "orders", "lines", "notes", "interactions")] == [
        *(2, 3, 2, 3, 1, 1),
    ]
    assert counts["events"] > 5


def test_parcels_payments_and_refunds_leave_with_their_order_and_dates(tmp_path):
    by = {"by": SARI, "at": cast.NOW}
    dago = save_outlet(code="DGO", name="Dago", city="", zone_name="Asia/Jakarta", opening_hours="", **by)
    dewi, sold = cast.member("dewi"), {"days_ago": 2}
    order_id = record_sales(
        drafts=[replace(cast.sale("A-1", dewi, **sold), outlet_id=dago.id, status="open")], **by
    ).order_ids[0]
    take_payment(order_id=order_id, amount=22_000, tender="QRIS", reference="=1+1", source="p", **by)
    ship_order(
        order_id=order_id, from_status="paid", courier="JNE", tracking_number="0012", **by,
        estimated_date=date(2026, 11, 24),
    )  # fmt: skip
    refund = pay_back(order_id=order_id, return_id=None, amount=5_000, tender="Tunai", reason="rusak", source="r", **by)
    reverse_refund(refund_id=refund.id, **by)
    parcel = _rows(_made("shipments"))[0]
    assert [parcel[name] for name in ("order_number", "outlet", "courier", "tracking_number", "estimated_date")] == [
        *("A-1", "DGO", "JNE", "0012", "2026-11-24"),
    ]
    assert (parcel["delivered_at"], parcel["order_status"], parcel["customer_id"]) == ("", "shipped", str(dewi.id))
    assert parcel["shipped_at"].startswith("2026-11-22")
    payment = _rows(_made("payments"))[0]
    assert [payment[name] for name in ("order_number", "amount", "tender", "reference")] == [
        *("A-1", "22000", "QRIS", "'=1+1"),
    ]
    refunds = _rows(_made("refunds", "jsonl"))
    assert [(row["amount"], row["reason"]) for row in refunds] == [(5_000, "rusak"), (-5_000, "")]
    assert int(refunds[1]["reverses_id"]) == int(refunds[0]["id"])
    for kind, count in (("shipments", 1), ("payments", 1), ("refunds", 2)):
        for form in Form:
            assert len(_rows(_made(kind, form))) == count
        assert len(_rows(_made(kind, filters=Filters(outlet_id=dago.id)))) == count
        assert _rows(_made(kind, filters=Filters(outlet_id=dago.id + 1))) == []
        assert _rows(_made(kind, filters=Filters(last=date(2026, 11, 20)))) == []


def test_no_disguise_becomes_a_formula(tmp_path):
    for number, name in enumerate(DISGUISES):
        ensure_products(claims=[ProductClaim(name=f"x{number}", sku=f"S{number}", price=1000)], at=cast.NOW)
        Product.objects.filter(sku=f"S{number}").update(
            name=name.replace("\x00", ""), category=name.replace("\x00", "")
        )
    columns, rows = sources.columns_of("products"), [(1, "S", name, name, 5, cast.NOW) for name in DISGUISES]
    writers.write(tmp_path / "x.csv", Form.CSV, columns, rows, scale=0, title="products")
    writers.write(tmp_path / "x.xlsx", Form.XLSX, columns, rows, scale=0, title="products")
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert len(cells) == 6 * 19
    assert not [cell for cell in cells if runs(cell)]
    sheet = load_workbook(tmp_path / "x.xlsx").active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row].count("f") == 0
    assert sheet.max_row == 19
    for form in ("csv", "xlsx"):
        found = [row["name"] for row in _rows(_made("products", form))]
        assert len(found) == 18
        assert not [name for name in found if runs(name)]


def test_numbers_stay_numbers_and_phones_stay_text(tmp_path):
    dewi = _a_shop(tmp_path)
    row = _rows(_made("customers", "xlsx"))[0]
    assert (row["phone"], row["spent_total"], row["order_count"]) == ("+6281234567890", 58_000, 1)
    assert row["id"] == str(dewi.id)
    line = _rows(_made("lines", "csv"))[0]
    assert (line["quantity"], line["gross"]) == ("2", "44000")
    assert _rows(_made("lines", "jsonl"))[0]["quantity_milli"] == 2000


def test_parquet_has_real_types(tmp_path):
    dewi = _a_shop(tmp_path)
    record = _made("orders", "parquet")
    with duckdb.connect() as engine:
        types = dict(row[:2] for row in engine.execute(f"DESCRIBE SELECT * FROM '{files.path_of(record)}'").fetchall())
    assert [types[name] for name in ("id", "customer_id", "net", "placed_at", "shop_day", "order_number")] == [
        *("BIGINT", "BIGINT", "BIGINT", "TIMESTAMP WITH TIME ZONE", "DATE", "VARCHAR"),
    ]
    first, second = _rows(record)
    assert (first["id"], first["customer_id"], first["net"]) == (Order.objects.get(number="A-1").id, dewi.id, 58_000)
    assert (second["customer_id"], second["shop_day"]) == (None, date(2026, 11, 21))
    assert first["placed_at"] == cast.NOW - timedelta(days=2)


def test_parquet_keeps_every_text(tmp_path):
    texts = ['"', ",", "a\nb", "a\r\nb", "\\N", "", "'", "é漢", " x "]
    columns = sources.columns_of("outlets")
    rows = [(number, text, text, text, text, text) for number, text in enumerate(texts)]
    writers.write(tmp_path / "x.parquet", Form.PARQUET, columns, rows, scale=0, title="x")
    with duckdb.connect() as engine:
        assert [
            row[0] for row in engine.execute(f"SELECT name FROM '{tmp_path}/x.parquet' ORDER BY id").fetchall()
        ] == texts


def test_a_sheet_is_never_longer_than_excel_allows(tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "MAX_SHEET_ROWS", 4)
    rows = [(number, "x", "y", "z", 5, cast.NOW) for number in range(7)]
    writers.write(tmp_path / "x.xlsx", Form.XLSX, sources.columns_of("products"), rows, scale=0, title="products")
    workbook = load_workbook(tmp_path / "x.xlsx")
    assert [sheet.max_row for sheet in workbook] == [4, 4, 2]
    assert workbook.sheetnames == ["products", "products 2", "products 3"]


def test_days_and_outlet_choose_the_rows(tmp_path):
    _a_shop(tmp_path)
    day = (cast.NOW - timedelta(days=1)).date()
    assert [row["order_number"] for row in _rows(_made("orders", filters=Filters(day, day)))] == ["A-2"]
    assert _rows(_made("orders", filters=Filters(outlet_id=5))) == []
    assert len(_rows(_made("lines", filters=Filters(None, day - timedelta(days=1))))) == 2
    with pytest.raises(actions.UnableToExport, match="days_reversed"):
        actions.request_export(
            kind="orders", form="csv", filters=Filters(day, day - timedelta(days=1)), by=SARI, at=cast.NOW
        )


def test_an_export_shows_what_stood_when_it_began(tmp_path, monkeypatch):
    _a_shop(tmp_path)
    monkeypatch.setattr(sources, "CHUNK_ROWS", 1)
    rows = sources.walk(sources.SOURCES["orders"], Filters(), up_to=Order.objects.latest("id").id)
    assert next(iter(rows))[1] == "A-1"
    cast.buys(None, "LATER")
    assert [row[1] for row in rows] == ["A-2"]


def test_who_took_how_much_is_logged_when_it_is_made_and_when_it_is_taken(tmp_path):
    _a_shop(tmp_path)
    record = _made("customers", filters=Filters(first=date(2026, 1, 1)))
    actions.take(record=record, by=Actor("staff", 9), at=cast.NOW)
    logged = AccessLog.objects.order_by("id").values_list("actor_id", "page", "row_count")
    assert list(logged) == [
        (7, "export:customers?first=2026-01-01", 2),
        (9, "export:customers.file?first=2026-01-01", 2),
    ]
    assert Event.objects.filter(kind="exports.taken", subject_id=record.id).count() == 1


def test_a_file_goes_after_a_week_and_can_be_made_again(tmp_path):
    _a_shop(tmp_path)
    record = _made("products")
    assert actions.expire(at=cast.NOW + timedelta(days=6, hours=23)) == 0
    late = cast.NOW + timedelta(days=7, seconds=1)
    with pytest.raises(actions.UnableToExport, match="gone"):
        actions.take(record=record, by=SARI, at=late)
    assert actions.expire(at=late) == 1
    record.refresh_from_db()
    assert (record.state, files.folder(record.id).exists()) == (ExportState.EXPIRED, False)
    again = actions.run_again(record=record, by=SARI, at=late)
    assert tasks.make.func(str(again.id)) == ExportState.DONE
    assert (again.kind, len(_rows(again))) == ("products", 2)


def test_a_deleted_file_is_gone_and_stays_known(tmp_path):
    record = _made("products")
    actions.delete(record=record)
    actions.delete(record=record)
    assert (record.state, files.folder(record.id).exists()) == (ExportState.DELETED, False)
    with pytest.raises(actions.UnableToExport, match="gone"):
        actions.take(record=record, by=SARI, at=cast.NOW)


def test_folders_that_belong_to_no_export_are_removed(tmp_path):
    kept, lost = _made("products"), files.fresh_folder(123)
    actions.expire(at=cast.NOW)
    assert files.folder(kept.id).exists()
    assert not lost.exists()


def _slow(monkeypatch):
    monkeypatch.setattr(actions, "_REPORT_SECONDS", -1)
    ensure_products(claims=[ProductClaim(name=f"Kopi {number}") for number in range(450)], at=cast.NOW)
    return actions.request_export(kind="products", form="csv", filters=Filters(), by=SARI, at=cast.NOW)


def test_a_cancelled_export_stops_and_leaves_no_file(monkeypatch):
    record = _slow(monkeypatch)
    stops = iter([False, True])

    def cancelled():
        if next(stops):
            actions.cancel(record=Export.objects.get(id=record.id), at=cast.NOW)
        return False

    monkeypatch.setattr(sources, "CHUNK_ROWS", 100)
    ensure_products(claims=[ProductClaim(name=f"Teh {number}") for number in range(450)], at=cast.NOW)
    assert actions.run_export(record=record, at=cast.NOW, should_stop=cancelled)
    assert (record.state, files.folder(record.id).exists()) == (ExportState.CANCELLED, False)


def test_a_stopped_export_begins_anew(monkeypatch):
    record = _slow(monkeypatch)
    monkeypatch.setattr(tasks, "stop_wanted", lambda: True)
    with pytest.raises(Stopping):
        tasks.make.func(str(record.id))
    files.fresh_folder(record.id).joinpath("file.csv").write_text("half")
    monkeypatch.setattr(tasks, "stop_wanted", lambda: False)
    assert tasks.make.func(str(record.id)) == ExportState.DONE
    assert len(_rows(Export.objects.get(id=record.id))) == 450


def test_a_full_disk_is_said_and_leaves_nothing(monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    record = actions.request_export(kind="products", form="csv", filters=Filters(), by=SARI, at=cast.NOW)
    with monkeypatch.context() as patch:
        patch.setattr(writers, "write", full)
        assert actions.run_export(record=record, at=cast.NOW)
    assert (record.state, record.problem, files.folder(record.id).exists()) == (ExportState.FAILED, "disk_full", False)


def _tables():
    people = [
        (row.name, row.city, row.gender, row.interests, row.birth_date, row.joined_at)
        for row in Customer.objects.order_by("name")
    ]
    identities = sorted((row.customer.name, row.kind, row.value) for row in Identity.objects.select_related("customer"))
    orders = Order.objects.order_by("number").values_list(
        *(
            "number",
            "status",
            "placed_at",
            "shop_day",
            "gross",
            "discount",
            "tax",
            "net",
            "customer__name",
            "line_count",
        )
    )
    lines = OrderLine.objects.order_by("order__number", "position").values_list(
        *("order__number", "product__name", "quantity_milli", "unit_price", "gross", "discount", "net")
    )
    return (
        people,
        identities,
        list(Product.objects.order_by("key").values_list("key", "name", "category", "price")),
        list(orders),
        list(lines),
    )


def test_exported_people_products_and_orders_make_the_same_shop_elsewhere(tmp_path):
    _a_shop(tmp_path)
    before = _tables()
    texts = {
        kind: files.path_of(_made(kind)).read_text("utf-8-sig") for kind in ("customers", "products", "orders", "lines")
    }
    OrderLine.objects.all().delete()
    for model in (Order, Product, Identity, Customer, Import):
        model.objects.all().delete()
    assert _tables() == ([], [], [], [], [])
    for kind in ("customers", "products", "orders"):
        record = kinds.taken(tmp_path, kind, texts[kind], lines=texts["lines"])
        assert record.counts["skipped"] == {}
        kinds.written(record)
    assert _tables() == before


@pytest.mark.parametrize(
    ("export", "kind", "fields"),
    [
        ("customers", "customers", {"customer": "code", "phone": "phone", "tags": "tags", "joined_at": "joined_at"}),
        ("products", "products", {"sku": "sku", "product": "name", "unit_price": "price"}),
        ("orders", "orders", {"invoice": "order_number", "phone": "customer_phone", "order_total": "net"}),
        (
            "interactions",
            "interactions",
            {
                "interaction_kind": "interaction_kind",
                "direction": "is_inbound",
                "words": "note",
                "duration": "duration_seconds",
            },
        ),
        (
            "consents",
            "consents",
            {"purpose": "purpose", "is_granted": "is_granted", "wording": "wording_version", "evidence": "evidence"},
        ),
    ],
)
def test_headings_of_an_export_are_known_to_the_import(export, kind, fields):
    headings = [column.title(Form.CSV) for column in sources.columns_of(export)]
    assert guess_kind(headings, []) == kind
    found = guess_fields(kind, headings, [])
    assert {name: headings[found[name]] for name in fields} == fields
