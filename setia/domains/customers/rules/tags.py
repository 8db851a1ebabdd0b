"""Decisions about tags: how a name is kept, and when two names are the same tag."""

import re
import unicodedata

LONGEST_TAG = 40


class UnableToTag(Exception):
    """Raised with a code: `no_name`, `too_long`, `name_taken`, `closed_account`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def tag_key(name: str) -> str:
    """Return the form in which two names of tags are compared: without case and double blanks."""
    return unicodedata.normalize("NFKC", re.sub(r"\s+", " ", name.replace("\x00", "")).strip()).casefold()[:LONGEST_TAG]


def clean_tag_name(name: str) -> str:
    """Return a name of a tag as it is kept; raises UnableToTag with `no_name` or `too_long`."""
    name = unicodedata.normalize("NFKC", re.sub(r"\s+", " ", name.replace("\x00", "")).strip())
    if not name:
        raise UnableToTag("no_name")
    if len(name) > LONGEST_TAG or len(name.casefold()) > LONGEST_TAG:
        raise UnableToTag("too_long")
    return name
