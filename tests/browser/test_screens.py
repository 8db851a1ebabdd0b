"""Every screen in a real browser: accessible, whole on a phone, silent console, within its bytes."""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from tests.browser.conftest import DESK, PHONE, opened

pytestmark = pytest.mark.browser

_BEST = (
    "from setia.domains.commerce.models import CustomerCounters, Order, Product\n"
    "print(CustomerCounters.objects.order_by('-order_count').first().customer_id, "
    "Order.objects.exclude(returned_total=0).first().id, Product.objects.first().id)"
)
# A tag, an act with its undo, a saved view: so that their pages have something to show.
_LISTS = (
    "from setia.domains.commerce.models import CustomerCounters\n"
    "from setia.domains.lists.actions import run_act, save_view, start_act\n"
    "from setia.domains.lists.models import BulkKind\n"
    "from setia.domains.lists.selections import Selection\n"
    "from setia.domains.staff.models import Staff\n"
    "from setia.foundation import clock\n"
    "sari, at = Staff.objects.get(role='owner'), clock.now()\n"
    "ids = tuple(CustomerCounters.objects.order_by('-last_order_at').values_list('customer_id', flat=True)[:9])\n"
    "about = {'selection': Selection(customer_ids=ids), 'by': sari.actor, 'at': at}\n"
    "act = start_act(kind=BulkKind.ADD_TAG, tag_name='Langganan', **about)\n"
    "run_act(act=act, now=clock.now)\n"
    "query = f'stage=everyone&tag={act.tag_id}'\n"
    "ask = {'table': 'customers', 'columns': ['tags', 'owner', 'spent'], 'is_shared': True, 'by': sari, 'at': at}\n"
    "view = save_view(name='Langganan', query=query, **ask)\n"
    "print(act.id, view.id)"
)
PATHS = (
    "/console/customers/?view={view}",
    "/console/customers/?stage=everyone&city=Tidak-ada&orders_min=1",
    "/console/tags/",
    "/console/lists/views/",
    "/console/lists/bulk/",
    "/console/lists/bulk/{act}/",
    "/console/",
    "/console/customers/",
    "/console/customers/?stage=everyone",
    "/console/customers/?q=tidakada",
    "/console/customers/new/",
    "/console/customers/{customer}/",
    "/console/customers/{customer}/edit/",
    "/console/orders/",
    "/console/orders/{order}/",
    "/console/orders/new/?customer={customer}",
    "/console/orders/{order}/return/",
    "/console/carts/",
    "/console/products/",
    "/console/products/categories/",
    "/console/products/new/",
    "/console/products/{product}/",
    "/console/outlets/",
    "/console/imports/",
    "/console/imports/new/",
    "/console/imports/folders/",
    "/console/exports/",
    "/console/exports/new/",
    "/console/staff/",
    "/console/staff/new/",
    "/console/settings/",
    "/console/settings/returns/",
    "/console/search/?q=kopi",
    "/console/measures/",
    "/console/measures/of/retention_year/",
    "/console/measures/cohorts/",
    "/console/measures/rfm/",
    "/console/measures/rfm/lost/",
    "/console/measures/choices/",
    "/console/reports/",
    "/console/reports/alerts/",
    "/console/reports/wishes/",
    "/console/settings/letters/",
    "/console/_design/",
    "/account/2fa/",
    "/account/sessions/",
    "/account/password/set/",
)
CONSOLE_LIMIT_BYTES = 60_000


@pytest.fixture(scope="session")
def places(served):
    customer, order, product = served.ask(_BEST).split()
    act, view = served.ask(_LISTS).split()
    return {"customer": customer, "order": order, "product": product, "act": act, "view": view}


def _axe(page, *rules: str) -> list[str]:
    page.evaluate(AXE_FILE_PATH.read_text())
    only = f", runOnly: {list(rules)}" if rules else ""
    found = page.evaluate(f"axe.run(document, {{resultTypes: ['violations']{only}}})")
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')[:160]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_screen_is_accessible_and_whole(browser, served, places, size):
    context, faults = opened(browser, served, size=size), []
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    for path in PATHS:
        answer = page.goto(path.format(**places), wait_until="load")
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} is too wide"
        faults += [f"{path} {fault}" for fault in _axe(page)]
        # What the dark changes is colors.
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        faults += [f"{path} in the dark {fault}" for fault in _axe(page, "color-contrast")]
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    context.close()
    assert faults == []


def test_the_mapping_of_a_file_is_accessible_and_follows_each_choice(browser, served):
    context = opened(browser, served, size=PHONE)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto("/console/imports/new/")
    rows = b"Nama,No HP,Tanggal Lahir,Lain\nDewi,0812-3456-7890,31/02/1990,12\n"
    page.set_input_files("#id_file", {"name": "orang.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("main .card button.primary")
    page.wait_for_selector("#mapping")
    assert page.locator(".seen .error").count() == 1
    page.select_option("#column-3", "email")
    page.locator(".seen .error").nth(1).wait_for()
    assert page.locator("#column-3").input_value() == "email"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert _axe(page) + faults == []
    page.click("form[action$='/cancel/'] button")
    context.close()


def test_sign_in_pages_are_accessible_too(browser, served):
    context = opened(browser, served, size=PHONE, signed_in=False)
    page = context.new_page()
    for path in ("/account/login/", "/account/password/reset/", "/masuk/tidak-ada-tautan-seperti-ini/"):
        page.goto(path)
        assert _axe(page) == [], path
    context.close()


def test_pages_stay_within_their_bytes(browser, served, places):
    context = opened(browser, served)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    for path in ("/console/", "/console/customers/", "/console/customers/{customer}/"):
        received = []
        session.on("Network.loadingFinished", lambda event, into=received: into.append(event["encodedDataLength"]))
        session.send("Network.clearBrowserCache")
        page.goto(path.format(**places), wait_until="networkidle")
        assert sum(received) < CONSOLE_LIMIT_BYTES, f"{path}: {sum(received)} bytes"
    context.close()


def test_pages_work_without_script(browser, served, places):
    context = opened(browser, served, size=PHONE, script=False)
    page = context.new_page()
    page.goto("/console/customers/")
    page.fill("main input[name=q]", "a")
    page.click("main form[role=search] button")
    assert "q=a" in page.url
    page.goto(f"/console/customers/{places['customer']}/")
    page.fill("textarea[name=body]", "Catatan tanpa skrip.")
    page.click("#timeline form button")
    assert page.locator(".timeline").get_by_text("Catatan tanpa skrip.").is_visible()
    context.close()


def test_an_english_reader_reads_english(browser, served):
    context = opened(browser, served, signed_in=False)
    page = context.new_page()
    page.goto("/account/login/")
    assert page.locator("html").get_attribute("lang") == "id"
    page.click("button[lang=en]")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Sign in"
    context.close()
