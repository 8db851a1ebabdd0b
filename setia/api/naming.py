"""How the identifiers of other programs are named here, each under its program, so that two never mean one row."""

import hashlib

from setia.domains.customers.rules import email_or_none, phone_or_none

_LETTERS = "abcdefghijklmnop"


def source_of(program: str, external_id: str) -> str:
    """Return the name under which an order, a return or an event of a program is written once for ever."""
    return f"api|{program}|{external_id}"


def code_of(program: str, external_id: str) -> str:
    """Return the shop's number for a customer of a program.

    A text that reads like a phone or an e-mail would be taken for one, so such an identifier is named by its hash,
    in letters only.
    """
    code = f"{program}:{external_id}"
    if len(code) <= 64 and phone_or_none(code) is None and email_or_none(code) is None:
        return code
    digest = hashlib.blake2b(external_id.encode(), digest_size=12).digest()
    return f"{program}:" + "".join(_LETTERS[byte >> 4] + _LETTERS[byte & 15] for byte in digest)


def external_id_of(program: str, code: str) -> str | None:
    """Return a program's own identifier from the shop's number, or None for one of another program."""
    head = f"{program}:"
    return code.removeprefix(head) if code.startswith(head) else None
