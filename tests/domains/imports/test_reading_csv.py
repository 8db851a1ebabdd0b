"""CSV files as tills write them, and as mishaps leave them."""

import codecs
import csv
import gzip
import io
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setia.domains.imports.reading import Cell, Reason, Table, UnreadableFile, open_table
from setia.domains.imports.reading.csv_records import CsvRecords

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def written(content: str | bytes, name: str = "export.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return written


def read(table: Table) -> list[tuple[int, list[Cell] | str]]:
    """Read all rows, the defects as their codes."""
    with table:
        return [(row, cells.code if isinstance(cells, Reason) else cells) for row, cells in table.rows()]


def refusal(path: Path, **options: str) -> str:
    """Return the code with which a file as a whole is refused."""
    with pytest.raises(UnreadableFile) as caught:
        read(open_table(path, **options))
    return caught.value.reason.code


def test_a_plain_file(write: Write) -> None:
    table = open_table(write("Tanggal,Produk,Total\n2025-12-31,Kopi,5000\n2026-01-01,Teh,\n"))
    assert (table.kind, table.encoding, table.delimiter, table.heading_row) == ("csv", "utf-8", ",", 1)
    assert table.headings == ("Tanggal", "Produk", "Total")
    assert table.sheets == ()
    assert table.progress() == 0
    assert read(table) == [(2, ["2025-12-31", "Kopi", "5000"]), (3, ["2026-01-01", "Teh", None])]
    assert table.progress() == 1


def test_rows_can_be_read_again(write: Write) -> None:
    with open_table(write("Produk,Total\nKopi,1\nTeh,2\n")) as table:
        next(table.rows())
        assert len(list(table.rows())) == len(list(table.rows())) == 2


def test_gzip_is_known_by_content(write: Write) -> None:
    table = open_table(write(gzip.compress(b"Produk,Total\nKopi,1\n", mtime=0), name="export.csv"))
    assert table.kind == "csv.gz"
    assert read(table) == [(2, ["Kopi", "1"])]


def test_progress_grows(write: Write) -> None:
    lines = "".join(f"Kopi nomor {number},{number}\n" for number in range(100_000))
    with open_table(write(gzip.compress(f"Produk,Total\n{lines}".encode(), 1, mtime=0))) as table:
        seen = [table.progress() for row, _ in table.rows() if row % 10_000 == 0]
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5 < seen[-2] < 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(write: Write, delimiter: str) -> None:
    rows = [["Produk", "Harga", "Catatan"], ["Kopi; susu", "1,5", 'a, b | "c"\td'], ["Teh", "2,5", "x"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    table = open_table(write(text.getvalue()))
    assert table.delimiter == delimiter
    assert read(table) == [(2, rows[1]), (3, rows[2])]


def test_decimal_commas_are_no_delimiter(write: Write) -> None:
    table = open_table(write("Foo;Bar\n" + "x;1,5\n" * 60))
    assert table.headings == ("Foo", "Bar")


@pytest.mark.parametrize("line", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_separator_line_of_excel(write: Write, line: str) -> None:
    table = open_table(write(line + "Foo,x;Bar\nKopi,1;2\n", encoding="utf-8-sig"))
    assert (table.delimiter, table.heading_row, table.headings) == (";", 2, ("Foo,x", "Bar"))
    assert read(table) == [(3, ["Kopi,1", "2"])]


def test_given_delimiter_and_encoding_win(write: Write) -> None:
    table = open_table(write("Foo,x;Bär\nKopi,1;2\n", encoding="cp1252"), encoding="latin-1", delimiter=";")
    assert table.headings == ("Foo,x", "Bär")


@pytest.mark.parametrize("delimiter", [";;", '"', "\n", "a", " "])
def test_impossible_delimiter(write: Write, delimiter: str) -> None:
    assert refusal(write("Produk,Total\nKopi,1\n"), delimiter=delimiter) == "unknown_delimiter"


@pytest.mark.parametrize("encoding", ["rot13", "utf-7", "tidak-ada", "idna", "\0"])
def test_impossible_encoding(write: Write, encoding: str) -> None:
    assert refusal(write("Produk,Total\nKopi,1\n"), encoding=encoding) == "unknown_encoding"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encoding_is_found(write: Write, encoding: str, found: str) -> None:
    table = open_table(write("Produk,Total\r\nCafé “latte” €,5\r\nTeh,6\r\n", encoding=encoding))
    assert table.encoding == found
    assert read(table) == [(2, ["Café “latte” €", "5"]), (3, ["Teh", "6"])]


def test_a_late_letter_decides_the_encoding(write: Write) -> None:
    # All of the first MiB is ASCII; judged by it, "é" would be a defect in thousands of rows.
    content = b"Produk,Total\n" + b"Kopi hitam,5\n" * 100_000
    assert open_table(write(content + b"Caf\xe9,5\n")).encoding == "cp1252"
    assert open_table(write(content + "Café,5\n".encode())).encoding == "utf-8"


def test_rows_in_another_encoding_are_reported_not_guessed(write: Write) -> None:
    rows = "Café,5\n" * 3 + "Kopi,6\n"
    table = open_table(write(f"Produk,Total\n{rows}".encode() + b"Cr\xe8me,7\n" + "Thé,8\n".encode()))
    assert table.encoding == "utf-8"
    assert read(table)[4:] == [(6, "undecodable_text"), (7, ["Thé", "8"])]


def test_bytes_without_meaning_in_the_encoding_are_reported(write: Write) -> None:
    table = open_table(write(b"Produk,Total\nCaf\xe9,5\nx\x81,6\n"))
    assert read(table) == [(2, ["Café", "5"]), (3, "undecodable_text")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(write: Write, end: str) -> None:
    table = open_table(write(end.join(["Produk,Total", "Kopi,1", "", "Teh,2"])))
    assert read(table) == [(2, ["Kopi", "1"]), (4, ["Teh", "2"])]


def test_title_lines_stand_above_the_headings(write: Write) -> None:
    titles = ["Laporan Penjualan", "Outlet,Kopi Senja,,", "Periode,01/12/2025 - 31/12/2025", "", ",,,"]
    table = open_table(write("\n".join([*titles, "Tanggal,No Struk,Produk,Total", "31/12/2025,1,Kopi,5000"])))
    assert table.heading_row == 6
    assert table.headings == ("Tanggal", "No Struk", "Produk", "Total")
    assert read(table) == [(7, ["31/12/2025", "1", "Kopi", "5000"])]


def test_unknown_headings_under_a_title(write: Write) -> None:
    table = open_table(write("Laporan Desember,Senja\nFoo,Bar,Baz\nsatu,dua,tiga\nempat,lima,enam\n"))
    assert table.headings == ("Foo", "Bar", "Baz")


def test_at_most_ten_title_lines(write: Write) -> None:
    headings = "Tanggal,Produk,Total\n31/12/2025,Kopi,1\n"
    assert open_table(write("Judul\n" * 10 + headings)).heading_row == 11
    assert open_table(write("Judul\n" * 11 + headings)).heading_row == 1


def test_headings_get_names_and_stay_unique(write: Write) -> None:
    table = open_table(write(' Tanggal ,Total,,Total,"Total\n(2)",Total,,\n1,2,3,4,5,6,,\n'))
    assert table.headings == ("Tanggal", "Total", "Column 3", "Total (2)", "Total (2) (2)", "Total (3)")
    assert read(table) == [(3, ["1", "2", "3", "4", "5", "6"])]


def test_a_column_without_heading_but_with_cells_is_kept(write: Write) -> None:
    table = open_table(write("Produk,Total,\nKopi,1,catatan\n"))
    assert table.headings == ("Produk", "Total", "Column 3")


def test_short_and_long_rows(write: Write) -> None:
    table = open_table(write("Produk,Harga,Total\nKopi\nTeh,1,2,,\nSusu,1,2,3\n,,\n  \nAir,1,2\n\x1a"))
    assert read(table) == [
        (2, ["Kopi", None, None]),
        (3, ["Teh", "1", "2"]),
        (4, "too_many_cells"),
        (7, ["Air", "1", "2"]),
    ]


def test_line_breaks_in_cells_keep_the_row_numbers_physical(write: Write) -> None:
    table = open_table(write('Produk,Catatan\nKopi,"baris 1\nbaris 2\n\nbaris 4"\nTeh,x\n'))
    assert read(table) == [(2, ["Kopi", "baris 1\nbaris 2\n\nbaris 4"]), (6, ["Teh", "x"])]


def test_an_unclosed_quote_costs_one_row(write: Write) -> None:
    rows = "".join(f"Kopi {number},1,{number}\n" for number in range(4, 200))
    table = open_table(write(f'Produk,Qty,Total\nTeh,1,2\n"Susu,1,2\n{rows}'))
    found = read(table)
    assert found[:3] == [(2, ["Teh", "1", "2"]), (3, "unclosed_quote"), (4, ["Kopi 4", "1", "4"])]
    assert len(found) == 198


def test_the_reason_of_an_unclosed_quote_shows_where_it_opened(write: Write) -> None:
    with open_table(write('Produk,Qty,Total\nTeh,"1,2\nSusu,1,2\n')) as table:
        assert next(table.rows()) == (2, Reason("unclosed_quote", None, 'Teh,"1,2'))


@pytest.mark.parametrize("closing", ['13,"Kursi,5', '13,Kursi 5",5', '13,"Kursi",5'])
def test_a_stray_quote_does_not_swallow_rows_up_to_the_next(write: Write, closing: str) -> None:
    # Read naively, row 2 to row 51 become one row of three cells that looks quite in order.
    rows = "".join(f"{number},Lampu,7\n" for number in range(3, 51))
    table = open_table(write(f'No,Produk,Total\n2,"Meja,5\n{rows}{closing}\n14,Rak,9\n'))
    found = read(table)
    assert found[:2] == [(2, "unclosed_quote"), (3, ["3", "Lampu", "7"])]
    assert found[48] == (50, ["50", "Lampu", "7"])
    assert found[-1] == (52, ["14", "Rak", "9"])


def test_a_record_that_never_ends_is_given_up_at_its_cap(write: Write) -> None:
    rows = "Kopi susu gula aren,1,18000\n" * 60_000
    found = read(open_table(write(f'Produk,Qty,Total\n"Teh,1,2\n{rows}')))
    assert found[0] == (2, "record_too_long")
    assert found[1:] == [(number, ["Kopi susu gula aren", "1", "18000"]) for number in range(3, 60_003)]


def test_a_physical_line_without_end(write: Write) -> None:
    table = open_table(write("Produk,Total\n" + "x" * 3_000_000 + "\nKopi,1\n"))
    assert read(table) == [(2, "record_too_long"), (3, ["Kopi", "1"])]
    table = open_table(write('Produk,Total\n"Teh,1\n' + "x" * 3_000_000 + "\nKopi,1\n"))
    assert read(table) == [(2, "record_too_long"), (3, "record_too_long"), (4, ["Kopi", "1"])]


def test_quotes_made_to_hurt_cost_linear_time(write: Write) -> None:
    # Each line opens a quotation mark that runs to the file's end, whether or not the one before is read again.
    table = open_table(write("Produk,Total,Qty\n" + 'a","\n' * 20_000))
    found = read(table)
    assert {code for _, code in found if isinstance(code, str)} == {"unclosed_quote"}


@pytest.mark.parametrize("length", [40_000, 200_000])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_that_is_too_long(write: Write, length: int, quote: str) -> None:
    long = quote + "x" * length + quote
    with open_table(write(f"Produk,Catatan,Total\nKopi,{long},1\nTeh,a,2\n")) as table:
        rows = list(table.rows())
    assert rows == [(2, Reason("cell_too_long", "Catatan", "x" * 79 + "…")), (3, ["Teh", "a", "2"])]


def test_a_long_cell_of_many_lines(write: Write) -> None:
    table = open_table(write('Produk,Catatan,Total\nKopi,"' + "baris\n" * 7_000 + '",1\nTeh,a,2\n'))
    assert read(table) == [(2, "cell_too_long"), (7003, ["Teh", "a", "2"])]


def test_zero_bytes_cost_their_row(write: Write) -> None:
    table = open_table(write("Produk,Total\nKo\0pi,1\nTeh,2\n" + "Susu,3\n" * 10 + "\0\0\0"))
    assert [row for row, cells in read(table) if cells == "nul_byte"] == [2, 14]


def test_a_line_break_outside_quotes_in_another_style(write: Write) -> None:
    table = open_table(write("Produk,Total\nKopi\rsusu,1\nTeh,2\n"))
    assert read(table) == [(2, "stray_line_break"), (3, ["Teh", "2"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n\r\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\xff\xfe", "empty_file"),
        (gzip.compress(b"", mtime=0), "empty_file"),
        (b"1,2\n3,4\n", "no_headings"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n....", "not_a_table"),
        (bytes(range(32)) * 40, "not_a_table"),
        (gzip.compress(gzip.compress(b"a,b", mtime=0), mtime=0), "not_a_table"),
        (b"<!DOCTYPE html><table><tr><td>Produk</td></tr></table>", "web_page"),
        (b"\n <table border=1><tr><td>Produk</td></tr></table>", "web_page"),
        (b'<?xml version="1.0"?><Workbook></Workbook>', "web_page"),
        (gzip.compress(b"Produk,Total\nKopi,1\n", mtime=0)[:-12], "broken_gzip"),
        (gzip.compress(b"Produk,Total\nKopi,1\n", mtime=0)[:-8] + b"12345678", "broken_gzip"),
        (b"\x1f\x8bfoo", "broken_gzip"),
        (codecs.BOM_UTF8 + b",".join(b"Kolom %d" % number for number in range(501)), "too_many_columns"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "old_excel"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "locked_workbook"),
    ],
)
def test_what_is_no_table(write: Write, content: bytes, code: str) -> None:
    assert refusal(write(content)) == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "tidak-ada.csv") == "cannot_open"
    assert refusal(tmp_path) == "cannot_open"


def bomb(blocks: int) -> Iterator[bytes]:
    """Yield a gzip file of so many MiB of lines, made of one packed MiB as a gzip file of many members."""
    yield gzip.compress(b"Produk,Total\n", mtime=0)
    member = gzip.compress(b"Kopi,1\n" * 149_796, 9, mtime=0)
    for _ in range(blocks):
        yield member


def test_a_gzip_bomb_is_refused_without_unpacking_it(write: Write) -> None:
    path = write(b"".join(bomb(1_024)))
    tracemalloc.start()
    try:
        assert refusal(path) == "expands_too_far"
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_of_zeros_is_refused(write: Write) -> None:
    zeros = gzip.compress(b"\0" * (1 << 20), 9, mtime=0)
    assert refusal(write(gzip.compress(b"Produk,Total\nKopi,1\n", mtime=0) + zeros * 120)) == "expands_too_far"


def test_memory_stays_flat(write: Write) -> None:
    path = write(gzip.compress(b"Produk,Total,Catatan\n" + b"Kopi susu,18000,tanpa gula\n" * 200_000, mtime=0))
    table = open_table(path, encoding="utf-8")
    tracemalloc.start()
    try:
        assert sum(1 for _ in table.rows()) == 200_000
        assert tracemalloc.get_traced_memory()[1] < 3 << 20
    finally:
        tracemalloc.stop()


cell_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


@given(
    rows=st.lists(st.lists(cell_texts, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@settings(deadline=None)
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str, quoting: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    records = CsvRecords(io.StringIO(text.getvalue(), newline="\n"), delimiter)
    found = list(records)
    assert [cells for _, cells in found] == rows
    starts, line = [], 1
    for row in rows:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert [row for row, _ in found] == starts


# What a CSV reader stumbles over, more often than chance would put it together.
shards = st.sampled_from(
    [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xe9", "é".encode(), b"Produk", b"Total", b"1", b"sep=;", b"\xff\xfe"]
)


@given(content=st.one_of(st.binary(max_size=600), st.lists(shards, max_size=60).map(b"".join)), packed=st.booleans())
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, packed: bool) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(gzip.compress(content, 1, mtime=0) if packed else content)
    with suppress(UnreadableFile), open_table(path) as table:
        previous = table.heading_row
        for row, cells in table.rows():
            assert row > previous
            previous = row
            assert isinstance(cells, Reason) or len(cells) == len(table.headings)


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xef\xbb\xbf"])
@given(content=st.binary(max_size=200))
@settings(deadline=None, max_examples=40)
def test_any_bytes_behind_a_magic_number(
    tmp_path_factory: pytest.TempPathFactory, magic: bytes, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "magic.bin"
    path.write_bytes(magic + content)
    with suppress(UnreadableFile):
        read(open_table(path))
