"""Decisions of teamwork: who is meant by an @name."""

import hashlib
import re
from collections.abc import Mapping

_AT = re.compile(r"(?<![\w.])@(\w+(?: \w+){0,3})")


def task_key(source: str, name: str) -> bytes:
    """Return the 16 bytes that keep a task which Setia made itself from being made twice."""
    return hashlib.blake2b(f"{source}|{name}".encode(), digest_size=16).digest()


def mentioned(text: str, names: Mapping[int, str]) -> set[int]:
    """Return the ids of the people whom a text names: by the whole name, or by a first name that only one has.

    Small and capital letters do not matter, and a name of two people means neither: a wrong colleague would read it.
    """
    by_name: dict[str, set[int]] = {}
    for person_id, name in names.items():
        words = name.casefold().split()
        for called in {" ".join(words), words[0]} if words else set():
            by_name.setdefault(called, set()).add(person_id)
    found: set[int] = set()
    for match in _AT.finditer(text):
        words = match[1].casefold().split()
        for length in range(len(words), 0, -1):
            meant = by_name.get(" ".join(words[:length]), set())
            if len(meant) == 1:
                found |= meant
                break
    return found
