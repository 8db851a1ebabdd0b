"""Every address of the API."""

import json

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from setia.api.description import api, openapi
from setia.api.docs import docs


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    """Return the description of the API."""
    return HttpResponse(json.dumps(openapi(), ensure_ascii=False), content_type="application/json")


urlpatterns = [
    path("v1/openapi.json", openapi_json, name="openapi"),
    path("v1/docs/", docs, name="api_docs"),
    path("v1/", api.urls),
]
