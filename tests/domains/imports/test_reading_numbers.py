"""Numbers as tills write them: read exactly or refused, never guessed into a wrong bill."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.imports.reading import BadValue, Cell, NumberStyle, guess_number_style, parse_number

DOT, COMMA = NumberStyle("."), NumberStyle(",")


@pytest.mark.parametrize(
    ("samples", "scale", "decimal"),
    [
        # Both marks: the last one is the decimal.
        (["1.250,50"], 0, ","),
        (["1,250.50"], 0, "."),
        (["Rp 1.250.000,00", "900"], 2, ","),
        # A mark that repeats groups thousands.
        (["1.250.000"], 2, ","),
        (["1,250,000"], 0, "."),
        # A single mark not before exactly three digits is the decimal.
        (["2.55", "3.39"], 0, "."),
        (["2,5"], 2, ","),
        (["1250.000"], 0, "."),
        (["0.125"], 0, "."),
        # One sure cell decides for the doubtful ones.
        (["1.250", "2.500", "12,5"], 2, ","),
        (["1,250", "2.5"], 0, "."),
        # Every single mark before three digits: rupiah have no cents, other currencies keep the dot.
        (["1.250", "14.000"], 0, ","),
        (["1,250", "14,000"], 0, "."),
        (["1.250", "14.000"], 2, "."),
        (["1,250", "14,000"], 2, "."),
        # Nothing to go by.
        ([], 0, ","),
        (["12500", None, 12.5, "gratis"], 0, ","),
        ([], 2, "."),
        (["Rp1.250.000,-", "(2.500)", "1\u00a0250,50"], 2, ","),
    ],
)
def test_style_of_a_column(samples: list[Cell], scale: int, decimal: str) -> None:
    assert guess_number_style(samples, scale=scale).decimal == decimal


@pytest.mark.parametrize(
    ("cell", "style", "number"),
    [
        ("Rp 1.250.000", COMMA, "1250000"),
        ("Rp1.250.000,-", COMMA, "1250000"),
        ("Rp. 1.250.000,--", COMMA, "1250000"),
        ("rp 500", COMMA, "500"),
        ("IDR 1,250.50", DOT, "1250.50"),
        ("1.250 IDR", COMMA, "1250"),
        ("US$ 12.50", DOT, "12.50"),
        ("€2,55", COMMA, "2.55"),
        ("(1.250)", COMMA, "-1250"),
        ("(Rp 1.250)", COMMA, "-1250"),
        ("-5", COMMA, "-5"),
        ("5-", COMMA, "-5"),
        ("1.250,50-", COMMA, "-1250.50"),
        ("+5", COMMA, "5"),
        ("-Rp 5.000", COMMA, "-5000"),
        ("Rp -5.000", COMMA, "-5000"),
        ("\N{MINUS SIGN}5,5", COMMA, "-5.5"),
        ("1\N{NO-BREAK SPACE}250,50", COMMA, "1250.50"),
        ("1\N{NARROW NO-BREAK SPACE}250.50", DOT, "1250.50"),
        ("1 250,50", COMMA, "1250.50"),
        ("  12  ", DOT, "12"),
        ("'0812", DOT, "812"),
        ('="123"', DOT, "123"),
        ("=123", DOT, "123"),
        (".5", DOT, "0.5"),
        ("5.", DOT, "5"),
        ("1250000", DOT, "1250000"),
        ("0,00", COMMA, "0.00"),
        ("-0", DOT, "0"),
        ("000000000000000000012", DOT, "12"),
        ("999999999999999", DOT, "999999999999999"),
        ("1.5e3", DOT, "1500"),
        ("1,5E+3", COMMA, "1500"),
        ("2E-3", DOT, "0.002"),
        (12, DOT, "12"),
        (-3, COMMA, "-3"),
        (2.55, COMMA, "2.55"),
        (1e3, DOT, "1000"),
        (0.1, DOT, "0.1"),
    ],
)
def test_number(cell: Cell, style: NumberStyle, number: str) -> None:
    read = parse_number(cell, style)
    assert read == Decimal(number)
    # 1.5E+3 would print as such in a bill.
    assert "E" not in str(read)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "number_missing"),
        ("", "number_missing"),
        ("  \N{NO-BREAK SPACE} ", "number_missing"),
        ("-", "number_missing"),
        ("Rp -", "number_missing"),
        ("gratis", "bad_number"),
        ("12 pcs", "bad_number"),
        ("1.2k", "bad_number"),
        (".", "bad_number"),
        ("--5", "bad_number"),
        ("(-5)", "bad_number"),
        ("nan", "bad_number"),
        ("Infinity", "bad_number"),
        ("1/2", "bad_number"),
        ("٥", "bad_number"),
        ("1" * 70, "bad_number"),
        (float("nan"), "bad_number"),
        (float("inf"), "bad_number"),
        (True, "bad_number"),
        ("11%", "number_percent"),
        ("1e308", "number_too_large"),
        ("1e15", "number_too_large"),
        (1e308, "number_too_large"),
        (10**15, "number_too_large"),
        pytest.param(10**5000, "number_too_large", id="5001 digits"),
        ("1234567890123456", "number_too_large"),
        ("1e-999", "bad_number"),
        (date(2026, 5, 1), "number_is_date"),
        (time(14, 5), "number_is_date"),
    ],
)
def test_what_is_no_number(cell: Cell, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse_number(cell, DOT)
    assert caught.value.reason.code == code


@pytest.mark.parametrize(
    ("cell", "style"),
    [
        ("2.55", COMMA),  # read as 255 it would be a hundred times the price
        ("2,55", DOT),
        ("1.250,50", DOT),
        ("1.25.000", COMMA),
        ("12.500.00", COMMA),
        ("12 50", DOT),
        ("1,2,3", COMMA),
    ],
)
def test_a_mark_that_cannot_group_is_refused(cell: str, style: NumberStyle) -> None:
    with pytest.raises(BadValue) as caught:
        parse_number(cell, style)
    assert caught.value.reason.code == "number_mark"
    assert caught.value.reason.value == cell


def written(number: Decimal, style: NumberStyle) -> str:
    """Write a number as a till with this style would."""
    text = f"{number:,f}"
    return text if style == DOT else text.translate(str.maketrans(".,", ",."))


numbers = st.decimals(min_value=-(10**14), max_value=10**14, places=2, allow_nan=False, allow_infinity=False)
styles = st.sampled_from([DOT, COMMA])


@given(number=numbers, style=styles, prefix=st.sampled_from(["", "Rp ", "Rp", "IDR ", "'", "\N{NO-BREAK SPACE}"]))
def test_a_written_number_is_read_back(number: Decimal, style: NumberStyle, prefix: str) -> None:
    assert parse_number(prefix + written(number, style), style) == number


@given(column=st.lists(numbers, min_size=1, max_size=20), style=styles, scale=st.sampled_from([0, 2]))
def test_two_decimals_tell_the_style(column: list[Decimal], style: NumberStyle, scale: int) -> None:
    assert guess_number_style([written(number, style) for number in column], scale=scale) == style


@given(column=st.lists(st.integers(-(10**12), 10**12), max_size=20))
def test_rupiah_with_dots_are_read_back(column: list[int]) -> None:
    texts = [f"{number:,}".replace(",", ".") for number in column]
    style = guess_number_style(texts, scale=0)
    assert [parse_number(text, style) for text in texts] == column


@given(cell=st.one_of(st.text(max_size=80), st.floats(), st.integers()), style=styles)
def test_any_cell_is_a_finite_number_or_a_bad_value(cell: Cell, style: NumberStyle) -> None:
    try:
        number = parse_number(cell, style)
    except BadValue:
        return
    assert number.is_finite()
    assert abs(number) < 10**15
