"""Money on screen: what is known and what is not, calculators by address, what was spent."""

import re
from typing import Any

import pytest
from django.test import Client

from setia.domains.analytics.models import Finding, MarketingSpend
from setia.foundation.events.models import Event
from tests import cast
from tests.console import verdicts

pytestmark = pytest.mark.django_db

PAGE = "/console/measures/money/"
CALCULATORS = PAGE + "calculators/"
SPEND = PAGE + "spend/"


def found(*, cost: float | None = 200_000.0) -> None:
    """Keep what an analysis of 22 November would have found."""
    month = {"won": 50, "spent": 10_000_000, "cost": cost, "from": "entered" if cost else "", "so_far": 100_000.0,
             "expected": 500_000.0}  # fmt: skip
    Finding.objects.create(
        name="money", as_of=cast.NOW.date(),
        found={
            "months": [
                month | {"month": "2026-10-01", "is_running": False},
                month | {"month": "2026-11-01", "is_running": True, "cost": None},
            ],
            "sources": [
                {"source": "Instagram", "won": 40, "spent": 10_000_000, "cost": cost, "from": "entered",
                 "worth": 900_000.0},
                {"source": "", "won": 3, "spent": None, "cost": None, "from": "", "worth": None},
            ],
            "concentration": {
                "buyers": 500, "curve": [(n / 20) ** 3 for n in range(21)], "gini": 0.5, "top_tenth": 0.4,
                "top_fifth": 0.64, "tenth_order": 90_000.0, "other_order": 30_000.0, "times": 3.0,
            },
            "bins": [{"low": 0.0, "high": 100_000.0, "people": 400},
                     {"low": 100_000.0, "high": 200_000.0, "people": 100}],
            "worth": 600_000.0, "top_fifth_from": 150_000, "people": 500, "spend": {"win": 10_000_000},
        },
    )  # fmt: skip


def text(page: bytes) -> str:
    return page.decode().replace("\xa0", " ")


def test_worth_stands_beside_cost(sari: Client) -> None:
    assert "Belum dihitung" in text(sari.get(PAGE).content)
    found()
    page = text(sari.get(PAGE).content)
    assert "Rp 600 rb" in page
    assert "3 : 1" in page
    assert "sehat" in page
    assert "Rp 198 rb" in page  # a third of it
    assert re.search(r"Rp 60(,0)? rb – Rp 90", page)
    assert "64%" in page
    row = page.split("Instagram")[1].split("</tr>")[0]
    assert "4,5 : 1" in row


def test_a_cost_nobody_entered_is_not_nothing(sari: Client) -> None:
    found(cost=None)
    page = text(sari.get(PAGE).content)
    assert "Berapa biaya pelanggan belum diketahui" in page
    assert "0 : 1" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("what=win&win_spent=10.000.000&won=40&keep_spent=4000000&kept=200", ["Rp 250.000", "Rp 20.000", "12,5 kali"]),
        ("what=win&win_spent=10.000.000&won=0&keep_spent=0&kept=0", ["tidak ada yang bisa dibandingkan"]),
        ("what=roi&extra_revenue=45.000.000&margin=100&cost=15.500.000", ["190,3%", "Rp 29.500.000"]),
        ("what=roi&extra_revenue=1.000.000&margin=30&cost=500.000", ["Rp 200.000", "lebih dari hasilnya"]),
        (
            "what=member&fee=49.000&order_value=150.000&discount=20&margin=50&purchases_before=4",
            ["Rp 30.000", "2 kali belanja", "2 kali"],
        ),
        (
            "what=member&fee=49.000&order_value=150.000&discount=20&margin=10&purchases_before=4",
            ["tidak pernah untung"],
        ),
    ],
)
def test_calculators_answer_by_address_and_keep_what_was_typed(sari: Client, asked: str, said: list[str]) -> None:
    page = text(sari.get(f"{CALCULATORS}?{asked}").content)
    for words in said:
        assert words in page
    assert f'value="{asked.split("&")[1].split("=")[1]}"' in page


def test_what_cannot_be_reckoned_is_said_and_kept(sari: Client) -> None:
    page = text(sari.get(CALCULATORS + "?what=win&win_spent=sepuluh&won=-1&keep_spent=&kept=2").content)
    assert 'value="sepuluh"' in page
    assert "Tulis seperti 25.000" in page
    assert 'role="status"' not in page.split('id="win"')[1].split('id="roi"')[0]


def test_what_was_spent_is_entered_changed_and_taken_out(sari: Client) -> None:
    entry = {"month": "2026-10", "channel": "Instagram", "purpose": "win", "amount": "1.500.000"}
    assert sari.post(SPEND + "save/", entry).status_code == 302
    assert "Rp 1.500.000" in text(sari.get(SPEND).content)
    assert MarketingSpend.objects.get().amount == 1_500_000
    assert "Tidak ada yang berubah" in text(sari.post(SPEND + "save/", entry, follow=True).content)
    sari.post(SPEND + "save/", entry | {"amount": "0"})
    assert not MarketingSpend.objects.exists()
    assert Event.objects.filter(kind="analytics.spend_changed").count() == 2


def test_rows_of_a_table_are_saved_together_or_not_at_all(sari: Client) -> None:
    good = "2026-09; Instagram; 1.500.000\n2026-09\tGathering\t400000\tkeep\n\n"
    assert sari.post(SPEND + "save/", {"rows": good}).status_code == 302
    assert sorted(MarketingSpend.objects.values_list("channel", "purpose", "amount")) == [
        ("Gathering", "keep", 400_000),
        ("Instagram", "win", 1_500_000),
    ]
    answer = sari.post(SPEND + "save/", {"rows": "2026-08; Radio; 5.000\n2026-13; Radio; 5.000"})
    assert answer.status_code == 422
    assert "Baris 2" in text(answer.content)
    assert "2026-08; Radio" in text(answer.content)
    assert MarketingSpend.objects.count() == 2


@pytest.mark.parametrize(
    "entry",
    [{"month": "2099-01"}, {"amount": "-5"}, {"amount": "x"}, {"channel": ""}, {"purpose": "x"}, {"month": "okt"}],
)
def test_an_entry_that_cannot_be_is_refused_with_what_was_typed(sari: Client, entry: dict[str, str]) -> None:
    wanted = {"month": "2026-10", "channel": "Instagram", "purpose": "win", "amount": "1.500.000"} | entry
    answer = sari.post(SPEND + "save/", wanted)
    assert answer.status_code == 422
    assert f'value="{wanted["amount"]}"' in text(answer.content)
    assert not MarketingSpend.objects.exists()


def test_a_marketer_sees_what_was_spent_and_enters_nothing() -> None:
    maya = verdicts.browser("marketer")
    page = text(maya.get(SPEND).content)
    assert "spend/save/" not in page
    assert maya.post(SPEND + "save/", {"rows": "2026-09; Radio; 5.000"}).status_code == 403


def figure(value: float, low: float | None = None, high: float | None = None, count: int = 40) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "count": count}


def test_loyal_and_new_stand_side_by_side(sari: Client) -> None:
    page_address = "/console/measures/loyal-and-new/"
    assert "Belum dihitung" in text(sari.get(page_address).content)
    loyal = {"people": figure(40), "repeat": figure(0.9, 0.8, 0.95), "order_value": figure(50_000, 45_000, 55_000)}
    new = {"people": figure(50), "repeat": figure(0.2, 0.1, 0.3), "order_value": figure(48_000, 40_000, 56_000)}
    few = {"people": figure(3, count=3), "expected": figure(700_000.0, 1.0, 2.0, 3), "active": figure(1.0, 0.4, 1.0, 3)}
    others = {"people": figure(60), "expected": figure(500_000.0, 1.0, 2.0), "active": figure(0.5, 0.4, 0.6)}
    Finding.objects.create(
        name="groups", as_of=cast.NOW.date(),
        found={
            "window_days": 90, "loyal_days": 6, "fewest": 30, "loyalty": {"loyal": loyal, "new": new},
            "referral": {"referred": few, "others": others},
        },
    )  # fmt: skip
    page = text(sari.get(page_address).content)
    row = page.split("Belanja pada dua hari atau lebih")[1].split("</tr>")[0]
    assert "90%" in row
    assert "beda jelas" in row
    assert "beda jelas" not in page.split("Nilai per pesanan")[1].split("</tr>")[0]
    assert page.count("Kurang dari 30 orang") == 1
    assert "+16%" not in page
    found = Finding.objects.get()
    found.found["referral"]["referred"]["people"]["count"] = 40
    found.save()
    page = text(sari.get(page_address).content)
    assert "+40%" in page
    assert "+16%" in page
    Finding.objects.update(
        found={"window_days": 90, "loyal_days": 6, "fewest": 30, "loyalty": {"loyal": {}, "new": {}},
               "referral": {"referred": {}, "others": {}}}
    )  # fmt: skip
    assert sari.get(page_address).status_code == 200
