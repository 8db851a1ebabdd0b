"""Health, for monitors and load balancers."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from setia.foundation import clock
from setia.foundation.jobs.queue import seconds_behind


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503; tells how far the worker is behind, and nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        behind = seconds_behind(at=clock.now())
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok", "worker_behind_seconds": behind})
