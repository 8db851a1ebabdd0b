"""How likely two customers are one person. Pure decisions.

Evidence is added up as weights of agreement and disagreement, as Fellegi and Sunter do ("A Theory for Record Linkage",
JASA 64, 1969): the logarithm of how much more often something agrees among rows of one person than among strangers.
A rare name says more than a common one, so the weight of a name follows its frequency in the shop.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from setia.domains.customers.rules.names import names_agree, telling_words, within_one_edit

# Pairs below are not worth a person's time; at `SURE` nearly every pair is one person.
SHOWN_FROM = 60
SURE = 90


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of one customer; phones in E.164, e-mails in lower case, empty or None where unknown."""

    id: int
    name: str = ""
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    birth_date: date | None = None
    city: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score of 0-100 and the codes of what speaks for it, strongest first."""

    score: int
    reasons: tuple[str, ...]


def mailbox_key(email: str) -> str:
    """Return the part of an address that stays when people write it another way: no dots, no +word, no host."""
    return email.partition("@")[0].partition("+")[0].replace(".", "").replace("_", "").replace("-", "")


@lru_cache(maxsize=100_000)
def name_blocks(name: str) -> str:
    """Return the words of a name in the order of the alphabet, so that "Lestari Dewi" meets "Dewi Lestari"."""
    return " ".join(sorted(telling_words(name)))


def compare(left: Traits, right: Traits, *, bearers: int) -> Likeness:
    """Return how likely two customers are one.

    `bearers` is how many customers of the shop bear one of the two names, at least 2 for two people: the more share a
    name, the likelier two of them are strangers.
    """
    found: list[tuple[float, str]] = []
    against = 0.0
    mine, other = name_blocks(left.name), name_blocks(right.name)
    if mine and other:
        rarity = max(1.0, 11.0 - 1.5 * math.log2(max(bearers - 1, 1)))
        if mine == other:
            found.append((rarity, "same_name"))
        elif names_agree(left.name, right.name):
            found.append((rarity * 0.55, "similar_name"))
        else:
            against += 6.0
    for weight, code in (_phones(left.phones, right.phones), _emails(left.emails, right.emails)):
        if code:
            found.append((weight, code))
        against -= min(weight, 0.0)
    if left.birth_date and right.birth_date:
        if left.birth_date == right.birth_date:
            found.append((8.0, "same_birthday"))
        elif _typed_wrong(left.birth_date, right.birth_date):
            found.append((3.0, "similar_birthday"))
        else:
            against += 7.0
    if left.city and right.city:
        if left.city.casefold() == right.city.casefold():
            found.append((1.5, "same_city"))
        else:
            against += 1.0
    return _scored(found, against)


def _scored(found: list[tuple[float, str]], against: float) -> Likeness:
    # Before any evidence a pair from one block is taken to be one person once in about five hundred.
    total = sum(weight for weight, _ in found) - against - 9.0
    score = round(100 / (1 + 2.0 ** (-total / 2)))
    return Likeness(score, tuple(code for weight, code in sorted(found, reverse=True) if weight > 0))


def _phones(mine: Sequence[str], others: Sequence[str]) -> tuple[float, str]:
    """A number is one person's by itself, so equal ones never come here; one digit aside is a slip of the hand."""
    pairs = [(left, right) for left in mine for right in others]
    if any(left != right and within_one_edit(left, right) for left, right in pairs):
        return 7.5, "phone_one_digit_off"
    if any(left[-6:] == right[-6:] for left, right in pairs):
        return 5.0, "same_phone_ending"
    return (-1.0, "") if pairs else (0.0, "")


def _emails(mine: Sequence[str], others: Sequence[str]) -> tuple[float, str]:
    pairs = [(left, right) for left in mine for right in others]
    keys = [(mailbox_key(left), mailbox_key(right)) for left, right in pairs]
    if any(left == right and len(left) >= 5 for left, right in keys):
        return 9.0, "same_mailbox"
    if any(left != right and within_one_edit(left, right) for left, right in pairs):
        return 6.0, "email_one_letter_off"
    return (-1.0, "") if pairs else (0.0, "")


def _typed_wrong(left: date, right: date) -> bool:
    """Tell whether day and month were exchanged, or one part of three differs."""
    if (left.year, left.month, left.day) == (right.year, right.day, right.month):
        return True
    return sum((left.year == right.year, left.month == right.month, left.day == right.day)) == 2
