"""Signing in by a printed link, and choosing the language before anybody signed in."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from setia.console.accounts import BY_LINK
from setia.console.middleware import LANGUAGE_COOKIE
from setia.domains.staff import actions
from setia.domains.staff.models import Staff
from setia.foundation import clock

_YEAR_SECONDS = 365 * 24 * 60 * 60


@require_http_methods(["GET", "HEAD", "POST"])
def login_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody in once. A GET only shows a button, so that a program that follows links spends nothing."""
    if request.method != "POST":
        return render(request, "console/login_link.html")
    person = actions.use_login_link(token=token, at=clock.now())
    if person is None:
        return render(request, "console/login_link.html", {"is_spent": True}, status=410)
    request.session[BY_LINK] = person.pk
    # Through allauth's own stages: a second factor is still asked for, and the device is listed.
    answer: HttpResponse = perform_login(request, person, email_verification="none", redirect_url="/console/")
    return answer


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language: with the account when signed in, else in a cookie."""
    language = request.POST.get("language", "")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    if language in dict(settings.LANGUAGES):
        if isinstance(request.user, Staff):
            actions.change_language(person=request.user, language=language)
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR_SECONDS,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
