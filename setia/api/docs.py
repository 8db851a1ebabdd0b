"""The page that documents the API: made from the OpenAPI, the table of examples and the table of problems."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from setia.api.description import openapi
from setia.api.examples import EXAMPLES
from setia.api.problems import FIELD_TEXTS, PROBLEMS, language_of

NOUNS = ("customers", "products", "orders", "returns", "events", "scores", "segments", "measures", "cohorts")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the documentation in the reader's language; `?lang=en` or `?lang=id` asks for the other."""
    asked = request.GET.get("lang", "")
    language = asked if asked in ("id", "en") else language_of(request)
    with translation.override(language):
        by_operation = {example.operation: example for example in EXAMPLES}
        calls = [_call(method, path, operation, by_operation) for method, path, operation in operations(openapi())]
        context = {
            "calls": calls,
            "nouns": [(noun, [call for call in calls if call["noun"] == noun]) for noun in NOUNS],
            "problems": [(code, status, str(text)) for code, (status, text) in PROBLEMS.items()],
            "fields": [(code, str(text)) for code, text in FIELD_TEXTS.items()],
            "other": "en" if language == "id" else "id",
            "address": request.build_absolute_uri("/").rstrip("/"),
        }
        return render(request, "api/docs.html", context)


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every operation, with what its body refers to put in."""
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            model = schema["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
            if "items" in model.get("properties", {}):
                model = {}  # the items of a bulk call are those of the single one
            found.append((method.upper(), path, {**operation, "model": model}))
    return found


def _call(method: str, path: str, operation: dict[str, Any], by_operation: dict[str, Any]) -> dict[str, Any]:
    name = operation["operationId"]
    example = by_operation[name]
    model = operation["model"]
    return {
        "method": method,
        "path": path,
        "noun": path.split("/")[3],
        "scope": operation["x-scope"],
        "anchor": name,
        "title": example.title,
        "curl": example.curl(),
        "python": example.python(),
        "fields": [
            (field, _kind(details), field in model.get("required", ()))
            for field, details in model.get("properties", {}).items()
        ],
        "parameters": [(one["name"], _kind(one["schema"])) for one in operation["parameters"] if one["in"] == "query"],
    }


def _kind(details: dict[str, Any]) -> str:
    """Return what a field holds in a few words of the OpenAPI: string ≤ 160, integer, list of LineIn."""
    if "anyOf" in details:
        return " | ".join(dict.fromkeys(_kind(one) for one in details["anyOf"] if one.get("type") != "null"))
    if "$ref" in details:
        return str(details["$ref"]).rpartition("/")[2]
    if "enum" in details:
        return " | ".join(str(one) for one in details["enum"])
    if details.get("type") == "array":
        return f"[{_kind(details['items'])}]"
    limit = details.get("maxLength", details.get("maximum"))
    kind = str(details.get("format", details.get("type", "")))
    return f"{kind} ≤ {limit}" if limit else kind
