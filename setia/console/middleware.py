"""What surrounds every request: security headers, proxies, the person's language, refusals."""

import ipaddress
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from setia.domains.staff import actions
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import NotAllowed, may
from setia.domains.staff.rules import SECOND_FACTOR_ROLES, Capability
from setia.foundation import clock, throttle

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self)"
# What a form without a file can be; above this Django would write it to disk.
FORM_BYTES = 1_048_576
CODE_GUESSES = throttle.Limit("second_factor", 5, timedelta(minutes=5))
LANGUAGE_COOKIE = "setia-language"


def security_headers(get_response: GetResponse) -> GetResponse:
    """Put the headers that keep browsers from harm on every answer, errors too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith(settings.STATIC_URL):
            # Pages show personal data: no shared computer's cache keeps them.
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def trusted_proxies(get_response: GetResponse) -> GetResponse:
    """Believe X-Forwarded-For and -Proto from listed proxies only; from anybody else they are dropped."""
    networks = [ipaddress.ip_network(text) for text in settings.TRUSTED_PROXIES]

    def trusted(address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in networks)
        except ValueError:
            return False

    def middleware(request: HttpRequest) -> HttpResponse:
        chain = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if trusted(request.META.get("REMOTE_ADDR", "")):
            # The right end of the chain was written by our own proxy; what stands left of it anybody can write.
            for hop in reversed([part.strip() for part in chain.split(",") if part.strip()]):
                if not _is_address(hop):
                    break
                request.META["REMOTE_ADDR"] = hop
                if not trusted(hop):
                    break
            if scheme in ("http", "https"):
                request.META["wsgi.url_scheme"] = scheme
        return get_response(request)

    return middleware


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def zero_bytes(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a zero byte in the address: no honest browser sends one, and PostgreSQL cannot store it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path_info:
            return HttpResponse("400", status=400)
        if any("\x00" in value for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}
        return get_response(request)

    return middleware


def person(get_response: GetResponse) -> GetResponse:
    """Speak the person's language, note that he is at work, and hold him to his second factor."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if request.content_type == "multipart/form-data" and (refusal := _refused_upload(request, user)):
            return refusal
        if (guesses := _refused_guess(request)) is not None:
            return guesses
        language = request.COOKIES.get(LANGUAGE_COOKIE, "")
        if isinstance(user, Staff):
            language = user.language
            actions.note_seen(person=user, at=clock.now())
        with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            if isinstance(user, Staff) and _must_add_second_factor(user) and not _leads_there(request.path):
                return HttpResponseRedirect(reverse("mfa_index"))
            response = get_response(request)
        if request.method == "POST" and response.status_code == 302 and request.path in _code_paths():
            throttle.forgive(CODE_GUESSES, _who_guesses(request))
        response.headers.setdefault("Content-Language", language or settings.LANGUAGE_CODE)
        return response

    return middleware


def _refused_upload(request: HttpRequest, user: Any) -> HttpResponse | None:
    """Refuse a large body before a byte of it is read, unless it may be a file to import.

    The check of the form's token comes later and reads the whole body to find it, which goes to disk.
    """
    try:
        size = int(request.META.get("CONTENT_LENGTH") or -1)
    except ValueError:
        size = -1
    limit = settings.MAX_IMPORT_BYTES + FORM_BYTES if may(user, Capability.IMPORT) else FORM_BYTES
    return None if 0 <= size <= limit else HttpResponse(status=413)


def _refused_guess(request: HttpRequest) -> HttpResponse | None:
    """Count guesses at the code of a second factor in our own table, which no cache forgets."""
    if request.method != "POST" or request.path not in _code_paths():
        return None
    if throttle.allowed(CODE_GUESSES, _who_guesses(request), at=clock.now()):
        return None
    return render(request, "429.html", status=429)


def _code_paths() -> tuple[str, str]:
    return reverse("mfa_authenticate"), reverse("mfa_reauthenticate")


def _who_guesses(request: HttpRequest) -> str:
    pending = request.session.get("account_login") or {}
    signed_in = getattr(request.user, "pk", None)
    return str(pending.get("user_pk") or signed_in or request.META.get("REMOTE_ADDR"))


def _must_add_second_factor(user: Staff) -> bool:
    exempt = settings.DEMO and user.is_demo
    if user.role not in SECOND_FACTOR_ROLES or exempt:
        return False
    # Recovery codes come with a factor; alone they are a password on paper.
    real = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=user, type__in=real).exists()


def _leads_there(path: str) -> bool:
    return path.startswith(("/account/", "/language/", settings.STATIC_URL))


class refusals:  # noqa: N801 (named like its neighbors, which are functions)
    """Turn what the domains refuse into pages: 403 for what a role does not include, 404 for what is not there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotAllowed):
            return render(request, "console/errors/403.html", status=403)
        if isinstance(error, ObjectDoesNotExist):
            return render(request, "console/errors/404.html", status=404)
        return None
