"""Who is calling, and whether his key may do what he asks."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from setia.api.bodies import take_body
from setia.api.problems import FieldError, Problem
from setia.domains.apikeys.actions import note_used
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.queries import KeyRefused, key_of_token
from setia.domains.apikeys.rules import Scope
from setia.foundation import clock, throttle

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Setia"'}
_MINUTE = timedelta(minutes=1)


class ApiKeyAuth(HttpBearer):
    """Lets in a key that has one scope. A session's cookie is nothing here."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return self.authenticate(request, token.strip() if kind.casefold() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Return the key; raises Problem. The body is read only for who may send it."""
        at = clock.now()
        try:
            key = key_of_token(token, at=at)
        except KeyRefused as error:
            request.api_key = error.key  # type: ignore[attr-defined]
            raise Problem(error.code, headers=CHALLENGE) from None
        request.api_key = key  # type: ignore[attr-defined]
        note_used(key=key, at=at)
        limit = settings.API_CALLS_PER_MINUTE
        if limit and not throttle.allowed(throttle.Limit("api_key", limit, _MINUTE), str(key.id), at=at):
            raise Problem("too_many_calls", headers={"Retry-After": "60"})
        if not key.may(self.scope):
            raise Problem("scope_missing", scope=self.scope.value)
        _refuse_unknown_parameters(request)
        if request.method in ("POST", "PATCH"):
            take_body(request)
        return key


# By method and route, the parameters an address takes; filled when the API is put together.
PARAMETERS: dict[tuple[str, str], frozenset[str]] = {}


def _refuse_unknown_parameters(request: HttpRequest) -> None:
    """Refuse a parameter that nobody knows: a filter with a slip in its name would show everything."""
    match = request.resolver_match
    known = PARAMETERS.get((str(request.method), match.route if match else ""), frozenset())
    unknown = [FieldError(name[:60], "unknown_field") for name in request.GET if name not in known]
    if unknown:
        raise Problem("validation_failed", *unknown[:20])


def needs(scope: Scope) -> dict[str, Any]:
    """Return the arguments of a route that only keys with a scope may use."""
    return {"auth": ApiKeyAuth(scope), "openapi_extra": {"x-scope": scope.value}}
