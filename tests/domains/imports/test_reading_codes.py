"""Codes survive what spreadsheets do to them; exported cells never become formulas; every reason has its words."""

# ruff: noqa: DTZ001 - tills write local times, and Excel has no others

import ast
import csv
import io
import string
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from setia.domains.imports import reading
from setia.domains.imports.reading import TEXTS, Cell, Reason, clean_code, safe_cell
from setia.domains.imports.reading.reasons import shown


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (17850.0, "17850"),
        ("17850.0", "17850"),
        (17850, "17850"),
        ("00123", "00123"),
        ("00123.0", "00123"),
        ("  INV  2026\t01 ", "INV 2026 01"),
        ('="00123"', "00123"),
        ("'00123", "00123"),
        ("=A1", "=A1"),
        ("\ufeffA\u200b1\x00", "A1"),
        ("A\N{NO-BREAK SPACE}1", "A 1"),
        ("1.50", "1.50"),
        ("1.00", "1.00"),
        ("C-10.0", "C-10.0"),
        (8_991_234_567_890.0, "8991234567890"),
        (12.5, "12.5"),
        (float("nan"), ""),
        (float("inf"), ""),
        (None, ""),
        ("", ""),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 9, 0), "2026-05-01T09:00:00"),
    ],
)
def test_code(cell: Cell, code: str) -> None:
    assert clean_code(cell) == code


def test_two_long_codes_that_begin_alike_stay_two() -> None:
    first, second = (
        clean_code("https://toko.example/" + "a" * 80 + "1"),
        clean_code("https://toko.example/" + "a" * 80 + "2"),
    )
    assert first != second
    assert len(first) == len(second) == 64
    assert first[:51] == second[:51]


@given(cell=st.one_of(st.text(max_size=300), st.floats(), st.integers()))
def test_a_clean_code_is_clean(cell: Cell) -> None:
    code = clean_code(cell)
    assert len(code) <= 64
    assert code == code.strip()
    assert "\0" not in code
    code.encode()


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\N{NO-BREAK SPACE}=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",
    "\x00=1",
    '"=1',
    "=cmd|' /C calc'!A0",
    'DDE("cmd")',
    "%0A=1",
    ";=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_written_as_text(text: str) -> None:
    safe = safe_cell(text)
    assert safe.startswith("'")
    assert safe_cell(safe) == safe
    # Excel with the Indonesian list separator splits an unquoted ;= even in a comma file.
    output = io.StringIO()
    csv.writer(output).writerow([safe])
    for separator in (";", "\t"):
        for row in csv.reader(io.StringIO(output.getvalue()), delimiter=separator):
            assert not any(cell.strip().startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize(
    "text", ["\x001", "Kopi Susu", "5-6 orang", "a=b", "Jl. Melati 5; Bandung", "", "'sudah", "Dewi @ Senja"]
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert safe_cell(text) == text.replace("\x00", "")


@pytest.mark.parametrize("value", [-5, 2.55, Decimal("-1.5"), None, True, date(2026, 5, 1)])
def test_what_is_no_text_stays_itself(value: object) -> None:
    assert safe_cell(value) is value


def test_a_separator_inside_cannot_start_a_formula() -> None:
    assert safe_cell("Susu;=1+1") == "Susu;'=1+1"


@given(
    text=st.text(
        alphabet=st.one_of(st.sampled_from("=+-@\t\r\n ;|\"'\x00\ufeff\u200b＝%0A"), st.characters()), max_size=12
    )
)
def test_no_text_becomes_a_formula_or_breaks_a_workbook(text: str) -> None:
    safe = safe_cell(text)
    assert safe_cell(safe) == safe
    assert not safe.lstrip().startswith(("=", "+", "-", "@", "＝"))
    safe.encode()
    # openpyxl refuses characters that XML cannot hold, and takes a leading "=" for a formula.
    cell = Workbook(write_only=False).active["A1"]  # type: ignore[index]
    cell.value = safe
    assert cell.data_type != "f"


def reason_codes() -> set[str]:
    """Collect the codes that the modules of this package name."""
    codes: set[str] = set()
    for path in Path(reading.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Reason", "_Runaway"}
            ):
                constants = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                codes |= {constant for constant in constants if isinstance(constant, str)}
    return codes


def test_every_reason_has_its_words() -> None:
    codes = reason_codes()
    assert {"cell_too_long", "record_too_long", "old_excel", "date_order"} <= codes
    assert codes - TEXTS.keys() == set()


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_words_say_how_to_mend_it(code: str) -> None:
    fields = {field for _, field, _, _ in string.Formatter().parse(TEXTS[code])} - {None}
    assert fields <= {"value", "column"}
    assert TEXTS[code].format(value="{x}", column="Harga").count(".") >= 1


def test_a_shown_value_is_short_and_printable() -> None:
    assert shown("a\x00b\udcff\n" + "c" * 200) == "a\ufffdb\ufffd\ufffd" + "c" * 74 + "…"
    assert Reason("bad_number").value == ""
