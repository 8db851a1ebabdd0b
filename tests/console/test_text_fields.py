"""Whatever people or files write is shown as text: no element, attribute or address of a page comes from it."""

import csv
import io
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client

from setia.domains.commerce.models import (
    Cart,
    CategoryChange,
    Order,
    Payment,
    Product,
    Refund,
    Return,
    ReturnCase,
    ReturnPolicy,
    Shipment,
)
from setia.domains.customers.models import Customer
from setia.domains.customers.rules import search_text
from setia.domains.imports import files
from setia.domains.imports.actions import take_file
from setia.domains.imports.models import Import
from setia.domains.shop.models import Outlet, Shop
from setia.domains.staff.models import Staff
from setia.domains.timeline.actions import remove_note, write_note
from setia.domains.timeline.models import Note
from tests import cast
from tests.console import verdicts
from tests.console.verdicts import VERDICTS, Browser, Scene

pytestmark = pytest.mark.django_db

PLAIN = "Zaenal Qodir"
CORPUS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style></svg><script src=//e.vil>",
    "</option></select><img src=x onerror=alert(1)>",
    "</datalist><svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><a xlink:href=javascript:alert(1)>x",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)" x="',
    "x onfocus=alert(1) autofocus ",
    '"hx-get="/account/logout/" hx-trigger="load',
    "` onmouseover=`alert(1)",
    "<!--><script>alert(1)</script>-->",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)",
    "{{ 7*7 }}{% debug %}{{ request }}",
    "{0.__class__} {name} %(name)s %s",
    "${alert(1)} <%= x %> #{x}",
    "<base href=//e.vil><form action=//e.vil>",
    "<meta http-equiv=refresh content=0;url=//e.vil>",
    "＜script＞alert(1)＜/script＞",
    "\u202e<script>\u2028alert(1)\u2029</script>",
    "<scr\u0131pt>alert(1)</scr\u0131pt>",
)
LONGEST = 64


def packed(texts: Iterable[str]) -> list[str]:
    """Join neighbors as long as they fit into a field: whatever one of them does to a page shows for all."""
    found: list[str] = []
    for text in texts:
        if found and len(found[-1]) + len(text) < LONGEST:
            found[-1] += text
        else:
            found.append(text)
    return found


class Skeleton(HTMLParser):
    """Keeps what a page is made of: elements and the names of their attributes; and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.bones: list[tuple[str, ...]] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Which option a guess selects may differ with the words of a file.
        self.bones.append((tag, *(name for name, _ in attrs if name != "selected")))
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action", "hx-get", "hx-post")]

    def handle_comment(self, data: str) -> None:
        self.bones.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.bones.append(("declaration", decl))


def skeleton(html: str) -> list[tuple[str, ...]]:
    """Return the bones of a page; fails when it leads anywhere but into the shop."""
    parser = Skeleton()
    parser.feed(html)
    parser.close()
    away = [target for target in parser.targets if not target.startswith(("/", "#", "?")) and target]
    assert [target for target in [*away, *parser.targets] if target in away or target.startswith("//")] == []
    return parser.bones


def write_everywhere(scene: Scene, text: str) -> None:
    """Put a text into every field that staff or files can fill."""
    Customer.objects.update(name=text, search_name=search_text(text), city=text, country=text, code=text)
    Product.objects.update(name=text, category=text, sku=text)
    Outlet.objects.update(code=text, name=text, city=text, opening_hours=text)
    Order.objects.update(number=text, channel=text[:20], tender=text[:20])
    Return.objects.create(
        number=text, reason=text, customer_id=scene.ids["customer_id"], order_id=scene.ids["order_id"], total=1,
        returned_at=cast.NOW, shop_day=cast.NOW.date(), source_key=b"0" * 16, created_at=cast.NOW,
    )  # fmt: skip
    Payment.objects.update(reference=text, tender=text[:20])
    Refund.objects.update(reason=text, tender=text[:20])
    ReturnCase.objects.update(exception_reason=text, doubts=[text])
    Cart.objects.update(channel=text[:20], source=text)
    Shipment.objects.create(
        order_id=scene.ids["order_id"], courier=text[:60], tracking_number=text, shipped_at=cast.NOW
    )
    ReturnPolicy.objects.create(eligible_words=text, not_eligible_words=text, excluded_categories=[text])
    who = {"product_id": scene.ids["product_id"], "changed_at": cast.NOW, "actor_kind": "staff", "actor_id": 1}
    CategoryChange.objects.create(old_category=text, new_category=text, **who)
    Shop.objects.update(name=text)
    Staff.objects.update(name=text)
    Staff.objects.filter(id=scene.ids["staff_id"]).update(email=text)
    for note in Note.objects.all():
        remove_note(note=note, by=cast.staff("sari"), at=cast.NOW)
    dewi = Customer.objects.get(id=scene.ids["customer_id"])
    dewi.address = text
    dewi.save(update_fields=["address"])
    scene.ids["note_id"] = write_note(customer=dewi, body=text, author=cast.staff("tono"), at=cast.NOW).id
    counts = {"rows": 1, "skipped": {"not_a_number": 1, text: 1}, "orders": 1, "lines": 1, "customers": 1, "returns": 1}
    Import.objects.filter(id=scene.ids["import_id"]).update(
        file_name=text,
        counts={**counts, "orders_without_customer": 0, "gross": 1, "gross_without_customer": 0, "returned": 0},
        problem={"code": "stopped", "value": text},
    )  # fmt: skip
    refused = files.refused_rows(scene.ids["import_id"])
    refused.parent.mkdir(parents=True, exist_ok=True)
    with refused.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["row", "reason", "column", "value", text])
        rows.writerows(
            [2, code, column, text, text] for code in ("not_a_number", text) for column in ("quantity", text, "")
        )


def upload(text: str) -> Import:
    """Bring a file in whose headings and cells are the text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["Tanggal", "No Nota", "Produk", "Jumlah", "Harga", f"Catatan {text}"]])
    writer.writerows([["21/11/2026", "N1", text, "1", "22000", text]] * 3)
    return take_file(
        name=f"{text}.csv", blocks=[out.getvalue().encode()], limit_bytes=10**6, by=verdicts.sari_actor(), at=cast.NOW
    )


def pages(scene: Scene, client: Client, text: str) -> Iterator[tuple[str, str]]:
    """Read every page that shows a text back, and every form that is refused with the text still in it."""
    for name in VERDICTS:
        if VERDICTS[name][0].split()[2] == "200" and not name.endswith(("_file", "_refused")):  # no pages
            answer = client.get(scene.url(name))
            if answer.headers["Content-Type"].startswith("text/html"):
                yield name, answer.content.decode()
    for path in ("search", "customers", "orders", "products"):
        yield f"q {path}", client.get(f"/console/{path}/", {"q": text}).content.decode()
    yield "q part", client.get("/console/search/", {"q": text}, headers={"HX-Request": "true"}).content.decode()
    yield "order for", client.get("/console/orders/new/", {"customer": scene.ids["customer_id"]}).content.decode()
    yield "mapping", client.get(f"/console/imports/{upload(text).id}/").content.decode()
    yield "link", client.post(scene.url("console:staff_link"), {"x": text}).content.decode()
    yield "shows", client.get(scene.url("console:customer"), {"show": text, "cursor": text}).content.decode()
    yield "forbidden", verdicts.browser("analyst").get("/console/staff/", {"q": text}).content.decode()
    yield "missing", client.get("/console/no/such/page/", {"next": text}).content.decode()
    yield "login", Browser().get("/account/login/", {"next": text}).content.decode()
    yield "no login", Browser().post("/account/login/", {"login": text, "password": text}).content.decode()
    for name in ("customer_add", "customer_edit", "staff_add", "staff_edit", "outlet_add", "order_add", "settings"):
        fields = ("name", "phone", "email", "birth_date", "address", "city", "role", "code", "zone_name", "cutoff_hour",
                  "currency_code", "opening_hours", "number", "once", "product_0", "quantity_0", "price_0")  # fmt: skip
        response = client.post(scene.url(f"console:{name}"), dict.fromkeys(fields, text))
        assert response.status_code == 422, name
        yield f"refused {name}", response.content.decode()
    for name in (
        "product_add",
        "product_edit",
        "order_pay",
        "order_ship",
        "order_refund",
        "return_policy",
        "order_return",
    ):
        fields = ("name", "category", "sku", "price", "amount", "tender", "reference", "courier", "tracking_number",
                  "estimated_date", "reason", "exception_reason", "window_days", "eligible_words")  # fmt: skip
        response = client.post(
            scene.url(f"console:{name}"), {**dict.fromkeys(fields, text), "tender": text[:20], "courier": text[:20]}
        )
        assert response.status_code == 422, name
        yield f"refused {name}", response.content.decode()
    added = client.post("/console/customers/new/", {"name": text}, follow=True)
    yield "message", added.content.decode()


def read(text: str) -> dict[str, list[tuple[str, ...]]]:
    """Write a text everywhere and return the bones of all pages."""
    scene = verdicts.scene()
    client = Browser(headers={"User-Agent": text.encode("ascii", "ignore").decode()})
    client.cookies = verdicts.browser("owner").cookies
    write_everywhere(scene, text)
    return {name: skeleton(html) for name, html in pages(scene, client, text)}


_plain: dict[str, list[tuple[str, ...]]] = {}


@pytest.fixture
def plain(db: None) -> dict[str, list[tuple[str, ...]]]:
    """Return the bones of all pages with a harmless name in every field; made once."""
    from django.db import transaction

    if not _plain:
        with transaction.atomic():
            _plain.update(read(PLAIN))
            transaction.set_rollback(True)
    return _plain


@pytest.mark.parametrize("text", packed(CORPUS))
def test_a_text_adds_no_bone_to_any_page(plain: dict[str, list[tuple[str, ...]]], text: str) -> None:
    found = read(text[:LONGEST].strip())
    assert [name for name in plain if found[name] != plain[name]] == []
    assert len(plain) > 45


def test_the_measure_sees_what_gets_through() -> None:
    assert skeleton('<p title="x">a</p>') == [("p", "title")]
    assert skeleton('<p title="" onclick="">a</p>') != [("p", "title")]
    with pytest.raises(AssertionError):
        skeleton('<a href="javascript:alert(1)">a</a>')


@pytest.mark.parametrize("text", CORPUS)
def test_braces_and_entities_stand_as_they_were_typed(text: str) -> None:
    """Nothing is evaluated and nothing is taken out of a name: it reads as it was written."""

    class Words(HTMLParser):
        words = ""

        def handle_data(self, data: str) -> None:
            self.words += data

    scene, parser = verdicts.scene(), Words()
    write_everywhere(scene, text[:LONGEST].strip())
    parser.feed(verdicts.browser("owner").get(scene.url("console:customer")).content.decode())
    assert parser.words.count(text[:LONGEST].strip()) >= 8
