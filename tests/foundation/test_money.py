"""Money as people read it."""

from decimal import Decimal

import pytest

from setia.foundation.money import (
    CURRENCIES,
    UnknownCurrency,
    currency,
    format_decimal,
    format_money,
    format_money_short,
    format_number,
    to_smallest,
)

IDR, GBP = CURRENCIES["IDR"], CURRENCIES["GBP"]


def test_rupiah_have_no_smaller_unit() -> None:
    assert (IDR.scale, currency("idr"), to_smallest(Decimal("15000.50"), IDR.scale)) == (0, IDR, 15_001)
    with pytest.raises(UnknownCurrency, match="'XXX' is not a currency Setia knows; choose one of AUD, EUR"):
        currency("XXX")


@pytest.mark.parametrize(
    ("amount", "scale", "smallest"),
    [
        ("0.5", 0, 1),
        ("-0.5", 0, -1),
        ("1.5", 0, 2),
        ("2.5", 0, 3),
        ("0.49", 0, 0),
        ("8911.405", 2, 891_141),
        ("3", 2, 300),
    ],
)
def test_halves_are_rounded_away_from_zero(amount: str, scale: int, smallest: int) -> None:
    assert to_smallest(Decimal(amount), scale) == smallest


@pytest.mark.parametrize(
    ("amount", "of", "indonesian", "english"),
    [
        (0, IDR, "Rp 0", "Rp 0"),
        (999, IDR, "Rp 999", "Rp 999"),
        (1_000, IDR, "Rp 1.000", "Rp 1,000"),
        (1_250_000, IDR, "Rp 1.250.000", "Rp 1,250,000"),
        (-15_000, IDR, "−Rp 15.000", "−Rp 15,000"),
        (10**15, IDR, "Rp 1.000.000.000.000.000", "Rp 1,000,000,000,000,000"),
        (891_140, GBP, "£ 8.911,40", "£ 8,911.40"),
        (-5, GBP, "−£ 0,05", "−£ 0.05"),
    ],
)
def test_amounts_are_written_in_both_languages(amount: int, of: object, indonesian: str, english: str) -> None:
    assert format_money(amount, of, "id").replace("\u00a0", " ") == indonesian
    assert format_money(amount, of, "en").replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (0, "Rp 0", "Rp 0"),
        (999, "Rp 999", "Rp 999"),
        (1_000, "Rp 1,0 rb", "Rp 1.0 K"),
        (99_949, "Rp 99,9 rb", "Rp 99.9 K"),
        (100_000, "Rp 100 rb", "Rp 100 K"),
        (999_499, "Rp 999 rb", "Rp 999 K"),
        (999_500, "Rp 1,0 jt", "Rp 1.0 M"),
        (999_950, "Rp 1,0 jt", "Rp 1.0 M"),
        (1_250_000, "Rp 1,2 jt", "Rp 1.2 M"),
        (999_499_999, "Rp 999 jt", "Rp 999 M"),
        (999_950_000, "Rp 1,0 M", "Rp 1.0 B"),
        (999_950_000_000, "Rp 1,0 T", "Rp 1.0 T"),
        (-812_000_000, "−Rp 812 jt", "−Rp 812 M"),
    ],
)
def test_short_amounts_never_read_a_thousand_of_a_unit(amount: int, indonesian: str, english: str) -> None:
    assert format_money_short(amount, IDR, "id").replace("\u00a0", " ") == indonesian
    assert format_money_short(amount, IDR, "en").replace("\u00a0", " ") == english


def test_just_under_a_hundred_reads_like_a_hundred() -> None:
    assert format_money_short(99_970, IDR).replace("\u00a0", " ") == "Rp 100 rb"


def test_a_number_that_rounds_to_nothing_has_no_minus() -> None:
    assert [format_decimal(value, 1) for value in (-0.04, -0.06, 41.8, 1234.56)] == ["0,0", "−0,1", "41,8", "1.234,6"]
    assert [format_number(value, "en") for value in (0, -1, 999, 1000, -1234567)] == [
        "0",
        "−1",
        "999",
        "1,000",
        "−1,234,567",
    ]
