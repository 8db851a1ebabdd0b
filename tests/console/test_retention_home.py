"""The retention home: built of what is stored, beside a period before, each chart a file of its own without script."""

import csv
import io
from datetime import date
from xml.etree import ElementTree

import pytest

from setia.console.charts.files import as_csv
from setia.domains.advice.models import NextAction
from setia.domains.analytics.models import Analysis, CohortCell, Finding, MeasureValue
from setia.foundation import clock
from tests import cast
from tests.console.test_advice import browser
from tests.domains.advice.test_deciding import silent

pytestmark = pytest.mark.django_db
HOME = "/console/measures/home/"
CHARTS = ("curves", "pyramid", "segments", "health", "reasons", "money")


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(cast.NOW):
        yield


def measured():
    """Lay down what an analysis of a shop with two years leaves behind."""
    today = date(2026, 11, 22)
    Analysis.objects.create(state="done", today=today, started_at=cast.NOW, finished_at=cast.NOW)
    for month, value in ((date(2025, 10, 1), 0.5), (date(2026, 9, 1), 0.6), (date(2026, 10, 1), 0.68)):
        MeasureValue.objects.create(
            measure="retention", start=month, end=month.replace(day=28), value=value, numerator=value * 100,
            denominator=100, population=100,
        )  # fmt: skip
    for month in (6, 7, 8):
        for offset, people in enumerate((40, 20, 10)):
            CohortCell.objects.create(cohort=date(2026, month, 1), offset=offset, people=people, orders=1, revenue=1)
    counts = {"segment": {"loyal": 5, "lost": 9}, "level": {"customer": 7, "client": 2}}
    months = [{"end": str(date(2026, 11, 22)), "counts": counts}] * 12
    year = [{"end": "2025-11-30", "counts": {"segment": {"loyal": 1}, "level": {}}}]
    before = [{"end": "2026-10-31", "counts": {"segment": {"loyal": 4, "lost": 12}, "level": {"customer": 6}}}]
    people = {
        "segment": {"loyal": [5, 500, 100], "lost": [9, 10, 0]}, "level": {"customer": [7, 1, 1], "client": [7, 2, 2]},
        "health": [1, 2, 3, 4, 0, 0, 5, 6, 0, 1], "why": {"g": 4, "s": 9, "d": 0, "o": 2, "m": 0},
    }  # fmt: skip
    money = {"months": [
        {"month": "2026-09-01", "cost": 20_000, "so_far": 50_000, "expected": 90_000, "is_running": False},
        {"month": "2026-10-01", "cost": None, "so_far": 40_000, "expected": 95_000, "is_running": False},
    ]}  # fmt: skip
    for name, found in (
        ("people", people),
        ("history", {"months": [*year, *months[:10], *before, months[0]]}),
        ("money", money),
    ):
        Finding.objects.create(name=name, as_of=today, found=found)


def test_before_the_first_analysis_one_can_begin_it():
    text = browser("sari").get(HOME).content.decode()
    assert "/console/measures/refresh/" in text
    for name in CHARTS:
        assert browser("sari").get(f"{HOME}{name}.svg").status_code == 404
        assert browser("sari").get(f"{HOME}{name}.csv").status_code == 200


def test_the_page_shows_what_is_stored_and_how_it_moved():
    measured()
    eko = silent()
    NextAction.objects.create(customer=eko, kind="win_back", net=5_000)
    text = browser("sari").get(HOME).content.decode()
    for words in ("68%", "+8 poin", "sebelumnya 60%", "31 Oktober 2026", "Sudah 80 hari tidak membeli", "Eko Prasetyo"):
        assert words in text, words
    assert "diam lebih lama" in text.lower() or "Mengapa pelanggan mungkin pergi" in text
    year = browser("sari").get(f"{HOME}?with=year").content.decode()
    for words in ("+18 poin", "sebelumnya 50%", "30 November 2025"):
        assert words in year, words


@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_a_file_of_its_own_without_script(name):
    measured()
    sari = browser("sari")
    drawing = sari.get(f"{HOME}{name}.svg")
    assert (drawing.status_code, drawing.headers["Content-Type"]) == (200, "image/svg+xml")
    assert drawing.headers["Content-Disposition"] == f'attachment; filename="setia-{name}.svg"'
    root = ElementTree.fromstring(drawing.content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{http://www.w3.org/2000/svg}title").text
    assert "var(" not in drawing.content.decode()
    numbers = sari.get(f"{HOME}{name}.csv")
    rows = list(csv.reader(io.StringIO(numbers.content.decode("utf-8-sig"))))
    assert len(rows) >= 2
    assert len({len(row) for row in rows}) == 1


def test_the_numbers_are_those_of_the_chart_and_no_formulas():
    measured()
    rows = list(csv.reader(io.StringIO(browser("sari").get(f"{HOME}segments.csv").content.decode("utf-8-sig"))))
    assert rows[0][1] == "Pelanggan"
    assert [row[1] for row in rows if row[1] in ("5", "9")] == ["5", "9"]
    assert as_csv("<table><tr><th>=SUM(A1)</th><td>+1</td><td>-5</td></tr></table>").strip() == "'=SUM(A1),'+1,-5"


def test_unknown_charts_and_forms_are_not_there():
    sari = browser("sari")
    assert [sari.get(f"{HOME}{path}").status_code for path in ("x.svg", "health.png")] == [404, 404]


@pytest.mark.parametrize("names", [("eko",), ("eko", "dewi", "fitri")])
def test_it_asks_as_often_for_one_as_for_three(names, django_assert_max_num_queries):
    measured()
    for name in names:
        NextAction.objects.create(customer=silent(name), kind="win_back", net=5_000)
    sari = browser("sari")
    with django_assert_max_num_queries(42):
        assert sari.get(HOME).status_code == 200
