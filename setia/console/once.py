"""Forms that a double tap sends twice."""

import secrets
from collections.abc import Callable

from setia.console.doors import StaffRequest
from setia.foundation import clock
from setia.foundation.once import done_once


def only_once(request: StaffRequest, what: str, work: Callable[[], int]) -> int:
    """Do what a form asks for once, however often the very same page is sent; return the id of what it made.

    The page carries its token in `{% once %}`; a form without one is new each time.
    """
    token = request.POST.get("once") or secrets.token_urlsafe(16)
    return done_once(f"{what}|staff:{request.user.id}", token[:64], at=clock.now(), work=work)
