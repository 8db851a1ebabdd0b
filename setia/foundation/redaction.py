"""Keeping personal data and secrets out of log lines."""

import logging
import re

_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 <hidden>"),
    (re.compile(r"(?i)(password/reset/key/)[\w-]+"), r"\1<hidden>"),
    (re.compile(r"(?i)[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+"), "<email>"),
    # 0812-3456-7890 in every writing, also as an address of a page holds it (%2D, %20, +).
    (
        re.compile(
            r"(?i)(?<![\d.])\(?(?:\+|%2B)?(?:62|0)(?:[ ().-]|%2D|%20|\+)*8(?:(?:[ ().-]|%2D|%20|\+){0,2}\d){7,12}"
        ),
        "<phone>",
    ),
    (re.compile(r"(?i)\b(password|token|secret|authorization)(['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,}]+"), r"\1\2<hidden>"),
    (re.compile(r"/masuk/[\w-]{20,}"), "/masuk/<hidden>"),
)


def redact(text: str) -> str:
    """Return a text with e-mails, Indonesian mobile numbers and secrets replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class Redact(logging.Filter):
    """Redacts each line after its arguments were filled in; tracebacks too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
