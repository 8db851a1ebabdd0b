"""Hostile files, by name: each kind of import refuses or reads each of them, in words, and goes on with the rest."""

import csv
import errno
import io
import os
import resource
import sqlite3
import sys
import zipfile

import pytest
from openpyxl import Workbook

from setia.domains.customers.actions import publish_wording
from setia.domains.customers.rules.consents import Purpose
from setia.domains.imports import actions, files, queries
from setia.domains.imports.kinds import row_stage
from setia.domains.imports.models import Import, ImportState
from setia.domains.imports.reading import UnreadableFile
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.domains.exports.disguises import DISGUISES, runs
from tests.domains.imports import kinds
from tests.domains.imports.kinds import taken, written

pytestmark = pytest.mark.django_db

# Of each kind: its headings, one good row, and where in it a text, a date and a number stand.
HEADS = {
    "lines": ("Tanggal,No Nota,Telepon,Produk,Harga", "21/11/2026 08:15,N1,0812-3456-7890,Kopi,22.000", 3, 0, 4),
    "customers": ("Nama,No HP,Tanggal Lahir,Biaya Akuisisi", "Dewi,0812-3456-7890,17/08/1985,5.000", 0, 2, 3),
    "products": ("Nama Produk,SKU,Harga Jual", "Kopi,K-1,22.000", 0, None, 2),
    "orders": ("No Pesanan,Tanggal,Nama,Total", "A1,21/11/2026 08:15,Dewi,59.000", 2, 1, 3),
    "interactions": (
        "Telepon,Jenis Interaksi,Tanggal,Durasi,Catatan",
        "0812-3456-7890,telepon,21/11/2026,60,Tanya",
        4,
        2,
        3,
    ),
    "consents": (
        "Telepon,Tujuan,Saluran,Setuju,Tanggal,Versi Kalimat,Bukti",
        "0812-3456-7890,promosi,WA,ya,21/11/2026,1,Lisan",
        6,
        4,
        5,
    ),
}
KINDS = tuple(HEADS)


@pytest.fixture(autouse=True)
def words_of_consent():
    """Give the shop the words that the answers of these files were given to."""
    publish_wording(purpose=Purpose.MARKETING, text_id="Boleh?", text_en="", by=SYSTEM, at=cast.NOW)


def _row(kind, place, value):
    cells = HEADS[kind][1].split(",")
    cells[place] = value
    return ",".join(cells)


def _file(kind, *rows, good=True):
    return "\n".join([HEADS[kind][0], *([HEADS[kind][1]] if good else []), *rows]) + "\n"


def _counts(tmp_path, kind, content, **about):
    record = taken(tmp_path, kind, content, **about)
    skipped = {
        code: count for code, count in record.counts["skipped"].items() if code not in ("no_header", "same_invoice")
    }
    return record, record.counts["rows"] - (3 if kind == "orders" else 0), skipped


def _refused_whole(tmp_path, kind, content, name="berkas.csv"):
    with pytest.raises((UnreadableFile, actions.UnableToImport)) as failure:
        taken(tmp_path, kind, content, name=name)
    error = failure.value
    return error.reason.code if isinstance(error, UnreadableFile) else error.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_another_encoding_or_a_byte_order_mark(tmp_path, kind, encoding):
    text = _file(kind, _row(kind, HEADS[kind][2], "Café Élan"), good=False)
    _, rows, skipped = _counts(tmp_path, kind, text.encode(encoding))
    assert (rows, skipped) == (1, {})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "code"), [("De\x00wi", "nul_byte"), ('"Dewi', "unclosed_quote")], ids=["NUL byte", "unclosed quote"]
)
def test_a_broken_row_is_refused_and_the_rest_goes_on(tmp_path, kind, value, code):
    bad = _row(kind, HEADS[kind][2], value)
    record, rows, skipped = _counts(tmp_path, kind, _file(kind, bad))
    assert skipped == {code: 1}
    assert record.counts["rows"] > sum(record.counts["skipped"].values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_of_ten_megabytes(tmp_path, kind):
    bad = _row(kind, HEADS[kind][2], "x" * 10_000_000)
    record, _, skipped = _counts(tmp_path, kind, _file(kind, bad))
    assert sum(skipped.values()) == 1
    assert set(skipped) <= {"record_too_long", "cell_too_long"}
    assert files.refused_rows(record.id).stat().st_size < 10_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_columns(tmp_path, kind):
    wide = HEADS[kind][0] + "".join(f",Kolom {number}" for number in range(1000))
    assert _refused_whole(tmp_path, kind, f"{wide}\n{HEADS[kind][1]}\n") == "too_many_columns"


@pytest.mark.parametrize("kind", KINDS)
def test_headings_that_stand_twice(tmp_path, kind):
    head, row = HEADS[kind][:2]
    _, rows, skipped = _counts(tmp_path, kind, f"{head},{head}\n{row},{row}\n")
    assert (rows, skipped) == (1, {})


@pytest.mark.parametrize("kind", KINDS)
def test_eighteen_disguises_of_a_formula(tmp_path, kind):
    _, _, text, day, number = HEADS[kind]
    rows = io.StringIO()
    out = csv.writer(rows, lineterminator="\n")
    out.writerow(HEADS[kind][0].split(","))
    out.writerows([HEADS[kind][1].split(",")] * 19)
    for disguise in DISGUISES:
        cells = HEADS[kind][1].split(",")
        cells[text] = disguise
        cells[day if day is not None else number] = "bukan"
        out.writerow(cells)
    record, _, skipped = _counts(tmp_path, kind, rows.getvalue())
    assert sum(skipped.values()) == 18
    with files.refused_rows(record.id).open(encoding="utf-8-sig", newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert not [cell for cell in cells if runs(cell)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["1e308", "NaN", "Infinity"])
def test_a_number_that_is_none(tmp_path, kind, value):
    bad = _row(kind, HEADS[kind][4], value)
    record, _, skipped = _counts(tmp_path, kind, _file(kind, bad))
    assert sum(skipped.values()) == 1
    assert set(skipped) <= {"bad_number", "number_too_large", "unknown_wording"}
    assert value in [row["value"] for row in queries.first_refused(record, count=5)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if HEADS[kind][3] is not None])
@pytest.mark.parametrize(
    ("value", "code"), [("31/02/2026", "no_such_date"), ("45000", None), ("45000.5", None), ("99999999", "bad_date")]
)
def test_a_day_that_is_none_and_a_serial_of_excel_that_is_one(tmp_path, kind, value, code):
    bad = _row(kind, HEADS[kind][3], value)
    _, rows, skipped = _counts(tmp_path, kind, _file(kind, bad, good=False))
    assert (rows, skipped) == (1, {code: 1} if code else {})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "orders"])
def test_merged_cells(tmp_path, kind):
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["Laporan toko"])
    sheet.merge_cells("A1:C1")
    sheet.append(HEADS[kind][0].split(","))
    sheet.append(HEADS[kind][1].split(","))
    sheet.append([HEADS[kind][1].split(",")[0]])
    sheet.merge_cells("A4:C4")
    workbook.save(tmp_path / "x.xlsx")
    _, rows, skipped = _counts(tmp_path, kind, (tmp_path / "x.xlsx").read_bytes(), name="gabung.xlsx")
    assert rows == 2
    assert sum(skipped.values()) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_zip_bomb(tmp_path, kind):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    code = _refused_whole(tmp_path, kind, (tmp_path / "bomb.xlsx").read_bytes(), name="bom.xlsx")
    assert code in {"workbook_too_large", "unsafe_workbook", "broken_workbook", "expands_too_far"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", ["", "\n\n\n", " \r\n\t\r\n"])
def test_an_empty_file(tmp_path, kind, content):
    assert _refused_whole(tmp_path, kind, content) in {"empty_file", "no_headings"}


@pytest.mark.parametrize("kind", KINDS)
def test_ten_million_blank_lines(tmp_path, kind):
    # All ten million once; the other kinds read through the very same table.
    count = 10_000_000 if kind == "customers" else 100_000
    unit = 1024 if sys.platform != "darwin" else 1_048_576
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    _, rows, skipped = _counts(tmp_path, kind, _file(kind).encode() + b"\n" * count)
    assert (rows, skipped) == (1, {})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit - before < 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_is_full_while_the_file_comes_in(tmp_path, kind, monkeypatch):
    def blocks():
        yield b"Nama,No HP\n"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = {path.name for path in files.home.folder("imports").iterdir()}
    with pytest.raises(actions.UnableToImport, match="disk_full"):
        actions.take_file(name="x.csv", kind=kind, blocks=blocks(), limit_bytes=10**6, by=SYSTEM, at=cast.NOW)
    assert {path.name for path in files.home.folder("imports").iterdir()} == before
    assert not Import.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_disk_that_is_full_while_the_file_is_checked(tmp_path, kind, monkeypatch, error):
    def full(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch:
        for stage in ("staging.Staging", "kinds.row_stage.RowStage", "kinds.orders.OrderStage"):
            patch.setattr(f"setia.domains.imports.{stage}.add", full)
        with pytest.raises(actions.UnableToImport, match="disk_full"):
            taken(tmp_path, kind, _file(kind))
    record = Import.objects.get()
    assert (record.state, record.problem) == (ImportState.FAILED, {"code": "disk_full"})
    assert not files.staging(record.id).exists()
    assert row_stage.RowStage.add is not full
    # The shop's other work goes on, and so does this file once there is room.
    assert written(taken(tmp_path, "products", kinds.PRODUCTS)).state == ImportState.DONE
