"""How likely two customers are one person. Pure decisions.

Evidence is added up as weights of agreement and disagreement, as Fellegi and Sunter do ("A Theory for Record Linkage",
JASA 64, 1969): the logarithm (base 2) of how much more often something agrees among rows of one person than among
strangers. A rare name says more than a common one, so the weight of a name follows from how many strangers of the shop
are to be expected under it: a name put together of two common words may be borne by two only and still say little.
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

# Before any evidence a pair from one block is taken to be one person once in about five hundred.
_PRIOR = -9.0
# About one customer in fifty stands in a shop twice. With L strangers expected under his name, one of them is he with
# odds of 1/(50 L), so an equal name is worth what lifts the prior to that.
_NAME = -_PRIOR - math.log2(50)
# A name nobody else bears: more certain than this a name alone never makes.
_FEWEST_STRANGERS = 1 / 256
# Word counts of a small shop say little about how common a word is among its customers to come.
_SMALL_SHOP = 100


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


def strangers_expected(*, people: int, bearers: int, word_counts: Sequence[int]) -> float:
    """Return how many other people of a shop are to be expected under a name by chance.

    `people` is how many there are, `bearers` how many bear the name, `word_counts` how many bear each of its words.
    Words are taken to be given independently; two of the bearers are the pair in question and are left out.
    """
    chance = float(people)
    for count in word_counts:
        chance *= max(count - 1.5, 0.5) / (people + _SMALL_SHOP)
    return max(chance, bearers - 2.0)


def compare(left: Traits, right: Traits, *, strangers: float) -> Likeness:
    """Return how likely two customers are one.

    `strangers` is how many other people of the shop are to be expected under one of the two names by chance; see
    `strangers_expected`.
    """
    found: list[tuple[float, str]] = []
    against = 0.0
    mine, other = name_blocks(left.name), name_blocks(right.name)
    if mine and other:
        rarity = _NAME - math.log2(max(strangers, _FEWEST_STRANGERS))
        if mine == other:
            found.append((rarity, "same_name"))
        elif names_agree(left.name, right.name):
            found.append((rarity - 3.5, "similar_name"))
        else:
            against += 6.0
    for weight, code in (_phones(left.phones, right.phones), _emails(left, right)):
        if code:
            found.append((weight, code))
        against -= min(weight, 0.0)
    if left.birth_date and right.birth_date:
        if left.birth_date == right.birth_date:
            # Who does not know a birthday, or will not tell, is written down under the first of January.
            new_year = (left.birth_date.month, left.birth_date.day) == (1, 1)
            found.append((5.0 if new_year else 12.0, "same_birthday"))
        elif _typed_wrong(left.birth_date, right.birth_date):
            found.append((4.0, "similar_birthday"))
        else:
            against += 7.0
    if left.city and right.city:
        if left.city.casefold() == right.city.casefold():
            found.append((1.5, "same_city"))
        else:
            against += 1.0
    return _scored(found, against)


def _scored(found: list[tuple[float, str]], against: float) -> Likeness:
    total = _PRIOR + sum(weight for weight, _ in found) - against
    # Half a bit for a bit: the pieces of evidence hang together more than the sum believes.
    score = round(100 / (1 + 2.0 ** (-total / 2)))
    return Likeness(score, tuple(code for weight, code in sorted(found, reverse=True) if weight > 0))


def _phones(mine: Sequence[str], others: Sequence[str]) -> tuple[float, str]:
    """A number is one person's by itself, so equal ones never come here; one digit aside is a slip of the hand."""
    pairs = [(left, right) for left in mine for right in others]
    if any(left != right and within_one_edit(left, right) for left, right in pairs):
        return 12.0, "phone_one_digit_off"
    if any(left[-6:] == right[-6:] for left, right in pairs):
        return 8.0, "same_phone_ending"
    return (-1.0, "") if pairs else (0.0, "")


def _emails(one: Traits, other: Traits) -> tuple[float, str]:
    pairs = [(left, right) for left in one.emails for right in other.emails]
    keys = [(mailbox_key(left), mailbox_key(right)) for left, right in pairs]
    same = [left for left, right in keys if left == right and len(left) >= 5]
    if same:
        # A mailbox that is the name and nothing more is what any bearer of the name would take.
        named = {"".join(telling_words(name)) for name in (one.name, other.name)}
        return (4.0 if all(mailbox in named for mailbox in same) else 11.0), "same_mailbox"
    if any(left != right and within_one_edit(left, right) for left, right in pairs):
        return 8.0, "email_one_letter_off"
    return (-1.0, "") if pairs else (0.0, "")


def _typed_wrong(left: date, right: date) -> bool:
    """Tell whether day and month were exchanged, or one part of three differs."""
    if (left.year, left.month, left.day) == (right.year, right.day, right.month):
        return True
    return sum((left.year == right.year, left.month == right.month, left.day == right.day)) == 2
