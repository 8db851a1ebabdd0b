"""Decisions of teamwork: who is meant by an @name."""

import hashlib
import re
from collections.abc import Iterator, Mapping

_AT = re.compile(r"(?<![\w.])@(\w+(?: \w+){0,3})")


def task_key(source: str, name: str) -> bytes:
    """Return the 16 bytes that keep a task which Setia made itself from being made twice."""
    return hashlib.blake2b(f"{source}|{name}".encode(), digest_size=16).digest()


def mentioned(text: str, names: Mapping[int, str]) -> set[int]:
    """Return the ids of the people whom a text names: by the whole name, or by a first name that only one has.

    Small and capital letters do not matter, and a name of two people means neither: a wrong colleague would read it.
    """
    return {person_id for _called, person_id in _meant(text, names) if person_id is not None}


def unknown_mentions(text: str, names: Mapping[int, str]) -> list[str]:
    """Return the words behind an @ that name nobody, or two people, so that the writer learns nobody was told."""
    return list(dict.fromkeys(called for called, person_id in _meant(text, names) if person_id is None))


def _meant(text: str, names: Mapping[int, str]) -> Iterator[tuple[str, int | None]]:
    by_name: dict[str, set[int]] = {}
    for person_id, name in names.items():
        words = name.casefold().split()
        for called in {" ".join(words), words[0]} if words else set():
            by_name.setdefault(called, set()).add(person_id)
    for match in _AT.finditer(text):
        words = match[1].casefold().split()
        meant = (by_name.get(" ".join(words[:length]), set()) for length in range(len(words), 0, -1))
        one = next((people for people in meant if len(people) == 1), None)
        yield match[1].split()[0], next(iter(one)) if one else None
