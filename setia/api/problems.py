"""What went wrong, as RFC 9457 says it: one shape for every error, naming the field, in the caller's language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs/"

# code: status, what happened
PROBLEMS: dict[str, tuple[int, Promise]] = {
    "body_malformed": (400, _("The body is not valid JSON in UTF-8.")),
    "body_missing": (400, _("The body is missing.")),
    "body_too_deep": (400, _("The body is nested too deeply.")),
    "number_not_finite": (400, _("NaN, Infinity and numbers beyond all measure are not allowed in JSON.")),
    "bad_request": (400, _("The request could not be understood.")),
    "key_missing": (401, _("Send a key: Authorization: Bearer setia_live_…")),
    "key_unknown": (401, _("This key is not known.")),
    "key_revoked": (401, _("This key was revoked.")),
    "key_expired": (401, _("This key has expired.")),
    "scope_missing": (403, _("This key lacks the scope {scope}.")),
    "not_found": (404, _("There is nothing here.")),
    "method_not_allowed": (405, _("This address does not know this method.")),
    "still_at_work": (409, _("The first call with this Idempotency-Key is still at work. Try again in a moment.")),
    "identity_taken": (409, _("Somebody else has this phone number or e-mail address.")),
    "identity_blocked": (409, _("The shop has blocked this phone number or e-mail address: it identifies nobody.")),
    "advice_gone": (409, _("There is no occasion for this suggestion now.")),
    "advice_decided": (409, _("This suggestion was decided otherwise not long ago.")),
    "length_required": (411, _("Say how long the body is: Content-Length.")),
    "body_too_large": (413, _("The body is larger than {limit} MiB. Send several calls.")),
    "not_json": (415, _("Send JSON: Content-Type: application/json.")),
    "validation_failed": (422, _("Some fields are missing or wrong; see errors.")),
    "idempotency_mismatch": (422, _("This Idempotency-Key was used for another request. Use a new one.")),
    "too_many_lines": (422, _("A call may hold {limit} lines in all. Send several calls.")),
    "too_many_calls": (429, _("Too many calls in a minute. Try again shortly.")),
    "server_error": (500, _("Something went wrong on our side. What was saved is safe.")),
    "busy": (503, _("The database is busy. Nothing was saved; try again in a moment.")),
}

# code of a field: what is wrong with it
FIELD_TEXTS: dict[str, Promise] = {
    "required": _("This field must be given."),
    "unknown_field": _("There is no such field."),
    "wrong_type": _("This value has the wrong type."),
    "too_long": _("This text is too long; {limit} at most."),
    "too_short": _("This text is too short; {limit} at least."),
    "too_small": _("This number is too small; the least is {limit}."),
    "too_large": _("This number is too large; the most is {limit}."),
    "too_few": _("This list is too short; {limit} at least."),
    "too_many": _("This list is too long; {limit} at most."),
    "bad_format": _("This value is not written as the documentation says."),
    "bad_number": _("This is not a number as the documentation says."),
    "bad_date": _("Write a date like 1990-05-17."),
    "bad_datetime": _("Write a time with its zone, like 2026-11-22T10:00:00+07:00."),
    "datetime_without_zone": _("This time lacks its zone; write +07:00 or Z at its end."),
    "bad_cursor": _("This cursor is damaged or of another list. Begin again without it."),
    "out_of_range": _("This time is too far from today to be right."),
    "not_a_choice": _("This value is none of those allowed: {limit}."),
    "bad_phone": _("This is not a phone number. Write it like 0812-3456-7890 or +6281234567890."),
    "bad_email": _("This is not an e-mail address. Write it like sari@contoh.id."),
    "blank": _("This text is blank."),
    "no_identity": _("Give at least one of external_id, member_code, phone or email that names one person."),
    "no_product": _("Give a sku, a name or a product_id."),
    "no_title": _("Say what the task is called."),
    "no_reason": _("Give the reason."),
    "two_customers": _("Give customer or customer_id, not both."),
    "discount_too_large": _("The discount is larger than the price."),
    "amount_too_large": _("This amount is too large to be right."),
    "unknown_customer": _("There is no such customer."),
    "unknown_product": _("There is no such product."),
    "unknown_outlet": _("There is no outlet with this code."),
    "unknown_order": _("There is no such order."),
    "duplicate_in_call": _("An earlier item of this call has the same identifier."),
    "identity_taken": _("Somebody else has this phone number or e-mail address."),
    "identity_blocked": _("The shop has blocked this phone number or e-mail address: it identifies nobody."),
    "too_deep": _("This is nested too deeply."),
    "bad_rule": _("This rule cannot be read; see the place and what was expected: {limit}."),
    "name_taken": _("Another row has this name."),
    "invalid": _("This value is wrong."),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `path` is its place in the JSON, like `lines[0].quantity`."""

    path: str
    code: str
    limit: str = ""

    def shown(self) -> dict[str, str]:
        """Return the error as it reads in the active language."""
        message = str(FIELD_TEXTS[self.code]).format(limit=self.limit)
        return {"field": self.path, "code": self.code, "message": message}


class Problem(Exception):
    """Raised where a call cannot be answered as asked."""

    def __init__(
        self,
        code: str,
        *errors: FieldError,
        headers: Mapping[str, str] | None = None,
        **words: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors
        self.headers = dict(headers or {})
        self.words = words

    @property
    def status(self) -> int:
        return PROBLEMS[self.code][0]


def shown_problem(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain JSON values in the active language."""
    status, text = PROBLEMS[problem.code]
    return {
        "type": f"{DOCS}#{problem.code}",
        "title": str(text).format(**problem.words),
        "status": status,
        "code": problem.code,
        "errors": [error.shown() for error in problem.errors],
    }


def language_of(request: HttpRequest) -> str:
    """Return `id` or `en` by the header Accept-Language; Indonesian where it names neither."""
    for name, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:200]):
        if (base := name.partition("-")[0]) in ("id", "en"):
            return base
    return "id"


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the answer that tells a problem, and keep it for the log of calls."""
    with translation.override(language_of(request)):
        text = json.dumps(shown_problem(problem), ensure_ascii=False)
    request.api_problem = problem  # type: ignore[attr-defined]
    return HttpResponse(text, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


# How pydantic calls what is wrong: our code, and the name of the limit in its context.
_CODES = {
    "missing": ("required", ""),
    "extra_forbidden": ("unknown_field", ""),
    "string_too_long": ("too_long", "max_length"),
    "string_too_short": ("too_short", "min_length"),
    "string_pattern_mismatch": ("bad_format", ""),
    "greater_than": ("too_small", "gt"),
    "greater_than_equal": ("too_small", "ge"),
    "less_than": ("too_large", "lt"),
    "less_than_equal": ("too_large", "le"),
    "too_short": ("too_few", "min_length"),
    "too_long": ("too_many", "max_length"),
    "literal_error": ("not_a_choice", "expected"),
    "enum": ("not_a_choice", "expected"),
    "finite_number": ("bad_number", ""),
    "timezone_aware": ("datetime_without_zone", ""),
}
_FAMILIES = (("decimal_", "bad_number"), ("datetime_", "bad_datetime"), ("date_", "bad_date"))


def field_error(error: Mapping[str, Any], *, skip: int = 0) -> FieldError:
    """Return one of pydantic's errors in our words; `skip` leaves out the head of its path."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    path = json_path(error["loc"][skip:])
    if kind in FIELD_TEXTS and "limit" in context:  # one of ours: see `values.wrong`
        return FieldError(path, kind, str(context.get("limit", "")))
    if kind in _CODES:
        code, limit = _CODES[kind]
        return FieldError(path, code, str(context.get(limit, "")))
    for head, code in _FAMILIES:
        if kind.startswith(head):
            return FieldError(path, "wrong_type" if kind.endswith("_type") else code)
    return FieldError(path, "wrong_type" if kind.endswith(("_type", "_parsing", "_unicode")) else "invalid")


def json_path(parts: Sequence[str | int]) -> str:
    """Return a path as people write it: lines[0].quantity."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f"{'.' if path else ''}{part[:60]}"
    return path
