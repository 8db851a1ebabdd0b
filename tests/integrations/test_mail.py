"""Sending letters to a real mail server on this machine."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from setia.domains.mail import actions
from setia.domains.mail.models import Letter, LetterState
from setia.foundation import clock
from setia.integrations.mail.sender import BadMailAddress, MailServer, mail_server
from setia.integrations.mail.tasks import send_letters
from tests import cast


class Postbox:
    """Keeps what it is handed; refuses what it was told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def postbox(settings) -> Iterator[Postbox]:
    """Give a mail server and set Setia to use it."""
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.MAIL_URL = f"smtp://127.0.0.1:{port}"
    yield box
    server.stop()


def letter() -> Letter:
    """Write a letter with a file to Sari."""
    return actions.write_letter(
        key="report-1", to=cast.staff("sari"), subject="Kopi Senja: Laporan mingguan", text="Halo – apa kabar",
        html="<p>Halo</p>", enclosures=[actions.Enclosure("laporan.pdf", "application/pdf", b"%PDF-1.4")], at=cast.NOW,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_letter_arrives_with_its_words_and_its_file(postbox: Postbox) -> None:
    found = letter()
    assert send_letters.func() == 1
    assert send_letters.func() == 0
    (message,) = postbox.messages
    assert message["To"] == "sari@kopisenja.example"
    assert message["Message-ID"] == f"<letter-{found.id}@localhost>"
    assert "Halo – apa kabar" in message.get_body(("plain",)).get_content()
    assert [part.get_filename() for part in message.iter_attachments()] == ["laporan.pdf"]
    found.refresh_from_db()
    assert found.state == LetterState.SENT


@pytest.mark.django_db
def test_a_busy_server_is_asked_again_and_a_refusal_is_final(postbox: Postbox) -> None:
    found = letter()
    postbox.answer = "451 try later"
    send_letters.func()
    found.refresh_from_db()
    assert (found.state, found.problem) == (LetterState.WAITING, "refused (451)")
    postbox.answer = "554 no"
    with clock.frozen(found.due_at):
        send_letters.func()
    found.refresh_from_db()
    assert (found.state, found.problem) == (LetterState.FAILED, "refused (554)")


@pytest.mark.django_db
def test_a_server_that_is_down_loses_nothing(settings) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:9"
    found = letter()
    send_letters.func()
    found.refresh_from_db()
    assert found.state == LetterState.WAITING
    assert "Connection" in found.problem


@pytest.mark.django_db
def test_without_a_server_letters_are_kept_to_be_read(settings) -> None:
    settings.MAIL_URL = ""
    found = letter()
    assert send_letters.func() == 0
    found.refresh_from_db()
    assert found.state == LetterState.CAPTURED


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mail.example.com", "begins with one of"),
        ("http://mail.example.com", "begins with one of"),
        ("smtp://", "names no host"),
        ("smtp://host:port", "cannot be read"),
        ("smtp://user:secret@mail.example.com", "in the clear"),
    ],
)
def test_an_address_that_is_none_is_explained(address: str, says: str) -> None:
    with pytest.raises(BadMailAddress, match=says):
        mail_server(address)


def test_an_address_may_hold_what_a_password_holds() -> None:
    found = mail_server("smtp+starttls://sari%40kopi:p%2Fw%3A1@mail.example.com")
    assert found == MailServer("mail.example.com", 587, "sari@kopi", "p/w:1", "smtp+starttls")


@pytest.mark.django_db
def test_a_bad_address_keeps_letters_waiting(settings) -> None:
    settings.MAIL_URL = "smtp://"
    found = letter()
    assert send_letters.func() == 0
    found.refresh_from_db()
    assert found.state == LetterState.WAITING
