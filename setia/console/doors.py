"""The decorator every staff view wears: who may come in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from setia.domains.staff.models import Staff
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of somebody who signed in."""

    user: Staff


View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def staff_only(capability: Capability, *methods: str) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Let in those who may; strangers are asked to sign in, others are refused. GET only unless methods are named."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        # HEAD is a GET without its body; beside a form that only takes POST it would be a way around CSRF.
        allowed = methods or ("GET",)

        @require_http_methods(["HEAD", *allowed] if "GET" in allowed else list(allowed))
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/console/")
            require(request.user, capability)
            return view(cast("StaffRequest", request), *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


def id_or_none(text: str) -> int | None:
    """Return the id a form or address holds, or None for what can be none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2**63 else None
