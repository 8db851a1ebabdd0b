"""Seasons on screen: a forecast beside its errors, peaks in words, and what is not known yet."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.analytics.models import Finding
from tests import cast

pytestmark = pytest.mark.django_db

PAGE = "/console/measures/seasons/"


def measure(*, beats: bool = True, weeks: int = 20) -> dict[str, Any]:
    """Return what an analysis would have found of one series."""
    monday = date(2026, 11, 23)
    past = [monday - timedelta(weeks=number) for number in range(weeks, 0, -1)]
    judged = [("chosen", 10.0, 0.8, 0.071), ("naive", 14.0, 1.2, 0.09), ("year_ago", None, None, None)]
    return {
        "weeks": [{"start": str(each), "value": 100, "loyal": 10} for each in past],
        "closed_weeks": 2,
        "weekdays": [1.0, 0.9, 0.9, 0.9, 1.0, 1.3, 1.0],
        "peaks": [
            {"kind": "ramadan", "year": 2026, "start": "2026-02-19", "end": "2026-03-21", "factor": 1.38, "low": 1.2,
             "high": 1.6},
            {"kind": "twin_date", "year": 2025, "start": "2025-12-12", "end": "2025-12-13", "factor": 1.1, "low": 0.7,
             "high": 1.7},
        ],
        "effects": [{"kind": "payday", "factor": 1.14, "low": 1.08, "high": 1.2, "days": 292}],
        "forecast": {
            "shown": "calendar_flat" if beats else "naive", "beats_naive": beats, "origins": 12, "weeks_ahead": 8,
            "coverage": 0.83, "interval": 0.8,
            "weeks": [
                {"start": str(monday + timedelta(weeks=n)), "value": 120, "low": 90, "high": 160, "occasions": []}
                for n in range(13)
            ],
            "judged": [{"name": n, "mae": mae, "mase": mase, "smape": smape} for n, mae, mase, smape in judged],
        },
    }  # fmt: skip


def found(**more: Any) -> None:
    """Keep what an analysis of 22 November would have found."""
    standing: dict[str, Any] = {
        "months": [
            {"month": "2026-09-01", "is_running": False, "orders": 400, "revenue": 9_000_000},
            {"month": "2026-10-01", "is_running": False, "orders": 420, "revenue": 9_900_000, "loyal_orders": 90},
            {"month": "2026-11-01", "is_running": True, "orders": 300, "revenue": 7_000_000},
        ],
        "measures": {"orders": measure()},
        "coming": [{"kind": "ramadan", "start": "2027-02-08", "end": "2027-03-09", "is_exact": False}],
        "weeks": 20,
        "loyal_days": 6,
        "moves": {},
        "against": "",
        "gaps": [],
        "wishes": [],
    }
    Finding.objects.create(name="seasons", as_of=cast.NOW.date(), found=standing | more)


def test_before_the_first_measuring_one_can_begin_it(sari: Client) -> None:
    page = sari.get(PAGE).content.decode()
    assert "Belum dihitung" in page
    found(months=[])
    Finding.objects.update(found={})
    assert sari.get(PAGE).status_code == 200


def test_the_forecast_stands_beside_its_errors(sari: Client) -> None:
    found()
    page = sari.get(PAGE).content.decode()
    assert "Perkiraan Setia lebih tepat" in page
    table = page.split("Seberapa jauh melesetnya</caption>")[1].split("</table>")[0]
    assert "7,1%" in table
    assert "1,2" in table
    assert "belum diketahui" in table  # a year ago nobody sold
    assert "83%" in page
    assert "23 Nov" in page


def test_where_the_plain_forecast_was_as_good_the_page_says_so(sari: Client) -> None:
    found(measures={"orders": measure(beats=False)})
    page = sari.get(PAGE).content.decode()
    assert "tidak lebih tepat daripada perkiraan sederhana" in page
    assert "Sama seperti minggu lalu" in page


def test_peaks_are_told_in_words_and_unclear_ones_are_not_called_peaks(sari: Client) -> None:
    found()
    page = sari.get(PAGE).content.decode()
    assert "Ramadan 2026: +38% dibanding hari biasa (+20% sampai +60%)." in page
    assert "12.12 2025: tidak jelas berbeda dari hari biasa" in page
    assert "+38% pada 2026" in page  # beside the Ramadan to come
    assert "(± 1 hari)" in page


def test_too_few_weeks_are_said(sari: Client) -> None:
    found(measures={"orders": measure(weeks=3) | {"forecast": None, "weekdays": [], "peaks": []}}, weeks=3)
    page = sari.get(PAGE).content.decode()
    assert "sejauh ini baru 3" in page
    assert "Butuh setengah tahun penjualan" in page
    assert sari.get(PAGE + "?show=revenue").status_code == 200


def test_products_that_move_have_their_names_and_gaps_are_ideas(sari: Client) -> None:
    coffee = cast.product("Kopi Susu Senja")
    move = {"before": 40, "after": 90, "change": 0.9, "low": 0.4, "high": 1.6}
    found(
        moves={
            "category": [move | {"key": "Kopi", "verdict": "steady"}],
            "product": [
                move | {"key": str(coffee), "verdict": "rising"},
                move | {"key": "123456", "verdict": "falling"},  # taken out of the catalogue since
            ],
        },
        against="year_ago",
        gaps=[
            {"category": "Biji kopi", "revenue_share": 0.44, "product_share": 0.19, "products": 8, "verdict": "steady"}
        ],
        wishes=[{"word": "matcha", "people": 6}],
    )
    page = sari.get(PAGE).content.decode()
    row = page.split("Kopi Susu Senja")[1].split("</tr>")[0]
    assert "naik" in row
    assert "+90%" in row
    assert "123456" not in page
    assert "1 dibandingkan" in page
    assert "Biji kopi membawa 44%" in page
    assert "6 pelanggan menyukai “matcha”" in page


def test_the_page_asks_the_same_number_of_questions_however_much_moves(sari: Client) -> None:
    move = {"before": 40, "after": 90, "change": 0.9, "low": 0.4, "high": 1.6, "verdict": "rising"}
    products = [move | {"key": str(cast.product(f"Kopi {number}"))} for number in range(20)]
    counts = []
    for rows in (products[:1], products):
        Finding.objects.all().delete()
        found(moves={"category": [], "product": rows}, against="year_ago")
        sari.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            assert sari.get(PAGE).status_code == 200
        counts.append(len(asked.captured_queries))
    assert counts[0] == counts[1]
