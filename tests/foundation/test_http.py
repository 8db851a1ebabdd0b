"""The outgoing client: it dials only addresses it has checked, and never waits or reads without end."""

import datetime
import gzip
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from setia.foundation import http
from setia.foundation.http import Answer, AnswerTooLarge, UnableToFetch, UnsafeAddress, fetch

PUBLIC = "93.184.216.34"
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)

# Every spelling of an inner address we know; the resolver of these tests answers 127.0.0.1 to all names, as libc does
# to the numeric ones.
# fmt: off
INNER_HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0177.0.0.1", "0x7f000001", "0x7f.0.0.1",
    "0x7F.1", "0x", "127.0.0.01", "127.0.0.1.", "0", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1",
    "100.100.100.200", "100.127.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.254",
    "192.0.0.192", "192.0.2.7", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]",
    "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]",
    "[64:ff9b:1:ffff::8.8.8.8]", "[2001:0:7f00:1::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[2400:cb00::5efe:127.0.0.1]", "[100::1]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]",
    "localhost", "metadata.google.internal", "localtest.me",
]
# fmt: on

MALFORMED_URLS = [
    "",
    "example.com",
    "https:///path",
    "https://",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "file:///etc/passwd",
    "dict://127.0.0.1:11211/stat",
    "https:example.com",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://127.0.0.1?@example.com/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com /",
    "https://example.com\r\nX-Evil: 1/",
    "https://example.com/\x00",
    "https://exam\tple.com/",
    "https://127\u30020\u30020\u30021/",
    "https://example\uff0ecom/",
    "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "https://ex\u00e4mple.com/",
    "https://example..com/",
    "https://-example.com/",
    f"https://{'a' * 64}.com/",
    f"https://{'a.' * 127}com/",
    "https://%31%32%37.0.0.1/",
    "https://[::1/",
    "https://[::1]example.com/",
    "https://[127.0.0.1]/",
    "https://example.com:/",
    "https://example.com:80:443/",
    "https://example.com:99999/",
]


def resolve_to(*addresses: str) -> http.Resolver:
    """Return a resolver that gives these addresses to every name."""

    def resolver(host: str, port: int) -> list[tuple[Any, ...]]:
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolver


@pytest.fixture
def dials(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return the list of all that any socket of this process is told to connect to; nothing is let through."""
    seen: list[tuple[str, int]] = []

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        seen.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    return seen


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", INNER_HOSTS)
def test_inner_address_is_refused_before_any_connect(host: str, scheme: str, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress):
        fetch("GET", f"{scheme}://{host}/", allow_plain_http=True, resolver=resolve_to("127.0.0.1"))
    assert dials == []


@pytest.mark.parametrize("url", MALFORMED_URLS)
def test_malformed_url_is_refused_before_any_connect(url: str, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress):
        fetch("GET", url, allow_plain_http=True, resolver=resolve_to(PUBLIC))
    assert dials == []


@pytest.mark.parametrize(
    "address", [host.strip("[]") for host in INNER_HOSTS if host.startswith("[") and "%" not in host]
)
def test_name_that_resolves_to_inner_ipv6_is_refused(address: str, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress, match="private or reserved"):
        fetch("GET", "https://hook.example/", resolver=resolve_to(address))
    assert dials == []


@pytest.mark.parametrize(
    ("address", "dialled"),
    [
        (PUBLIC, PUBLIC),
        ("2606:2800:220:1::1", "2606:2800:220:1::1"),
        ("64:ff9b::5db8:d822", "64:ff9b::5db8:d822"),
        ("::ffff:93.184.216.34", PUBLIC),
    ],
)
def test_public_address_is_dialled_as_checked(address: str, dialled: str, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnableToFetch, match=r"^the connection to hook.example failed: Connection refused$"):
        fetch("GET", "https://hook.example/", resolver=resolve_to(address))
    assert dials == [(dialled, 443)]


@pytest.mark.parametrize("addresses", [(PUBLIC, "127.0.0.1"), ("127.0.0.1", PUBLIC), (PUBLIC, "::1"), (PUBLIC, "x")])
def test_one_unsafe_address_refuses_all(addresses: tuple[str, str], dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress):
        fetch("GET", "https://hook.example/", resolver=resolve_to(*addresses))
    assert dials == []


def test_rebinding_name_is_dialled_where_it_was_checked(dials: list[tuple[str, int]]) -> None:
    answers = [PUBLIC, "127.0.0.1"]

    def rebinding(host: str, port: int) -> list[tuple[Any, ...]]:
        return [(0, 1, 6, "", (answers.pop(0), port))]

    with pytest.raises(UnableToFetch, match="Connection refused"):
        fetch("GET", "https://hook.example/", resolver=rebinding)
    assert (dials, answers) == ([(PUBLIC, 443)], ["127.0.0.1"])
    with pytest.raises(UnsafeAddress):
        fetch("GET", "https://hook.example/", resolver=rebinding)
    assert dials == [(PUBLIC, 443)]


@pytest.mark.parametrize("port", [0, 22, 25, 81, 3306, 6379, 9200])
def test_odd_port_is_refused(port: int, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress, match=rf"^the port {port} is not one of 80, 443, 8080, 8443$"):
        fetch("GET", f"https://{PUBLIC}:{port}/")
    assert dials == []


def test_allowed_network_does_not_open_odd_ports_of_public_hosts(dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress, match="the port 25"):
        fetch("GET", f"https://{PUBLIC}:25/", allow_networks=LOOPBACK)
    assert dials == []


def test_address_outside_the_allowed_network_stays_refused(dials: list[tuple[str, int]]) -> None:
    till = (ipaddress.ip_network("192.168.7.0/24"),)
    for host in ("192.168.8.1", "10.0.0.1", "[64:ff9b::192.168.7.1]"):
        with pytest.raises(UnsafeAddress):
            fetch("GET", f"https://{host}/", allow_networks=till)
    assert dials == []
    with pytest.raises(UnableToFetch, match="Connection refused"):
        fetch("GET", "https://192.168.7.1:9000/", allow_networks=till)
    assert dials == [("192.168.7.1", 9000)]


def test_refused_url_is_told_what_is_wrong_with_it(dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress, match=r"^the address must not contain a user name or password$"):
        fetch("GET", f"https://user:secret@{PUBLIC}/")
    with pytest.raises(UnsafeAddress, match=r"^the host is a number, but not a plain IP address$"):
        fetch("GET", "https://0x7f.1/")
    assert dials == []


def test_plain_http_needs_permission(dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnsafeAddress, match=r"^the address must begin with https://, not http://$"):
        fetch("GET", f"http://{PUBLIC}/")
    assert dials == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Note": "a\r\nX-Evil: 1"},
        {"X-Note": "a\n"},
        {"X-Note": "a\x00b"},
        {"X-Note": "\u00e9"},
        {"X-Note\r\nX-Evil": "1"},
        {"X Note": "1"},
        {"": "1"},
        {"Host": "127.0.0.1"},
        {"content-LENGTH": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Accept-Encoding": "gzip"},
        {"Proxy-Authorization": "x"},
    ],
)
def test_smuggling_header_is_refused(headers: dict[str, str], dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnableToFetch, match="header"):
        fetch("GET", f"https://{PUBLIC}/", headers=headers)
    assert dials == []


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET", ""])
def test_unknown_method_is_refused(method: str, dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnableToFetch, match="is not one we send"):
        fetch(method, f"https://{PUBLIC}/")
    assert dials == []


def test_unresolvable_name_says_so(dials: list[tuple[str, int]]) -> None:
    def nowhere(host: str, port: int) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(UnableToFetch, match=r"^the name hook.example cannot be resolved$"):
        fetch("GET", "https://hook.example/", resolver=nowhere)
    with pytest.raises(UnableToFetch, match=r"^the name hook.example has no address$"):
        fetch("GET", "https://hook.example/", resolver=resolve_to())
    assert dials == []


def test_fault_inside_the_resolver_is_not_swallowed() -> None:
    def broken(host: str, port: int) -> list[tuple[Any, ...]]:
        raise LookupError("a fault of ours")

    with pytest.raises(LookupError, match="a fault of ours"):
        fetch("GET", "https://hook.example/", resolver=broken)


def test_reason_never_repeats_path_or_key(dials: list[tuple[str, int]]) -> None:
    with pytest.raises(UnableToFetch) as caught:
        fetch("GET", f"https://{PUBLIC}/hook/s3cret?token=s3cret", headers={"X-Key": "s3cret"})
    assert "s3cret" not in caught.value.reason
    assert caught.value.reason == str(caught.value)


class Shop(ThreadingHTTPServer):
    """A real server on loopback that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ShopHandler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.names: list[str | None] = []
        self.closing = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up in the middle of an answer, which is what most of these tests do."""

    def url(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"


class ShopHandler(BaseHTTPRequestHandler):
    """Answers by path."""

    server: Shop
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output clean."""

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((self.command, self.path, dict(self.headers.items()), body))
        match self.path.partition("?")[0]:
            case "/redirect":
                self.answer(302, b"", Location=self.server.url("/inner"))
            case "/bytes":
                self.answer(200, b"x" * 1000)
            case "/endless":
                self.send_response(200)
                self.end_headers()
                while not self.server.closing.is_set():
                    self.wfile.write(b"x" * 4096)
            case "/gzip":
                self.answer(200, gzip.compress(b"0" * 1_000_000), Content_Encoding="gzip")
            case "/silent":
                self.server.closing.wait(5)
            case "/trickle":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for _ in range(100):  # ends in two seconds, so that a client without a deadline fails and does not hang
                    self.server.closing.wait(0.02)
                    self.wfile.write(b"X-Padding: more\r\n")
            case "/noise":
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
                self.close_connection = True
            case _:
                self.answer(404, b"tidak ada", X_Twice="a")

    def do_GET(self) -> None:
        self.serve()

    def do_HEAD(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Return a server that is stopped, with all it had open, when the test ends."""
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(method: str, url: str, **options: Any) -> Answer:
    """Fetch with loopback and plain HTTP allowed."""
    return fetch(method, url, allow_networks=LOOPBACK, allow_plain_http=True, **{"timeout_seconds": 5, **options})


def test_any_status_is_an_answer(shop: Shop) -> None:
    answer = ask("GET", shop.url("/nothing?a=1#part"))
    assert (answer.status, answer.body) == (404, b"tidak ada")
    assert answer.headers["x-twice"] == "a"
    assert 0 < answer.elapsed_seconds < 5
    method, path, headers, _ = shop.requests[0]
    assert (method, path, headers["Host"]) == ("GET", "/nothing?a=1", f"127.0.0.1:{shop.server_port}")
    assert (headers["Accept-Encoding"], headers["Connection"]) == ("identity", "close")


def test_body_and_headers_arrive_unchanged(shop: Shop) -> None:
    body = json.dumps({"member": "Dewi"}).encode()
    ask("POST", shop.url("/hook"), headers={"Content-Type": "application/json", "X-Key": " k "}, body=body)
    method, _, headers, received = shop.requests[0]
    assert (method, received) == ("POST", body)
    assert (headers["Content-Type"], headers["X-Key"]) == ("application/json", "k")


def test_post_without_body_states_its_length(shop: Shop) -> None:
    ask("POST", shop.url("/hook"))
    assert shop.requests[0][2]["Content-Length"] == "0"


def test_redirect_is_an_answer_and_is_not_followed(shop: Shop) -> None:
    answer = ask("GET", shop.url("/redirect"))
    assert (answer.status, answer.headers["location"]) == (302, shop.url("/inner"))
    assert [request[1] for request in shop.requests] == ["/redirect"]


def test_body_of_exactly_the_limit_passes_and_one_byte_more_does_not(shop: Shop) -> None:
    assert len(ask("GET", shop.url("/bytes"), max_bytes=1000).body) == 1000
    with pytest.raises(AnswerTooLarge, match=r"^the answer of 127.0.0.1 has more than 999 bytes$"):
        ask("GET", shop.url("/bytes"), max_bytes=999)


def test_endless_body_is_cut_at_the_limit(shop: Shop) -> None:
    with pytest.raises(AnswerTooLarge):
        ask("GET", shop.url("/endless"), max_bytes=100_000)


def test_head_has_no_body(shop: Shop) -> None:
    answer = ask("HEAD", shop.url("/bytes"), max_bytes=0)
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "1000", b"")


def test_unwanted_compression_is_not_unpacked(shop: Shop) -> None:
    answer = ask("GET", shop.url("/gzip"), max_bytes=2000)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == b"0" * 1_000_000


@pytest.mark.parametrize("path", ["/silent", "/trickle"])
def test_slow_answer_ends_at_the_deadline(path: str, shop: Shop) -> None:
    started = time.monotonic()
    with pytest.raises(UnableToFetch, match=r"^127.0.0.1 gave no complete answer within 0.2 seconds$"):
        ask("GET", shop.url(path), timeout_seconds=0.2)
    assert 0.15 < time.monotonic() - started < 2


def test_server_that_reads_nothing_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(UnableToFetch, match=r"within 0.2 seconds$"):
            ask("POST", url, body=b"x" * 50_000_000, timeout_seconds=0.2)
        assert time.monotonic() - started < 0.9


def test_resolver_that_hangs_ends_at_the_deadline() -> None:
    released = threading.Event()

    def hanging(host: str, port: int) -> list[tuple[Any, ...]]:
        released.wait(5)
        return []

    with pytest.raises(UnableToFetch, match=r"^the name hook.example was not resolved in time$"):
        fetch("GET", "https://hook.example/", resolver=hanging, timeout_seconds=0.1)
    released.set()


def test_noise_is_not_an_answer(shop: Shop) -> None:
    with pytest.raises(UnableToFetch, match=r"^127.0.0.1 did not answer in proper HTTP$"):
        ask("GET", shop.url("/noise"))


def test_dead_address_gives_way_to_the_next(shop: Shop) -> None:
    answer = ask("GET", shop.url("/", host="till.example"), resolver=resolve_to("127.0.0.2", "127.0.0.1"))
    assert answer.status == 404
    assert shop.requests[0][2]["Host"] == f"till.example:{shop.server_port}"


def test_proxy_in_the_environment_is_not_used(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask("GET", shop.url("/")).status == 404


def make_certificate(folder: Path, host: str) -> ssl.SSLContext:
    """Write a self-signed `ca.pem` for this host and return the context of a server that uses it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kopi Senja")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


@pytest.fixture
def secure_shop(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Return the server speaking TLS as till.example, with a certificate this process trusts."""
    context = make_certificate(tmp_path, "till.example")
    context.sni_callback = lambda _socket, name, _context: shop.names.append(name)
    shop.socket = context.wrap_socket(shop.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    http._tls_context.cache_clear()
    yield shop
    http._tls_context.cache_clear()


def test_tls_checks_the_name_while_the_address_is_pinned(secure_shop: Shop) -> None:
    url = secure_shop.url("/", scheme="https", host="till.example")
    assert ask("GET", url, resolver=resolve_to("127.0.0.1")).status == 404
    assert secure_shop.names == ["till.example"]


def test_certificate_of_another_name_is_refused(secure_shop: Shop) -> None:
    url = secure_shop.url("/", scheme="https", host="bank.example")
    with pytest.raises(UnableToFetch, match=r"^the certificate of bank.example is not valid: Hostname mismatch"):
        ask("GET", url, resolver=resolve_to("127.0.0.1"))
    assert secure_shop.requests == []


def test_server_without_tls_is_not_spoken_to(shop: Shop) -> None:
    with pytest.raises(UnableToFetch, match=r"^no secure connection with 127.0.0.1 was possible$"):
        ask("GET", shop.url("/", scheme="https"))
    assert shop.requests == []
