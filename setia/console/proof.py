"""Fresh proof of who somebody is, asked for before dangerous acts; the form that was sent waits, sealed, meanwhile."""

import json
import secrets
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext as _

from setia.domains.staff.models import Staff
from setia.foundation import clock
from setia.foundation.crypto import UnreadableSecret, keyring

_PROOFS = ("password", "mfa")


def is_proven(request: HttpRequest, person: Staff) -> bool:
    """Tell whether a password or second factor was given in this session lately; the demo's owner has neither."""
    if settings.DEMO and person.is_demo:
        return True
    latest = max((r["at"] for r in get_authentication_records(request, person) if r["method"] in _PROOFS), default=None)
    return latest is not None and clock.now().timestamp() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ask_for_proof(request: HttpRequest, person: Staff) -> HttpResponseRedirect:
    """Lead to the page that asks for the password again, and keep the form that was sent for the way back."""
    ways = get_adapter().get_reauthentication_methods(person)
    if not ways:
        raise PermissionDenied
    sent = {
        "path": request.path_info,
        "query": request.META.get("QUERY_STRING", ""),
        "form": request.POST.urlencode(),
        "next": f"/console/?proof={secrets.token_urlsafe(8)}",
        "asked_at": clock.now().timestamp(),
    }
    sealed = keyring().seal(json.dumps(sent), _place(person))
    request.session[STATE_SESSION_KEY] = {"callback": f"{__name__}.{go_on.__name__}", "state": {"sealed": sealed}}
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': sent['next']})}")


def go_on(request: HttpRequest, state: dict[str, str]) -> HttpResponseBase:
    """Do what was asked for before the proof, as if its form were sent just now; its view asks all its questions anew.

    allauth calls this once the proof is given. A form that waited longer than a proof holds is not sent any more.
    """
    if not isinstance(request.user, Staff):
        return redirect("account_login")
    try:
        sent = json.loads(keyring().open(state["sealed"], _place(request.user)))
    except UnreadableSecret:
        return redirect("console:home")
    if sent["next"] not in (request.POST.get("next"), request.GET.get("next")):
        # The proof was given for something else: what waits here was given up, and must not be done by surprise.
        return HttpResponseRedirect(get_next_redirect_url(request) or "/console/")
    if clock.now().timestamp() - sent["asked_at"] >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        messages.error(request, _("That took too long, so nothing was changed. Please do it again."))
        return redirect("console:home")
    request.path = request.path_info = sent["path"]
    request.META["PATH_INFO"], request.META["QUERY_STRING"] = sent["path"], sent["query"]
    request.GET, request.POST = QueryDict(sent["query"]), QueryDict(sent["form"])
    found = request.resolver_match = resolve(sent["path"])
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer


def _place(person: Staff) -> str:
    return f"console_proof|form|{person.id}"
