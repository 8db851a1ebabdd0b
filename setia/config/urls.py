"""Every address of Setia."""

from django.urls import include, path
from django.views.generic import RedirectView

from setia.console import urls as console
from setia.console.views import errors, signing_in, system

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:home", query_string=False), name="root"),
    path("health/", system.health, name="health"),
    path("language/", signing_in.choose_language, name="language"),
    path("masuk/<str:token>/", signing_in.login_link, name="login_link"),
    # Sign-in, second factors and the list of devices; sign-up is closed by the adapter.
    # Addresses of staff are the owner's to set; allauth's own page would let anybody write down another.
    path("account/email/", errors.not_found, name="account_email_closed"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("console/", include((console.urlpatterns, "console"))),
    path("api/", include("setia.api.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
