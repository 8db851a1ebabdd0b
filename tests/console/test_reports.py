"""Reports, alerts and letters on screen and on paper."""

from io import BytesIO

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.mail.models import Letter
from setia.domains.reports.models import Alert, ReportWish
from setia.foundation.events.models import AccessLog
from tests import cast
from tests.conftest import signed_in
from tests.console import scenes_reports

pytestmark = pytest.mark.django_db
REPORTS = "/console/reports/"


def test_without_reports_the_page_says_when_the_first_comes(sari: Client) -> None:
    page = sari.get(REPORTS).content.decode()
    assert "Belum ada laporan" in page
    assert "Senin" in page


def test_a_report_shows_figures_people_and_what_to_do(sari: Client) -> None:
    found = scenes_reports.report([cast.member("dewi").id, 5])
    cast.buys(cast.member("dewi"), "A-1")
    page = sari.get(f"{REPORTS}{found.id}/").content.decode()
    for text in (
        "Laporan bulanan: Oktober 2026",
        "80%",
        "85%",
        "−5 poin",
        "Dewi Lestari",
        "+3",
        "Rp 420.000",
        "7 pelanggan",
    ):
        assert text in page.replace("\xa0", " "), text
    assert AccessLog.objects.filter(page="report").count() == 1


def test_an_analyst_sees_the_figures_and_not_the_names() -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1")
    found = scenes_reports.report([dewi.id])
    page = signed_in("nadia").get(f"{REPORTS}{found.id}/").content.decode()
    assert "3456" not in page


def test_a_report_asks_as_much_for_ten_people_as_for_one(sari: Client) -> None:
    names = ("dewi", "eko", "fitri", "gilang")
    for number, name in enumerate(names):
        cast.buys(cast.member(name), f"A-{number}")
    counts = []
    for people in (names[:2], names[:1], names):
        found = scenes_reports.report([cast.member(name).id for name in people])
        with CaptureQueriesContext(connection) as asked:
            sari.get(f"{REPORTS}{found.id}/")
        counts.append(len(asked))
        found.delete()
    assert counts[1] == counts[2]  # the first page also starts the session


def test_the_paper_says_the_same_and_names_nobody(sari: Client) -> None:
    dewi = cast.member("dewi")
    found = scenes_reports.report([dewi.id])
    answer = sari.get(f"{REPORTS}{found.id}/pdf/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="setia-monthly-2026-10-01.pdf"'
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.content)).pages)
    for words in ("Laporan bulanan: Oktober 2026", "80%", "Retensi", "Rp 420.000"):
        assert words in text.replace("\xa0", " ")
    assert "Dewi" not in text


def test_paper_can_be_made_of_any_shop_name(sari: Client) -> None:
    from setia.console.paper.report_pdf import plain

    assert plain("Kopi Señja – 咖啡 ≥ 5") == "Kopi Señja – ?? >= 5"


def test_figures_leave_as_a_table_for_spreadsheets(sari: Client) -> None:
    found = scenes_reports.report([])
    rows = sari.get(f"{REPORTS}{found.id}/csv/").getvalue().decode("utf-8-sig").splitlines()
    assert rows[1] == "2026-10-01,2026-11-01,retention,share,0.8,0.85,,400,500,500,"


def test_an_alert_is_seen_and_can_wait_again(sari: Client) -> None:
    dewi = cast.member("dewi")
    cast.buys(dewi, "A-1")
    found = scenes_reports.alert([dewi.id])
    page = sari.get(REPORTS).content.decode()
    assert "Pelanggan berharga mulai menjauh" in page
    assert "Dewi Lestari" in page
    after = sari.post(f"{REPORTS}alerts/{found.id}/close/", follow=True).content.decode()
    assert "Pelanggan berharga mulai menjauh" not in after
    assert f"{REPORTS}alerts/{found.id}/reopen/" in after
    assert "Sari Wulandari" in sari.get(f"{REPORTS}alerts/").content.decode()
    sari.post(f"{REPORTS}alerts/{found.id}/reopen/")
    assert Alert.objects.get().closed_at is None


def test_everybody_chooses_his_own_letters(sari: Client) -> None:
    page = sari.get(f"{REPORTS}wishes/").content.decode()
    assert page.count("checked") == 3  # an owner gets everything until he says otherwise
    sari.post(f"{REPORTS}wishes/", {"monthly": "on"})
    wish = ReportWish.objects.get()
    assert (wish.weekly, wish.monthly, wish.alerts) == (False, True, False)


def test_letters_can_be_read_where_no_mail_server_is(sari: Client) -> None:
    sari.post("/console/settings/letters/test/")
    letter = Letter.objects.get()
    page = sari.get("/console/settings/letters/").content.decode()
    assert "Surat percobaan dari Setia" in page
    assert "SETIA_MAIL_URL" in page
    assert "Bila Anda membaca ini" in sari.get(f"/console/settings/letters/{letter.id}/").content.decode()
    assert sari.get(f"/console/settings/letters/{letter.id}/files/1/").status_code == 404
