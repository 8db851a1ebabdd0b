"""Sessions end: after half an hour without a sign of life, and after twelve hours at the latest.

The figures are those of OWASP ASVS 7.3 for staff who see personal data. What somebody typed meanwhile is not lost: a
form that comes too late is answered with a page that shows its words, to be copied after the next sign-in.
"""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from setia.domains.staff.models import Staff
from setia.foundation import clock

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# The mark of the last sign of life is moved at most this often, so that most pages stay free of writes.
_MARK_EVERY = timedelta(minutes=1)
_BEGAN, _SEEN = "began", "seen"
# A page that asks for its progress each second is no sign of life.
_POLLS = ("/progress/",)


def session_end(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """End the session of somebody who has been away for too long, and ask him to sign in again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, Staff) or request.path.startswith(settings.STATIC_URL):
            return get_response(request)
        now = int(clock.now().timestamp())
        began = request.session.setdefault(_BEGAN, now)
        seen = request.session.setdefault(_SEEN, now)
        if now - seen > IDLE.total_seconds() or now - began > LONGEST.total_seconds():
            language = request.user.language
            logout(request)
            return _sign_in_again(request, language)
        if now - seen >= _MARK_EVERY.total_seconds() and not request.path.endswith(_POLLS):
            request.session[_SEEN] = now
        return get_response(request)

    return middleware


def _sign_in_again(request: HttpRequest, language: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
    with translation.override(language):
        return render(request, "console/session_over.html", {"typed": typed_texts(request)}, status=401)


def typed_texts(request: HttpRequest) -> list[str]:
    """Return what somebody typed into the form that was sent, without passwords and what the page itself put there.

    Only for forms of our own pages: another site's form could put words into our mouth.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or request.content_type == "multipart/form-data":
        return []
    return [text for name, texts in request.POST.lists() if _is_typed(name) for text in texts if text.strip()]


def _is_typed(name: str) -> bool:
    return name not in _NOT_TYPED and "password" not in name and "code" not in name


_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "next", "once", "language"})
