"""Nothing that names a person or opens a door gets into a log."""

import io
import logging

import pytest

from setia.foundation.redaction import Redact, redact


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("mail to dewi.lestari+x@contoh.co.id failed", "mail to <email> failed"),
        ("call 0812-3456-7890 now", "call <phone> now"),
        ("call +62812-3456-7890 now", "call <phone> now"),
        ("call 6281234567890 now", "call <phone> now"),
        ("password=rahasia&x=1", "password=<hidden>&x=1"),
        ("{'token': 'abc', 'a': 1}", "{'token': '<hidden>', 'a': 1}"),
        ("Authorization: Bearer", "Authorization: <hidden>"),
        ("GET /masuk/AbCdEfGhIjKlMnOpQrStUvWx/ 200", "GET /masuk/<hidden>/ 200"),
        ("order 261122-0004 of Rp 48.000", "order 261122-0004 of Rp 48.000"),
        ("at 2026-11-22 10:00:00 id 382963232052219904", "at 2026-11-22 10:00:00 id 382963232052219904"),
    ],
)
def test_log_lines_name_nobody(line: str, kept: str) -> None:
    assert redact(line) == kept


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("q=0812%2D3456%2D7890", "7890"),
        ("/search/?q=dewi%40contoh.id", "dewi"),
        ("call +62 812 3456 7890 now", "7890"),
        ("call +62-812-3456-7890 now", "7890"),
        ("call (0812) 3456-7890", "7890"),
        ("call 0812.3456.7890", "7890"),
        ("/account/password/reset/key/2wqs767w2nls-digjbr-2ea01f13ceab40986236969c0c72fea1/", "2ea01f13ceab4098"),
    ],
)
def test_log_lines_name_nobody_however_it_is_written(line: str, secret: str) -> None:
    assert secret not in redact(line)


def test_arguments_and_tracebacks_are_redacted_too() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Redact())
    logger = logging.Logger("setia.test")
    logger.addHandler(handler)
    try:
        raise ValueError("0812-3456-7890")
    except ValueError:
        logger.exception("refused %s", "dewi@contoh.id")
    assert "<email>" in out.getvalue()
    assert "<phone>" in out.getvalue()
    assert [text for text in ("dewi@", "7890") if text in out.getvalue()] == []


def test_every_handler_of_the_logs_redacts() -> None:
    from django.conf import settings

    assert [name for name, handler in settings.LOGGING["handlers"].items() if "redact" not in handler["filters"]] == []
