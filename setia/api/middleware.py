"""What surrounds every call: no cookies, one shape of error, the caller's language, a line in the log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from setia.api.call_log import Stopwatch, note_call
from setia.api.problems import MEDIA_TYPE, Problem, language_of, problem_response

GetResponse = Callable[[HttpRequest], HttpResponse]

HEAD = "/api/"
_BY_STATUS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    500: "server_error",
}


def api_door(get_response: GetResponse) -> GetResponse:
    """Keep sessions out of the API, and pages of errors."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(HEAD):
            return get_response(request)
        watch = Stopwatch()
        # A browser that is signed in to the console carries nothing in here, so nobody can misuse it from outside.
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        response = _in_one_shape(request, get_response(request))
        response.headers["Content-Language"] = language_of(request)
        response.headers["Vary"] = "Accept-Language, Authorization"
        note_call(request, response, watch.seconds)
        return response

    return middleware


def _in_one_shape(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.headers.get("Content-Type") == MEDIA_TYPE:
        return response
    fallback = "server_error" if response.status_code >= 500 else "bad_request"
    code = _BY_STATUS.get(response.status_code, fallback)
    told = problem_response(request, Problem(code, limit=1))
    if "Allow" in response.headers:
        told.headers["Allow"] = response.headers["Allow"]
    return told
