"""Forms that a double tap sends twice, or the way back to a page that was sent already."""

import hashlib
import secrets
from collections.abc import Callable

from setia.console.doors import StaffRequest
from setia.foundation import clock
from setia.foundation.once import done_once

# What the page puts into a form by itself; it differs between two sendings of the same words.
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "once"})


def only_once(request: StaffRequest, what: str, work: Callable[[], int]) -> int:
    """Do what a form asks for once, however often the very same page is sent; return the id of what it made."""
    return done_once(f"{what}|staff:{request.user.id}", page_token(request), at=clock.now(), work=work)


def page_token(request: StaffRequest) -> str:
    """Return 32 characters that are the same only for the same words sent from the same page.

    The page carries its token in `{% once %}`; a form without one is new each time. The words count, because a browser
    brings the old page back with its old token: whoever goes back, changes an answer and saves means something new.
    """
    seed = request.POST.get("once") or secrets.token_urlsafe(16)
    typed = sorted((name, tuple(words)) for name, words in request.POST.lists() if name not in _NOT_TYPED)
    return hashlib.blake2b(f"{seed}\x1f{typed!r}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
