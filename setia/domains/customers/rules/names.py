"""Names: how they are searched, and whether two of them can be one person's. Pure decisions."""

import re
import unicodedata
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set, for lists of words that are read more easily in a row."""
    return frozenset(text.split())


# Said before a name or instead of one; they tell nobody apart.
_TITLES = word_set(
    "bapak pak bpk ibu bu kak kakak mas mbak mba bang abang om tante cik koh ko ci teh kang neng dr drg prof ir hj "
    "haji hajah h mr mrs ms mama mamah papa bunda ayah sdr sdri"
)
_PLACEHOLDERS = word_set(
    "pelanggan customer umum tamu guest cash tunai anonim anonymous walk in walkin no name nama tidak ada test tes"
)
# Half of a class may be called so: sharing one of these alone does not make two people one.
_COMMON_FIRST = word_set(
    "muhammad muhamad mohammad mohamad mochamad muh moh m ahmad achmad akhmad abdul siti nur dwi tri sri dewi putri "
    "putra ade eka i ni made wayan"
)


def search_words(text: str) -> list[str]:
    """Split a name into plain lower-case words without accents, the form in which names are searched."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+", text.casefold())


def search_text(name: str) -> str:
    """Return the words of a name in one line, as they are kept for search."""
    return " ".join(search_words(name))


@lru_cache(maxsize=100_000)  # a million people bear a few thousand names, and each is compared many times
def telling_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell people apart: no titles, no placeholders, no numbers."""
    words = tuple(word for word in search_words(name) if word not in _TITLES and not word.isdigit())
    return () if set(words) <= _PLACEHOLDERS else words


def names_agree(left: str, right: str) -> bool:
    """Tell whether two names can be one person's; a name that tells nothing agrees with any.

    "Bu Dewi" and "Dewi Lestari", "Nur Aini" and "Nuraini", "Mohamad R." and "Muhammad Rizki", "Devi" and "Dewi"
    agree. "Muhammad Rizki" and "Muhammad Fajar" do not: the word they share is half the country's.
    """
    mine, other = telling_words(left), telling_words(right)
    if not mine or not other or "".join(mine) == "".join(other):
        return True
    pairs = [(a, b) for a in mine for b in other if _words_agree(a, b)]
    if not pairs:
        return False
    if any(a not in _COMMON_FIRST or b not in _COMMON_FIRST for a, b in pairs):
        return True
    # Only common words agree: then nothing else may speak against it on both sides.
    taken_mine, taken_other = {a for a, _ in pairs}, {b for _, b in pairs}
    return not (set(mine) - taken_mine and set(other) - taken_other)


def _words_agree(left: str, right: str) -> bool:
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if long.startswith(short):  # initials and short forms
        return len(short) >= 3 or len(short) == 1
    return len(short) >= 4 and within_one_edit(short, long)


def within_one_edit(left: str, right: str) -> bool:
    """Tell whether one letter put in, left out, changed or two neighbors exchanged makes two texts equal."""
    if left == right:
        return True
    if len(left) > len(right):
        left, right = right, left
    start = 0
    while start < len(left) and left[start] == right[start]:
        start += 1
    if len(left) == len(right):
        swapped = left[start : start + 2] == right[start : start + 2][::-1] and left[start + 2 :] == right[start + 2 :]
        return left[start + 1 :] == right[start + 1 :] or swapped
    return len(right) - len(left) == 1 and left[start:] == right[start + 1 :]
