"""Ways people go through Setia, in a real browser with the real worker behind it."""

import csv
import re
from xml.etree import ElementTree

import pytest

from tests.browser.conftest import PHONE, opened

pytestmark = pytest.mark.browser

FILE = (
    b"Tanggal;No Struk;Nama Pelanggan;No HP;Nama Produk;Qty;Harga Satuan\n"
    b"21/11/2026 08:15;ZZ-1;Hesti Purwanti;0811-2222-3333;Kopi Tubruk;2;Rp 15.000\n"
    b"21/11/2026 08:15;ZZ-1;Hesti Purwanti;0811-2222-3333;Pisang Goreng;1;Rp 12.500\n"
    b"21/11/2026 09:30;ZZ-2;;;Kopi Tubruk;1;Rp 15.000\n"
    b"22/11/2026 09:30;ZZ-3;Hesti Purwanti;+62 811 2222 3333;Kopi Tubruk;-1;Rp 15.000\n"
    b"22/11/2026 09:40;ZZ-4;Hesti Purwanti;+62 811 2222 3333;Kopi Tubruk;dua;Rp 15.000\n"
)


def test_a_shop_assistant_imports_a_file_and_takes_it_back(browser, served):
    context = opened(browser, served, size=PHONE)
    page = context.new_page()
    page.goto("/console/imports/new/")
    page.set_input_files("input[type=file]", {"name": "penjualan.csv", "mimeType": "text/csv", "buffer": FILE})
    page.click("main .card button.primary")
    page.wait_for_url(re.compile(r"/console/imports/\d+/"))
    assert page.locator("select[name=column_1]").input_value() == "invoice"
    page.click("main button.primary")
    page.wait_for_selector("form[action$='/confirm/'] button", timeout=20_000)
    assert "42,5" in page.locator(".kpis").inner_text()
    page.click("form[action$='/confirm/'] button")
    page.wait_for_selector("main details.dialog summary", timeout=20_000)
    page.goto("/console/search/?q=0811+2222+3333")
    page.click("text=Hesti Purwanti")
    assert "ZZ-1" in page.locator("main").inner_text()
    page.goto("/console/imports/")
    page.click("tbody a >> nth=0")
    page.click("main details.dialog summary")
    page.click("form[action$='/undo/'] button")
    page.locator(".page-head p", has_text=re.compile(r"^\s*Dibatalkan")).wait_for(timeout=20_000)
    page.goto("/console/search/?q=0811+2222+3333")
    assert page.locator("main a:has-text('Hesti')").count() == 0
    context.close()


def test_search_as_you_type_works_by_keyboard(browser, served):
    name = served.ask(
        "from setia.domains.customers.models import Customer\nprint(Customer.objects.exclude(name='').first().name)"
    )
    context = opened(browser, served)
    page = context.new_page()
    page.goto("/console/")
    page.keyboard.press("/")
    page.keyboard.type(name.split()[0][:6])
    page.wait_for_selector("#found a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/console/(customers|products|orders)/\d+/"))
    context.close()


def test_a_note_is_written_and_removed(browser, served):
    who = served.ask(
        "from setia.domains.customers.models import Customer\nprint(Customer.objects.order_by('-id').first().id)"
    )
    context = opened(browser, served)
    page = context.new_page()
    page.goto(f"/console/customers/{who}/")
    page.fill("textarea[name=body]", "Alergi kacang <b>hati-hati</b>")
    page.click("#timeline form button >> nth=0")
    assert page.locator(".timeline .words").first.inner_text() == "Alergi kacang <b>hati-hati</b>"
    page.click("form[action$='/remove/'] button")
    assert page.locator("text=Alergi kacang").count() == 0
    context.close()


def test_the_way_back_to_a_sent_page_saves_nothing_twice(browser, served):
    who = served.ask(
        "from setia.domains.customers.models import Customer\nprint(Customer.objects.order_by('-id').first().id)"
    )
    context = opened(browser, served)
    page = context.new_page()
    page.goto(f"/console/customers/{who}/")
    page.fill("textarea[name=body]", "Minta diantar sore")
    page.click("#timeline form button >> nth=0")
    page.wait_for_selector(".notice.good")
    page.go_back()
    assert page.input_value("textarea[name=body]") == "Minta diantar sore"
    page.click("#timeline form button >> nth=0")
    page.wait_for_selector(".notice.good")
    page.goto(f"/console/customers/{who}/")
    assert page.locator(".timeline .words", has_text="Minta diantar sore").count() == 1
    context.close()


def test_an_order_is_written_down_and_a_mistake_loses_nothing(browser, served):
    context = opened(browser, served, size=PHONE)
    page = context.new_page()
    page.goto("/console/orders/new/")
    page.fill("input[name=product_0]", "Teh Poci Baru")
    page.fill("input[name=quantity_0]", "3")
    page.click("main button.primary")
    assert page.locator("input[name=product_0]").input_value() == "Teh Poci Baru"
    assert page.locator(".error").first.is_visible()
    page.fill("input[name=price_0]", "9000")
    page.click("main button.primary")
    page.wait_for_url(re.compile(r"/console/orders/\d+/"))
    assert "27.000" in page.locator("main").inner_text()
    context.close()


def test_a_chart_is_saved_as_a_picture_and_as_figures(browser, served, tmp_path):
    context = opened(browser, served, dark=True)
    page = context.new_page()
    page.goto("/console/")
    chart = page.locator(".chart").first
    chart.locator("summary").click()
    saved = {}
    for kind in ("csv", "png", "svg"):
        with page.expect_download() as waiting:
            chart.locator(f"[data-save={kind}]").click()
        saved[kind] = tmp_path / f"chart.{kind}"
        waiting.value.save_as(saved[kind])
    table = [row.locator("th, td").all_inner_texts() for row in chart.locator("tr").all()]
    text = saved["csv"].read_text(encoding="utf-8-sig")
    assert [len(row) for row in csv.reader(text.splitlines())] == [len(row) for row in table]
    assert next(csv.reader(text.splitlines()[1:])) == table[1]
    data = saved["png"].read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert width > 1000
    assert height > 300
    drawing = ElementTree.parse(saved["svg"]).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    paper = drawing.find("{http://www.w3.org/2000/svg}rect")
    assert paper.get("fill").startswith("rgb")  # what was drawn in the dark is not white on white
    assert not [element for element in drawing.iter() if element.get("class")]
    context.close()


def test_a_list_is_worked_through_by_keyboard(browser, served):
    context = opened(browser, served)
    page = context.new_page()
    page.goto("/console/customers/")
    boxes = page.locator('input[form="bulk"]')
    for key in "jjxjx":
        page.keyboard.press(key)
    assert [index for index in range(4) if boxes.nth(index).is_checked()] == [1, 2]
    assert page.locator("[data-bulk] .bulk-fields [data-chosen]").inner_text() == "2 dipilih"
    boxes.nth(2).click()
    boxes.nth(5).click()
    page.keyboard.down("Shift")
    boxes.nth(3).click()
    page.keyboard.up("Shift")
    assert [index for index in range(7) if boxes.nth(index).is_checked()] == [1, 3, 4, 5]
    page.select_option("#bulk-act", "add_tag")
    page.fill("#bulk-tag", "jxk?/")
    assert page.locator("#keys").get_attribute("open") is None
    assert boxes.nth(1).is_checked()
    page.click("[data-bulk] button.primary")
    page.locator(".toasts", has_text="4 pelanggan berubah").wait_for()
    page.click(".toasts form button")
    page.locator(".toasts", has_text="kembali seperti semula").wait_for()
    page.wait_for_load_state("load")
    page.keyboard.press("?")
    assert page.locator("#keys dl").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/console/customers/\d+/"))
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/console/orders/")
    context.close()


def test_without_script_ticked_rows_are_tagged_and_a_view_is_saved(browser, served):
    context = opened(browser, served, script=False, size=PHONE)
    page = context.new_page()
    page.goto("/console/customers/?stage=everyone&city=Bandung")
    page.locator('input[form="bulk"]').first.check()
    page.select_option("#bulk-act", "add_tag")
    page.fill("#bulk-tag", "Tanpa skrip")
    page.click("[data-bulk] button.primary")
    page.locator(".toasts", has_text="1 pelanggan berubah").wait_for()
    page.click("text=Simpan tampilan")
    page.fill("#view-name", "Orang Bandung")
    page.click(".sheet button.primary >> visible=true")
    assert page.locator("h1").inner_text() == "Orang Bandung"
    page.click(".chips a >> nth=0")
    assert "city" not in page.url
    context.close()
