"""Every address with every person: who comes in, who is turned away, and that being turned away changes nothing."""

import base64
import io
import json
import re
from typing import Any

import pytest
from django.core.files import uploadhandler
from django.db import connection, transaction
from django.test import Client

from setia.domains.customers.models import Customer
from setia.domains.customers.rules import PersonClaim
from setia.domains.imports.models import Import
from setia.domains.staff.models import Staff
from tests import cast
from tests.console import verdicts
from tests.console.verdicts import PEOPLE, REFUSALS, VERDICTS, Browser, Scene

pytestmark = pytest.mark.django_db

WITH_IDS = [name for name, wanted in verdicts.arguments().items() if name.startswith("console:") and wanted]
HUGE = 10**30
# Who may come in is decided before any row is asked for; three show that the rows are found on PostgreSQL too.
SOME = ("owner", "cashier", "stranger") if connection.vendor == "postgresql" else PEOPLE


@pytest.fixture
def scene(db: None) -> Scene:
    """Lay out the shop once for a test."""
    return verdicts.scene()


def cell(name: str, method: str, person: str) -> str:
    """Return the expected verdict."""
    return VERDICTS[name][("get", "post").index(method)].split()[PEOPLE.index(person)]


def test_every_address_and_every_person_has_a_verdict() -> None:
    names = [name for name, _ in verdicts.patterns()]
    assert sorted(names) == sorted(VERDICTS), "an address without a verdict, a verdict without an address, or a twin"
    assert {len(row.split()) for rows in VERDICTS.values() for row in rows} == {len(PEOPLE)}


@pytest.mark.parametrize("person", SOME)
def test_walk(scene: Scene, person: str) -> None:
    """Ask for every address by GET and POST; each call is rolled back, so that none sees what another did."""
    wrong = []
    cookies = verdicts.browser(person).cookies
    before = verdicts.rows()
    for name in VERDICTS:
        for method in ("get", "post"):
            client = Browser(raise_request_exception=False)
            client.cookies.load({key: morsel.value for key, morsel in cookies.items()})
            verdicts.lay_refused_rows(scene.ids["import_id"])
            block = transaction.atomic()
            block._from_testcase = True  # a verb that refuses rolls back its own part, as it does without a test around
            with block:
                with verdicts.writes() as written:
                    response = getattr(client, method)(scene.url(name))
                    found = verdicts.verdict_of(response)
                    verdicts.put_away(response)
                if found != cell(name, method, person):
                    wrong.append(f"{name} {method}: {found}, not {cell(name, method, person)}")
                elif found in REFUSALS and name != "account_logout" and written and verdicts.rows() != before:
                    wrong.append(f"{name} {method}: refused, and yet it changed something")
                transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.parametrize("unknown", [0, 1, 2**63 - 1, 2**63, HUGE])
def test_what_is_not_there_is_404_for_those_who_may_and_403_for_others(scene: Scene, unknown: int) -> None:
    owner, analyst = verdicts.browser("owner"), verdicts.browser("analyst")
    before, wrong = verdicts.rows(counted_only=True), []
    for name in WITH_IDS:
        url = scene.url(name, **dict.fromkeys(verdicts.arguments()[name], unknown))
        for method in ("get", "post"):
            if cell(name, method, "owner") != "405":
                found = [getattr(client, method)(url).status_code for client in (owner, analyst)]
                if found != [404, 403 if cell(name, method, "analyst") == "403" else 404]:
                    wrong.append((name, method, found))
    assert wrong == []
    assert verdicts.rows(counted_only=True) == before


def test_a_note_is_reached_through_its_own_customer_only(scene: Scene) -> None:
    eko, owner = cast.member("eko"), verdicts.browser("owner")
    before = verdicts.rows()
    assert owner.post(scene.url("console:note_remove", customer_id=eko.id)).status_code == 404
    assert verdicts.rows() == before


def test_a_form_from_elsewhere_changes_nothing(scene: Scene) -> None:
    """A POST without the token of a page of ours is refused at every address, by allauth too."""
    verdicts.browser("owner")
    client = Browser(enforce_csrf_checks=True)
    client.force_login(cast.staff("sari"))
    names = [name for name in VERDICTS if cell(name, "post", "owner") != "405" and name != "root"]
    names = [name for name in names if not name.startswith("api:")]  # no session there: tests/api/test_keys.py
    before = verdicts.rows()
    found = {name: client.post(scene.url(name), {"language": "en", "role": "owner"}).status_code for name in names}
    assert found == dict.fromkeys(names, 403)
    assert verdicts.rows() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_not_known(scene: Scene, method: str) -> None:
    names = [name for name in VERDICTS if name.startswith("console:")]
    owner, before = verdicts.browser("owner"), verdicts.rows()
    found = {name: getattr(owner, method)(scene.url(name)).status_code for name in names}
    assert found == dict.fromkeys(names, 405)
    assert verdicts.rows() == before


def test_head_is_no_way_around_the_form(scene: Scene) -> None:
    owner = verdicts.browser("owner")
    before = verdicts.rows()
    posts = [name for name in VERDICTS if name.startswith("console:") and cell(name, "get", "owner") == "405"]
    assert {name: owner.head(scene.url(name)).status_code for name in posts} == dict.fromkeys(posts, 405)
    assert verdicts.rows() == before


# Mass assignment: only what a form shows is taken from it.


def test_an_account_cannot_be_given_more_than_its_form_shows(scene: Scene) -> None:
    more = {"is_active": "", "is_demo": "1", "id": "7", "password": "x", "created_at": "2000-01-01", "language": "en"}
    owner = verdicts.browser("owner")
    owner.post("/console/staff/new/", {"name": "Joko", "email": "joko@kopisenja.example", "role": "cashier", **more})
    owner.post(scene.url("console:staff_edit"), {"role": "agent", "email": "a@b.cd", "name": "Mallory", **more})
    joko, budi = Staff.objects.get(email="joko@kopisenja.example"), Staff.objects.get(id=scene.ids["staff_id"])
    assert (joko.is_active, joko.is_demo, joko.language, joko.has_usable_password()) == (True, False, "id", False)
    assert (budi.role, budi.email, budi.name, budi.is_demo) == (
        "agent",
        "budi@kopisenja.example",
        "Budi Santoso",
        False,
    )
    assert joko.created_at == cast.NOW


def test_a_customer_cannot_be_given_more_than_the_form_shows(scene: Scene) -> None:
    more = {"code": "X", "canonical": "1", "canonical_id": "1", "origin_id": "1", "spent_total": "999"}
    verdicts.browser("agent").post(scene.url("console:customer_edit"), {"name": "Dewi", "phone": "08123456789", **more})
    dewi = Customer.objects.get(id=scene.ids["customer_id"])
    assert (dewi.name, dewi.code, dewi.canonical_id, dewi.origin_id) == ("Dewi", "", None, None)
    assert dewi.counters.spent_total == 22_000


def test_an_unknown_role_is_refused(scene: Scene) -> None:
    owner = verdicts.browser("owner")
    for role in ("superuser", "", "OWNER", "owner\x00"):
        assert owner.post(scene.url("console:staff_edit"), {"role": role, "x": "1"}).status_code == 422
    assert Staff.objects.get(id=scene.ids["staff_id"]).role == "cashier"


# Personal data: whole for those who need it, masked for the others, in every page, list and search.

# An id may hold the digits of a year: a year counts where it stands by itself.
SECRETS = (r"3456[ -]?7890", "dewi@contoh", r"(?<!\d)1990(?!\d)", "Jalan Dago 7")
SEARCHES = ("0812-3456-7890", "dewi@contoh.id", "7890", "Dewi")


def dewi_in_full(scene: Scene) -> None:
    """Give Dewi a birthday and an address."""
    dewi = Customer.objects.get(id=scene.ids["customer_id"])
    dewi.birth_date, dewi.address = "1990-05-17", "Jalan Dago 7"
    dewi.save()


def pages_of(person: str, scene: Scene) -> str:
    """Return all a person can read in the console, searches and htmx parts included, without what he typed himself."""
    client = verdicts.browser(person)
    urls = [scene.url(name) for name in VERDICTS if name.startswith("console:") and cell(name, "get", person) == "200"]
    urls += [f"/console/customers/?stage={stage}" for stage in ("everyone", "new", "active", "no_orders")]
    # A PDF file is not text; that no name stands in one is shown where it is made.
    text = "".join(client.get(url).getvalue().decode() for url in urls if not url.endswith((".csv", "/pdf/")))
    for query in SEARCHES:
        for path in ("search", "customers"):
            for headers in ({}, {"HX-Request": "true"}):
                text += client.get(f"/console/{path}/?q={query}", headers=headers).content.decode().replace(query, "")
    return text


@pytest.mark.parametrize("person", ["cashier", "analyst"])
def test_who_may_not_see_personal_data_sees_it_nowhere(scene: Scene, person: str) -> None:
    dewi_in_full(scene)
    text = pages_of(person, scene)
    assert [secret for secret in SECRETS if re.search(secret, text)] == []
    assert [mask for mask in ("•••• 7890", "d•••@contoh.id") if mask not in text] == []


@pytest.mark.parametrize("person", ["owner", "manager", "marketer", "agent"])
def test_who_may_see_personal_data_sees_it(scene: Scene, person: str) -> None:
    dewi_in_full(scene)
    text = pages_of(person, scene)
    assert [whole for whole in ("0812-3456-7890", "dewi@contoh.id", "Jalan Dago 7") if whole not in text] == []


@pytest.mark.parametrize("external", ["081922223333", "tamu@contoh.id"])
def test_a_till_that_numbers_people_by_phone_does_not_show_it_to_the_cashier(scene: Scene, external: str) -> None:
    from setia.domains.customers.actions import add_customer

    claim = PersonClaim.of_member(external, city="Bandung")
    person = add_customer(claim=claim, door="import", by=verdicts.sari_actor(), at=cast.NOW)
    text = verdicts.browser("cashier").get(f"/console/customers/{person.id}/").content.decode()
    assert external not in text


def test_a_look_at_the_form_is_logged_like_a_look_at_the_page(scene: Scene) -> None:
    from setia.foundation.events.models import AccessLog

    verdicts.browser("agent").get(scene.url("console:customer_edit"))
    assert AccessLog.objects.filter(customer_id=scene.ids["customer_id"]).count() == 1


# Odd input ends in a page, never in an error of ours.


def cursor(value: object) -> str:
    """Return a forged cursor."""
    plain = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


LISTS = ("customers", "customers_by_name", "customers_by_spend", "orders", "products", "imports", "timeline", "bought")
FORGED = {
    "no base64": "%FF%FE",
    "a letter": "ä",
    "empty": cursor([]),
    "a number": cursor(5),
    "too few": cursor(["after", []]),
    "words": cursor(["after", ["a", "b"]]),
    "an object": cursor({"after": 1, "x": 2}),
    "beyond 64 bits": cursor(["after", [HUGE, HUGE]]),
    "far before": cursor(["before", [-HUGE, -HUGE]]),
    "truths": cursor(["after", [True, True]]),
    "surrogate": cursor(["after", ["\ud800", 1]]),
    "half": cursor(["after", ["2026-11-22T03:00:00+00:00", HUGE]]),
    "before time": cursor(["after", ["0001-01-01T00:00:00+14:00", 1]]),
    "3,000 digits": cursor(f'["after", [{"9" * 3000}, 1]]'),
    "5,000 digits": cursor(f'["after", [{"9" * 5000}, 1]]'),
    "long text": cursor(["after", ["x" * 3000, 1]]),
}
BROKEN = {
    "nested": cursor("[" * 3000),
    "naive time": cursor(["after", ["2026-01-01", 1]]),
    "NUL inside": cursor(["after", ["\x00", 1]]),
}


def list_urls(scene: Scene) -> dict[str, str]:
    """Return the addresses of all lists that take a cursor."""
    customer = f"/console/customers/{scene.ids['customer_id']}"
    return {
        "customers": "/console/customers/?stage=buyers",
        "customers_by_name": "/console/customers/?stage=everyone&sort=name",
        "customers_by_spend": "/console/customers/?sort=spend",
        "orders": "/console/orders/?outlet=-1",
        "products": "/console/products/?q=",
        "imports": "/console/imports/?page=-1",
        "timeline": f"{customer}/timeline/?show=nothing",
        "bought": f"{customer}/orders/?page=0",
    }


@pytest.mark.parametrize("forged", FORGED)
def test_a_damaged_cursor_shows_the_first_page(scene: Scene, forged: str) -> None:
    owner = verdicts.browser("owner")
    urls = list_urls(scene)
    assert sorted(urls) == sorted(LISTS)
    answers = {name: owner.get(f"{url}&cursor={FORGED[forged]}").status_code for name, url in urls.items()}
    assert answers == dict.fromkeys(LISTS, 200)


@pytest.mark.parametrize("forged", BROKEN)
def test_a_forged_cursor_shows_the_first_page(scene: Scene, forged: str) -> None:
    owner = verdicts.browser("owner")
    for url in list_urls(scene).values():
        with transaction.atomic():
            status = owner.get(f"{url}&cursor={BROKEN[forged]}").status_code
            transaction.set_rollback(True)
        assert status == 200


TEXTS = (
    "%FF%FE",
    "%ED%A0%80",
    "%25%25",
    "'%22;--",
    "a" * 5000,
    "%F0%9F%98%80",
    "AND%20OR%20NEAR(",
    "%D9%A3%D9%A4%D9%A5",
)
PATHS = ("search", "customers", "orders", "products")


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_may_be_looked_for(scene: Scene, text: str) -> None:
    owner = verdicts.browser("owner")
    for path in PATHS:
        for headers in ({}, {"HX-Request": "true"}):
            assert owner.get(f"/console/{path}/?q={text}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["search/?q=a%00b", "customers/?q=%00", "orders/?cursor=%00", "products/?q=%00", "?%00", "%00/", "search/%00"],
)
def test_a_zero_byte_in_the_address_is_refused(scene: Scene, path: str) -> None:
    assert verdicts.browser("owner").get(f"/console/{path}").status_code == 400


def test_a_nul_byte_in_the_cookie_is_a_stranger(db: None) -> None:
    client = Browser(raise_request_exception=False, headers={"Cookie": 'setia="aaaaaaaaaa\\000"'})
    assert client.get("/console/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity_0", "NaN"), ("quantity_0", "1e400"), ("quantity_0", "-1"), ("price_0", "Infinity"), ("price_0", "-1"),
     ("price_0", "0.5"), ("outlet", "abc"), ("outlet", str(HUGE)), ("number", "\x00"), ("once", ""),
     ("number", "9" * 65)],
)  # fmt: skip
def test_an_order_with_odd_input_is_not_written(scene: Scene, field: str, value: str) -> None:
    cashier = verdicts.browser("cashier")
    before = verdicts.rows(counted_only=True)
    typed = {"once": "a", "product_0": "Kopi", "price_0": "1", "quantity_0": "1", field: value}
    assert cashier.post("/console/orders/new/", typed).status_code == 422
    assert verdicts.rows(counted_only=True) == before


@pytest.mark.parametrize("customer", [10**18 + 7, 2**63 - 1, HUGE, "9" * 5000, "x", "-1", "٣"])
def test_an_order_for_nobody_known_is_404_and_never_a_passer_by(scene: Scene, customer: object) -> None:
    typed = {"once": "a", "customer": str(customer), "product_0": "Kopi", "price_0": "1", "quantity_0": "1"}
    assert verdicts.browser("cashier").post("/console/orders/new/", typed).status_code == 404


def test_enormous_orders_are_refused_in_words(scene: Scene) -> None:
    cashier = verdicts.browser("cashier")
    for once in "ab":
        typed = {"once": once, "customer": str(scene.ids["customer_id"])}
        for index in range(8):
            typed |= {f"product_{index}": f"K{index}", f"price_{index}": "9" * 12, f"quantity_{index}": "1000000"}
        assert cashier.post("/console/orders/new/", typed).status_code == 422


def test_an_enormous_amount_of_a_known_product_is_refused_too(scene: Scene) -> None:
    cashier = verdicts.browser("cashier")
    dear = {"once": "a", "product_0": "Mesin", "price_0": "9" * 12, "quantity_0": "1"}
    assert cashier.post("/console/orders/new/", dear).status_code == 302
    for once in "bc":
        typed = {"once": once, "customer": str(scene.ids["customer_id"])}
        for index in range(8):
            typed |= {f"product_{index}": "Mesin", f"quantity_{index}": "1000000"}
        assert cashier.post("/console/orders/new/", typed).status_code == 422


@pytest.mark.parametrize(
    "path", ["/%ff/", "/masuk/%FF%FE/", "/console/customers/-1/", f"/console/orders/{'9' * 5000}/"]
)
def test_an_odd_path_is_a_page(scene: Scene, path: str) -> None:
    assert verdicts.browser("owner").get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("javascript:alert(1)", "/"),
     ("http:///evil.example", "/"), (" //evil.example", "/"), ("\x00//evil.example", "/"),
     ("/console/?a=1", "/console/?a=1"),
     ("/a\r\nSet-Cookie: x=1", "/a%0D%0ASet-Cookie:%20x=1")],
)  # fmt: skip
def test_no_way_leads_out_of_the_shop(db: None, target: str, goes_to: str) -> None:
    assert Browser().post("/language/", {"language": "en", "next": target}).headers["Location"] == goes_to
    cast.staff("budi")
    typed = {"login": "budi@kopisenja.example", "password": "kopi-senja-enak", "next": target}
    assert "evil" not in Browser().post("/account/login/", typed).headers["Location"]


def test_the_list_shows_an_import_that_is_not_written_yet(sari: Client) -> None:
    Import.objects.create(
        file_name="kasir.csv", file_hash="0" * 64, byte_count=1, actor_kind="staff", actor_id=1, created_at=cast.NOW
    )
    assert sari.get("/console/imports/").status_code == 200


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("stranger", "/account/login/"),
        ("cashier", "/console/imports/new/"),
    ],
)
def test_only_who_may_import_can_fill_the_disk(
    monkeypatch: pytest.MonkeyPatch, scene: Scene, person: str, path: str
) -> None:
    laid_down = []
    real = uploadhandler.TemporaryUploadedFile

    def spy(*args: Any, **kwargs: Any) -> Any:
        laid_down.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", spy)
    client = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = verdicts.browser(person).cookies
    client.get("/account/password/reset/")  # brings the cookie, without which nothing is read
    response = super(Browser, client).post(path, {"file": io.BytesIO(b"x" * 2_000_000)})
    assert response.status_code in (403, 413)
    assert laid_down == []


def test_a_zero_byte_in_the_name_of_a_sheet_is_survived(sari: Client) -> None:
    from setia.domains.imports.actions import take_file

    rows = b"Tanggal,No Nota,Produk,Jumlah,Harga\n21/11/2026,N1,Kopi,1,22000\n"
    record = take_file(name="a.csv", blocks=[rows], limit_bytes=10**6, by=verdicts.sari_actor(), at=cast.NOW)
    names = ("placed_at", "invoice", "product", "quantity", "unit_price")
    typed = {f"column_{index}": name for index, name in enumerate(names)}
    assert sari.post(f"/console/imports/{record.id}/options/", {**typed, "sheet": "a\x00"}).status_code == 302
    assert Import.objects.get().state == "checking"


@pytest.mark.parametrize("value", ["x" * 5000, "\x00", "{0}", "-1", str(HUGE)])
def test_odd_choices_for_an_import_are_survived(sari: Client, value: str) -> None:
    from setia.domains.imports.actions import take_file

    rows = b"Tanggal,No Nota,Produk\n21/11/2026,N1,Kopi\n"
    record = take_file(name="a.csv", blocks=[rows], limit_bytes=10**6, by=verdicts.sari_actor(), at=cast.NOW)
    typed = dict.fromkeys(("column_0", "column_1", "currency", "grouping", "decimal_mark", "date_order"), value)
    assert sari.post(f"/console/imports/{record.id}/options/", typed).status_code == 422
    assert sari.get(f"/console/imports/{record.id}/", {"sheet": value.replace("\x00", "")}).status_code in (200, 422)
