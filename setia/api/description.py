"""The API as one thing: its nouns, how what went wrong is told, and its description for programs."""

import json
import logging

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from setia.api.bodies import StrictParser
from setia.api.keys import PARAMETERS
from setia.api.problems import MEDIA_TYPE, FieldError, Problem, field_error, problem_response
from setia.api.views import advice, customers, events, measures, orders, products, returns, scores, segments
from setia.foundation.paging import BadCursor

log = logging.getLogger(__name__)

_ABOUT = """What other programs may ask of a shop's Setia and tell it.

Ids are texts; money is whole smallest units of the shop's currency (rupiah for IDR); times carry their zone.
Every write is idempotent by `external_id` for ever and by the header `Idempotency-Key` for seven days.
Errors are RFC 9457 problems with the place of each mistake in `errors`."""


class _Api(NinjaAPI):
    """Names operations by our functions, so that clients made from the description read well."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = _Api(
    title="Setia",
    version="1",
    description=_ABOUT,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
)
for _noun in (customers, products, orders, returns, events, scores, advice, segments, measures):
    api.add_router("", _noun.router)


@api.exception_handler(Problem)
def _tell(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_response(request, error)


@api.exception_handler(BadCursor)
def _tell_bad_cursor(request: HttpRequest, error: BadCursor) -> HttpResponse:
    return problem_response(request, Problem("validation_failed", FieldError("cursor", "bad_cursor")))


@api.exception_handler(ValidationError)
def _tell_wrong_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # ninja's paths begin with where the value stood, and for bodies with the name of our argument.
    errors = [field_error(one, skip=2 if one["loc"][0] == "body" else 1) for one in error.errors[:50]]
    return problem_response(request, Problem("validation_failed", *errors))


@api.exception_handler(HttpError)
def _tell_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    return problem_response(request, cause if isinstance(cause, Problem) else Problem("bad_request"))


@api.exception_handler(Http404)
def _tell_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(request, Problem("not_found"))


@api.exception_handler(Exception)
def _tell_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return problem_response(request, Problem("body_too_large", limit=1))
    log.error("A call to %s failed", request.path, exc_info=error)
    busy = isinstance(error, OperationalError)
    return problem_response(request, Problem("busy", headers={"Retry-After": "2"}) if busy else Problem("server_error"))


def openapi() -> dict[str, object]:
    """Return the description of the API, with errors under their own media type."""
    schema = json.loads(json.dumps(OpenAPISchema(api, "api/v1/")))
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "content" in answer:
                    answer["content"] = {MEDIA_TYPE: answer["content"].pop("application/json")}
    return dict(schema)


for _path, _methods in openapi()["paths"].items():  # type: ignore[attr-defined]
    _route = _path.removeprefix("/").replace("{", "<").replace("}", ">")
    for _method, _operation in _methods.items():
        _names = (one["name"] for one in _operation["parameters"] if one["in"] == "query")
        PARAMETERS[_method.upper(), _route] = frozenset(_names)
