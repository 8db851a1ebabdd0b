"""Reading what a program sent: JSON in UTF-8, of bounded size and depth, with finite numbers."""

import json
import math
from io import BytesIO
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from ninja.parser import Parser

from setia.api.problems import Problem


def take_body(request: HttpRequest) -> None:
    """Read the body whole, once the caller has shown that he may send one; raises Problem."""
    if request.content_type != "application/json":
        raise Problem("not_json")
    limit = settings.API_MAX_BYTES
    try:
        size = int(request.META.get("CONTENT_LENGTH") or -1)
    except ValueError:
        size = -1
    if size < 0:
        raise Problem("length_required" if request.META.get("HTTP_TRANSFER_ENCODING") else "body_missing")
    if size > limit:
        raise Problem("body_too_large", limit=limit // 1_048_576)
    try:
        body = request.read()
    except OSError as error:
        raise Problem("bad_request") from error
    if not body:
        raise Problem("body_missing")
    # Django's own limit is for forms. What is set here `request.body` returns, and reads nothing itself.
    request._body = body
    request._stream = BytesIO(body)


def _refuse_constant(text: str) -> NoReturn:
    raise Problem("number_not_finite")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Problem("number_not_finite")
    return number


class StrictParser(Parser):
    """The parser of bodies; ninja turns what it raises into an HttpError whose cause is the Problem."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            text = request.body.decode("utf-8")
            return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        except RecursionError:
            raise Problem("body_too_deep") from None
        except ValueError:  # also what is no UTF-8, and whole numbers of more than 4,300 digits
            raise Problem("body_malformed") from None
