"""The decorators staff views wear: who may come in, and who must prove anew that it is he."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from setia.console.proof import ask_for_proof, is_proven
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


def sudo(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Let a dangerous act through only with a fresh proof of who asks; worn below `staff_only`. Looking is free."""

    @wraps(view)
    def proven(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST" and not is_proven(request, request.user):
            return ask_for_proof(request, request.user)
        return view(request, *args, **kwargs)

    return proven


def id_or_none(text: str) -> int | None:
    """Return the id a form or address holds, or None for what can be none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2**63 else None
