"""One letter to a mail server. Reads `SETIA_MAIL_URL`; says what went wrong and whether trying again can help."""

import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from setia.domains.mail.models import Letter

TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class BadMailAddress(Exception):
    """Raised for a `SETIA_MAIL_URL` that is none, with what is wrong about it."""


class NotSent(Exception):
    """Raised when a letter was not taken. `for_good`: the server will never take it."""

    def __init__(self, problem: str, *, for_good: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over."""

    host: str
    port: int
    user: str
    password: str
    scheme: str


def mail_server(address: str) -> MailServer | None:
    """Return the server an address names, None for an empty one; raises BadMailAddress."""
    if not address.strip():
        return None
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError as error:
        raise BadMailAddress(f"SETIA_MAIL_URL cannot be read: {error}") from None
    if parts.scheme not in _PORTS:
        raise BadMailAddress(f"SETIA_MAIL_URL begins with one of {', '.join(f'{name}://' for name in _PORTS)}.")
    if not parts.hostname:
        raise BadMailAddress("SETIA_MAIL_URL names no host.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user and parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise BadMailAddress("SETIA_MAIL_URL would send a password in the clear; use smtp+starttls:// or smtps://.")
    return MailServer(parts.hostname, port or _PORTS[parts.scheme], user, password, parts.scheme)


def send(letter: Letter, server: MailServer) -> None:
    """Hand one letter over; raises NotSent. The same letter carries the same Message-ID at each attempt."""
    message = EmailMultiAlternatives(
        letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [letter.staff.email],
        headers={"Message-ID": f"<letter-{letter.id}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    for each in letter.attachments.all():
        message.attach(each.name, bytes(each.content), each.media_type)
    message.connection = EmailBackend(
        host=server.host, port=server.port, username=server.user, password=server.password,
        use_tls=server.scheme == "smtp+starttls", use_ssl=server.scheme == "smtps", timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotSent(
            f"address refused ({codes[0] if codes else '?'})", for_good=min(codes, default=0) >= 500
        ) from None
    except smtplib.SMTPAuthenticationError:
        raise NotSent("user name or password refused", for_good=False) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"refused ({error.smtp_code})", for_good=error.smtp_code >= 500) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"{type(error).__name__}: {error}", for_good=False) from None


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
