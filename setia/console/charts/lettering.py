"""How wide a text will be, guessed without a font, and how to shorten it to fit.

The server cannot measure the reader's font. The guesses are the widths of common UI fonts, rounded up: a label that is
cut a letter too early is a smaller fault than two labels printed over each other.
"""

import unicodedata

_NARROW = frozenset("ijltfrI.,:;'|!()[]/ -")
_WIDE = frozenset("mwMW@%—…")


def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.7 if letter.isupper() else 0.6


def text_width(text: str, size: float) -> float:
    """About how many units `text` takes in a font of `size` units; rather too much than too little."""
    return size * sum(_letter_width(letter) for letter in text)


def fit(text: str, size: float, limit: float) -> str:
    """`text` itself if it takes at most `limit` units, else its beginning and an ellipsis."""
    # A limit that was added up from this very width may have lost its last bit on the way.
    if text_width(text, size) <= limit + 1e-6:
        return text
    kept = limit - text_width("…", size)
    for end, letter in enumerate(text):
        kept -= text_width(letter, size)
        if kept < 0:
            return text[:end].rstrip() + "…"
    return text
