"""Every way an Indonesian writes a telephone number."""

import pytest

from setia.foundation.phone import NotAPhone, masked, normalize, shown

SARI = "+6281234567890"


@pytest.mark.parametrize(
    "text",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.3456.7890",
        "(0812) 3456-7890",
        "0812/34567890",
        "81234567890",
        "812-3456-7890",
        "6281234567890",
        "62-812-3456-7890",
        "62 812 3456 7890",
        "62(812)34567890",
        "62 0812 3456 7890",
        "+6281234567890",
        "+62 812-3456-7890",
        "+62 (0)812 3456 7890",
        "+62 0812 3456 7890",
        "+62-(812)-3456-7890",
        "+081234567890",
        "006281234567890",
        "00 62 812 3456 7890",
        "0062 (0)812 3456 7890",
        "WA: 0812 3456 7890",
        "wa 0812-3456-7890",
        "WA.081234567890",
        "WhatsApp: +62 812 3456 7890",
        "HP 0812-3456-7890",
        "Hp. 081234567890",
        "no. 0812 3456 7890",
        "No HP: 0812 3456 7890",
        "Telp: 0812-3456-7890",
        "tel:+6281234567890",
        "tlp 0812 3456 7890",
        "'081234567890",
        "  0812 3456 7890  ",
        "0812\u00a03456\u00a07890",
        "0812–3456–7890",
        "+62\u200b812\u200b3456\u200b7890",
        "０８１２３４５６７８９０",
        "0812 3456 7890 (Sari)",
    ],
)
def test_one_person_however_she_is_written(text: str) -> None:
    assert normalize(text) == SARI


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("022 250 1234", "+62222501234"),
        ("(022) 250-1234", "+62222501234"),
        ("+62 22 2501234", "+62222501234"),
        ("021-5551234", "+62215551234"),
        ("62215551234", "+62215551234"),
        ("0274 512345", "+62274512345"),
        ("+65 9123 4567", "+6591234567"),
        ("0065 9123 4567", "+6591234567"),
        ("+60 12-345 6789", "+60123456789"),
        ("+1 (650) 253-0000", "+16502530000"),
        ("+44 20 7946 0958", "+442079460958"),
        ("08111222333", "+628111222333"),
        ("089912345678", "+6289912345678"),
    ],
)
def test_landlines_and_foreign_numbers(text: str, e164: str) -> None:
    assert normalize(text) == e164


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "+", "0", "00", "000", "+0", "+62", "62", "0812", "110"),
        *("tidak ada", "n/a", "#N/A", "nol delapan", "8.12346E+11"),
        *("+999123456789012", "0812345678901234567890", "0812-3456-7890 / 0813-1111-2222"),
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotAPhone, match="is not a telephone number"):
        normalize(text)


@pytest.mark.parametrize(
    "text",
    [
        *("12/03/2026", "2026-01-31 10:22", "Jl. Dago 12345", "3273012345678901"),
        *("1234567890", "11111111", "0812-3456-7890 ext 12", "081234567"),
    ],
)
def test_dates_addresses_and_dummies_are_no_number(text: str) -> None:
    with pytest.raises(NotAPhone):
        normalize(text)


def test_numbers_are_shown_at_home_abroad_and_masked() -> None:
    assert [shown(number) for number in (SARI, "+6591234567", "kaput")] == ["0812-3456-7890", "+65 9123 4567", "kaput"]
    assert masked(SARI) == "•••• 7890"
