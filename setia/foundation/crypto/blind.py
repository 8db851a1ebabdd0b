"""Blind indexes: keyed hashes that find an encrypted value without opening any.

A telephone number has about ten digits to guess, so the key is the whole protection: it lies with the keyring,
never in the database.
"""

import hmac
from hashlib import sha256

from setia.foundation.crypto.keyring import keyring

TAIL_BYTES = 4


def blind_index(column: str, value: str) -> bytes:
    """Return 32 bytes that are equal for equal values of one column; `value` must be normalized before."""
    return hmac.digest(keyring().index_key, f"{column}|{value}".encode(), sha256)


def tail_index(column: str, tail: str) -> int:
    """Return a whole number for the last digits of a value, to search by "ends with".

    31 bits of a hash under its own label: small enough that many tails share a number, so the index alone tells
    little, and large enough that a search opens few rows in vain.
    """
    digest = hmac.digest(keyring().index_key, f"{column}:tail|{tail}".encode(), sha256)
    return int.from_bytes(digest[:TAIL_BYTES], "big") >> 1
