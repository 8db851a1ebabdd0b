"""The only outgoing HTTP client: whatever Setia asks of the network by HTTP goes through `fetch`.

Many addresses it is given were typed in by people (webhooks, a till, a vendor's server), so each one is treated as an
attempt to reach the inside of the network (server-side request forgery). It knows nothing of who asks, or why.
"""

import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpcore

from setia import __version__

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Iterable[tuple[Any, ...]]]

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

# Python's own `is_global` will not do: in 3.11 it says True for ::127.0.0.1, 2002:7f00:1:: and 192.0.0.192. These
# are the special-purpose ranges of https://www.iana.org/assignments/iana-ipv4-special-registry, and one more.
REFUSED_IPV4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # looks public, but answers inside every Azure machine with its configuration
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Everything outside 2000::/3 is refused already, and with it ::/96 (IPv4-compatible) and 64:ff9b:1::/48 (local NAT64).
# 6to4 and Teredo carry an IPv4 address, but no service lives there any more, so they are refused whole.
REFUSED_IPV6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments, Teredo (2001::/32) among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
# DNS64 gives these to machines that have IPv6 only, for every host of the IPv4 internet: judged by what they embed.
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP_MARKS = frozenset({0x00005EFE, 0x02005EFE})

_UNREADABLE = re.compile(r"[^\x21-\x7e]|\\")
_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
# What frames the message or names its receiver is ours alone: a second Host or length is how requests are smuggled.
_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)


class UnableToFetch(Exception):
    """No answer could be had. `reason` is a plain English clause without any part of the address but its host."""

    def __init__(self, reason: str) -> None:
        """Keep the reason where a caller can store it."""
        super().__init__(reason)
        self.reason = reason


class UnsafeAddress(UnableToFetch):
    """The address is malformed, or leads where no stranger may send us; nothing was connected to."""


class AnswerTooLarge(UnableToFetch):
    """The answer's body has more bytes than the caller takes; what had been read is thrown away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said.

    `headers` have lower-case names, repeated ones joined by ", ". `body` is as sent: should a server compress against
    our wish, it stays compressed (see its content-encoding), because unpacking is how a small answer fills memory.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class _Target:
    """One address, read once; nothing reads it a second time, so no two readers can disagree about the host."""

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


class _Deadline:
    """One span of time for the whole exchange, from the name's look-up to the last byte."""

    def __init__(self, seconds: float) -> None:
        self._started = time.monotonic()
        self._seconds = seconds

    def elapsed(self) -> float:
        return time.monotonic() - self._started

    def remaining(self) -> float:
        left = self._seconds - self.elapsed()
        if left <= 0:
            raise TimeoutError
        return left


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_seconds: float = 10.0,
    max_bytes: int = 1_000_000,
    allow_networks: tuple[Network, ...] = (),
    allow_plain_http: bool = False,
    resolver: Resolver | None = None,
) -> Answer:
    """Send one request and return the server's answer, whatever its status.

    The name is resolved once; every address it resolves to must be public or inside `allow_networks` (for a till on
    the shop's own network); the connection goes to one of exactly these addresses, while TLS still checks the name.
    Redirects are not followed: a 3xx is an answer. Nothing is retried and no connection is kept. Proxy settings in
    the environment are not read, since a proxy would resolve the name again. `timeout_seconds` is for everything
    together; `max_bytes` counts the body. `resolver` is `socket.getaddrinfo` unless a test brings its own.

    Raises UnsafeAddress before anything is sent, AnswerTooLarge, and UnableToFetch (their base) for all else,
    also for a header or method that could not be sent as it stands.
    """
    deadline = _Deadline(timeout_seconds)
    target = _read_url(url, allow_plain_http=allow_plain_http)
    sent_headers = _request_headers(headers or {}, target)
    if method not in METHODS:
        raise UnableToFetch(f"the method {method[:20]!r} is not one we send")
    if body is None and method in {"POST", "PUT", "PATCH"}:
        body = b""
    try:
        addresses = _addresses(target, resolver or socket.getaddrinfo, deadline)
        _refuse_unsafe(target, addresses, allow_networks)
        status, raw_headers, content = _exchange(method, target, addresses, sent_headers, body, deadline, max_bytes)
    except TimeoutError:
        raise UnableToFetch(f"{target.host} gave no complete answer within {timeout_seconds:g} seconds") from None
    except ssl.SSLCertVerificationError as error:
        raise UnableToFetch(f"the certificate of {target.host} is not valid: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise UnableToFetch(f"no secure connection with {target.host} was possible") from error
    except OSError as error:
        raise UnableToFetch(f"the connection to {target.host} failed: {error.strerror or error}") from error
    except httpcore.ProtocolError as error:
        raise UnableToFetch(f"{target.host} did not answer in proper HTTP") from error
    return Answer(status, _readable_headers(raw_headers), content, deadline.elapsed())


def _read_url(url: str, *, allow_plain_http: bool) -> _Target:
    # urlsplit quietly drops tabs and line breaks and other readers take "\" for "/", so both are refused beforehand.
    if _UNREADABLE.search(url):
        raise UnsafeAddress("the address has a space, a backslash, a control character or a letter outside ASCII")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UnsafeAddress("the address cannot be read") from None
    if parts.scheme not in {"https", "http"}:
        raise UnsafeAddress("the address must begin with https://")
    if parts.scheme == "http" and not allow_plain_http:
        raise UnsafeAddress("the address must begin with https://, not http://")
    if "@" in parts.netloc:
        raise UnsafeAddress("the address must not contain a user name or password")
    match = _AUTHORITY.fullmatch(parts.netloc)
    if match is None:
        raise UnsafeAddress("the address has no readable host name and port")
    port = int(match["port"] or {"https": 443, "http": 80}[parts.scheme])
    host = (match["six"] or match["name"]).lower()
    # The fragment is left out on purpose: it is never meant for a server.
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.scheme, host, port, path, _literal(host, is_six=match["six"] is not None))


def _literal(host: str, *, is_six: bool) -> Address | None:
    try:
        if is_six:
            return IPv6Address(host)
        labels = host.split(".")
        # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to a resolver: only the plain form may be a number.
        if _NUMERIC_LABEL.fullmatch(labels[-1]):
            return IPv4Address(host)
    except ValueError:
        raise UnsafeAddress("the host is a number, but not a plain IP address") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnsafeAddress("the host is not a valid name")
    return None


def _request_headers(headers: Mapping[str, str], target: _Target) -> list[tuple[str, str]]:
    chosen = {"user-agent": ("User-Agent", f"Setia/{__version__}"), "accept": ("Accept", "*/*")}
    for name, value in headers.items():
        # Neither the name nor the value is repeated in the reason: one of them may be a key.
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise UnableToFetch("a header has a line break, a control character or a letter outside ASCII")
        if name.lower() in _OWN_HEADERS or name.lower().startswith("proxy-"):
            raise UnableToFetch(f"the header {name} cannot be set by the caller")
        chosen[name.lower()] = (name, value.strip())
    return [
        ("Host", target.host_header),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
        *chosen.values(),
    ]


def _addresses(target: _Target, resolver: Resolver, deadline: _Deadline) -> list[Address]:
    if target.literal is not None:
        return [_unmapped(target.literal)]
    answers: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(resolver(target.host, target.port)))
        except Exception as error:
            answers.put(error)

    # getaddrinfo knows no timeout, so it runs in a thread that we may leave behind: it ends when the resolver gives up.
    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        found = answers.get(timeout=deadline.remaining())
    except queue.Empty:
        raise UnableToFetch(f"the name {target.host} was not resolved in time") from None
    if isinstance(found, OSError | UnicodeError):
        raise UnableToFetch(f"the name {target.host} cannot be resolved") from found
    if isinstance(found, Exception):
        raise found
    if not found:
        raise UnableToFetch(f"the name {target.host} has no address")
    try:
        return list(dict.fromkeys(_unmapped(ipaddress.ip_address(entry[4][0])) for entry in found))
    except ValueError:
        raise UnsafeAddress(f"the name {target.host} leads to something that is not an IP address") from None


def _unmapped(address: Address) -> Address:
    # ::ffff:a.b.c.d is IPv4 spoken through an IPv6 socket: the same host, so it is judged and dialled as IPv4.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _refuse_unsafe(target: _Target, addresses: Sequence[Address], allow_networks: tuple[Network, ...]) -> None:
    # One unsafe address among ten refuses them all: a server that mixes them is waiting for us to take the wrong one.
    for address in addresses:
        if any(address in network for network in allow_networks):
            continue
        if not is_public(address):
            raise UnsafeAddress(f"{target.host} lies in a private or reserved network")
        if target.port not in PUBLIC_PORTS:
            raise UnsafeAddress(f"the port {target.port} is not one of {', '.join(map(str, sorted(PUBLIC_PORTS)))}")


def is_public(address: Address) -> bool:
    """Tell whether this address belongs to the open internet, looking through mapped and NAT64 forms of IPv4."""
    address = _unmapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in REFUSED_IPV4)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if (int(address) >> 32) & 0xFFFFFFFF in ISATAP_MARKS:
        return False
    return address in GLOBAL_UNICAST and not any(address in network for network in REFUSED_IPV6)


def _exchange(
    method: str,
    target: _Target,
    addresses: Sequence[Address],
    headers: list[tuple[str, str]],
    body: bytes | None,
    deadline: _Deadline,
    max_bytes: int,
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    connection = httpcore.HTTPConnection(
        origin=url.origin,
        ssl_context=_tls_context() if target.scheme == "https" else None,
        network_backend=_PinnedBackend(addresses, deadline),
    )
    content = bytearray()
    with connection, connection.stream(method, url, headers=headers, content=body) as response:
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > max_bytes:
                raise AnswerTooLarge(f"the answer of {target.host} has more than {max_bytes} bytes")
        return response.status, response.headers, bytes(content)


@cache
def _tls_context() -> ssl.SSLContext:
    # Reading the root certificates takes some 20 ms, as long as a request; a renewed bundle waits for the next start.
    return httpcore.default_ssl_context()


def _readable_headers(pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    collected: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        collected[name] = f"{collected[name]}, {value}" if name in collected else value
    return MappingProxyType(collected)


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked addresses only, whatever host it is asked for, and never resolves anything."""

    def __init__(self, addresses: Sequence[Address], deadline: _Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure = OSError("no address")
        for position, address in enumerate(self._addresses):
            # Each address gets a fair share of what is left, so that one dead IPv6 route does not use it all up.
            share_seconds = self._deadline.remaining() / (len(self._addresses) - position)
            try:
                return _DeadlineStream(_open_socket(address, port, share_seconds), self._deadline)
            except OSError as error:
                failure = error
        raise failure


def _open_socket(address: Address, port: int, timeout_seconds: float) -> socket.socket:
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_seconds)
        connection.connect((str(address), port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


class _DeadlineStream(httpcore.NetworkStream):
    """A socket whose every wait is cut to what remains of the deadline; httpcore's own waits begin anew each time."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._socket = connection
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.remaining())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._deadline.remaining())
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                raise
            except OSError as error:
                # httpcore then still reads: a server may refuse a large body early, with an answer that says why.
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(self._deadline.remaining())
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _DeadlineStream(secured, self._deadline)
