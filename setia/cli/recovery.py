"""The recovery key: what opens a shop's backups, printed once and kept by the owner alone.

It is one half of a pair (X25519, as the `age` program knows it). The home keeps the public half, so backups need
nobody at the keyboard, and who steals the machine opens none of those that lie elsewhere; no passphrase gives that.
And a machine's dice choose it: 128 bits that nobody can guess, with a checksum that finds a slip of the pen.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.utils.translation import gettext as _

from setia.cli import Failure
from setia.cli.sealing import Passphrase, PublicKey, RecoveryKey

_KEY_LETTERS = 58
_BEGINNING = "AGE-SECRET-KEY-1"
# The key has none of these letters, so each can only be a misread of its neighbor.
_MISREAD = str.maketrans({"O": "0", "I": "L", "1": "L", "B": "8"})
_SHORTEST_PASSPHRASE = 10


def choose_lock(
    passphrase_file: Path | None = None, *, new_key: bool = False, own_words: bool = False
) -> Passphrase | PublicKey:
    """Return what seals a backup: a passphrase that was given, or the public half of the recovery key.

    The first time a recovery key is made and shown, on the terminal only: a key that nobody read would make all
    later backups worthless. `new_key` makes one in any case. Raises Failure.
    """
    if not new_key:
        given = _read(passphrase_file) if passphrase_file else os.environ.get("SETIA_BACKUP_PASSPHRASE", "").strip()
        if not given and own_words:
            given = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=True, err=True)
        if given or passphrase_file:
            return _strong_enough(given)
        if standing := kept_key():
            return standing
        if not sys.stderr.isatty():
            raise Failure(
                "This shop has no recovery key yet, and there is no terminal to show one on. Run `setia backup` once "
                "at a terminal, or `setia backup --new-key` if you read this output; or give a passphrase "
                "(--passphrase-file, SETIA_BACKUP_PASSPHRASE)."
            )
    key = RecoveryKey.fresh()
    _show(key)
    _keep(key.public)
    return key.public


def _strong_enough(passphrase: str) -> Passphrase:
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise Failure("The passphrase is too short: whoever finds the file can try millions. Use ten letters or more.")
    return Passphrase(passphrase)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read: {error}") from error


def _place() -> Path:
    from setia.foundation.home import folder

    return folder("keys") / "backup_key.pub"


def kept_key() -> PublicKey | None:
    """Return the public half that this home keeps, or None."""
    return PublicKey(_place().read_text().strip()) if _place().exists() else None


def _keep(key: PublicKey) -> None:
    from setia.foundation.home import write_private

    write_private(_place(), f"{key.text}\n".encode())


@contextmanager
def keeping_the_key() -> Iterator[None]:
    """Keep this machine's choice of recovery key over a restore, which may bring an older one back."""
    standing = kept_key()
    yield
    if standing:
        _keep(standing)


def _show(key: RecoveryKey) -> None:
    """Show a key in the shop's language, and wait until it is written down where somebody can say so."""
    from django.utils import translation

    letters = key.text.removeprefix(_BEGINNING)
    groups = [letters[start : start + 4] for start in range(0, _KEY_LETTERS, 4)]
    with translation.override(_language()):
        lines = (
            _("RECOVERY KEY of this shop's backups. It is shown this once and kept nowhere."),
            "",
            f"    {_BEGINNING}",
            f"    {' '.join(groups[:8])}",
            f"    {' '.join(groups[8:])}",
            "",
            _("Write it down and keep it away from this computer: in a safe, with somebody you trust."),
            _("Whoever has it opens the backups. Without it nobody opens them, we neither."),
            _("Backups made with an earlier key or passphrase still need that one."),
        )
        click.echo("\n".join(lines), err=True)
        if sys.stdin.isatty():
            click.confirm(_("Have you written it down?"), abort=True, err=True)


def _language() -> str:
    from django.conf import settings
    from django.db import DatabaseError

    from setia.domains.shop.queries import the_shop

    try:
        return the_shop().default_language
    except DatabaseError:  # `setia upgrade` makes its backup before the tables are up to date
        return str(settings.LANGUAGE_CODE)


def ask_opener(*, by_passphrase: bool, key_file: Path | None, passphrase_file: Path | None) -> Passphrase | RecoveryKey:
    """Return what opens a backup, from a file, the environment or the keyboard; raises Failure."""
    if by_passphrase:
        if key_file:
            raise Failure("This backup was sealed by a passphrase; give that one (--passphrase-file) and no key.")
        given = _read(passphrase_file) if passphrase_file else os.environ.get("SETIA_BACKUP_PASSPHRASE", "").strip()
        return Passphrase(given or click.prompt("Passphrase of the backup", hide_input=True, err=True))
    if passphrase_file:
        raise Failure("This backup was sealed for the recovery key; give that one (--key-file) and no passphrase.")
    given = _read(key_file) if key_file else os.environ.get("SETIA_RECOVERY_KEY", "").strip()
    return read_key(given or _typed_key())


def _typed_key() -> str:
    """Ask for the key until it is whole: it is pasted or read out in several lines."""
    typed: str = click.prompt("Recovery key", hide_input=True, err=True)
    while len(_letters(typed)) < _KEY_LETTERS:
        more: str = click.prompt("The rest of it", hide_input=True, default="", show_default=False, err=True)
        if not more.strip():
            break
        typed += more
    return typed


def _letters(text: str) -> str:
    """Return the letters of a key as they were meant, without its beginning."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = re.sub(r"[^A-Z0-9]", "", plain.upper())
    return re.sub(r"^AGESECRETKEY[1IL]", "", found).translate(_MISREAD)


def read_key(text: str) -> RecoveryKey:
    """Return the key that a person wrote, whatever blanks, line breaks and small letters are in it; raises Failure."""
    import pyrage

    letters = _letters(text)
    if len(letters) != _KEY_LETTERS:
        raise Failure(
            f"This is not a whole recovery key: after {_BEGINNING} come {_KEY_LETTERS} letters and digits, "
            f"here are {len(letters)}."
        )
    key = f"{_BEGINNING}{letters}"
    try:
        pyrage.x25519.Identity.from_str(key)
    except pyrage.IdentityError:
        raise Failure("A letter of the recovery key is wrong; compare it with your paper group by group.") from None
    return RecoveryKey(key)
