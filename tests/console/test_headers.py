"""Headers and cookies of every answer, and whom X-Forwarded-* is believed from."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from setia.console.middleware import security_headers, trusted_proxies
from setia.domains.staff.models import FailedLogin
from tests import cast
from tests.console import verdicts
from tests.console.verdicts import VERDICTS, Browser

pytestmark = pytest.mark.django_db

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def missing_headers(response: HttpResponse, *, is_static: bool = False) -> list[str]:
    """Return which protections an answer lacks."""
    wrong = [name for name, value in EXPECTED.items() if response.headers.get(name) != value]
    policy = dict(part.split(" ", 1) for part in response.headers.get("Content-Security-Policy", "x x").split("; "))
    wrong += [f"CSP {name}" for name, value in POLICY.items() if policy.get(name) != value]
    wrong += [word for word in ("unsafe-inline", "unsafe-eval", "*", "http:") if word in str(policy)]
    permissions = response.headers.get("Permissions-Policy", "")
    wrong += [f"permits {name}" for name in ("geolocation", "microphone", "payment") if f"{name}=()" not in permissions]
    if not is_static and "no-store" not in response.headers.get("Cache-Control", ""):
        wrong.append("Cache-Control")
    return wrong


@pytest.mark.parametrize("person", ["stranger", "owner", "cashier"])
def test_every_address_answers_with_all_headers(person: str) -> None:
    """Pages, redirects, refusals, downloads: by GET and by POST."""
    scene, client = verdicts.scene(), verdicts.browser(person)
    wrong = {}
    for name in VERDICTS:
        verdicts.lay_refused_rows(scene.ids["import_id"])
        for method in ("get", "post") if name != "account_logout" else ("get",):
            response = getattr(client, method)(scene.url(name))
            verdicts.put_away(response)
            if found := missing_headers(response):
                wrong[f"{name} {method}"] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/no/such/page/", {}, 404),
        ("/console", {}, 301),
        ("/console/search/?q=%00", {}, 400),
        ("/console/", {"Host": "evil.example"}, 400),
        ("/console/imports/1/", {}, 404),
        ("/console/notes/", {}, 404),
        ("/health/", {}, 200),
    ],
)
def test_errors_have_the_headers_too(sari: Client, path: str, headers: dict[str, str], status: int) -> None:
    response = sari.get(path, headers=headers)
    assert (response.status_code, missing_headers(response)) == (status, [])


def test_an_error_of_ours_has_the_headers_too(sari: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RuntimeError("0812-3456-7890")

    monkeypatch.setattr("setia.console.context.the_shop", broken)
    sari.raise_request_exception = False
    response = sari.get("/console/customers/")
    assert (response.status_code, missing_headers(response)) == (500, [])
    assert "7890" not in response.content.decode()


def test_static_files_have_the_headers_but_may_be_kept() -> None:
    (Path(settings.STATIC_ROOT) / "a.txt").write_text("a")
    response = Browser().get("/static/a.txt")
    verdicts.put_away(response)
    if response.status_code != 200:  # WhiteNoise reads its folder when it starts; a missing file is an answer as well
        assert response.status_code == 404
    assert missing_headers(response, is_static=True) == []


def test_a_view_may_be_stricter_but_nobody_forgets() -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse("", headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    response = security_headers(view)(RequestFactory().get("/"))
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert missing_headers(response) == ["Referrer-Policy"]


def test_no_page_holds_a_script_or_style_of_its_own() -> None:
    """The policy forbids them, so one that slipped in would be a page that does not work."""

    class Inline(HTMLParser):
        found: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names = dict(attrs)
            is_code = tag == "script" and "src" not in names and names.get("type") != "application/json"
            on = [name for name in names if name.startswith("on") or name == "style"]
            Inline.found += [f"{page}: {tag} {on}"] if is_code or tag == "style" or on else []

    scene, client = verdicts.scene(), verdicts.browser("owner")
    for page, (get, _) in VERDICTS.items():
        if get.split()[2] == "200" and not page.endswith(("_file", "_refused")):  # files are no pages
            answer = client.get(scene.url(page))
            if answer.headers["Content-Type"].startswith("text/html"):
                Inline().feed(answer.content.decode())
    assert Inline.found == []


# Cookies.


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    cast.staff("budi")
    client = Browser()
    client.get("/account/login/")
    client.post("/account/login/", {"login": "budi@kopisenja.example", "password": "kopi-senja-enak"})
    client.post("/language/", {"language": "en"})
    assert {"setia", "setia-csrf", "setia-language"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


ON_THE_NETWORK = {"DJANGO_SETTINGS_MODULE": "setia.config.settings", "SETIA_URL": "https://toko.example"}


def test_no_cookie_holds_the_name_of_a_customer(sari: Client) -> None:
    sari.post("/console/customers/new/", {"name": "Dewi Lestari"})
    assert "messages" not in sari.cookies


def in_a_shop_on_the_network(script: str, **environment: str) -> Any:
    """Run a script in a process of its own whose SETIA_URL is https; return what it prints as JSON."""
    head = "import json, django; from django.conf import settings; django.setup(); from django.test import *\n"
    keep = {name: os.environ[name] for name in ("PATH", "SETIA_HOME", "LANG") if name in os.environ}
    answer = subprocess.run(
        [sys.executable, "-c", head + script],
        env={**keep, **ON_THE_NETWORK, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    return json.loads(answer.stdout.splitlines()[-1])


def test_on_the_network_cookies_are_bound_to_the_host_and_to_https() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
             "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "SECURE_HSTS_SECONDS",
             "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS",
             "DEBUG", "DEMO", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN")  # fmt: skip
    found = in_a_shop_on_the_network(f"print(json.dumps([getattr(settings, name) for name in {names!r}]))")
    assert dict(zip(names, found, strict=True)) == {
        "SESSION_COOKIE_NAME": "__Host-setia", "CSRF_COOKIE_NAME": "__Host-setia-csrf",
        "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SESSION_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_DOMAIN": None, "SESSION_COOKIE_PATH": "/", "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_SSL_REDIRECT": True, "ALLOWED_HOSTS": ["toko.example"],
        "CSRF_TRUSTED_ORIGINS": ["https://toko.example"], "DEBUG": False, "DEMO": False,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
    }  # fmt: skip


ASK = """
def seen(**meta):
    r = Client(raise_request_exception=False).get('/account/login/', SERVER_NAME='toko.example', **meta)
    return [r.status_code, r.headers.get('Location', ''), 'Strict-Transport-Security' in r.headers]
print(json.dumps([seen(), seen(secure=True), seen(HTTP_X_FORWARDED_PROTO='https', REMOTE_ADDR='10.0.0.1'),
                  seen(HTTP_X_FORWARDED_PROTO='https', REMOTE_ADDR='9.9.9.9')]))
"""


def test_without_a_proxy_plain_http_is_sent_on_and_no_header_talks_it_out_of_that() -> None:
    onward = [301, "https://toko.example/account/login/", False]
    plain, secure, by_header, by_stranger = in_a_shop_on_the_network(ASK)
    assert [plain, by_header, by_stranger] == [onward] * 3
    assert secure[0] != 301
    assert secure[2] is True


def test_behind_a_proxy_its_word_counts_and_nobody_elses() -> None:
    plain, _, by_proxy, by_stranger = in_a_shop_on_the_network(ASK, SETIA_TRUSTED_PROXIES="10.0.0.0/8")
    assert by_proxy[0] != 301
    assert by_proxy[2] is True
    assert [plain[0], by_stranger[0]] == [301, 301]
    assert by_stranger[2] is False


# X-Forwarded-*.


def seen_through(proxies: tuple[str, ...], **meta: str) -> tuple[str, str]:
    """Return address and scheme as the views see them."""
    found: list[tuple[str, str]] = []

    def view(request: Any) -> HttpResponse:
        found.append((request.META["REMOTE_ADDR"], request.scheme))
        assert "HTTP_X_FORWARDED_FOR" not in request.META
        return HttpResponse()

    with override_settings(TRUSTED_PROXIES=proxies):
        trusted_proxies(view)(RequestFactory().get("/", **meta))
    return found[0]


@pytest.mark.parametrize(
    ("proxies", "peer", "chain", "address"),
    [
        ((), "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        ((), "127.0.0.1", "1.1.1.1", "127.0.0.1"),
        (("10.0.0.0/8",), "9.9.9.9", "1.1.1.1", "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", "1.1.1.1", "1.1.1.1"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (("10.0.0.0/8",), "10.0.0.1", "", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", " , ,", "10.0.0.1"),
        (("::1/128",), "::1", "2001:db8::7", "2001:db8::7"),
        (("10.0.0.0/8",), "", "1.1.1.1", ""),
    ],
)
def test_an_address_is_believed_from_listed_proxies_only(
    proxies: tuple[str, ...], peer: str, chain: str, address: str
) -> None:
    assert seen_through(proxies, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=chain)[0] == address


@pytest.mark.parametrize(("peer", "said", "scheme"), [
    ("9.9.9.9", "https", "http"), ("10.0.0.1", "https", "https"), ("10.0.0.1", "javascript", "http"),
    ("10.0.0.1", "http", "http"), ("10.0.0.1", "https, http", "http"),
])  # fmt: skip
def test_a_scheme_is_believed_from_listed_proxies_only(peer: str, said: str, scheme: str) -> None:
    assert seen_through(("10.0.0.0/8",), REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO=said)[1] == scheme


@pytest.mark.parametrize("hop", ["unknown", "1.1.1.1:5678", "[2001:db8::7]:443", "x" * 300])
def test_a_chain_that_holds_no_address_leaves_one(hop: str) -> None:
    import ipaddress

    ipaddress.ip_address(seen_through(("10.0.0.0/8",), REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=hop)[0])


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP"])
def test_a_stranger_does_not_choose_under_which_address_he_fails(header: str) -> None:
    cast.staff("budi")
    typed = {"login": "budi@kopisenja.example", "password": "wrong"}
    Browser().post("/account/login/", typed, headers={header: "6.6.6.6"}, REMOTE_ADDR="9.9.9.9")
    assert FailedLogin.objects.get().address == "9.9.9.9"


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"])
def test_other_headers_lead_nowhere(header: str) -> None:
    response = Browser().get("/console/", headers={header: "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (302, "/account/login/?next=/console/")
