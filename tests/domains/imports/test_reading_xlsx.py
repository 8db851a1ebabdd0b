"""Excel workbooks: cells keep their kinds, sheets are chosen, and nothing in the zip can hurt."""

# ruff: noqa: DTZ001 - tills write local times, and Excel has no others

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from setia.domains.imports.reading import Cell, Reason, Table, UnreadableFile, open_table

Save = Callable[..., Path]
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def packed(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def simple(*rows: list[Any]) -> Workbook:
    """Make a workbook with headings and these rows."""
    book = Workbook()
    for row in (["Tanggal", "Produk", "Total"], *rows):
        book.worksheets[0].append(row)
    return book


def repacked(content: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """Return the zip with some parts replaced or added, None taking one away."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in parts if name not in old.namelist())]:
            body = parts.get(name, b"") if name in parts else old.read(name)
            if body is not None:
                new.writestr(name, body)
    return output.getvalue()


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Save a workbook, or bytes, and return the path."""

    def saved(content: Workbook | bytes, name: str = "export.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else packed(content))
        return path

    return saved


def read(table: Table) -> list[tuple[int, list[Cell] | str]]:
    """Read all rows, the defects as their codes."""
    with table:
        return [(row, cells.code if isinstance(cells, Reason) else cells) for row, cells in table.rows()]


def refusal(path: Path, **options: str) -> str:
    """Return the code with which a file as a whole is refused."""
    with pytest.raises(UnreadableFile) as caught:
        read(open_table(path, **options))
    return caught.value.reason.code


def sheet_xml(body: str) -> bytes:
    """Return a sheet's XML around these rows."""
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{body}</sheetData></worksheet>'.encode()


def texts(*cells: str) -> str:
    """Return the XML of a row of texts."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def test_a_workbook_is_known_by_content(save: Save) -> None:
    table = open_table(save(simple([date(2025, 12, 31), "Kopi", 5000]), name="laporan.xls"))
    assert (table.kind, table.encoding, table.delimiter, table.sheet, table.sheets) == (
        "xlsx",
        None,
        None,
        "Sheet",
        ("Sheet",),
    )
    assert table.headings == ("Tanggal", "Produk", "Total")
    assert table.progress() < 1
    assert read(table) == [(2, [datetime(2025, 12, 31), "Kopi", 5000])]
    assert table.progress() == 1


def test_cells_keep_their_kinds(save: Save) -> None:
    moment = datetime(2025, 12, 31, 14, 5)
    rows: list[list[Any]] = [
        [moment, "00123", 2.5],
        [time(14, 5), True, None],
        [timedelta(hours=9), False, timedelta(days=2)],
    ]
    found = read(open_table(save(simple(*rows))))
    assert [cells for _, cells in found] == [
        [moment, "00123", 2.5],
        [time(14, 5), "TRUE", None],
        [time(9), "FALSE", "2 days, 0:00:00"],
    ]


def test_a_formula_without_a_stored_result_is_empty(save: Save) -> None:
    assert read(open_table(save(simple(["x", "Kopi", "=1+1"])))) == [(2, ["x", "Kopi", None])]


def test_titles_and_blank_rows(save: Save) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "Laporan Penjualan"
    for column, heading in enumerate(["Tanggal", "Produk", None, "Total", None], start=2):
        sheet.cell(4, column, heading)
    sheet.cell(7, 3, "Kopi")
    sheet.cell(7, 6, "catatan")
    sheet.cell(9, 3, "Teh")
    table = open_table(save(book))
    assert (table.heading_row, table.headings) == (
        4,
        ("Column 1", "Tanggal", "Produk", "Column 4", "Total", "Column 6"),
    )
    assert read(table) == [(7, [None, None, "Kopi", None, None, "catatan"]), (9, [None, None, "Teh", None, None, None])]


def test_a_cell_far_right_of_the_headings(save: Save) -> None:
    book = simple(*[["x", "Kopi", 1]] * 60)
    book.worksheets[0]["ZZZ62"] = "jauh"
    assert read(open_table(save(book)))[-1] == (62, "too_many_cells")


def test_the_sheet_with_sales_is_chosen(save: Save) -> None:
    book = Workbook()
    book.worksheets[0].title = "Info"
    book.worksheets[0].append(["Laporan", "Desember"])
    hidden = book.create_sheet("Lama")
    hidden.sheet_state = "hidden"
    book.create_chartsheet("Grafik")
    for sheet, product in ((hidden, "Teh"), (book.create_sheet("Penjualan"), "Kopi")):
        sheet.append(["Tanggal", "Produk", "Total"])
        sheet.append(["2025-12-31", product, 1])
    path = save(book)
    table = open_table(path)
    assert table.sheet == "Penjualan"
    assert table.sheets == ("Info", "Lama", "Penjualan")
    assert read(table) == [(2, ["2025-12-31", "Kopi", 1])]
    assert read(open_table(path, sheet="Lama")) == [(2, ["2025-12-31", "Teh", 1])]
    assert refusal(path, sheet="Tidak ada") == "no_such_sheet"


def test_an_empty_sheet(save: Save) -> None:
    book = simple()
    book.create_sheet("Kosong")
    assert refusal(save(book), sheet="Kosong") == "empty_sheet"
    assert refusal(save(Workbook())) == "empty_sheet"


def test_wrong_or_missing_dimensions_lose_nothing(save: Save) -> None:
    content = packed(simple(["x", "Kopi", 1], ["y", "Teh", 2]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:C3"/>' in xml.replace(b" />", b"/>")
    for reference in (b"A1:A1", b"A1:XFD1048576"):
        changed = repacked(content, {"xl/worksheets/sheet1.xml": xml.replace(b"A1:C3", reference)})
        assert len(read(open_table(save(changed)))) == 2
    bare = sheet_xml(texts("Produk", "Total") + texts("Kopi", "1"))
    assert read(open_table(save(repacked(content, {"xl/worksheets/sheet1.xml": bare})))) == [(2, ["Kopi", "1"])]


def test_what_openpyxl_warns_of_is_no_matter(save: Save) -> None:
    book = simple([99_999_999, "Kopi", 1], ["2025-12-31", "Teh", 2])
    sheet = book.worksheets[0]
    sheet["A2"].number_format = "yyyy-mm-dd"
    validation = DataValidation("list", formula1='"a,b"')
    sheet.add_data_validation(validation)
    assert read(open_table(save(book))) == [(2, ["#VALUE!", "Kopi", 1]), (3, ["2025-12-31", "Teh", 2])]


def test_a_cell_that_is_too_long(save: Save) -> None:
    rows = sheet_xml(texts("Produk", "Total") + texts("x" * 40_000, "1") + texts("Teh", "2"))
    path = save(repacked(packed(simple()), {"xl/worksheets/sheet1.xml": rows}))
    with open_table(path) as table:
        assert list(table.rows()) == [(2, Reason("cell_too_long", "Produk", "x" * 79 + "…")), (3, ["Teh", "2"])]


def test_rows_can_be_read_again(save: Save) -> None:
    with open_table(save(simple(*[["x", "Kopi", 1]] * 500))) as table:
        next(table.rows())
        assert len(list(table.rows())) == len(list(table.rows())) == 500


def test_a_sheet_that_breaks_off(save: Save) -> None:
    rows = sheet_xml(texts("Produk", "Total") + texts("Kopi", "1") * 5_000)
    content = repacked(packed(simple()), {"xl/worksheets/sheet1.xml": rows[:-100]})
    assert refusal(save(content)) == "broken_workbook"


def test_memory_stays_flat(save: Save) -> None:
    # Heights make openpyxl keep a dictionary for each row, were its own walk used.
    rows = texts("Produk", "Total") + texts("Kopi", "1").replace("<row>", '<row ht="20" customHeight="1">') * 10_000
    path = save(repacked(packed(simple()), {"xl/worksheets/sheet1.xml": sheet_xml(rows)}))
    with open_table(path) as table:
        tracemalloc.start()
        try:
            assert sum(1 for _ in table.rows()) == 10_000
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
        finally:
            tracemalloc.stop()


def zeros(mebibytes: int) -> bytes:
    """Return so many MiB that pack a thousand times."""
    return b" " * (mebibytes << 20)


PARTS: dict[str, tuple[dict[str, bytes | None], str]] = {
    "a dense sheet": ({"xl/worksheets/sheet1.xml": zeros(11)}, "workbook_too_large"),
    "a bulky style sheet": ({"xl/styles.xml": zeros(17)}, "workbook_too_large"),
    "a document type": (
        {"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>'},
        "unsafe_workbook",
    ),
    "a document type behind a comment": (
        {"xl/worksheets/sheet1.xml": b"\xef\xbb\xbf<!-- <a --><?b?> <!DOCTYPE x><worksheet/>"},
        "unsafe_workbook",
    ),
    "a document type in UTF-16": (
        {"xl/sharedStrings.xml": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><sst/>'.encode("utf-16")},
        "unsafe_workbook",
    ),
    "an endless comment": ({"xl/workbook.xml": b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE x><a/>"}, "unsafe_workbook"),
    "no workbook": ({"xl/workbook.xml": None}, "not_a_workbook"),
    "no content types": ({"[Content_Types].xml": None}, "not_a_workbook"),
    "a binary workbook": ({"xl/workbook.xml": None, "xl/workbook.bin": b"x"}, "not_a_workbook"),
    "broken XML": ({"xl/workbook.xml": b"<workbook><sheets>"}, "broken_workbook"),
    "XML of another kind": ({"xl/workbook.xml": b"<foo/>"}, "broken_workbook"),
    "no sheet": ({"xl/worksheets/sheet1.xml": None}, "broken_workbook"),
    "broken styles": ({"xl/styles.xml": b"<styleSheet><cellXfs>"}, "broken_workbook"),
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_that_are_refused(save: Save, name: str) -> None:
    parts, code = PARTS[name]
    assert refusal(save(repacked(packed(simple(["x", "Kopi", 1])), parts))) == code


def test_an_svg_picture_may_have_a_document_type(save: Save) -> None:
    content = repacked(packed(simple(["x", "Kopi", 1])), {"xl/media/logo.svg": b"<!DOCTYPE svg><svg/>"})
    assert len(read(open_table(save(content)))) == 1


def with_shared_texts(name: str) -> bytes:
    """Return a workbook that keeps its texts as Excel does, in a part of this name (openpyxl writes them in place)."""
    content = packed(simple())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        types = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    shared = "".join(f"<si><t>{text}</t></si>" for text in ("Produk", "Total", "Kopi"))
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c><c><v>5</v></c></row>'
    parts = {
        "[Content_Types].xml": types.replace(
            "</Types>", f"<Override PartName='/{name}' ContentType='{kind}'/></Types>"
        ).encode(),
        name: f'<sst xmlns="{SPREADSHEET}">{shared}</sst>'.encode(),
        "xl/worksheets/sheet1.xml": sheet_xml(row),
    }
    return repacked(content, parts)


@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/worksheets/texts.xml"])
def test_shared_texts_are_read_and_limited(save: Save, name: str) -> None:
    content = with_shared_texts(name)
    assert read(open_table(save(content))) == [(2, ["Kopi", 5])]
    # The directory is made to state 129 MiB, packed well enough, instead of packing them here.
    at = content.rindex(name.encode()) - 46
    stated = content[: at + 20] + struct.pack("<II", 1 << 20, 129 << 20) + content[at + 28 :]
    assert refusal(save(stated)) == "workbook_too_large"


def test_a_zip_bomb_is_refused_by_what_its_directory_states(save: Save) -> None:
    content = packed(simple(["x", "Kopi", 1]))
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    path = save(content[: at + 20] + struct.pack("<II", 100 << 20, (2 << 30) + 1) + content[at + 28 :])
    tracemalloc.start()
    try:
        assert refusal(path) == "workbook_too_large"
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_a_directory_that_states_too_little_gains_nothing(save: Save) -> None:
    content = repacked(
        packed(simple(["x", "Kopi", 1])), {"xl/worksheets/sheet1.xml": sheet_xml(texts("a", "b")) + zeros(30)}
    )
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    path = save(content[: at + 24] + struct.pack("<I", 200) + content[at + 28 :])
    assert refusal(path) == "broken_workbook"


def test_too_many_parts(save: Save) -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for number in range(10_001):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    assert refusal(save(output.getvalue())) == "workbook_too_large"


def test_a_row_without_end_is_given_up(save: Save) -> None:
    # Texts by chance, so that the part packs less than the limit for density.
    chance = Random(1)
    cells = "".join(f"<c><v>{chance.randbytes(600).hex()}</v></c>" for _ in range(9_000))
    rows = sheet_xml(texts("Produk", "Total") + f"<row>{cells}</row>")
    assert refusal(save(repacked(packed(simple()), {"xl/worksheets/sheet1.xml": rows}))) == "workbook_too_large"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"x" * 500])
def test_a_broken_zip(save: Save, content: bytes) -> None:
    assert refusal(save(content)) in {"broken_workbook", "not_a_workbook"}


def test_a_zip_of_something_else(save: Save) -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("export.csv", "Produk,Total\nKopi,1\n")
    assert refusal(save(output.getvalue())) == "not_a_workbook"


def test_an_encrypted_zip(save: Save) -> None:
    content = bytearray(packed(simple(["x", "Kopi", 1])))
    content[content.rindex(b"xl/workbook.xml") - 46 + 8] |= 1
    assert refusal(save(bytes(content))) == "locked_workbook"


SMALL = packed(simple(["2025-12-31", "Kopi", 1], [datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), "Teh", 2.5]))


@given(
    changes=st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=12),
    length=st.integers(0, len(SMALL)),
)
@settings(deadline=None, max_examples=60)
def test_any_damage_is_survived(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], length: int
) -> None:
    content = bytearray(SMALL)
    for position, byte in changes:
        content[position] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    path.write_bytes(bytes(content) if length % 2 else bytes(content[:length]))
    with suppress(UnreadableFile):
        read(open_table(path))


@given(content=st.text(st.sampled_from(list('<>/="rct1234567890sbdvAZ& ')), max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_rows_of_xml_are_survived(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.xlsx"
    path.write_bytes(
        repacked(SMALL, {"xl/worksheets/sheet1.xml": sheet_xml(texts("Produk", "Total") + f"<row><c {content}")})
    )
    with suppress(UnreadableFile):
        read(open_table(path))
